/* layer - one layer of a model over the rows of a batch: the only forward pass there is
 *
 *   h = x + A(N1 x);  x' = h + M(N2 h)		or, in a parallel block,   x' = x + A(N x) + M(N x)
 *
 * It reads the shape and knows no family. Scoring uses one struct acts for all layers; healing
 * keeps one for each, or makes it again from the layer's input: the same function either way, so
 * the same bits.
 */
#ifndef COPPICE_LAYER_H
#define COPPICE_LAYER_H

#include "forward/weights.h"
#include "ops.h"

/* What adapters sit on: numbers as specs.md 8.4 has them, and q, k and v as one, which are read but
 * never trained. */
enum { LORA_GATE, LORA_UP, LORA_DOWN, LORA_OUT, LORA_QKV, LORA_COUNT };
extern const enum role lora_roles[LORA_QKV]; /* of all but the last */

/* One adapter matrix pair: y += B (A x), B already times its scale. NULL a: none. */
struct lora_pair {
	struct mat *a, *b;
}; /* weights [r, in], [out, r]: weight_new_a, weight_new_b */
struct lora_layer {
	struct lora_pair pair[LORA_COUNT];
	/* In training: the mask of each target's input (ops.h); NULL: nothing is dropped. */
	const struct dropout *drop[LORA_COUNT];
};

/* What a layer computes on the way, for rows of a batch, and the backward pass reads. */
struct acts {
	/* MAT_F32 [T, (H+2K) hd], before heads are normed and rotated; NULL: not wanted */
	struct mat *qkv;
	struct mat *turned; /* MAT_OPERAND, after it */
	struct mat *o;      /* MAT_OPERAND [T, H hd]: attention's output */
	struct mat *lse;    /* MAT_F32 [T, H]; NULL: not wanted */
	struct mat *h;      /* MAT_OPERAND [T, d]: the input of N2, rounded; NULL: not wanted */
	struct mat *up;     /* MAT_OPERAND [T, 2 ff] gate|up, or [T, ff]; NULL: not wanted */
	struct mat *low[LORA_COUNT]; /* MAT_OPERAND [T, r]: A x */
};
/* What lives for one layer only, or is made again from the above. */
struct work {
	/* MAT_OPERAND [T, d]: N1 x, what q, k, v take; then N2 h, what gate and up take */
	struct mat *n;
	struct mat *act; /* MAT_OPERAND [T, ff]: what down takes */
};
/* rank: the largest of the adapters to come on each target, 0: none. training: lse, h, up too, and
 * qkv if heads are normed. */
struct acts *acts_new(const struct shape *s, size_t rows, const int rank[LORA_COUNT], int training);
void acts_free(struct acts *a);
void acts_resize(struct acts *a, size_t rows);
/* for one row */
size_t acts_row_bytes(const struct shape *s, const int rank[LORA_COUNT], int training);
struct work *work_new(const struct shape *s, size_t rows);
void work_free(struct work *w);
void work_resize(struct work *w, size_t rows);
size_t work_row_bytes(const struct shape *s);
size_t layer_width(const struct shape *s); /* columns of the widest matrix there is, in a layer */

/* The heads of layer l, as attention takes them. */
struct heads layer_heads(const struct shape *s, const struct layer *w, int l);
/* x[T, d] (MAT_F32): x(l) becomes x(l+1) in place. lora NULL: none. l: number in the base (its
 * window). */
void layer_forward(struct mat *x, struct acts *a, struct work *k, const struct layer *w,
	const struct lora_layer *lora, const struct shape *s, int l, const struct segments *seg);

#endif
