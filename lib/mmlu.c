/* mmlu - see mmlu.h
 */
#include "mmlu.h"

#include "cli.h"
#include "text.h"
#include "utf8.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { CELLS = 6, MAX_FILE = 64 << 20, MAX_SUBJECTS = 4096 };

/* -- categories (specs.md 10.1) --------------------------------------------------------------------------------------- */

static const struct { const char *category, *name, *subjects; } subcategory[] = {
	{ "STEM", "physics", "astronomy college_physics conceptual_physics high_school_physics" },
	{ "STEM", "chemistry", "college_chemistry high_school_chemistry" },
	{ "STEM", "biology", "college_biology high_school_biology" },
	{ "STEM", "computer science", "college_computer_science computer_security high_school_computer_science "
		"machine_learning" },
	{ "STEM", "math", "abstract_algebra college_mathematics elementary_mathematics high_school_mathematics "
		"high_school_statistics" },
	{ "STEM", "engineering", "electrical_engineering" },
	{ "humanities", "history", "high_school_european_history high_school_us_history high_school_world_history "
		"prehistory" },
	{ "humanities", "philosophy", "formal_logic logical_fallacies moral_disputes moral_scenarios philosophy "
		"world_religions" },
	{ "humanities", "law", "international_law jurisprudence professional_law" },
	{ "social sciences", "politics", "high_school_government_and_politics public_relations security_studies "
		"us_foreign_policy" },
	{ "social sciences", "culture", "human_sexuality sociology" },
	{ "social sciences", "economics", "econometrics high_school_macroeconomics high_school_microeconomics" },
	{ "social sciences", "geography", "high_school_geography" },
	{ "social sciences", "psychology", "high_school_psychology professional_psychology" },
	{ "other", "other", "global_facts miscellaneous professional_accounting" },
	{ "other", "business", "business_ethics management marketing" },
	{ "other", "health", "anatomy clinical_knowledge college_medicine human_aging medical_genetics nutrition "
		"professional_medicine virology" },
};
enum { N_SUBCATEGORIES = sizeof subcategory / sizeof *subcategory };

/* 1: name is one of the words of list, which are apart by the character sep. */
static int is_listed(const char *list, char sep, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; p != NULL; p = strchr(p, sep)) {
		p += *p == sep;
		if (strncmp(p, name, n) == 0 && (p[n] == sep || p[n] == '\0'))
			return 1;
	}
	return 0;
}

/* The subjects of the subcategories first to last that are in a, together. */
static json_t *together(const struct accuracy *a, int first, int last)
{
	struct right *r = xcalloc((size_t)a->n_subjects, sizeof *r), sum = {0, 0};
	int n = 0;
	json_t *j;

	for (int s = 0; s < a->n_subjects; s++)
		for (int c = first; c <= last; c++)
			if (is_listed(subcategory[c].subjects, ' ', a->subject[s].name)) {
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
			if (strcmp(subcategory[last + 1].category, subcategory[first].category) != 0)
				break;
		if ((j = together(a, first, last)) == NULL)
			continue;
		json_object_set_new(all, subcategory[first].category, j);
		json_object_set_new(j, "subcategories", sub = json_object());
		for (int c = first; c <= last; c++)
			if ((one = together(a, c, c)) != NULL)
				json_object_set_new(sub, subcategory[c].name, one);
	}
	return all;
}

/* -- files ---------------------------------------------------------------------------------------------------------- */

int mmlu_check(const struct csv *c, char *err, size_t n_err)
{
	for (size_t i = 0; i < c->n_rows; i++) {
		size_t n = c->first[i + 1] - c->first[i];
		const char *letter = c->cell[c->first[i + 1] - 1];

		if (n != CELLS)
			snprintf(err, n_err, "line %zu: %zu cells, not question, four choices and letter", c->line[i], n);
		else if (letter[0] < 'A' || letter[0] > 'D' || letter[1] != '\0')
			snprintf(err, n_err, "line %zu: the answer \"%.20s\" is none of A B C D", c->line[i], letter);
		else
			continue;
		return -1;
	}
	return 0;
}

static void read_csv(struct csv *c, const char *folder, const char *split, const char *subject, XXH3_state_t *hash)
{
	char *path = xasprintf("%s/%s/%s_%s.csv", folder, split, subject, split), err[200];
	size_t n;
	char *bytes = text_slurp(path, MAX_FILE, &n);

	if (csv_parse(c, bytes, n, err, sizeof err) < 0 || mmlu_check(c, err, sizeof err) < 0)
		die("%s: %s", path, err);
	XXH3_64bits_update(hash, subject, strlen(subject) + 1);
	XXH3_64bits_update(hash, bytes, n);
	free(bytes);
	free(path);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct mmlu_subject *)a)->name, ((const struct mmlu_subject *)b)->name);
}

