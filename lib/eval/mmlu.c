/* mmlu - see mmlu.h
 */
#include "eval/mmlu.h"

#include "file/json.h"
#include "file/utf8.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* -- categories (coppice-method(7), MMLU) ------------------------------------------------------ */

static const struct {
	const char *category, *name, *subjects;
} subcategory[] = {
	{ "STEM", "physics", "astronomy college_physics conceptual_physics high_school_physics" },
	{ "STEM", "chemistry", "college_chemistry high_school_chemistry" },
	{ "STEM", "biology", "college_biology high_school_biology" },
	{ "STEM", "computer science",
		"college_computer_science computer_security high_school_computer_science "
		"machine_learning" },
	{ "STEM", "math",
		"abstract_algebra college_mathematics elementary_mathematics "
		"high_school_mathematics "
		"high_school_statistics" },
	{ "STEM", "engineering", "electrical_engineering" },
	{ "humanities", "history",
		"high_school_european_history high_school_us_history high_school_world_history "
		"prehistory" },
	{ "humanities", "philosophy",
		"formal_logic logical_fallacies moral_disputes moral_scenarios philosophy "
		"world_religions" },
	{ "humanities", "law", "international_law jurisprudence professional_law" },
	{ "social sciences", "politics",
		"high_school_government_and_politics public_relations security_studies "
		"us_foreign_policy" },
	{ "social sciences", "culture", "human_sexuality sociology" },
	{ "social sciences", "economics",
		"econometrics high_school_macroeconomics high_school_microeconomics" },
	{ "social sciences", "geography", "high_school_geography" },
	{ "social sciences", "psychology", "high_school_psychology professional_psychology" },
	{ "other", "other", "global_facts miscellaneous professional_accounting" },
	{ "other", "business", "business_ethics management marketing" },
	{ "other", "health",
		"anatomy clinical_knowledge college_medicine human_aging medical_genetics "
		"nutrition "
		"professional_medicine virology" },
};
enum { N_SUBCATEGORIES = sizeof subcategory / sizeof *subcategory };

/* The subjects of the subcategories first to last that are in a, together. */
static json_t *together(const struct accuracy *a, int first, int last)
{
	struct right *r = xcalloc((size_t)a->n_subjects, sizeof *r), sum = { 0, 0 };
	int n = 0;
	json_t *j;

	for (int s = 0; s < a->n_subjects; s++)
		for (int c = first; c <= last; c++)
			if (mmlu_listed(subcategory[c].subjects, ' ', a->subject[s].name)) {
				r[n++] = a->subject[s].is;
				sum.count += a->subject[s].is.count;
				sum.correct += a->subject[s].is.correct;
			}
	j = n > 0 ? right_json(right_mean(&sum), pooled_stderr(r, n), &sum) : NULL;
	free(r);
	return j;
}

json_t *mmlu_categories(const struct accuracy *a)
{
	json_t *all = json_object();

	for (int first = 0, last; first < N_SUBCATEGORIES; first = last + 1) {
		json_t *j, *sub, *one;

		for (last = first; last + 1 < N_SUBCATEGORIES; last++)
			if (strcmp(subcategory[last + 1].category, subcategory[first].category) !=
				0)
				break;
		if ((j = together(a, first, last)) == NULL)
			continue;
		json_put(all, subcategory[first].category, j);
		json_put(j, "subcategories", sub = json_object());
		for (int c = first; c <= last; c++)
			if ((one = together(a, c, c)) != NULL)
				json_put(sub, subcategory[c].name, one);
	}
	return all;
}

/* It has anatomy among the sciences, and its names in small letters. */
const char *mmlu_lm_eval_group(const char *subject)
{
	if (strcmp(subject, "anatomy") == 0)
		return "stem";
	for (int c = 0; c < N_SUBCATEGORIES; c++)
		if (mmlu_listed(subcategory[c].subjects, ' ', subject))
			return strcmp(subcategory[c].category, "STEM") == 0
				? "stem"
				: subcategory[c].category;
	return NULL;
}

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
		m->number[m->n] = number + row;
		m->of[m->n++] = s;
	}
}

static int is_asked(const struct mmlu_choice *c, const struct mmlu_subject *s)
{
	return c->from.subjects == NULL || mmlu_listed(c->from.subjects, ',', s->name);
}

/* One line for all subjects that have fewer questions than were asked for. */
static void tell_shortfall(const struct mmlu *m, const struct mmlu_choice *c)
{
	int asked = 0, few = 0;
	const struct mmlu_subject *least = NULL;
	char *of;

	for (int i = 0; i < m->n_subjects; i++) {
		const struct mmlu_subject *s = &m->subject[i];
		uint64_t left = s->test.n > c->skip ? s->test.n - c->skip : 0;

		asked += is_asked(c, s);
		if (!is_asked(c, s) || (c->limit == UINT64_MAX ? left > 0 : left >= c->limit))
			continue;
		few++;
		least = !least || s->test.n < least->test.n ? s : least;
	}
	if (!few)
		return;
	of = c->limit == UINT64_MAX ? xstrdup("none")
				    : xasprintf("fewer than %llu", (unsigned long long)c->limit);
	warn("%s: %d of %d subjects have %s questions%s%.0llu: %s has %zu", c->from.files[0], few,
		asked, of, c->skip ? " after the first " : "", (unsigned long long)c->skip,
		least->name, least->test.n);
	free(of);
}

struct mmlu *mmlu_open(const struct mmlu_choice *c)
{
	struct mmlu *m = xcalloc(1, sizeof *m);
	XXH3_state_t *hash = XXH3_createState();
	size_t rows = 0;

	XXH3_64bits_reset(hash);
	m->style = c->style;
	m->order = order_new(c->from.shots, c->order_seed);
	m->subject = mmlu_read(&c->from, &m->n_subjects);
	for (int i = 0; i < m->n_subjects; i++)
		rows += m->subject[i].test.n;
	m->question = xcalloc(rows, sizeof *m->question);
	m->number = xcalloc(rows, sizeof *m->number);
	m->of = xcalloc(rows, sizeof *m->of);
	rows = 0;
	for (int i = 0; i < m->n_subjects; i++) {
		const struct mmlu_subject *s = &m->subject[i];

		if (is_asked(c, s)) {
			list_questions(m, i, rows, c);
			hash_rows(hash, &s->dev, (size_t)c->from.shots);
		}
		XXH3_64bits_update(hash, s->name, strlen(s->name) + 1);
		hash_rows(hash, &s->test, s->test.n);
		rows += s->test.n;
	}
	if (m->n == 0 && rows && c->limit)
		die("%s: no question is left after the first %llu of each subject",
			c->from.files[0], (unsigned long long)c->skip);
	if (m->n == 0)
		die("%s: no question", c->from.files[0]);
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
	free(m->number);
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

struct exam mmlu_exam(const struct mmlu *m, int shots)
{
	return (struct exam){ "mmlu", m->question, m->n, shots, mmlu_prompt, m,
		{ " A", " B", " C", " D" }, 4, 0 };
}
