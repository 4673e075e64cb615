/* lora - adapters in training: f32 matrices with their gradients and AdamW's moments, and PEFT's
 * folder of them
 *
 * coppice-method(7), LORA. Adapters sit on the FFN's projections, and on attention's output where
 * that is wanted. What the products take, A and the scaled B as operands, is made anew after every
 * step.
 */
#ifndef COPPICE_LORA_H
#define COPPICE_LORA_H

#include "forward/layer.h"

struct lora_target { /* of one projection in one layer; in 0: not adapted */
	size_t in, out;
	struct mat *a, *b;             /* MAT_F32 [r, in], [out, r] */
	struct mat *da, *db;           /* gradients */
	struct mat *am, *av, *bm, *bv; /* first and second moments */
};

struct lora_set {
	const struct shape *shape;
	int rank;
	double alpha, scale;                      /* scale: of B A x */
	int n_layers;                             /* of the pruned model */
	struct lora_target (*target)[LORA_COUNT]; /* [n_layers] */
	int ranks[LORA_COUNT];    /* rank, or 0 for a target that is adapted nowhere */
	struct lora_layer *layer; /* [n_layers]: the operands, sealed for forward and backward */
};

/* A drawn from the seed, B zero (coppice-method(7), RANDOM NUMBERS), on those of the targets (bit
 * t: LORA_t) that the family has. */
enum { LORA_FFN = 1 << LORA_GATE | 1 << LORA_UP | 1 << LORA_DOWN };
struct lora_set *lora_new(const struct shape *s, int n_layers, int targets, int rank, double alpha,
	uint64_t seed);
/* Dies if the adapter is not of one rank and one scale, which is what can be trained. */
void lora_check(const struct adapter *a, const char *folder);
/* The matrices of one that exists and passed: only where it has some. Dies if they are on something
 * else. */
struct lora_set *lora_from(const struct shape *s, const struct adapter *a, const char *folder);
/* "gate,up,down,out" as bits, 0: not of that form; and back, new. */
int lora_targets_parse(const char *list);
char *lora_targets_names(int targets);
void lora_free(struct lora_set *l);

void lora_clear_gradients(struct lora_set *l);
void lora_scale_gradients(struct lora_set *l); /* of scale B -> of B */
/* Step t, counted from 1, of AdamW (coppice-method(7), OPTIMIZER) with the gradients clipped to a
 * global norm; then lora_pack. Returns the norm before clipping. */
double lora_update(struct lora_set *l, double lr, double clip, int64_t t);
void lora_pack(struct lora_set *l); /* after the matrices were changed */
uint64_t lora_parameters(const struct lora_set *l);
int lora_any(const struct lora_set *l, int layer); /* 1: something in the layer is adapted */
/* first layer with a value that is not finite, or -1 */
int lora_bad_gradient(const struct lora_set *l);

/* Every matrix with the name of its tensor in PEFT's file, in order of layer, target, A before
 * B. */
enum lora_what { LORA_VALUE, LORA_FIRST_MOMENT, LORA_SECOND_MOMENT, LORA_GRADIENT };
typedef void lora_visit(void *ctx, const char *name, struct mat *m);
void lora_each(const struct lora_set *l, enum lora_what what, lora_visit *visit, void *ctx);

/* adapter_model.safetensors and adapter_config.json of a folder that exists; fingerprint: hash of the
 * former, 16 hex digits. m: what they were trained on. The config names its base only where nothing
 * was dropped: else the layers kept are in no folder of their own. */
void lora_save(const struct lora_set *l, const char *folder, const struct model *m, double dropout,
	char fingerprint[17]);

#endif