/* The names of the folder's subjects, sorted. */
static void list_subjects(struct mmlu *m, const char *folder, const char *split)
{
	char *path = xasprintf("%s/%s", folder, split), *end = xasprintf("_%s.csv", split);
	DIR *d = opendir(path);
	struct dirent *e;

	if (d == NULL)
		die("%s: %s", path, strerror(errno));
	while ((e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name), n_end = strlen(end);

		if (n <= n_end || e->d_name[0] == '.' || strcmp(e->d_name + n - n_end, end) != 0)
			continue;
		if (utf8_valid(e->d_name, n) < n)
			die("%s: the name of a file in it is not UTF-8", path);
		if (m->n_subjects == MAX_SUBJECTS)
			die("%s: more than %d subjects", path, MAX_SUBJECTS);
		m->subject = xrealloc(m->subject, (size_t)m->n_subjects + 1, sizeof *m->subject);
		m->subject[m->n_subjects] = (struct mmlu_subject){ .name = xstrdup(e->d_name) };
		m->subject[m->n_subjects++].name[n - n_end] = '\0';
	}
	closedir(d);
	if (m->n_subjects == 0)
		die("%s: no file SUBJECT%s in it", path, end);
	qsort(m->subject, (size_t)m->n_subjects, sizeof *m->subject, by_name);
	free(path);
	free(end);
}

static void check_wanted(const struct mmlu *m, const char *folder, const char *wanted)
{
	char *list = xstrdup(wanted), *rest = list, *name;

	while ((name = strsep(&rest, ",")) != NULL) {
		int i = 0;

		while (i < m->n_subjects && strcmp(m->subject[i].name, name) != 0)
			i++;
		if (i == m->n_subjects)
			die("%s: no subject \"%s\"", folder, name);
	}
	free(list);
}

static void list_questions(struct mmlu *m, int s, uint64_t number, const struct mmlu_choice *c)
{
	const struct csv *test = &m->subject[s].test;

	for (uint64_t row = c->skip; row < test->n_rows && row - c->skip < c->limit; row++) {
		m->question[m->n] = (struct question){ m->subject[s].name, row, test->cell[test->first[row + 1] - 1][0] - 'A' };
		m->number[m->n] = number + row;
		m->of[m->n++] = s;
	}
}

struct mmlu *mmlu_open(const char *folder, const struct mmlu_choice *c)
{
	struct mmlu *m = xcalloc(1, sizeof *m);
	XXH3_state_t *hash = XXH3_createState();
	size_t rows = 0;

	XXH3_64bits_reset(hash);
	m->style = c->style;
	list_subjects(m, folder, c->split);
	if (c->subjects != NULL)
		check_wanted(m, folder, c->subjects);
	for (int i = 0; i < m->n_subjects; i++) {
		struct mmlu_subject *s = &m->subject[i];

		read_csv(&s->test, folder, c->split, s->name, hash);
		rows += s->test.n_rows;
		if (c->shots == 0 || (c->subjects != NULL && !is_listed(c->subjects, ',', s->name)))
			continue;
		read_csv(&s->dev, folder, "dev", s->name, hash);
		if (s->dev.n_rows < (size_t)c->shots)
			die("%s/dev/%s_dev.csv: %zu rows, not enough for %d shots", folder, s->name, s->dev.n_rows, c->shots);
	}
	m->question = xcalloc(rows, sizeof *m->question);
	m->number = xcalloc(rows, sizeof *m->number);
	m->of = xcalloc(rows, sizeof *m->of);
	rows = 0;
	for (int i = 0; i < m->n_subjects; i++) {
		if (c->subjects == NULL || is_listed(c->subjects, ',', m->subject[i].name))
			list_questions(m, i, rows, c);
		rows += m->subject[i].test.n_rows;
	}
	if (m->n == 0)
		die("%s: no question", folder);
	snprintf(m->hash, sizeof m->hash, "%016llx", (unsigned long long)XXH3_64bits_digest(hash));
	XXH3_freeState(hash);
	return m;
}

void mmlu_close(struct mmlu *m)
{
	for (int i = 0; i < m->n_subjects; i++) {
		free(m->subject[i].name);
		csv_free(&m->subject[i].dev);
		csv_free(&m->subject[i].test);
	}
	free(m->subject);
	free(m->question);
	free(m->number);
	free(m->of);
	free(m);
}

/* -- prompts -------------------------------------------------------------------------------------------------------- */

static void put_question(const struct mmlu *m, const struct csv *c, size_t row, FILE *to)
{
	const char *const *cell = c->cell + c->first[row];
	size_t n = strlen(cell[0]);
	const char *question = m->style == MMLU_LM_EVAL ? utf8_strip(cell[0], &n) : cell[0];

	fwrite(question, 1, n, to);
	for (int i = 0; i < 4; i++)
		fprintf(to, "\n%c. %s", 'A' + i, cell[1 + i]);
	fputs("\nAnswer:", to);
}

size_t mmlu_prompt(const void *mmlu, size_t question, int shots, FILE *to)
{
	const struct mmlu *m = mmlu;
	const struct mmlu_subject *s = &m->subject[m->of[question]];
	long n_header;

	/* the original's own subject text begins with a space, behind the one that its sentence ends with */
	fputs("The following are multiple choice questions (with answers) about ", to);
	if (m->style == MMLU_HENDRYCKS)
		fputc(' ', to);
	for (const char *p = s->name; *p; p++)
		fputc(*p == '_' ? ' ' : *p, to);
	fputs(".\n\n", to);
	for (size_t i = 0; i < (size_t)shots; i++) {
		put_question(m, &s->dev, i, to);
		fprintf(to, " %s\n\n", s->dev.cell[s->dev.first[i + 1] - 1]);
	}
	n_header = ftell(to);
	put_question(m, &s->test, m->question[question].row, to);
	return n_header < 0 ? 0 : (size_t)n_header;
}

struct exam mmlu_exam(const struct mmlu *m, int shots)
{
	return (struct exam){ "mmlu", m->question, m->n, shots, mmlu_prompt, m, { " A", " B", " C", " D" }, 4, 0 };
}
