/* probe - what a layer and the output layer take on this machine, by the real operations on made-up
 * weights of a model's shape
 *
 * For --plan: no file is read, and it takes about a second.
 */
#ifndef COPPICE_PROBE_H
#define COPPICE_PROBE_H

#include "forward/layer.h"
#include "forward/weights.h"

/* A layer of a shape with made-up weights, and a batch for it. */
struct probe {
	const struct shape *shape;
	int number; /* the number in the base whose window it has */
	struct layer layer;
	uint32_t *ids;
	struct segment *seg;
	struct segments segments;
	double load; /* seconds that packing the weights took */
};
/* Makes one with as many rows as show the machine's speed, in segments of length tokens, or less.
 * nf4 as weights_open takes it. Freed by probe_free. */
struct probe *probe_new(const struct shape *s, int number, int nf4, size_t length);
void probe_free(struct probe *p);
/* Returns the layer over the batch, as layer_forward takes it. */
struct layer_call probe_call(const struct probe *p, struct acts *acts,
	struct layer_scratch *scratch);
/* Returns the operations of attention over the batch. */
double probe_attention(const struct probe *p);
/* Returns the seconds of one call of run: the least of some, after one that is not counted. */
double probe_seconds(void (*run)(void *ctx), void *ctx);
void probe_fill(struct mat *x); /* with small made-up values */
/* Returns when m has been computed, which a device does behind the caller's back. */
void probe_wait(const struct mat *m);
/* Makes a made-up weight [out, in] for these uses, as weight_new takes them. */
struct mat *probe_weight(size_t out, size_t in, int uses, struct weight_layout layout);

/* Sets the rows and columns of an output layer to probe: rows for all threads, and fewer columns
 * than the vocabulary has where all would take too long. Returns their part of it. */
double probe_output(const struct shape *s, size_t *rows, size_t *cols);

struct probed {           /* seconds */
	double row;       /* a row in a layer, without its attention */
	double attention; /* an operation of attention */
	double output;    /* a row in the output layer */
	double load;      /* packing the weights of a layer */
};
struct probed probe_run(const struct shape *s, int number, int nf4, size_t length);

#endif
