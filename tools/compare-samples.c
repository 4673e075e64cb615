/* compare-samples - what two evaluations of the same questions differ in
 *
 *   in   sample   two streams, A and B, of one task and the same questions or sequences
 *   out  text     a line for each pair of models: TSV, or with --table a table
 *
 * Each question or sequence is compared with itself, so that what makes it hard for both models
 * does not count as an error of their difference.
 */
#include "cli/cli.h"
#include "eval/paired.h"
#include "file/json.h"
#include "stream/records.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *by = "position";
static int table;

static const struct opt opts[] = {
	{ 0, "by", "WHAT", OPT_TEXT, &by,
		"which models are a pair: those at one position, with as many layers (n), or with "
		"the same layers (keep)",
		.words = "position n keep" },
	{ 0, "table", NULL, OPT_FLAG, &table, "a table for people" }, { 0 }
};

static const struct cli cli = {
	.name = "compare-samples",
	.operands = "A B",
	.about = "two sample streams in, the difference of their models on the same questions out",
	.opts = opts,
	.example = "compare-samples similarity.samples simple.samples",
};

/* -- reading ----------------------------------------------------------------------------------- */

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

static int is_partner(const json_t *keep, const json_t *other)
{
	return *by == 'n' ? json_array_size(keep) == json_array_size(other)
			  : json_equal(keep, other);
}

/* The model of a that model m of b is compared with; -1: none. */
static int partner(const struct side *a, const struct side *b, size_t m)
{
	int found = -1;

	if (*by == 'p')
		return (int)m;
	for (size_t i = 0; i < json_array_size(a->models); i++) {
		if (!is_partner(keep_of(a, i), keep_of(b, m)))
			continue;
		if (found >= 0)
			die("%s: its models %d and %zu both fit model %zu of %s: which one?",
				a->file, found, i, m, b->file);
		found = (int)i;
	}
	return found;
}

static void check_positions(const struct side *a, const struct side *b)
{
	size_t n = json_array_size(a->models), m = json_array_size(b->models);

	if (*by == 'p' && n != m)
		die("%s has %zu models, %s %zu: pair them by something else than their position "
		    "(--by)",
			a->file, n, b->file, m);
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

	die("%s: row %llu%s%s is not in %s: not the same were asked (--skip, --limit?)", s->file,
		(unsigned long long)x->row, *subject ? " of " : "", subject, other->file);
}

/* The samples of two models, side by side. */
struct pair {
	size_t model[2], n[2];
	const struct outcome_of *of[2];
};

/* Dies unless both have the same questions or sequences. */
static void check_pair(const struct side *a, const struct side *b, const struct pair *p,
	const struct names *names)
{
	for (int i = 0; i < 2; i++)
		if (!p->n[i])
			die("%s: has no samples of model %zu", (i ? b : a)->file, p->model[i]);
	for (size_t i = 0; i < p->n[0] || i < p->n[1]; i++) {
		struct outcome_of x = i < p->n[0] ? p->of[0][i] : (struct outcome_of){ 0 },
				  y = i < p->n[1] ? p->of[1][i] : (struct outcome_of){ 0 };
		int order;

		x.model = y.model;
		order = i >= p->n[0] ? 1 : i >= p->n[1] ? -1 : compare(&x, &y);
		if (order)
			die_apart(order < 0 ? a : b, order < 0 ? b : a, order < 0 ? &x : &y, names);
		if (x.answer != y.answer || (x.answer < 0 && x.ntok != y.ntok))
			die("%s: row %llu has another answer or length than in %s", b->file,
				(unsigned long long)x.row, a->file);
	}
}

/* -- out --------------------------------------------------------------------------------------- */

static const char *number(char text[32], const char *format, double v)
{
	if (isnan(v))
		return "-";
	snprintf(text, 32, format, v);
	return text;
}

