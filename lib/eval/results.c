/* results - see results.h
 */
#include "eval/results.h"

#include "eval/accuracy.h"
#include "eval/mmlu_categories.h"
#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct lm_eval {
	json_t *results, *groups, *subtasks, *configs, *versions, *shots, *better, *samples;
	int n_shots; /* of the evaluation; -1: it has none */
};

int results_version(const char *task)
{
	return strcmp(task, "boolq") == 0 ? 2 : strcmp(task, "race") == 0 ? 3 : 1;
}

/* -- one task ---------------------------------------------------------------------------------- */

/* A task or a group of them, with no metric yet. */
static json_t *add(struct lm_eval *r, const char *name, const char *alias)
{
	json_t *o = json_object();

	json_put(o, "alias", json_string(alias));
	json_put(r->results, name, json_incref(o));
	json_put(r->better, name, json_object());
	json_decref(o);
	return json_object_get(r->results, name);
}

/* error NULL: it has none; NaN: it is not known. */
static void add_metric(struct lm_eval *r, const char *name, const char *metric, double value,
	const double *error)
{
	json_t *o = json_object_get(r->results, name);
	char *key = xasprintf("%s,none", metric), *key_error = xasprintf("%s_stderr,none", metric);
	int better = strncmp(metric, "acc", 3) == 0;

	json_put(o, key, isfinite(value) ? json_real(value) : json_string("N/A"));
	if (error)
		json_put(o, key_error, isfinite(*error) ? json_real(*error) : json_string("N/A"));
	json_put(json_object_get(r->better, name), metric, json_boolean(better));
	free(key);
	free(key_error);
}

static void add_config(struct lm_eval *r, const char *name, int version, uint64_t count)
{
	json_t *config = json_object(), *samples = json_object();

	json_put(config, "task", json_string(name));
	if (r->n_shots >= 0) {
		json_put(config, "num_fewshot", json_integer(r->n_shots));
		json_put(r->shots, name, json_integer(r->n_shots));
	}
	if (version > 0)
		json_put(r->versions, name, json_integer(version));
	json_put(r->configs, name, config);
	json_put(samples, "original", json_integer((json_int_t)count));
	json_put(samples, "effective", json_integer((json_int_t)count));
	json_put(r->samples, name, samples);
}

/* -- MMLU -------------------------------------------------------------------------------------- */

static void add_subject(struct lm_eval *r, const struct subject *s, const char *group)
{
	char *name = xasprintf("mmlu_%s", s->name);
	double error = right_stderr(&s->is);

	add(r, name, s->name);
	add_metric(r, name, "acc", right_mean(&s->is), &error);
	add_config(r, name, 1, s->is.count);
	json_add(json_object_get(r->subtasks, group ? group : "mmlu"), json_string(name));
	free(name);
}

/* lm-eval writes spaces of a group's name as underscores, but for its alias. */
static char *group_name(const char *group)
{
	char *name = xasprintf("mmlu_%s", group);

	for (char *p = name; *p; p++)
		if (*p == ' ')
			*p = '_';
	return name;
}

/* The subjects of one group, NULL: of none, and before them the group. */
static void add_group(struct lm_eval *r, const struct accuracy *a, const char *group)
{
	struct right *of = xcalloc((size_t)a->n_subjects, sizeof *of), sum = { 0, 0 };
	const struct subject **in = xcalloc((size_t)a->n_subjects, sizeof *in);
	char *name = group ? group_name(group) : NULL;
	double error;
	int n = 0;

	for (int i = 0; i < a->n_subjects; i++) {
		const char *own = mmlu_lm_eval_group(a->subject[i].name);

		if (group ? own == NULL || strcmp(own, group) != 0 : own != NULL)
			continue;
		in[n] = &a->subject[i];
		of[n++] = a->subject[i].is;
		sum.count += a->subject[i].is.count;
		sum.correct += a->subject[i].is.correct;
	}
	if (n > 0 && group) {
		error = pooled_stderr(of, n);
		json_put(r->groups, name, json_incref(add(r, name, group)));
		add_metric(r, name, "acc", right_mean(&sum), &error);
		json_put(r->versions, name, json_integer(2));
		json_put(r->subtasks, name, json_array());
		json_add(json_object_get(r->subtasks, "mmlu"), json_string(name));
	}
	for (int i = 0; i < n; i++)
		add_subject(r, in[i], name);
	free(name);
	free(in);
	free(of);
}

static void add_mmlu(struct lm_eval *r, const struct score *s, const struct accuracy *a)
{
	static const char *const groups[] = { "humanities", "other", "social sciences", "stem",
		NULL };

	json_put(r->groups, "mmlu", json_incref(add(r, "mmlu", "mmlu")));
	add_metric(r, "mmlu", "acc", s->value, &s->stderr_);
	json_put(r->versions, "mmlu", json_integer(2));
	json_put(r->subtasks, "mmlu", json_array());
	for (int g = 0; g <= 4; g++)
		add_group(r, a, groups[g]);
}

