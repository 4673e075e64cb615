/* pass - batches through the layers of one or several models at once
 *
 * Over states: a state is a residual stream [rows, d] and the list of layers that led to it; models
 * whose lists begin alike share it until they part. All models of one pass have one base and one
 * quantisation. Weights are packed when a layer is first needed, the next one ahead of its turn,
 * and kept while the memory budget allows.
 */
#ifndef COPPICE_PASS_H
#define COPPICE_PASS_H

#include "forward/batch.h"
#include "model/model.h"
#include "ops.h"

struct pass;
struct pass_options {
	size_t rows; /* more in a batch are of no use */
	int output;  /* 1: pass_output will be called */
	/* bytes that the caller keeps for each sequence of a batch, and for each row */
	size_t sequence, row;
	/* Rows of the longest of all sequences, each of which goes into one batch. Called where
	 * memory is too little, to say how much will do: the pass dies after it. NULL: none is
	 * long. */
	size_t (*longest)(void *ctx);
	void *ctx;
	/* that will have passes like this one, for that number to do for them too; NULL: none */
	const struct models *all;
};
/* Plans the memory; dies where it is too little. models stay the caller's, and open. */
struct pass *pass_open(const struct model *models, int n, struct pass_options options);
void pass_close(struct pass *p);                                 /* with -v, says how fast it was */
int pass_together(const struct model *a, const struct model *b); /* 1: may share a pass */
/* rows a batch should not exceed, but for one sequence alone */
size_t pass_rows(const struct pass *p);
size_t pass_sequences(const struct pass *p); /* and sequences, where it keeps something for each */
size_t pass_context(const struct pass *p);   /* longest sequence */

struct pass_hooks {
	/* x(l) of model m, l = 0 .. its number of kept layers: the residual stream before kept
	 * layer l, and after the last. Only if set. Called once for each model, in order of l;
	 * states that models share are seen by each. Values may not be finite: the pass dies of
	 * that at the model's end, before done. */
	void (*boundary)(void *ctx, int m, int l, const struct mat *x);
	/* the last boundary, before the final norm: each model once */
	void (*done)(void *ctx, int m, const struct mat *x);
	void *ctx;
};
void pass_run(struct pass *p, const struct batch *b, const struct pass_hooks *h);

/* In done: the output layer of model m on some rows of x: final norm, head, log-probabilities of
 * what is requested (ops.h). rows[n]. Host arrays as op_output. */
void pass_output(struct pass *p, int m, const struct mat *x, const size_t *rows, size_t n,
	const struct logp_request *a, float *logp, uint32_t *top, float *lse);
/* For tests: the logits [n, V] of these rows. */
void pass_logits(struct pass *p, int m, const struct mat *x, const size_t *rows, size_t n,
	float *logits);

#endif
