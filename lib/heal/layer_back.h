/* layer_back - gradients of one layer: through it, and of its adapters; the base's weights get none
 *
 * The twin of forward/layer.c: it reads what layer_forward left in struct acts.
 */
#ifndef COPPICE_LAYER_BACK_H
#define COPPICE_LAYER_BACK_H

#include "forward/layer.h"
#include "heal/lora.h"

/* Matrices for gradients on their way through a layer, and for one layer's weights transposed. */
struct back_scratch;
/* Makes the matrices for at most this many rows; back_free frees them, and takes NULL. rank: of the
 * adapters on each site, as acts_new takes it. */
struct back_scratch *back_new(const struct shape *s, size_t rows, const int rank[LORA_COUNT]);
void back_free(struct back_scratch *b);
void back_resize(struct back_scratch *b, size_t rows);
/* Return the bytes of one row of them, and of the transposed weights. */
size_t back_row_bytes(const struct shape *s, const int rank[LORA_COUNT]);
size_t back_weight_bytes(const struct shape *s);

/* Goes back through the layer c, whose acts are as layer_forward left them for the same x[T, d].
 * dx[T, d], MAT_F32, is the gradient of the loss by the layer's output, and becomes that by its
 * input. to_input 0: only the adapters' gradients are computed, and dx is undefined afterwards. The
 * gradients of each A, and of each B times its scale, are added to those in target[LORA_COUNT]. */
void layer_back(struct mat *dx, struct back_scratch *b, const struct mat *x,
	const struct layer_call *c, const struct lora_target *target, int to_input);

#endif
