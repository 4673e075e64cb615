/* accuracy - right answers counted, by subject, and what is said of them
 *
 * Counts are integers, so that parts add up to the bits of one run in any order. Formulas:
 * coppice-method(7), STANDARD ERRORS.
 */
#ifndef COPPICE_ACCURACY_H
#define COPPICE_ACCURACY_H

#include "stream/records.h"
#include "sys/fault.h"

struct right {
	uint64_t count, correct;
};
struct accuracy {
	struct right all;
	/* sorted by name; none: the task has no subjects */
	struct subject {
		char *name;
		struct right is;
	} * subject;
	int n_subjects;
	uint64_t invalid;    /* some other token than a choice's was the most likely one */
	uint64_t yes;        /* of a task without subjects: questions whose answer is yes */
	uint64_t cut, fewer; /* prompts cut; prompts with fewer shots than asked for */
	uint64_t parameters; /* of the model, carried along; 0: unknown */
};
void accuracy_add(struct accuracy *a, const char *subject, int correct); /* subject may be NULL */
void accuracy_free(struct accuracy *a);

double right_mean(const struct right *r);
/* sqrt(a (1 - a) / (n - 1)); NaN: one answer says nothing */
double right_stderr(const struct right *r);
/* Of some subjects together: their mean over all questions, and lm-eval's pooled error. */
double pooled_stderr(const struct right *r, int n);
double macro_mean(const struct accuracy *a);
double macro_stderr(const struct accuracy *a);

/* A score's value, stderr, count, sum, sumsq, and its own keys (new, the caller's; not const for
 * that). */
json_t *accuracy_score(const struct accuracy *a, struct score *s);
json_t *right_json(double value, double stderr_, const struct right *r);
/* Adds what a score says; 0, or -1 with one line in err. */
int accuracy_add_score(struct accuracy *a, const struct score *s, struct fault *err);

#endif
