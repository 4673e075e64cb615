/* pairing - two sample streams of the same questions or sequences, and the pairs of their models;
 * see pairing.h
 */
#include "eval/pairing.h"

#include "file/json.h"
#include "stream/records.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <stdlib.h>
#include <string.h>

struct names { /* of subjects; equal names have one number */
	char **list;
	size_t n, last;
};

struct side { /* one of the two streams, all of it owned */
	char *file, *task, *questions;
	json_t *models; /* an array of the models' records */
	struct outcome_of *list;
	size_t n, cap;
};

struct pairing {
	struct names names;
	struct side side[2];
	enum pair_by by;
	size_t next; /* model of B */
	int found;   /* pairs */
};

int pair_by_find(const char *name)
{
	static const char *const names[] = { "position", "n", "keep" };

	for (int i = 0; i < 3; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

/* -- reading ----------------------------------------------------------------------------------- */

static uint32_t name_number(struct names *names, const char *name)
{
	if (names->n && !strcmp(names->list[names->last], name))
		return (uint32_t)names->last;
	for (names->last = 0; names->last < names->n; names->last++)
		if (!strcmp(names->list[names->last], name))
			return (uint32_t)names->last;
	names->list = xrealloc(names->list, names->n + 1, sizeof *names->list);
	names->list[names->n] = xstrdup(name);
	return (uint32_t)names->n++;
}

static const char *meta_text(const struct rec_in *in, const char *key)
{
	const char *text = json_string_value(json_object_get(rec_meta(in), key));

	if (!text)
		die("%s: header: meta has no '%s': are these samples of an eval tool?",
			rec_file(in), key);
	return text;
}

static void check_models(const struct rec_in *in, const json_t *models)
{
	const json_t *model;
	size_t i;

	if (!json_array_size(models))
		die("%s: header: meta has no models", rec_file(in));
	json_array_foreach(models, i, model) if (!json_array_size(json_object_get(model, "keep")))
		die("%s: header: model %zu of meta has no layers", rec_file(in), i);
}

/* The header of one more part of a side: what it says, or the same as the parts before. */
static void begin_part(struct side *s, const struct rec_in *in)
{
	const char *task = meta_text(in, "task"), *questions = meta_text(in, "questions");
	const json_t *models = json_object_get(rec_meta(in), "models");
	char *all;

	check_models(in, models);
	if (!s->task) {
		s->task = xstrdup(task);
		s->questions = xstrdup(questions);
		s->models = json_deep_copy(models);
		return;
	}
	if (strcmp(s->task, task) || !json_equal(s->models, models))
		die("%s: is of another task, or of other models, than the part before",
			rec_file(in));
	all = xasprintf("%s+%s", s->questions, questions);
	free(s->questions);
	s->questions = all;
}

static void add_sample(struct side *s, const struct rec_in *in, const struct sample *x,
	struct names *names)
{
	if (x->model >= json_array_size(s->models))
		rec_bad(in, "key 'model': meta has no such model");
	if (x->answer < 0 && x->n_logp != 1)
		rec_bad(in, "key 'logp': a sequence has one");
	if (s->n == s->cap) {
		s->cap = 2 * s->cap + 64;
		s->list = xrealloc(s->list, s->cap, sizeof *s->list);
	}
	s->list[s->n++] = (struct outcome_of){ .model = (uint32_t)x->model,
		.subject = name_number(names, x->subject ? x->subject : ""),
		.row = x->row,
		.nats = x->answer >= 0 ? 0
			: x->nats != 0 ? x->nats
				       : -(double)x->logp[0],
		.ntok = x->ntok,
		.answer = x->answer,
		.right = x->answer >= 0 && x->choice == x->answer };
}

static int compare(const void *a, const void *b)
{
	const struct outcome_of *x = a, *y = b;

	if (x->model != y->model)
		return x->model < y->model ? -1 : 1;
	if (x->subject != y->subject)
		return x->subject < y->subject ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

static struct side side_read(char *file, struct names *names)
{
	char *const files[] = { file, NULL };
	struct rec_in *in = rec_open(files, KIND_SAMPLE);
	struct side s = { .file = xstrdup(rec_file(in)) };
	int part = 0;
	struct sample x;

	begin_part(&s, in);
	while (sample_read(in, &x)) {
		for (; part < rec_part(in); part++)
			begin_part(&s, in);
		add_sample(&s, in, &x, names);
	}
	rec_close(in);
	qsort(s.list, s.n, sizeof *s.list, compare);
	for (size_t i = 1; i < s.n; i++)
		if (!compare(s.list + i - 1, s.list + i))
			die("%s: row %llu%s%s is there twice", s.file,
				(unsigned long long)s.list[i].row,
				*names->list[s.list[i].subject] ? " of " : "",
				names->list[s.list[i].subject]);
	return s;
}

static void side_free(struct side *s)
{
	free(s->file);
	free(s->task);
	free(s->questions);
	free(s->list);
	json_decref(s->models);
}

/* -- pairs ------------------------------------------------------------------------------------- */

static void check_sides(const struct side *a, const struct side *b)
{
	if (strcmp(a->task, b->task))
		die("%s: is of the task %s, but %s of %s: these are no pair", b->file, b->task,
			a->file, a->task);
	if (strcmp(a->questions, b->questions))
		die("%s: its %s are others than those of %s: these are no pair", b->file,
			a->n && a->list[0].answer < 0 ? "sequences" : "questions", a->file);
}

static const json_t *keep_of(const struct side *s, size_t model)
{
	return json_object_get(json_array_get(s->models, model), "keep");
}

static int is_partner(enum pair_by by, const json_t *keep, const json_t *other)
{
	return by == PAIR_WIDTH ? json_array_size(keep) == json_array_size(other)
				: json_equal(keep, other);
}

/* The model of a that model m of b is compared with; -1: none. */
static int partner(const struct pairing *p, size_t m)
{
	const struct side *a = &p->side[0], *b = &p->side[1];
	int found = -1;

	if (p->by == PAIR_POSITION)
		return (int)m;
	for (size_t i = 0; i < json_array_size(a->models); i++) {
		if (!is_partner(p->by, keep_of(a, i), keep_of(b, m)))
			continue;
		if (found >= 0)
			die("%s: its models %d and %zu both fit model %zu of %s: which one?",
				a->file, found, i, m, b->file);
		found = (int)i;
	}
	return found;
}

static void check_positions(const struct side *a, const struct side *b, enum pair_by by)
{
	size_t n = json_array_size(a->models), m = json_array_size(b->models);

	if (by == PAIR_POSITION && n != m)
		die("%s has %zu models, %s %zu: pair them by something else than their position "
		    "(%s)",
			a->file, n, b->file, m, setting(SETTING_PAIRS));
}

/* The samples of one model: where they begin, and how many. */
static const struct outcome_of *of_model(const struct side *s, size_t model, size_t *n)
{
	size_t first = 0;

	while (first < s->n && s->list[first].model < model)
		first++;
	for (*n = 0; first + *n < s->n && s->list[first + *n].model == model;)
		++*n;
	return s->list + first;
}

/* The sample x of s is not on the other side. */
static _Noreturn void die_apart(const struct side *s, const struct side *other,
	const struct outcome_of *x, const struct names *names)
{
	const char *subject = names->list[x->subject];

	die("%s: row %llu%s%s is not in %s: not the same were asked (%s, %s?)", s->file,
		(unsigned long long)x->row, *subject ? " of " : "", subject, other->file,
		setting(SETTING_SKIP), setting(SETTING_LIMIT));
}

/* The samples of two models, side by side. */
struct samples_of_pair {
	size_t n[2];
	const struct outcome_of *of[2];
};

/* Dies unless both have the same questions or sequences. */
static void check_pair(const struct pairing *all, const struct pair *pair,
	const struct samples_of_pair *p)
{
	const struct side *a = &all->side[0], *b = &all->side[1];

	for (int i = 0; i < 2; i++)
		if (!p->n[i])
			die("%s: has no samples of model %zu", all->side[i].file, pair->model[i]);
	for (size_t i = 0; i < p->n[0] || i < p->n[1]; i++) {
		struct outcome_of x = i < p->n[0] ? p->of[0][i] : (struct outcome_of){ 0 },
				  y = i < p->n[1] ? p->of[1][i] : (struct outcome_of){ 0 };
		int order;

		x.model = y.model;
		order = i >= p->n[0] ? 1 : i >= p->n[1] ? -1 : compare(&x, &y);
		if (order)
			die_apart(order < 0 ? a : b, order < 0 ? b : a, order < 0 ? &x : &y,
				&all->names);
		if (x.answer != y.answer || (x.answer < 0 && x.ntok != y.ntok))
			die("%s: row %llu has another answer or length than in %s", b->file,
				(unsigned long long)x.row, a->file);
	}
}

/* Compares model m of B with its partner; 0: it has none. */
static int compare_model(const struct pairing *all, size_t m, struct pair *pair)
{
	int mate = partner(all, m);
	struct samples_of_pair s;

	if (mate < 0)
		return 0;
	*pair = (struct pair){ .model = { (size_t)mate, m } };
	for (int i = 0; i < 2; i++) {
		pair->layers[i] = json_array_size(keep_of(&all->side[i], pair->model[i]));
		s.of[i] = of_model(&all->side[i], pair->model[i], &s.n[i]);
	}
	check_pair(all, pair, &s);
	pair->is_loss = s.of[0]->answer < 0;
	pair->is = (pair->is_loss ? paired_loss : paired_accuracy)(s.of[0], s.of[1], s.n[0]);
	if (!pair->is.count)
		die("%s: no sequence has a token to predict", all->side[0].file);
	return 1;
}

int pairing_next(struct pairing *p, struct pair *pair)
{
	while (p->next < json_array_size(p->side[1].models)) {
		if (compare_model(p, p->next++, pair))
			return ++p->found > 0;
		note("%s: model %zu has no partner in %s", p->side[1].file, p->next - 1,
			p->side[0].file);
	}
	if (!p->found)
		die("%s: none of its models has a partner in %s", p->side[1].file, p->side[0].file);
	return 0;
}

struct pairing *pairing_open(char *a, char *b, enum pair_by by)
{
	struct pairing *p = xcalloc(1, sizeof *p);

	p->by = by;
	p->side[0] = side_read(a, &p->names);
	p->side[1] = side_read(b, &p->names);
	check_sides(&p->side[0], &p->side[1]);
	check_positions(&p->side[0], &p->side[1], by);
	return p;
}

void pairing_close(struct pairing *p)
{
	for (int i = 0; i < 2; i++)
		side_free(&p->side[i]);
	for (size_t i = 0; i < p->names.n; i++)
		free(p->names.list[i]);
	free(p->names.list);
	free(p);
}

const char *pairing_task(const struct pairing *p)
{
	return p->side[0].task;
}

const char *pairing_file(const struct pairing *p, int side)
{
	return p->side[side].file;
}
