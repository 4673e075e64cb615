/* layer - one layer of a model over the rows of a batch: the only forward pass there is
 *
 *   h = x + A(N1 x);  x' = h + M(N2 h)		or, in a parallel block,   x' = x + A(N x) + M(N x)
 *
 * x is the residual stream, A attention, M the feed-forward network, N a norm (coppice-families(7),
 * FAMILIES). It reads the shape and knows no family. Scoring uses one struct acts for all layers;
 * healing keeps one for each, or makes it again from the layer's input: by the same function either
 * way, so with the same bits. T is the number of rows, d the model's width, H and K the numbers of
 * query and of key and value heads, hd the width of a head, ff that of the feed-forward network.
 */
#ifndef COPPICE_LAYER_H
#define COPPICE_LAYER_H

#include "forward/buffers.h"
#include "forward/projection.h"
#include "forward/weights.h"
#include "ops.h"

/* An adapter as products take it: y += B (A x). a [r, in] and b [out, r] are weights of
 * weight_new_a and weight_new_b; b is times the adapter's scale. a NULL: there is none. */
struct lora_pair {
	struct mat *a, *b;
};
/* Makes a pair of rank r on a site (projection.h), for uses as weight_new takes them. Its values
 * are undefined until weight_refill. lora_pair_free frees it. */
struct lora_pair lora_pair_new(const struct shape *s, int site, size_t r, int uses);
void lora_pair_free(struct lora_pair *p);

struct lora_layer { /* the adapters of one layer */
	struct lora_pair pair[LORA_COUNT];
	/* in training: the mask of each site's input (ops.h); NULL: nothing is dropped */
	const struct dropout *drop[LORA_COUNT];
};

/* What a layer computes on the way for the T rows of a batch, and the backward pass reads. */
struct acts {
	/* MAT_F32 [T, (H+2K) hd]: q|k|v before heads are normed and rotated; NULL: not wanted */
	struct mat *qkv;
	struct mat *rotated; /* MAT_OPERAND [T, (H+2K) hd]: q|k|v after it */
	struct mat *o;       /* MAT_OPERAND [T, H hd]: attention's output */
	struct mat *lse;     /* MAT_F32 [T, H]: see op_attention; NULL: not wanted */
	struct mat *h;       /* MAT_OPERAND [T, d]: the input of N2, rounded; NULL: not wanted */
	struct mat *up;      /* MAT_OPERAND [T, 2 ff] gate|up, or [T, ff]; NULL: not wanted */
	struct mat *ax[LORA_COUNT]; /* MAT_OPERAND [T, r]: A x of each site's adapter, or NULL */
	struct buffer list[6 + LORA_COUNT]; /* all of the above */
};
/* What lives for one layer only, or is made again from struct acts. */
struct layer_scratch {
	/* MAT_OPERAND [T, d]: N1 x, what q, k and v take; then N2 h, what gate and up take */
	struct mat *n;
	struct mat *act; /* MAT_OPERAND [T, ff]: what down takes */
	struct buffer list[2];
};

/* Makes the matrices for at most this many rows; acts_free frees them, and takes NULL. rank: for
 * each site the largest rank of its adapters to come, 0: none. training 1: with lse, h and up, and
 * with qkv if heads are normed. */
struct acts *acts_new(const struct shape *s, size_t rows, const int rank[LORA_COUNT], int training);
void acts_free(struct acts *a);
void acts_resize(struct acts *a, size_t rows);
/* Returns the bytes of one row of them. */
size_t acts_row_bytes(const struct shape *s, const int rank[LORA_COUNT], int training);
struct layer_scratch *scratch_new(const struct shape *s, size_t rows);
void scratch_free(struct layer_scratch *k);
void scratch_resize(struct layer_scratch *k, size_t rows);
size_t scratch_row_bytes(const struct shape *s);

/* One layer over the rows of one batch: what the forward and the backward pass take. The caller
 * owns all of it. */
struct layer_call {
	const struct shape *shape;
	int number; /* the number of the layer in the base, which decides its window */
	const struct layer *weights;
	const struct lora_layer *lora; /* its adapters; NULL: none */
	const struct segments *seg;    /* where the batch's rows stand */
	struct acts *acts;             /* written forward, read backward */
	struct layer_scratch *scratch;
};

/* Returns the heads of that layer, as attention takes them. */
struct heads layer_heads(const struct layer_call *c);
/* Computes the layer c in place: x[T, d], MAT_F32, is the residual stream before it, and becomes
 * that after it. */
void layer_forward(struct mat *x, const struct layer_call *c);

#endif
