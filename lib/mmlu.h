/* mmlu - MMLU's questions in the original layout, and their prompts
 *
 * A folder with dev/, val/, test/, in each SUBJECT_dev.csv and so on: question, four choices, letter; no header. The
 * subjects are those of the folder that is asked, in order of their names. Prompts byte for byte: specs.md 10.1.
 */
#ifndef COPPICE_MMLU_H
#define COPPICE_MMLU_H

#include "accuracy.h"
#include "csv.h"
#include "score.h"

enum mmlu_style { MMLU_HENDRYCKS, MMLU_LM_EVAL };

struct mmlu_choice {		/* what is asked of a folder */
	const char *split;	/* "test" or "val" */
	const char *subjects;	/* names with commas between, NULL: all */
	enum mmlu_style style;
	int shots;
	uint64_t skip, limit;	/* questions of each subject; limit UINT64_MAX: all */
};
struct mmlu {
	enum mmlu_style style;
	struct mmlu_subject {
		char *name;
		struct csv dev, test;
	} *subject;		/* [n_subjects] */
	int n_subjects;
	struct question *question;	/* [n] */
	uint64_t *number;	/* [n]: of the question among all of the folder's, for meta.docs */
	int *of;		/* [n]: the subject */
	size_t n;
	char hash[17];		/* of what the files contain, for the samples' meta */
};
struct mmlu *mmlu_open(const char *folder, const struct mmlu_choice *c);	/* dies with one line */
void mmlu_close(struct mmlu *m);
struct exam mmlu_exam(const struct mmlu *m, int shots);
size_t mmlu_prompt(const void *mmlu, size_t question, int shots, FILE *to);	/* score.h */

/* 0, or -1 with one line in err: every row is six cells, the last one A to D. */
int mmlu_check(const struct csv *c, char *err, size_t n_err);
/* The four categories and their subcategories that have questions here: {"STEM": {value, stderr, count, correct,
 * "subcategories": {...}}}. A subject that the original doesn't have is in none. New. */
json_t *mmlu_categories(const struct accuracy *a);

#endif
