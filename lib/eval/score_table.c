/* score_table - see score_table.h
 */
#include "eval/score_table.h"

#include "eval/accuracy.h"
#include "eval/mmlu_categories.h"
#include "eval/results.h"
#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLS = 9, VERSION = 1, SHOTS = 3 };

static const char *const heads[COLS] = { "Tasks", "Version", "Filter", "n-shot", "Metric", "",
	"Value", "", "Stderr" };

struct table {
	const char *first; /* head of the first column */
	char *(*row)[COLS];
	size_t n;
};

/* version, shots -1: none */
struct line {
	int version, shots;
	const char *metric, *arrow;
	double value, error;
};

static void add(struct table *t, char *name, const struct line *l)
{
	char **row;

	t->row = xrealloc(t->row, t->n + 1, sizeof *t->row);
	row = t->row[t->n++];
	row[0] = name;
	row[VERSION] = l->version < 0 ? xstrdup("") : xasprintf("%d", l->version);
	row[2] = xstrdup("none");
	row[SHOTS] = l->shots < 0 ? xstrdup("") : xasprintf("%d", l->shots);
	row[4] = xstrdup(l->metric);
	row[5] = xstrdup(l->arrow);
	row[6] = xasprintf("%.4f", l->value);
	row[7] = xstrdup(l->error < 0 ? "" : "±");
	row[8] = l->error < 0        ? xstrdup("")
		: isfinite(l->error) ? xasprintf("%.4f", l->error)
				     : xstrdup("   N/A");
}

/* -- Markdown ---------------------------------------------------------------------------------- */

/* Characters of UTF-8. */
static int width_of(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* A column is numbers, and stands to the right, if whatever is in it is a number. */
static int is_numbers(const struct table *t, int col)
{
	int some = 0;

	for (size_t i = 0; i < t->n; i++) {
		const char *s = t->row[i][col];

		some |= *s != '\0';
		if (s[strspn(s, "0123456789.-")] != '\0')
			return 0;
	}
	return some;
}

static void put(FILE *to, const char *s, int width, int before)
{
	fprintf(to, "|%*s%s%*s", before, "", s, width - before - width_of(s), "");
}

static void put_row(FILE *to, char *const row[COLS], const int width[COLS])
{
	for (int c = 0; c < COLS; c++) {
		int number = row[c][0] >= '0' && row[c][0] <= '9' && c > 0;

		put(to, row[c], width[c], number ? width[c] - width_of(row[c]) : 0);
	}
	fputs("|\n", to);
}

static void print_and_free(FILE *to, struct table *t)
{
	int width[COLS];

	for (int c = 0; c < COLS; c++) {
		const char *head = c ? heads[c] : t->first;

		width[c] = width_of(head) < 3 ? 3 : width_of(head);
		for (size_t i = 0; i < t->n; i++)
			width[c] = width_of(t->row[i][c]) > width[c] ? width_of(t->row[i][c])
								     : width[c];
		put(to, head, width[c], (width[c] - width_of(head)) / 2);
	}
	fputs("|\n", to);
	for (int c = 0; c < COLS; c++) {
		fputc('|', to);
		for (int i = 1; i < width[c]; i++)
			fputc('-', to);
		fputc(is_numbers(t, c) ? ':' : '-', to);
	}
	fputs("|\n", to);
	for (size_t i = 0; i < t->n; i++) {
		put_row(to, t->row[i], width);
		for (int c = 0; c < COLS; c++)
			free(t->row[i][c]);
	}
	fputc('\n', to);
	free(t->row);
}

/* -- tasks ------------------------------------------------------------------------------------- */

static void add_right(struct table *t, char *name, int version, int shots, double value,
	double error)
{
	add(t, name, &(struct line){ version, shots, "acc", "↑", value, error });
}

/* The subjects of a group (NULL: of none), and before them the group; subjects only where that is
 * wanted. */
static void add_group(struct table *t, const struct accuracy *a, const char *group, int shots,
	int subjects)
{
	struct right *r = xcalloc((size_t)a->n_subjects, sizeof *r), sum = { 0, 0 };
	int *of = xcalloc((size_t)a->n_subjects, sizeof *of), n = 0;

	for (int i = 0; i < a->n_subjects; i++) {
		const char *own = mmlu_lm_eval_group(a->subject[i].name);

		if (group ? own == NULL || strcmp(own, group) != 0 : own != NULL)
			continue;
		of[n] = i;
		r[n++] = a->subject[i].is;
		sum.count += a->subject[i].is.count;
		sum.correct += a->subject[i].is.correct;
	}
	if (n > 0 && group != NULL)
		add_right(t, xasprintf(" - %s", group), 2, -1, right_mean(&sum),
			pooled_stderr(r, n));
	for (int i = 0; subjects && i < n; i++)
		add_right(t, xasprintf("%s- %s", group ? "  " : " ", a->subject[of[i]].name), 1,
			shots, right_mean(&r[i]), right_stderr(&r[i]));
	free(r);
	free(of);
}

static void print_mmlu(FILE *to, const struct score *s, const struct accuracy *a, int shots)
{
	static const char *const groups[] = { "humanities", "other", "social sciences", "stem",
		NULL };

	for (int subjects = 1; subjects >= 0; subjects--) {
		struct table t = { .first = subjects ? heads[0] : "Groups" };

		add_right(&t, xstrdup("mmlu"), 2, -1, s->value, s->stderr_);
		for (int g = 0; g <= 4; g++)
			add_group(&t, a, groups[g], shots, subjects);
		print_and_free(to, &t);
	}
}

static void print_c4(FILE *to, const struct score *s)
{
	static const char *const own[] = { "bits_per_byte", "normalised", "perplexity" };
	struct table t = { .first = heads[0] };

	add(&t, xstrdup("c4"), &(struct line){ -1, -1, "loss", "↓", s->value, s->stderr_ });
	for (int i = 0; i < 3; i++) {
		const json_t *j = json_object_get(s->own, own[i]);

		if (json_is_number(j))
			add(&t, xstrdup(""),
				&(struct line){ -1, -1, own[i], "↓", json_number_value(j), -1 });
	}
	print_and_free(to, &t);
}

/* acc, and acc_norm where the task has that. */
static void print_questions(FILE *to, const struct score *s, const struct right *all, int shots)
{
	struct table t = { .first = heads[0] };
	struct right norm = { .count = all->count };

	add_right(&t, xstrdup(s->task), results_version(s->task), shots, right_mean(all),
		right_stderr(all));
	if (json_get_count(s->own, "correct_norm", &norm.correct) == 0)
		add(&t, xstrdup(""),
			&(struct line){ -1, shots, "acc_norm", "↑", right_mean(&norm),
				right_stderr(&norm) });
	print_and_free(to, &t);
}

void score_table_print(FILE *to, const struct score *s, const json_t *meta)
{
	int shots = (int)json_integer_value(json_object_get(meta, "shots"));
	struct accuracy a = { 0 };
	struct fault err;

	if (strcmp(s->task, "c4") == 0) {
		print_c4(to, s);
		return;
	}
	if (accuracy_add_score(&a, s, &err) < 0)
		die("%s", err.text);
	if (a.n_subjects > 0)
		print_mmlu(to, s, &a, shots);
	else
		print_questions(to, s, &a.all, shots);
	accuracy_clear(&a);
}
