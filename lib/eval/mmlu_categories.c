/* mmlu_categories - see mmlu_categories.h
 */
#include "eval/mmlu_categories.h"

#include "eval/mmlu_read.h"
#include "file/json.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

/* Subcategories in the order of their categories, as the original evaluation has them. */
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

/* -- as a metric ------------------------------------------------------------------------------- */

const char *mmlu_subject_names(int i)
{
	return i < N_SUBCATEGORIES ? subcategory[i].subjects : NULL;
}

static json_t *score(const void *sums, struct score *s)
{
	const struct accuracy *a = sums;
	json_t *own = accuracy_score(a, s);

	if (a->n_subjects > 0)
		json_put(own, "categories", mmlu_categories(a));
	return own;
}

struct metric mmlu_metric(void)
{
	struct metric m = accuracy_metric();

	m.score = score;
	return m;
}
