/* accuracy - right answers counted by subject, and what they amount to (coppice-method(7),
 * STANDARD ERRORS)
 *
 * Counts are integers, so that parts add up to the bits of one run in any order.
 */
#ifndef COPPICE_ACCURACY_H
#define COPPICE_ACCURACY_H

#include "eval/task.h"

struct right {
	uint64_t count, correct; /* questions, and those answered right */
};

/* The sums of one model. Zero-initialise; accuracy_clear frees what it holds. */
struct accuracy {
	struct right all;
	/* sorted by name, which it owns; none where the task has no subjects */
	struct subject {
		char *name;
		struct right is;
	} * subject;
	int n_subjects;
	uint64_t invalid; /* questions to which some token that begins no choice was likeliest */
	uint64_t yes;     /* of a task without subjects: questions with the answer 1, yes */
	/* prompts that were truncated at the front; prompts with fewer examples than were to be
	 * shown */
	uint64_t cut, fewer;
	uint64_t parameters; /* of the model, for its score; 0: not known */
};
/* Counts one answer. subject is NULL where the task has none. */
void accuracy_add(struct accuracy *a, const char *subject, int correct);
/* Counts the outcome of one question, with all that a score says of it. */
void accuracy_count(struct accuracy *a, const struct item *it, const struct outcome *o);

/* Return the share a of right answers, and its standard error sqrt(a (1 - a) / (n - 1)), NaN for
 * one answer. */
double right_mean(const struct right *r);
double right_stderr(const struct right *r);
/* Returns the standard error of n subjects together, with lm-eval's pooled variance. */
double pooled_stderr(const struct right *r, int n);
/* Return the mean of the subjects' shares, each subject with the same weight, and its standard
 * error. */
double macro_mean(const struct accuracy *a);
double macro_stderr(const struct accuracy *a);

/* Returns x, or null where it is not finite, which JSON has no number for; new. */
json_t *real_json(double x);
/* Returns {value, stderr, count, correct}, new. */
json_t *right_json(double value, double stderr_, const struct right *r);
/* The functions of struct metric (task.h); accuracy: a struct accuracy. */
json_t *accuracy_score(const void *accuracy, struct score *s);
int accuracy_add_score(void *accuracy, const struct score *s, struct fault *err);
void accuracy_clear(void *accuracy);
/* Returns the metric of questions: the share that was answered right. */
struct metric accuracy_metric(void);

#endif