static void print_tsv(const struct side *a, const struct side *b, const struct pair *pair,
	const struct paired *p, int is_loss)
{
	char text[32];

	printf("%s\t%s\t%zu\t%zu\t%zu\t%zu\t%llu\t%.12g\t%.12g\t%.12g\t%s\t", a->task,
		is_loss ? "loss" : "accuracy", pair->model[0], pair->model[1],
		json_array_size(keep_of(a, pair->model[0])),
		json_array_size(keep_of(b, pair->model[1])), (unsigned long long)p->count, p->a,
		p->b, p->difference, number(text, "%.12g", p->stderr_));
	printf("%s\t", number(text, "%.6g", p->p));
	if (is_loss)
		printf("-\t-\t-\t-\n");
	else
		printf("%llu\t%llu\t%llu\t%llu\n", (unsigned long long)p->both,
			(unsigned long long)p->only_a, (unsigned long long)p->only_b,
			(unsigned long long)p->neither);
}

static void print_row(const struct side *a, const struct side *b, const struct pair *pair,
	const struct paired *p, int is_loss)
{
	char text[32];

	printf("%6zu  %6zu  %8.4f  %8.4f  %+8.4f  %7s", json_array_size(keep_of(a, pair->model[0])),
		json_array_size(keep_of(b, pair->model[1])), p->a, p->b, p->difference,
		number(text, "%.4f", p->stderr_));
	printf("  %8s", number(text, "%.2g", p->p));
	if (!is_loss)
		printf("  %6llu  %6llu  %6llu  %7llu", (unsigned long long)p->both,
			(unsigned long long)p->only_a, (unsigned long long)p->only_b,
			(unsigned long long)p->neither);
	putchar('\n');
}

static void print_head(const struct side *a, const struct side *b, uint64_t count, int is_loss)
{
	if (!table) {
		puts("task\tmetric\tmodel_a\tmodel_b\tlayers_a\tlayers_b\tcount\ta\tb\tdifference\t"
		     "stderr\tp\tboth\tonly_a\tonly_b\tneither");
		return;
	}
	printf("%s %s of %llu %s\nA  %s\nB  %s\n\n", a->task,
		is_loss ? "loss, nats a token," : "accuracy", (unsigned long long)count,
		is_loss ? "sequences" : "questions", a->file, b->file);
	printf("layers of A and B         A         B       B-A       +-         p%s\n",
		is_loss ? "" : "    both  only A  only B  neither");
}

/* Compares model m of b with its partner; returns 0 where it has none. */
static int compare_model(const struct side *a, const struct side *b, size_t m,
	const struct names *names, int *n_lines)
{
	int mate = partner(a, b, m), is_loss;
	struct pair pair = { .model = { (size_t)mate, m } };
	struct paired p;

	if (mate < 0)
		return 0;
	pair.of[0] = of_model(a, pair.model[0], &pair.n[0]);
	pair.of[1] = of_model(b, m, &pair.n[1]);
	check_pair(a, b, &pair, names);
	is_loss = pair.of[0]->answer < 0;
	p = (is_loss ? paired_loss : paired_accuracy)(pair.of[0], pair.of[1], pair.n[0]);
	if (!p.count)
		die("%s: no sequence has a token to predict", a->file);
	if (!(*n_lines)++)
		print_head(a, b, p.count, is_loss);
	(table ? print_row : print_tsv)(a, b, &pair, &p, is_loss);
	return 1;
}

static void run(char *const *files)
{
	struct names names = { 0 };
	struct side a = side_read(files[0], &names), b = side_read(files[1], &names);
	int n_lines = 0;

	check_sides(&a, &b);
	check_positions(&a, &b);
	for (size_t m = 0; m < json_array_size(b.models); m++)
		if (!compare_model(&a, &b, m, &names, &n_lines))
			note("%s: model %zu has no partner in %s", b.file, m, a.file);
	if (!n_lines)
		die("%s: none of its models has a partner in %s", b.file, a.file);
	side_free(&a);
	side_free(&b);
	for (size_t i = 0; i < names.n; i++)
		free(names.list[i]);
	free(names.list);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);

	if (!files[0] || !files[1] || files[2])
		misuse("two sample streams are wanted, A and B");
	run(files);
	stdout_close();
	return EXIT_DONE;
}