/* -- the others -------------------------------------------------------------------------------- */

static double own_number(const struct score *s, const char *key)
{
	const json_t *v = json_object_get(s->own, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static void add_c4(struct lm_eval *r, const struct score *s)
{
	static const char *const own[] = { "bits_per_byte", "normalised", "perplexity" };

	add(r, s->task, s->task);
	add_metric(r, s->task, "loss", s->value, &s->stderr_);
	for (int i = 0; i < 3; i++)
		if (json_object_get(s->own, own[i]))
			add_metric(r, s->task, own[i], own_number(s, own[i]), NULL);
	add_config(r, s->task, 0, (uint64_t)own_number(s, "sequences"));
	json_put(r->subtasks, s->task, json_array());
}

/* A task of questions: acc, and acc_norm where it has that. */
static void add_questions(struct lm_eval *r, const struct score *s)
{
	int both = json_object_get(s->own, "acc_norm") != NULL;
	double error = both ? own_number(s, "acc_stderr") : s->stderr_;
	double error_norm = own_number(s, "acc_norm_stderr");

	add(r, s->task, s->task);
	add_metric(r, s->task, "acc", both ? own_number(s, "acc") : s->value, &error);
	if (both)
		add_metric(r, s->task, "acc_norm", own_number(s, "acc_norm"), &error_norm);
	add_config(r, s->task, results_version(s->task), s->count);
	json_put(r->subtasks, s->task, json_array());
}

static void add_task(struct lm_eval *r, const struct score *s)
{
	struct accuracy a = { 0 };
	struct fault err;

	if (strcmp(s->task, "c4") == 0) {
		add_c4(r, s);
		return;
	}
	if (json_object_get(s->own, "subjects") == NULL) {
		add_questions(r, s);
		return;
	}
	if (accuracy_add_score(&a, s, &err) < 0)
		die("%s", err.text);
	add_mmlu(r, s, &a);
	accuracy_clear(&a);
}

/* -- all of it --------------------------------------------------------------------------------- */

static json_t *text_json(const char *s)
{
	return s ? json_string(s) : json_null();
}

/* What lm-eval says of the model and the run. */
static json_t *config_json(const struct score *s, const json_t *meta)
{
	json_t *config = json_object(), *args = json_object(), *keep = json_array(),
	       *parameters = json_object_get(s->own, "parameters"),
	       *dtype = json_object_get(meta, "dtype");

	for (int i = 0; i < s->model->n_keep; i++)
		json_add(keep, json_integer(s->model->keep[i]));
	json_put(args, "pretrained", text_json(s->model->base));
	json_put(args, "print", text_json(s->model->fingerprint));
	json_put(args, "keep", keep);
	json_put(args, "peft", text_json(s->model->adapter));
	json_put(args, "adapter_print", text_json(s->model->adapter_fingerprint));
	json_put(args, "quant", text_json(s->model->quant));
	json_put(config, "model", json_string("coppice"));
	json_put(config, "model_args", args);
	json_put(config, "model_num_parameters",
		parameters ? json_incref(parameters) : json_null());
	json_put(config, "model_dtype", dtype ? json_incref(dtype) : json_null());
	return config;
}

/* The commit in a version such as 0.1+12.g0123456789ab; null: none is there. */
static json_t *commit_json(const char *version)
{
	const char *g = strpbrk(version, "+~");

	while (g && *g != 'g')
		g = *g ? g + 1 : NULL;
	return g ? json_stringn(g + 1, strspn(g + 1, "0123456789abcdef")) : json_null();
}

json_t *results_json(const struct score *s, const json_t *meta, const json_t *made)
{
	const json_t *shots = json_object_get(meta, "shots");
	struct lm_eval r = { json_object(), json_object(), json_object(), json_object(),
		json_object(), json_object(), json_object(), json_object(),
		json_is_integer(shots) ? (int)json_integer_value(shots) : -1 };
	json_t *all = json_object();

	add_task(&r, s);
	json_put(all, "results", r.results);
	json_put(all, "groups", r.groups);
	json_put(all, "group_subtasks", r.subtasks);
	json_put(all, "configs", r.configs);
	json_put(all, "versions", r.versions);
	json_put(all, "n-shot", r.shots);
	json_put(all, "higher_is_better", r.better);
	json_put(all, "n-samples", r.samples);
	json_put(all, "config", config_json(s, meta));
	json_put(all, "git_hash", commit_json(program_version()));
	json_put(all, "made", json_deep_copy(made));
	return all;
}
