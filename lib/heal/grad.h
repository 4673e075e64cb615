/* grad - loss and gradients of one training step: a pruned model over its sequences, forward and
 * back
 *
 * The base is frozen. Gradients go to the adapters alone, and back no further than the lowest one.
 * What the backward pass needs of a layer is kept where the memory budget allows, and else made
 * again from the layer's input, with the same bits. Sequences are worked on in micro-batches; sums
 * go on from one to the next in the order of sequences, so that their size changes no bit.
 */
#ifndef COPPICE_GRAD_H
#define COPPICE_GRAD_H

#include "heal/lora.h"
#include "model/model.h"
#include "stream/sequences.h"

#include <signal.h>

struct grad_options {
	double aux; /* weight of the auxiliary loss (coppice-method(7), AUXILIARY LOSS); 0: none */
	double dropout; /* probability; 0: none */
	uint64_t seed;  /* of dropout's masks */
	int micro;      /* sequences worked on at once; 0: as many as suit the machine */
	size_t longest; /* tokens of the longest sequence to come */
	int batch;      /* sequences of a step */
	const volatile sig_atomic_t *stop; /* set: give the step up as soon as possible; or NULL */
};

struct grad_loss {
	double ce;                     /* cross entropy, mean over the predicted tokens */
	double aux;                    /* the auxiliary loss, without its weight */
	uint64_t predicted, positions; /* tokens that are predicted, and all of them */
};

struct grad;
/* Plans the memory for the steps of model m with the adapters l, both of which stay the caller's.
 * Dies where memory is too little, or where the auxiliary loss is wanted and the model's layers
 * have not exactly one gap to look at. */
struct grad *grad_open(const struct model *m, struct lora_set *l, const struct grad_options *o);
void grad_close(struct grad *g);

/* One step over the n sequences of s from number first on, counted round as by sequences_at. The
 * gradients of the adapters of grad_open are cleared first; afterwards they are those of the mean
 * loss over the step's tokens. step is the step's number, for dropout and messages. 1, or 0 when
 * the step was stopped: then the gradients are of no use. Dies of a loss that is not finite, and
 * names step and layer. */
int grad_step(struct grad *g, const struct sequences *s, size_t first, size_t n, int64_t step,
	struct grad_loss *loss);
/* The cross entropy alone, over all of s, without dropout, before a step of this number. 1, or 0
 * when it was stopped. */
int grad_evaluate(struct grad *g, const struct sequences *s, int64_t step, struct grad_loss *loss);

/* For tests: sets for how many layers the activations are kept; -1: for as many as fit. */
void grad_keep(struct grad *g, int layers);

#endif
