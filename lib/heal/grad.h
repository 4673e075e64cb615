/* grad - loss and gradients of one training step: a pruned model over its sequences, forward and
 * back
 *
 * The base is frozen; gradients go to the adapters alone, and no lower than the lowest. What the
 * backward pass needs of a layer is kept where the memory budget allows, else made again from the
 * layer's input: equal bits. Sequences are worked on in micro-batches; sums go on from one to the
 * next in the order of sequences, so their size changes no bit.
 */
#ifndef COPPICE_GRAD_H
#define COPPICE_GRAD_H

#include "heal/lora.h"
#include "model/model.h"

#include <signal.h>

struct sequences { /* of one step, or held out */
	const uint32_t *const *ids;
	const size_t *len;
	int n;
};

struct grad_options {
	double aux;     /* weight of coppice-method(7), AUXILIARY LOSS; 0: none */
	double dropout; /* probability, 0: none */
	uint64_t seed;
	int micro;                         /* sequences at once, 0: as many as suit the machine */
	size_t longest;                    /* rows of the longest sequence to come */
	int batch;                         /* sequences of a step */
	const volatile sig_atomic_t *stop; /* set: give the step up as soon as possible */
};

struct grad_loss {
	double ce;                     /* mean over predicted tokens */
	double aux;                    /* not weighted */
	uint64_t predicted, positions; /* tokens */
};

struct grad;
/* m and l stay the caller's. Dies where memory is too small, or where aux has no single gap to look
 * at. */
struct grad *grad_open(const struct model *m, struct lora_set *l, const struct grad_options *o);
void grad_close(struct grad *g);

/* Gradients of a step into l, cleared first. 1, or 0 when it was stopped: then nothing of it is of
 * use. Dies on a loss that is not finite, and names step and layer. */
int grad_step(struct grad *g, const struct sequences *s, int64_t step, struct grad_loss *loss);
/* The cross entropy alone, without dropout, as it is before a step. 1, or 0 when stopped. */
int grad_evaluate(struct grad *g, const struct sequences *s, int64_t step, struct grad_loss *loss);

/* For tests: how many layers' activations are kept (-1: as many as fit). */
void grad_keep(struct grad *g, int layers);

#endif
