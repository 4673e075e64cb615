/* loss - the mean loss over sequences of tokens, in nats a predicted token (coppice-method(7), C4)
 *
 * The loss of a sequence is rounded to a multiple of 2^-20, and products of two such to multiples
 * of 2^-8, far below the error of the arithmetic itself. Sums are then exact in float64 (up to 2^33
 * nats), so that parts add up to the bits of one run in any order.
 */
#ifndef COPPICE_LOSS_H
#define COPPICE_LOSS_H

#include "eval/task.h"

/* The sums of one model. Sequence i has the loss S_i, in nats, over n_i predicted tokens. */
struct losses {
	uint64_t sequences;           /* sequences that have a token to predict */
	uint64_t tokens;              /* the sum of n_i */
	uint64_t squares;             /* the sum of n_i^2 */
	uint64_t bytes;               /* of the text of all predicted tokens; 0: it is not known */
	double sum, sumsq, cross;     /* the sums of S_i, of S_i^2, and of S_i n_i */
	uint64_t n_vocab, parameters; /* of the model, for its score */
};
/* Returns the loss S of one sequence, rounded, from the log-probabilities of its n predicted
 * tokens. */
double losses_nats(const float *logp, size_t n);
void losses_add(struct losses *l, double nats, size_t n);
double losses_mean(const struct losses *l);
/* Returns the standard error of the mean for sequences drawn at random; NaN where there is only
 * one. */
double losses_stderr(const struct losses *l);

/* The functions of struct metric (task.h); losses: a struct losses. losses_score dies where no
 * token was predicted. */
json_t *losses_score(const void *losses, struct score *s);
int losses_add_score(void *losses, const struct score *s, struct fault *err);
/* Returns the metric of sequences: the mean loss. */
struct metric loss_metric(void);

#endif
