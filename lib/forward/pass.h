/* pass - batches through the layers of one or several models at once
 *
 * A state is a residual stream [rows, d] and the list of layers that led to it. Models whose lists
 * begin alike share their states until the lists part. All models of a pass have one base and one
 * quantisation. Weights are packed when a layer is first needed, the next layer's while one is
 * computed, and they are kept while the memory budget allows.
 */
#ifndef COPPICE_PASS_H
#define COPPICE_PASS_H

#include "forward/batch.h"
#include "model/model.h"
#include "ops.h"

struct pass;
struct pass_options {
	size_t rows; /* a batch of more rows is of no use to the caller */
	int output;  /* 1: pass_output will be called */
	/* bytes that the caller keeps for each sequence of a batch, and for each row */
	size_t sequence, row;
	/* Returns the number of rows of the longest sequence that will come; a sequence goes into
	 * one batch. It is called only where memory is too little, so that the pass can say how
	 * much will do before it dies. NULL: no sequence is long. */
	size_t (*longest)(void *ctx);
	void *ctx;
	/* the models that will have passes like this one, so that that number does for them too;
	 * NULL: there are no others */
	const struct models *all;
};
/* Plans the memory, and dies where it is too little. The models stay the caller's, and open. */
struct pass *pass_open(const struct model *models, int n, struct pass_options options);
/* With -v, says how fast the pass was. */
void pass_close(struct pass *p);
/* 1: the two models may share a pass. */
int pass_together(const struct model *a, const struct model *b);
/* Rows, and sequences where the caller keeps something for each, that a batch should not exceed,
 * unless it is one sequence alone. */
size_t pass_rows(const struct pass *p);
size_t pass_sequences(const struct pass *p);
/* Tokens of the longest sequence that the model takes. */
size_t pass_context(const struct pass *p);

struct pass_hooks {
	/* Called with x(l)[rows, d] of model m, the residual stream before its kept layer l, for l
	 * = 0 .. its number of kept layers, once for each in order of l; the last one is that after
	 * the last layer. A state that models share is shown for each of them. Its values may not
	 * be finite: the pass dies of that at the model's end, before done. NULL: not wanted. */
	void (*boundary)(void *ctx, int m, int l, const struct mat *x);
	/* Called once for each model with its last boundary, before the final norm. NULL: not
	 * wanted. */
	void (*done)(void *ctx, int m, const struct mat *x);
	void *ctx;
};
/* Takes a batch through all models. Dies of values that are not finite, and names the layer. */
void pass_run(struct pass *p, const struct batch *b, const struct pass_hooks *h);

/* Within done: the output layer, final norm and head, on the n rows of x that rows lists; request
 * and result are those of op_output, whose rows are these n. All models of a pass have the base's
 * output layer: no adapter reaches it. */
void pass_output(struct pass *p, const struct logp_result *result, const struct mat *x,
	const size_t *rows, size_t n, const struct logp_request *request);
/* The logits [n, V] of these rows themselves: for tests. */
void pass_logits(struct pass *p, float *logits, const struct mat *x, const size_t *rows, size_t n);

#endif
