/* scores - see scores.h
 */
#include "eval/scores.h"

#include "eval/results.h"
#include "eval/score_table.h"
#include "file/json.h"
#include "model/layers.h"
#include "ops.h"
#include "stream/meta.h"
#include "stream/place.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- out --------------------------------------------------------------------------------------- */

/* More models than these are no news but a table, which is printed where nothing else is. */
enum { MANY = 4 };

static void say_one(const struct scores *s, const struct score *r, const char *name, int width)
{
	char *more = s->note ? s->note(r) : xstrdup("");
	char *error = isfinite(r->stderr_) ? xasprintf(" +- %.4f", r->stderr_) : xstrdup("");

	if (s->n == 1) {
		char *over = s->over(r);

		say("%s: %s: %s %.4f%s%s, %s", program_name(), name, r->metric, r->value, error,
			more, over);
		free(over);
	} else {
		say("%-*s  %.4f%s%s", width, name, r->value, error, more);
	}
	free(error);
	free(more);
}

static void say_all(const struct scores *s)
{
	int width = 0;
	char **name = xcalloc((size_t)s->n, sizeof *name);

	for (int i = 0; i < s->n; i++) {
		name[i] = layers_describe(s->list[i].model);
		width = (int)strlen(name[i]) > width ? (int)strlen(name[i]) : width;
	}
	if (s->n > 1) {
		char *over = s->over(&s->list[0]);

		say("%-*s  %s, %s", width, "model", s->list[0].metric, over);
		free(over);
	}
	for (int i = 0; i < s->n; i++) {
		say_one(s, &s->list[i], name[i], width);
		free(name[i]);
	}
	free(name);
}

static void print_tables(const struct scores *s)
{
	for (int i = 0; i < s->n; i++) {
		char *name = layers_describe(s->list[i].model);

		printf("%s: %s\n\n", s->list[i].model->base, name);
		score_table_print(stdout, &s->list[i], s->meta);
		free(name);
	}
	stdout_close();
}

static void write_json(const struct scores *s)
{
	char *path = place_of_json(s->json);
	struct out_file out = out_open(path);
	json_t *made = provenance_with_own(s->provenance, s->args), *list = json_array();

	for (int i = 0; i < s->n; i++)
		json_add(list, results_json(&s->list[i], s->meta, made));
	if (json_dumpf(s->n == 1 ? json_array_get(list, 0) : list, out.f, JSON_INDENT(2)))
		die("%s: write: %s", s->json, strerror(errno));
	putc('\n', out.f);
	out_finish(&out, NULL);
	json_decref(list);
	json_decref(made);
	free(path);
}

void scores_write(const struct scores *s)
{
	if (s->json)
		write_json(s);
	if (s->table) {
		print_tables(s);
		return;
	}
	if (!isatty(STDOUT_FILENO)) {
		struct rec_out *out = rec_create(stdout, "standard output", KIND_SCORE,
			s->provenance, s->args, s->meta, 0);

		for (int i = 0; i < s->n; i++)
			score_write(out, &s->list[i]);
		rec_finish(out);
	} else {
		out_publish();
	}
	if (s->n > MANY && !isatty(STDOUT_FILENO))
		say("%s: %d models, which rec-cat shows", program_name(), s->n);
	else if (s->n > 0)
		say_all(s);
}

static json_t *text_json(const char *s)
{
	return s ? json_string(s) : json_null();
}

static json_t *model_json(const struct model_rec *m)
{
	json_t *j = json_object(), *keep = json_array();

	for (int i = 0; i < m->n_keep; i++)
		json_add(keep, json_integer(m->keep[i]));
	json_put(j, "base", text_json(m->base));
	json_put(j, "print", text_json(m->fingerprint));
	json_put(j, "keep", keep);
	json_put(j, "adapter", text_json(m->adapter));
	json_put(j, "adapter_print", text_json(m->adapter_fingerprint));
	json_put(j, "quant", text_json(m->quant));
	return j;
}

void scores_samples_meta(json_t *meta, const struct models *m, const char *hash)
{
	json_t *models = json_array();

	for (int i = 0; i < m->n; i++)
		json_add(models, model_json(m->list[i].rec));
	json_put(meta, "questions", json_string(hash));
	json_put(meta, "models", models);
}

json_t *scores_meta(const char *task)
{
	json_t *j = json_object();

	json_put(j, "task", json_string(task));
	json_put(j, "dtype", json_string(ops_dtype_name()));
	json_put(j, "kernel", json_string(ops_kernel()));
	return j;
}

/* -- parts ------------------------------------------------------------------------------------- */

static const char *const must_agree[] = { "task", "style", "shots", "split", "order_seed", "form",
	"examples", NULL };

static int same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The same model, wherever its files are. */
static int same_model(const struct model_rec *a, const struct model_rec *b)
{
	return same_text(a->fingerprint, b->fingerprint) && a->n_keep == b->n_keep &&
		memcmp(a->keep, b->keep, (size_t)a->n_keep * sizeof *a->keep) == 0 &&
		same_text(a->adapter_fingerprint, b->adapter_fingerprint) &&
		same_text(a->quant, b->quant);
}

static void part_record(struct parts *p, struct rec_in *in, const struct score *s, int i,
	int first_part)
{
	struct fault err;

	if (p->task == NULL)
		p->task = p->own_task = xstrdup(s->task);
	if (strcmp(s->task, p->task) != 0)
		rec_bad(in, "a score of another task");
	if (first_part) {
		p->model = xrealloc(p->model, (size_t)p->n + 1, sizeof *p->model);
		p->model[p->n++] = model_rec_copy(s->model);
	} else if (i >= p->n || !same_model(s->model, p->model[i])) {
		rec_bad(in,
			"not the models of the part before: parts are merged position by position");
	}
	if (p->add(p->ctx, i, s, &err) < 0)
		rec_bad(in, err.text);
}

void parts_read(struct parts *p, char *const *files)
{
	struct rec_in *in = rec_open(files, KIND_SCORE);
	int part = -1, first = -1, i = 0;
	struct score s;

	while (score_read(in, &s)) {
		if (rec_part(in) != part) {
			if (part >= 0 && i != p->n)
				rec_bad(in, "the part before has fewer models than the first");
			part = rec_part(in);
			first = first < 0 ? part : first;
			i = 0;
			meta_add(&p->meta, rec_meta(in), must_agree, rec_file(in));
		}
		part_record(p, in, &s, i++, part == first);
	}
	if (i != p->n)
		rec_bad(in, "the last part has fewer models than the first");
	p->provenance = provenance_merge(p->provenance, rec_all_provenance(in));
	if (p->n == 0)
		die("%s: no score", files[0] ? files[0] : "standard input");
	rec_close(in);
}

void parts_free(struct parts *p)
{
	for (int i = 0; i < p->n; i++)
		model_rec_free(p->model[i]);
	free(p->model);
	free(p->own_task);
	json_decref(p->provenance);
	json_decref(p->meta);
}
