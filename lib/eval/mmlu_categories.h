/* mmlu_categories - the groups that MMLU's subjects are summed up in (coppice-method(7), MMLU)
 */
#ifndef COPPICE_MMLU_CATEGORIES_H
#define COPPICE_MMLU_CATEGORIES_H

#include "eval/accuracy.h"

/* Returns the original's four categories and their subcategories, as far as they have questions
 * here, new: {"STEM": {value, stderr, count, correct, "subcategories": {...}}}. A subject that the
 * original does not know is in none of them. */
json_t *mmlu_categories(const struct accuracy *a);
/* Returns the group that lm-eval puts a subject in ("stem", "humanities", "social sciences",
 * "other"); NULL: it is in none. Static. */
const char *mmlu_lm_eval_group(const char *subject);
/* Returns the original's subjects of subcategory number i, from 0, with blanks between; NULL after
 * the last. Static. */
const char *mmlu_subject_names(int i);
/* Returns accuracy_metric with the categories among the score's own keys. */
struct metric mmlu_metric(void);

#endif
