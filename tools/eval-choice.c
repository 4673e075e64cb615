/* eval-choice - accuracy on any questions with choices, by the likelihood of the choices' texts
 *
 *   in   JSON lines, model from -m or the model stream on standard input
 *   out  score    one record a model: accuracy, in its own keys that by length, and what guessing
 *        would get
 */
#include "cli/cli.h"
#include "cli/eval_options.h"
#include "eval/evaluation.h"
#include "eval/picks.h"
#include "eval/quiz.h"
#include "eval/scores.h"
#include "file/json.h"
#include "file/utf8.h"
#include "model/ref.h"
#include "ops.h"
#include "sys/die.h"

#include <string.h>

static struct templates templates;
static int64_t shots, skip, limit = -1;
static const char *train, *task_form, *name, *metric = "acc";

static const struct opt opts[] = {
	{ 'k', "shots", "N", OPT_INT, &shots,
		"questions with their answers before each one (default: 0)", .made = MADE_ALWAYS },
	{ 0, "train", "FILE", OPT_TEXT, &train,
		"with -k: the shots are the first rows of FILE (default: of the questions)",
		.made = MADE_NOT },
	{ 0, "task", "FORM", OPT_TEXT, &task_form,
		"what the lines are: arc, hellaswag, ...; see the page (default: by their keys)",
		.words = "arc commonsenseqa hellaswag openbookqa piqa race sciq winogrande" },
	{ 0, "question", "T", OPT_TEXT, &templates.question,
		"of other lines: the template of the prompt" },
	{ 0, "choices", "T", OPT_TEXT, &templates.choices,
		"with --question: that of the choices, a list" },
	{ 0, "labels", "T", OPT_TEXT, &templates.labels,
		"with --question: that of the choices' labels, a list" },
	{ 0, "answer", "T", OPT_TEXT, &templates.answer,
		"with --question: that of the right one's number, letter, label or text" },
	{ 0, "name", "NAME", OPT_TEXT, &name, "what the score calls the task (default: its form)" },
	{ 0, "metric", "NAME", OPT_TEXT, &metric,
		"the score's value: acc (default) or acc_norm, by the length of a choice",
		.words = "acc acc_norm" },
	{ 0, "skip", "N", OPT_INT, &skip, "leave out the first N questions" },
	{ 0, "limit", "N", OPT_INT, &limit, "at most N questions" }, { 0 }
};
static const struct cli cli = {
	.name = "eval-choice",
	.operands = "[JSONL ...] | --merge [SCORE ...]",
	.about = "accuracy of models on questions with choices",
	.opts = opts,
	.shared = question_opts,
	.model = MODEL_RUN,
	.arithmetic = 1,
	.made_first = "dtype quant shots",
	.example = "eval-choice -m model arc.jsonl > model.score",
};

/* Letters, digits, and . _ -, and no other tool's task. */
static void check_name(const char *s)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789._-";

	if (s[0] == '\0' || s[strspn(s, letters)] != '\0')
		misuse("--name=%s: letters, digits and . _ - are wanted", s);
	if (strcmp(s, "mmlu") == 0 || strcmp(s, "boolq") == 0 || strcmp(s, "c4") == 0)
		misuse("--name=%s: is what another tool scores", s);
}

static void check_template(const char *name_of, const char *t)
{
	if (t && utf8_valid(t, strlen(t)) != strlen(t))
		misuse("--%s: is no UTF-8", name_of);
}

static void check_templates(void)
{
	const struct templates *t = &templates;

	if (!t->question != !t->choices || !t->question != !t->answer ||
		(t->labels && !t->question))
		misuse("--question, --choices and --answer go together, and --labels with them");
	if (t->question && task_form)
		misuse("--task and --question: not both");
	check_template("question", t->question);
	check_template("choices", t->choices);
	check_template("answer", t->answer);
	check_template("labels", t->labels);
}

/* Parts must have them alike. */
static void put_templates(json_t *meta)
{
	json_put(meta, "form",
		json_pack("{s:s,s:s,s:s,s:s*}", "question", templates.question, "choices",
			templates.choices, "answer", templates.answer, "labels", templates.labels));
}

static json_t *header_meta(const struct quiz *q)
{
	json_t *meta = scores_meta(name);

	if (templates.question)
		put_templates(meta);
	else
		json_put(meta, "form", json_string(form_name(q->form)));
	json_put(meta, "shots", json_integer(shots));
	if (shots > 0)
		json_put(meta, "examples", json_string(q->shots_hash));
	return meta;
}

static void evaluate(char *const *files)
{
	struct quiz *quiz = quiz_open(&(struct quiz_source){ files, train,
		task_form ? form_find(task_form) : -1, templates.question ? &templates : NULL,
		(int)shots, (uint64_t)skip, limit < 0 ? UINT64_MAX : (uint64_t)limit });
	struct questions q;
	struct task task;
	struct models *models;
	json_t *args = cli_args(), *meta;

	name = name ? name : templates.question ? "choice" : form_name(quiz->form);
	meta = header_meta(quiz);
	q = quiz_questions(quiz, name, strcmp(metric, "acc_norm") == 0);
	task = choice_open(&q, eval_options.bos);
	models = models_open(&common.model);
	evaluation_run(&(struct evaluation){ models, models->provenance, args, meta, &eval_options,
			       common.plan },
		&task);
	json_decref(args);
	json_decref(meta);
	models_close(models);
	choice_close(&task);
	quiz_close(quiz);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);

	if (name)
		check_name(name);
	if (eval_options.merge) {
		struct metric m = picks_metric(0);

		evaluation_merge(name, &m, files, &eval_options);
		return 0;
	}
	ref_need_one_stdin(common.model.path, files, "questions");
	if (shots > 1000)
		misuse("-k: %lld shots are too many", (long long)shots);
	check_templates();
	if (train && shots == 0)
		misuse("--train goes with -k");
	eval_options_check();
	ops_init(common.threads, common.dtype);
	common.dtype = ops_dtype_name(); /* what it came to, for made */
	evaluate(files);
	return 0;
}
