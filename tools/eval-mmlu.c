/* eval-mmlu - accuracy on MMLU's questions
 *
 *   in   a folder of questions, its tar file or JSON lines, model from -m or the model stream on
 *        standard input
 *   out  score    one record a model: micro accuracy, in its own keys macro, categories, subjects
 */
#include "cli/cli.h"
#include "cli/eval_options.h"
#include "eval/evaluation.h"
#include "eval/mmlu.h"
#include "eval/mmlu_categories.h"
#include "eval/scores.h"
#include "file/json.h"
#include "ops.h"
#include "sys/die.h"

#include <string.h>

static int64_t shots = 5, skip, limit = -1, order_seed = -1;
static const char *style = "hendrycks", *split = "test", *subjects, *dev;

static int style_option(const char *s)
{
	if (strcmp(s, "original") == 0)
		s = "hendrycks";
	style = s;
	return 0;
}

static const struct opt opts[] = {
	{ 'k', "shots", "N", OPT_INT, &shots,
		"questions of dev/ with their answers before each one (default: 5)",
		.made = MADE_ALWAYS },
	{ 0, "order-seed", "N", OPT_INT, &order_seed,
		"shuffle them by this seed (default: in the order of the file)",
		.key = "order_seed" },
	{ 0, "dev", "FILE", OPT_TEXT, &dev, "with JSON lines: those of the shots",
		.made = MADE_NOT },
	{ 0, "style", "NAME", OPT_CALL, &style,
		"hendrycks (the original, default; also called original) or lm-eval",
		.call = style_option, .made = MADE_ALWAYS, .words = "hendrycks original lm-eval" },
	{ 0, "split", "NAME", OPT_TEXT, &split, "test (default), val or dev", .made = MADE_ALWAYS,
		.words = "test val dev" },
	{ 0, "subjects", "LIST", OPT_TEXT, &subjects, "only these, with commas between",
		.offered = mmlu_subject_names },
	{ 0, "skip", "N", OPT_INT, &skip, "leave out the first N questions of each subject" },
	{ 0, "limit", "N", OPT_INT, &limit, "at most N questions of each subject" }, { 0 }
};
static const struct cli cli = {
	.name = "eval-mmlu",
	.operands = "DIR | TAR | JSONL ... | --merge [SCORE ...]",
	.about = "accuracy of models on MMLU's questions",
	.opts = opts,
	.shared = question_opts,
	.model = MODEL_RUN,
	.arithmetic = 1,
	.made_first = "dtype quant shots style split",
	.example = "eval-mmlu -m model mmlu > model.score",
};

static json_t *header_meta(void)
{
	json_t *meta = scores_meta("mmlu");

	json_put(meta, "style", json_string(style));
	json_put(meta, "shots", json_integer(shots));
	json_put(meta, "split", json_string(split));
	if (order_seed >= 0)
		json_put(meta, "order_seed", json_integer(order_seed));
	return meta;
}

static void evaluate(char *const *files)
{
	struct mmlu_choice choice = {
		.from = { files, dev, split, subjects, (int)shots },
		.style = strcmp(style, "lm-eval") == 0 ? MMLU_LM_EVAL : MMLU_HENDRYCKS,
		.order_seed = order_seed,
		.skip = (uint64_t)skip,
		.limit = limit < 0 ? UINT64_MAX : (uint64_t)limit,
	};
	struct mmlu *m = mmlu_open(&choice);
	struct questions q = mmlu_questions(m);
	struct task task = choice_open(&q, eval_options.bos);
	struct models *models = models_open(&common.model);
	json_t *args = cli_args(), *meta = header_meta();

	evaluation_run(&(struct evaluation){ models, models->provenance, args, meta, &eval_options,
			       common.plan },
		&task);
	json_decref(args);
	json_decref(meta);
	models_close(models);
	choice_close(&task);
	mmlu_close(m);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);

	if (eval_options.merge) {
		struct metric accuracy = mmlu_metric();

		evaluation_merge("mmlu", &accuracy, files, &eval_options);
		return 0;
	}
	if (files[0] == NULL)
		misuse("a folder of questions is wanted, with test/ and dev/ in it, or its tar "
		       "file, or JSON lines");
	for (int i = 0; files[i] != NULL; i++)
		if (strcmp(files[i], "-") == 0)
			misuse("questions come from files, not from standard input");
	if (shots > MMLU_MAX_SHOTS)
		misuse("-k: %lld shots are too many", (long long)shots);
	eval_options_check();
	ops_init(common.threads, common.dtype);
	common.dtype = ops_dtype_name(); /* what it came to, for made */
	evaluate(files);
	return 0;
}
