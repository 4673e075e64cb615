/* mmlu - see mmlu.h
 */
#include "eval/mmlu.h"

#include "eval/mmlu_categories.h"
#include "file/utf8.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* -- questions --------------------------------------------------------------------------------- */

/* The shots: the first rows of dev, in their own order or in that of hashes of their numbers. */
static int *order_new(int shots, int64_t seed)
{
	XXH64_hash_t key[MMLU_MAX_SHOTS];
	int *order = xcalloc((size_t)shots + 1, sizeof *order);

	for (int i = 0; i < shots; i++) {
		uint64_t row = (uint64_t)i;
		int at = i;

		key[i] = seed < 0 ? row
				  : XXH3_64bits_withSeed(&row, sizeof row, (XXH64_hash_t)seed);
		for (; at > 0 && key[order[at - 1]] > key[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
	return order;
}

static void hash_rows(XXH3_state_t *hash, const struct mmlu_rows *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (int c = 0; c < 5; c++)
			XXH3_64bits_update(hash, r->row[i].cell[c], strlen(r->row[i].cell[c]) + 1);
		XXH3_64bits_update(hash, &r->row[i].answer, sizeof r->row[i].answer);
	}
}

static void list_questions(struct mmlu *m, int s, uint64_t number, const struct mmlu_choice *c)
{
	const struct mmlu_rows *test = &m->subject[s].test;

	for (uint64_t row = c->skip; row < test->n && row - c->skip < c->limit; row++) {
		m->question[m->n] = (struct question){ m->subject[s].name, row,
			test->row[row].answer };
		docs_add(&m->docs, number + row);
		m->of[m->n++] = s;
	}
}

static int is_selected(const struct mmlu_choice *c, const struct mmlu_subject *s)
{
	return c->from.subjects == NULL || mmlu_listed(c->from.subjects, ',', s->name);
}

/* One line for all subjects that have fewer questions than were asked for. */
static void tell_shortfall(const struct mmlu *m, const struct mmlu_choice *c)
{
	int selected = 0, few = 0;
	const struct mmlu_subject *least = NULL;
	char *of;

	for (int i = 0; i < m->n_subjects; i++) {
		const struct mmlu_subject *s = &m->subject[i];
		uint64_t left = s->test.n > c->skip ? s->test.n - c->skip : 0;

		selected += is_selected(c, s);
		if (!is_selected(c, s) || (c->limit == UINT64_MAX ? left > 0 : left >= c->limit))
			continue;
		few++;
		least = !least || s->test.n < least->test.n ? s : least;
	}
	if (!few)
		return;
	of = c->limit == UINT64_MAX ? xstrdup("none")
				    : xasprintf("fewer than %llu", (unsigned long long)c->limit);
	warn("%s: %d of %d subjects have %s questions%s%.0llu: %s has %zu", c->from.files[0], few,
		selected, of, c->skip ? " after the first " : "", (unsigned long long)c->skip,
		least->name, least->test.n);
	free(of);
}

static void check_any(const struct mmlu *m, const struct mmlu_choice *c, size_t rows)
{
	if (m->n == 0 && rows > 0 && c->limit > 0)
		die("%s: no question is left after the first %llu of each subject",
			c->from.files[0], (unsigned long long)c->skip);
	if (m->n == 0)
		die("%s: no question", c->from.files[0]);
}

/* Lists the questions of the subjects that are selected; all subjects are hashed. */
static void list_subjects(struct mmlu *m, const struct mmlu_choice *c, XXH3_state_t *hash)
{
	size_t rows = 0;

	for (int i = 0; i < m->n_subjects; i++) {
		const struct mmlu_subject *s = &m->subject[i];

		if (is_selected(c, s)) {
			list_questions(m, i, rows, c);
			hash_rows(hash, &s->dev, (size_t)m->shots);
		}
		XXH3_64bits_update(hash, s->name, strlen(s->name) + 1);
		hash_rows(hash, &s->test, s->test.n);
		rows += s->test.n;
	}
}

struct mmlu *mmlu_open(const struct mmlu_choice *c)
{
	struct mmlu *m = xcalloc(1, sizeof *m);
	XXH3_state_t *hash = XXH3_createState();
	size_t rows = 0;

	XXH3_64bits_reset(hash);
	m->style = c->style;
	m->shots = c->from.shots;
	m->order = order_new(c->from.shots, c->order_seed);
	m->subject = mmlu_read(&c->from, &m->n_subjects);
	for (int i = 0; i < m->n_subjects; i++)
		rows += m->subject[i].test.n;
	m->question = xcalloc(rows, sizeof *m->question);
	m->of = xcalloc(rows, sizeof *m->of);
	list_subjects(m, c, hash);
	check_any(m, c, rows);
	tell_shortfall(m, c);
	snprintf(m->hash, sizeof m->hash, "%016llx", (unsigned long long)XXH3_64bits_digest(hash));
	XXH3_freeState(hash);
	return m;
}

void mmlu_close(struct mmlu *m)
{
	mmlu_subjects_free(m->subject, m->n_subjects);
	free(m->order);
	free(m->question);
	docs_free(&m->docs);
	free(m->of);
	free(m);
}

/* -- prompts ----------------------------------------------------------------------------------- */

static void put_question(const struct mmlu *m, const struct mmlu_row *row, FILE *to)
{
	size_t n = strlen(row->cell[0]);
	const char *question = m->style == MMLU_LM_EVAL ? utf8_strip(row->cell[0], &n)
							: row->cell[0];

	fwrite(question, 1, n, to);
	for (int i = 0; i < 4; i++)
		fprintf(to, "\n%c. %s", 'A' + i, row->cell[1 + i]);
	fputs("\nAnswer:", to);
}

size_t mmlu_prompt(const void *mmlu, size_t question, int shots, FILE *to)
{
	const struct mmlu *m = mmlu;
	const struct mmlu_subject *s = &m->subject[m->of[question]];
	long n_header;

	/* the original's own subject text begins with a space, behind the one that its sentence
	 * ends with */
	fputs("The following are multiple choice questions (with answers) about ", to);
	if (m->style == MMLU_HENDRYCKS)
		fputc(' ', to);
	for (const char *p = s->name; *p; p++)
		fputc(*p == '_' ? ' ' : *p, to);
	fputs(".\n\n", to);
	for (int i = 0; i < shots; i++) {
		const struct mmlu_row *shot = &s->dev.row[m->order[i]];

		put_question(m, shot, to);
		fprintf(to, " %c\n\n", 'A' + shot->answer);
	}
	n_header = ftell(to);
	put_question(m, &s->test.row[m->question[question].row], to);
	return n_header < 0 ? 0 : (size_t)n_header;
}

struct questions mmlu_questions(const struct mmlu *m)
{
	return (struct questions){ .task = "mmlu",
		.question = m->question,
		.n = m->n,
		.shots = m->shots,
		.prompt = mmlu_prompt,
		.source = m,
		.choice = { " A", " B", " C", " D" },
		.n_choices = 4,
		.hash = m->hash,
		.docs = &m->docs,
		.metric = mmlu_metric() };
}
