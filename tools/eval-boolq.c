/* eval-boolq - accuracy on BoolQ's questions
 *
 *   in   JSON lines, model from -m or the model stream on standard input
 *   out  score    one record a model: accuracy, in its own keys how often another word than yes or
 *        no was likelier
 */
#include "cli/cli.h"
#include "cli/eval_options.h"
#include "eval/accuracy.h"
#include "eval/boolq.h"
#include "eval/evaluation.h"
#include "eval/scores.h"
#include "file/json.h"
#include "model/ref.h"
#include "ops.h"
#include "sys/die.h"

#include <string.h>

static int64_t shots, skip, limit = -1;
static const char *style = "lm-eval", *train;

static const struct opt opts[] = {
	{ 'k', "shots", "N", OPT_INT, &shots,
		"questions with their answers before each one (default: 0)", .made = MADE_ALWAYS },
	{ 0, "train", "FILE", OPT_TEXT, &train, "with -k: the shots are the first rows of FILE",
		.made = MADE_NOT },
	{ 0, "style", "NAME", OPT_TEXT, &style,
		"lm-eval (default: \" no\", \" yes\") or paper (\"No\", \"Yes\" bare)",
		.made = MADE_ALWAYS, .words = "lm-eval paper" },
	{ 0, "skip", "N", OPT_INT, &skip, "leave out the first N questions" },
	{ 0, "limit", "N", OPT_INT, &limit, "at most N questions" }, { 0 }
};
static const struct cli cli = {
	.name = "eval-boolq",
	.operands = "[JSONL ...] | --merge [SCORE ...]",
	.about = "accuracy of models on BoolQ's questions",
	.opts = opts,
	.shared = question_opts,
	.model = MODEL_RUN,
	.arithmetic = 1,
	.made_first = "dtype quant shots style",
	.example = "eval-boolq -m model boolq.jsonl > model.score",
};

static json_t *header_meta(void)
{
	json_t *meta = scores_meta("boolq");

	json_put(meta, "style", json_string(style));
	json_put(meta, "shots", json_integer(shots));
	return meta;
}

static void evaluate(char *const *files)
{
	struct boolq *b = boolq_open(files, train,
		strcmp(style, "paper") == 0 ? BOOLQ_PAPER : BOOLQ_LM_EVAL, (int)shots,
		(uint64_t)skip, limit < 0 ? UINT64_MAX : (uint64_t)limit);
	struct questions q = boolq_questions(b);
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
	boolq_close(b);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);

	if (eval_options.merge) {
		struct metric accuracy = accuracy_metric();

		evaluation_merge("boolq", &accuracy, files, &eval_options);
		return 0;
	}
	ref_need_one_stdin(common.model.path, files, "questions");
	if (shots > 1000)
		misuse("-k: %lld shots are too many", (long long)shots);
	if (shots > 0 && train == NULL)
		misuse("-k: the shots come from --train FILE");
	eval_options_check();
	ops_init(common.threads, common.dtype);
	common.dtype = ops_dtype_name(); /* what it came to, for made */
	evaluate(files);
	return 0;
}
