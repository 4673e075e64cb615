/* mmlu - MMLU's questions and their prompts
 *
 * The subjects stand in order of their names. Prompts byte for byte: coppice-method(7), MMLU.
 */
#ifndef COPPICE_MMLU_H
#define COPPICE_MMLU_H

#include "eval/accuracy.h"
#include "eval/mmlu_read.h"
#include "eval/score.h"

enum mmlu_style { MMLU_HENDRYCKS, MMLU_LM_EVAL };
enum { MMLU_MAX_SHOTS = 1000 };

struct mmlu_choice { /* what is asked */
	struct mmlu_files from;
	enum mmlu_style style;
	int64_t order_seed;   /* of the order of the shots; -1: that of the file */
	uint64_t skip, limit; /* questions of each subject; limit UINT64_MAX: all */
};
struct mmlu {
	enum mmlu_style style;
	struct mmlu_subject *subject; /* [n_subjects] */
	int n_subjects;
	int *order;                /* [shots]: rows of dev, as they stand in every prompt */
	struct question *question; /* [n] */
	uint64_t *number; /* [n]: of the question among all that were read, for meta.docs */
	int *of;          /* [n]: the subject */
	size_t n;
	char hash[17]; /* of the questions and shots, for the samples' meta */
};
struct mmlu *mmlu_open(const struct mmlu_choice *c); /* dies with one line */
void mmlu_close(struct mmlu *m);
struct exam mmlu_exam(const struct mmlu *m, int shots);
size_t mmlu_prompt(const void *mmlu, size_t question, int shots, FILE *to); /* score.h */

/* The four categories and their subcategories that have questions here: {"STEM": {value, stderr,
 * count, correct, "subcategories": {...}}}. A subject that the original doesn't have is in none.
 * New. */
json_t *mmlu_categories(const struct accuracy *a);
/* The category of a subject as lm-eval has them ("stem", "humanities", "social sciences", "other"),
 * or NULL. */
const char *mmlu_lm_eval_group(const char *subject);

#endif
