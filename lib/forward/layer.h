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
/* The pair of rank r on a site (projection.h) for uses as weight_new takes them. Its values are
 * undefined until weight_refill. The caller frees it by lora_pair_free. */
struct lora_pair lora_pair_new(const struct shape *s, int site, size_t r, int uses);
void lora_pair_free(struct lora_pair *p);

struct lora_layer { /* the adapters of one layer */
	struct lora_pair pair[LORA_COUNT];
	/* in training: the mask of each site's input (ops.h); NULL: nothing is dropped */
	const struct dropout *drop[LORA_COUNT];
};

/* What a layer computes on the way, for the rows of a batch, and the backward pass reads. */
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

/* rank: of each site the largest rank of the adapters to come, 0: none. training: with lse, h and
 * up, and with qkv if heads are normed. New, for at most so many rows; freed by acts_free, which
 * takes NULL. */
struct acts *acts_new(const struct shape *s, size_t rows, const int rank[LORA_COUNT], int training);
void acts_free(struct acts *a);
void acts_resize(struct acts *a, size_t rows);
/* Bytes of one row. */
size_t acts_row_bytes(const struct shape *s, const int rank[LORA_COUNT], int training);
struct layer_scratch *scratch_new(const struct shape *s, size_t rows);
void scratch_free(struct layer_scratch *k);
void scratch_resize(struct layer_scratch *k, size_t rows);
size_t scratch_row_bytes(const struct shape *s);

/* One layer over the rows of one batch: what the forward and the backward pass take. All is the
 * caller's. */
struct layer_call {
	const struct shape *shape;
	int number; /* of the layer in the base: it has its own window */
	const struct layer *weights;
	const struct lora_layer *lora; /* its adapters; NULL: none */
	const struct segments *seg;    /* where the batch's rows stand */
	struct acts *acts;             /* written forward, read backward */
	struct layer_scratch *scratch;
};

/* The heads of that layer, as attention takes them. */
struct heads layer_heads(const struct layer_call *c);
/* x[T, d], MAT_F32: the residual stream before the layer becomes that after it, in place. */
void layer_forward(struct mat *x, const struct layer_call *c);

#endif
