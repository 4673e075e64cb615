/* weights - the weights of a base's layers, packed for the products
 *
 * A layer is packed when it is asked for, or ahead of that, from its mapped tensors, whose pages
 * are then dropped. q, k, v are one matrix, and so are gate and up. All layers stay if they fit the
 * budget; else one is held, and the next beside it where there is room, and the file is read again
 * for every batch.
 */
#ifndef COPPICE_WEIGHTS_H
#define COPPICE_WEIGHTS_H

#include "forward/projection.h"
#include "model/model.h"
#include "ops.h"

struct layer {                                               /* NULL: the family has none */
	struct mat *norm1, *norm1_bias, *norm2, *norm2_bias; /* [1, d] */
	struct mat *q_norm, *k_norm;                         /* [1, hd] */
	struct mat *proj[PROJ_COUNT];                        /* [out, in]: projection.h */
	struct mat *bias[PROJ_COUNT];                        /* [1, out] */
};

struct head {                         /* what comes after the last layer */
	struct mat *norm, *norm_bias; /* [1, d] */
	struct mat *out, *out_bias;   /* [V, d] */
};

struct weights;
/* nf4: linear layers go through NF4. Layers are packed for the forward product, the head for
 * head_uses (ops.h). budget: bytes to hold layers in. */
struct weights *weights_open(const struct base *b, int nf4, int head_uses, size_t budget);
void weights_close(struct weights *w);
/* l: number in the base; valid until another is asked for */
const struct layer *weights_layer(struct weights *w, int l);
void weights_fetch(struct weights *w, int l); /* will be asked for next: loaded meanwhile */
const struct head *weights_head(struct weights *w);
/* x[n, d]; checks ids */
void weights_embed(const struct weights *w, const uint32_t *ids, size_t n, struct mat *x);
size_t weights_layer_bytes(const struct base *b, int nf4); /* of one layer, packed */
size_t weights_head_bytes(const struct base *b, int uses);
size_t weights_loading_bytes(const struct base *b, int nf4); /* what loading takes beside them, */
size_t weights_scratch_bytes(const struct base *b, int nf4); /* and their products */

#endif
