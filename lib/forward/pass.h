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
	size_t rows; /* rows beyond which a batch is of no use to the caller */
	int output;  /* 1: the caller will call pass_output */
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
/* Plans the memory for passes through the n models, and dies where it is too little. The models
 * stay the caller's, and open. Returns the pass, new, freed by pass_close. */
struct pass *pass_open(const struct model *models, int n, struct pass_options options);
/* Frees p; with note, tells how many tokens went through it a second. */
void pass_close(struct pass *p);
/* Returns 1 where the two models may share a pass, else 0. */
int pass_together(const struct model *a, const struct model *b);
/* Return how many rows, and how many sequences where the caller keeps something for each, a batch
 * should have at most. A batch of one sequence may have more rows. */
size_t pass_rows(const struct pass *p);
size_t pass_sequences(const struct pass *p);
/* Returns the length in tokens of the longest sequence that the models take. */
size_t pass_context(const struct pass *p);

/* What batches take, for planning: sums over them. */
struct pass_work {
	double rows;      /* over all layers, those of an adapter as a part of a layer's */
	double attention; /* operations */
	double loads;     /* layers that are read and packed, each time */
	size_t memory;    /* bytes of the process at most */
	/* segments, and what their ends come to, for a mean length */
	double segments, lengths;
};
/* Adds what pass_run would take for a batch, without running anything. */
void pass_count(struct pass *p, const struct batch *b, struct pass_work *work);

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
/* Takes a batch through all models, and calls the hooks. Each layer, and each model's end, is a
 * step of the piece of work that the caller began (sys/progress.h). Dies where values are not
 * finite, and names the layer. */
void pass_run(struct pass *p, const struct batch *b, const struct pass_hooks *h);

/* Computes the output layer, final norm and head, on the n rows of x whose numbers are in rows; for
 * use within done. request and result are those of op_output, whose rows are these n. All models of
 * a pass have the base's output layer, for no adapter reaches it. */
void pass_output(struct pass *p, const struct logp_result *result, const struct mat *x,
	const size_t *rows, size_t n, const struct logp_request *request);
/* Computes the logits [n, V] of these rows themselves: for tests. */
void pass_logits(struct pass *p, float *logits, const struct mat *x, const size_t *rows, size_t n);

#endif
