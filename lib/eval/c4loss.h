/* c4loss - the loss over sequences of tokens (coppice-method(7), C4)
 *
 * A sequence's sum is rounded to a multiple of 2^-20 and the products of two such to 2^-8, far
 * below the arithmetic's own error, so that the totals are exact in f64 (up to 2^33 nats) and parts
 * add up to the bits of one run in any order.
 */
#ifndef COPPICE_C4LOSS_H
#define COPPICE_C4LOSS_H

#include "model/model.h"
#include "stream/meta.h"
#include "sys/fault.h"

/* what the sequences of one model add up to: sequence i has S_i nats over n_i tokens */
struct losses {
	uint64_t sequences;           /* with something to predict */
	uint64_t tokens;              /* predicted: sum of n_i */
	uint64_t squares;             /* of n_i^2 */
	uint64_t bytes;               /* of the predicted tokens' text, 0: unknown */
	double sum, sumsq, cross;     /* of S_i, S_i^2, S_i n_i */
	uint64_t n_vocab, parameters; /* of the model, carried along */
};
double losses_nats(const float *logp, size_t n); /* S of a sequence, rounded */
void losses_add(struct losses *l, double nats, size_t n);
double losses_mean(const struct losses *l);
double losses_stderr(const struct losses *l); /* NaN: one sequence says nothing */

/* A score's metric, value, stderr, count, sum, sumsq, and its own keys (new, the caller's). */
json_t *losses_score(const struct losses *l, struct score *s);
/* Adds what a score says. 0, or -1 with one line in err. */
int losses_add_score(struct losses *l, const struct score *s, struct fault *err);

/* All sequences of a tokens stream, in memory. */
struct sequences {
	uint32_t *ids; /* one after the other */
	size_t *first; /* [n + 1] */
	size_t n;
	struct docs docs;
	json_t *provenance, *meta; /* of all parts */
	char hash[17];             /* of all ids and lengths, for the samples' meta */
};
struct sequences *sequences_open(char *const *files, uint64_t skip, uint64_t limit);
void sequences_close(struct sequences *s);

/* Every sequence with something to predict through every model, in the order of struct score_hooks
 * (score.h). */
struct c4loss_hooks {
	/* A result that is known already: sets nats and returns 1; once it has returned 0 it is not
	 * asked again. */
	int (*known)(void *ctx, size_t sequence, int model, double *nats);
	void (*done)(void *ctx, size_t sequence, int model, double nats);
	void *ctx;
};
/* The losses of every model of the list: out[m->n]. h may be NULL. */
void c4loss_run(struct losses *out, const struct models *m, const struct sequences *s,
	const struct c4loss_hooks *h);

#endif
