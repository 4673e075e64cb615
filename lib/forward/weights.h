/* weights - the weights of a base's layers, packed for the products
 *
 * A layer is packed from its mapped tensors when it is asked for, or ahead of that, and the
 * tensors' pages are dropped then. All layers stay in memory if they fit the budget. Else one layer
 * is held, with the next one beside it where both fit, and the file is read again for every batch.
 */
#ifndef COPPICE_WEIGHTS_H
#define COPPICE_WEIGHTS_H

#include "forward/projection.h"
#include "model/model.h"
#include "ops.h"

/* The weights of one layer. Norms and biases are MAT_F32. NULL: the family has none. */
struct layer {
	struct mat *norm1, *norm1_bias, *norm2, *norm2_bias; /* [1, d] */
	struct mat *q_norm, *k_norm;                         /* [1, hd] */
	struct mat *proj[PROJ_COUNT];                        /* [out, in]: projection.h */
	struct mat *bias[PROJ_COUNT];                        /* [1, out] */
};

/* The weights of what comes after the last layer. */
struct head {
	struct mat *norm, *norm_bias; /* [1, d] */
	struct mat *out, *out_bias;   /* [V, d], [1, V] */
};

/* The weights of one base, owned by the caller, who closes them before the base. */
struct weights;
/* Opens the weights of b. Nothing is read yet. nf4 1: the linear layers go through NF4
 * (file/nf4.h). Layers are packed for the forward product, the head for head_uses, as weight_new
 * takes them. budget: bytes for the layers that are held at once. */
struct weights *weights_open(struct base *b, int nf4, int head_uses, size_t budget);
void weights_close(struct weights *w);
/* Returns layer l of the base, which stays valid until another layer is fetched. Dies, with the
 * file's name, where the file cannot be read. */
const struct layer *weights_layer(struct weights *w, int l);
/* Starts loading layer l in the background, since it will be needed next. */
void weights_fetch(struct weights *w, int l);
/* Returns the head, which stays valid until weights_close. */
const struct head *weights_head(struct weights *w);
/* Writes the rows of the embedding of the n ids to x[n, d], MAT_F32. Dies of an id that the
 * embedding does not have. */
void weights_embed(const struct weights *w, const uint32_t *ids, size_t n, struct mat *x);

/* Return bytes, for planning (ops.h): of one layer, packed; of the head, packed for uses; of what
 * loading takes beside them; and of what products keep beside a weight while they use it. */
size_t weights_layer_bytes(const struct base *b, int nf4);
size_t weights_head_bytes(const struct base *b, int uses);
size_t weights_loading_bytes(const struct base *b, int nf4);
size_t weights_scratch_bytes(const struct base *b, int nf4);

#endif
