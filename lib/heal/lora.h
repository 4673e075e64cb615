/* lora - adapters in training: f32 matrices with their gradients and AdamW's moments, and PEFT's
 * folder of them
 *
 * An adapter adds scale B A x to the product W x of a projection, with A [r, in] and B [out, r]
 * (coppice-method(7), LORA). Adapters sit on the FFN's projections, and on attention's output where
 * that is wanted. What the products take, A and scale B as operands, is made anew after every step.
 */
#ifndef COPPICE_LORA_H
#define COPPICE_LORA_H

#include "file/stsave.h"
#include "forward/layer.h"

/* The adapter on one projection in one layer. in 0: there is none. All matrices are MAT_F32. */
struct lora_target {
	size_t in, out;
	struct mat *a, *b;             /* [r, in], [out, r] */
	struct mat *da, *db;           /* their gradients */
	struct mat *am, *av, *bm, *bv; /* their first and second moments */
};

/* The adapters of one model. */
struct lora_set {
	const struct shape *shape; /* the base's */
	int rank;
	double alpha, scale;                      /* scale = alpha / rank */
	int n_layers;                             /* of the pruned model */
	struct lora_target (*target)[LORA_COUNT]; /* [n_layers] */
	int ranks[LORA_COUNT]; /* rank, or 0 for a site (projection.h) that has adapters nowhere */
	struct lora_layer *layer; /* [n_layers]: the operands, for forward and backward products */
};

/* Makes adapters on those of the targets that the family has: A drawn from the seed, B zero
 * (coppice-method(7), RANDOM NUMBERS). Bit t of targets is site t. Returns the set, new, freed by
 * lora_free. */
enum { LORA_FFN = 1 << LORA_GATE | 1 << LORA_UP | 1 << LORA_DOWN };
struct lora_set *lora_new(const struct shape *s, int n_layers, int targets, int rank, double alpha,
	uint64_t seed);
/* Dies where the adapter of this folder does not have one rank and one scale for all modules, for
 * only such adapters can be trained. */
void lora_check(const struct adapter *a, const char *folder);
/* Makes a set of the matrices of an adapter that lora_check has passed, on the projections where it
 * has some. Dies where it adapts q, k or v. */
struct lora_set *lora_from(const struct shape *s, const struct adapter *a, const char *folder);
void lora_free(struct lora_set *l);

/* lora_targets_parse returns a list, "gate,up,down,out", as bits; 0 where it is not of that form.
 * lora_targets_names returns the list of such bits, new. */
int lora_targets_parse(const char *list);
char *lora_targets_names(int targets);
/* Returns 1 where a family of this shape has what such bits name; of the whole FFN the gate, which
 * some have not, is left out. */
int lora_targets_fit(int targets, const struct shape *s);

void lora_clear_gradients(struct lora_set *l);
/* Turns the gradients of scale B, which layer_back computes, into those of B. */
void lora_scale_gradients(struct lora_set *l);
/* Does step t, counted from 1, of AdamW (coppice-method(7), OPTIMIZER) with learning rate lr, the
 * gradients clipped to a global norm of clip; then lora_pack. Returns the norm before clipping. */
double lora_update(struct lora_set *l, double lr, double clip, int64_t t);
/* Computes the operands from the matrices, after these were changed. */
void lora_pack(struct lora_set *l);
/* Returns 1 where something in the layer is adapted, else 0. */
int lora_any(const struct lora_set *l, int layer);
/* Returns the first layer with a gradient that is not finite; -1: there is none. */
int lora_bad_gradient(const struct lora_set *l);

/* Calls visit for every matrix with the name of its tensor in PEFT's file, in order of layer,
 * target, A before B. */
enum lora_what { LORA_VALUE, LORA_FIRST_MOMENT, LORA_SECOND_MOMENT, LORA_GRADIENT };
typedef void lora_visit(void *ctx, const char *name, struct mat *m);
void lora_each(const struct lora_set *l, enum lora_what what, lora_visit *visit, void *ctx);
/* Returns a matrix as a tensor of a file under that name; both are borrowed. */
struct stsave lora_tensor(const char *name, const struct mat *m);

/* Writes adapter_model.safetensors and adapter_config.json into a folder that exists. fingerprint
 * becomes the hash of the former, 16 hex digits. m is the model that the adapters were trained on;
 * the config names its base only where nothing was dropped from it, for else the kept layers are in
 * no folder that could be named. dropout goes into the config. Dies of errors. */
void lora_save(const struct lora_set *l, const char *folder, const struct model *m, double dropout,
	char fingerprint[17]);

#endif
