/* layer_back - gradients of one layer: through it, and of its adapters; the base's weights get none
 *
 * The twin of layer.c: it reads what layer_forward left in struct acts.
 */
#ifndef COPPICE_LAYER_BACK_H
#define COPPICE_LAYER_BACK_H

#include "forward/layer.h"
#include "heal/lora.h"

struct back; /* room for gradients on their way through a layer, and for its weights turned */
/* rank: of the adapters on each target, as acts_new takes it. */
struct back *back_new(const struct shape *s, size_t rows, const int rank[LORA_COUNT]);
void back_free(struct back *b);
void back_resize(struct back *b, size_t rows);
size_t back_row_bytes(const struct shape *s, const int rank[LORA_COUNT]);
size_t back_weight_bytes(const struct shape *s);

/* dx[T, d] (MAT_F32): the gradient of x(l+1) becomes that of x(l), unless to_input is 0: then only
 * the adapters' is wanted, and dx is undefined. x: the layer's input x(l). Gradients of A, and of B
 * times its scale, are added to. */
void layer_back(struct mat *dx, struct back *b, const struct mat *x, const struct acts *a,
	struct work *k, const struct layer *w, const struct lora_layer *lora,
	const struct lora_target *target, int to_input, const struct shape *s, int l,
	const struct segments *seg);

#endif
