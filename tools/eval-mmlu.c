/* eval-mmlu - accuracy on MMLU's questions
 *
 *   in   a folder of questions, model from -m or the model stream on standard input
 *   out  score    one record a model: micro accuracy, in its own keys macro, categories, subjects
 */
#include "cli.h"
#include "exam.h"
#include "mmlu.h"
#include "ops.h"
#include "scores.h"

#include <string.h>

static int64_t shots = 5, skip, limit = -1;
static const char *style = "hendrycks", *split = "test", *subjects, *samples;
static int prompts, merge;

static int style_option(const char *s)
{
	if (strcmp(s, "original") == 0)
		s = "hendrycks";
	style = s;
	return strcmp(s, "hendrycks") == 0 || strcmp(s, "lm-eval") == 0 ? 0 : -1;
}

static int split_option(const char *s)
{
	split = s;
	return strcmp(s, "test") == 0 || strcmp(s, "val") == 0 || strcmp(s, "dev") == 0 ? 0 : -1;
}

static const struct opt opts[] = {
	{ 'k', "shots", "N", OPT_INT, &shots, "questions of dev/ with their answers before each one (default: 5)" },
	{ 0, "style", "NAME", OPT_CALL, style_option, "hendrycks (the original, default; also called original) or lm-eval" },
	{ 0, "split", "NAME", OPT_CALL, split_option, "test (default), val or dev" },
	{ 0, "subjects", "LIST", OPT_TEXT, &subjects, "only these, with commas between" },
	{ 0, "skip", "N", OPT_INT, &skip, "leave out the first N questions of each subject" },
	{ 0, "limit", "N", OPT_INT, &limit, "at most N questions of each subject" },
	{ 0, "samples", "FILE", OPT_TEXT, &samples, "also write every answer, to FILE; goes on where a killed run was" },
	{ 0, "prompts", NULL, OPT_FLAG, &prompts, "with --samples: the prompts too" },
	{ 0, "merge", NULL, OPT_FLAG, &merge, "operands are score streams, parts of one run: add them up" },
	{ 0 }
};
static const struct cli cli = {
	.name = "eval-mmlu", .operands = "DIR | --merge [SCORE ...]", .about = "accuracy of models on MMLU's questions",
	.opts = opts, .model = 1, .example = "eval-mmlu -m model mmlu > model.score",
};

static json_t *arguments(void)
{
	json_t *args = scores_args();

	json_object_set_new(args, "shots", json_integer(shots));
	json_object_set_new(args, "style", json_string(style));
	json_object_set_new(args, "split", json_string(split));
	if (subjects)
		json_object_set_new(args, "subjects", json_string(subjects));
	if (skip)
		json_object_set_new(args, "skip", json_integer(skip));
	if (limit >= 0)
		json_object_set_new(args, "limit", json_integer(limit));
	return args;
}

static void take(const char *folder)
{
	struct mmlu_choice choice = { split, subjects, strcmp(style, "lm-eval") == 0 ? MMLU_LM_EVAL : MMLU_HENDRYCKS,
		(int)shots, (uint64_t)skip, limit < 0 ? UINT64_MAX : (uint64_t)limit };
	struct mmlu *m = mmlu_open(folder, &choice);
	struct exam exam = mmlu_exam(m, (int)shots);
	json_t *args = arguments();

	exam_take(&(struct sitting){ &exam, m->number, style, split, m->hash, args, samples, prompts });
	json_decref(args);
	mmlu_close(m);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);

	if (merge) {
		exam_merge("mmlu", files);
		return 0;
	}
	if (files[0] == NULL || files[1] != NULL)
		misuse("one folder of questions is wanted, with test/ and dev/ in it");
	if (shots > 1000)
		misuse("-k: %lld shots are too many", (long long)shots);
	if (prompts && samples == NULL)
		misuse("--prompts goes with --samples");
	ops_init(common.threads, common.dtype);
	take(files[0]);
	return 0;
}
