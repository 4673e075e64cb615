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
#include "heal/shuffle.h"
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
	/* becomes nonzero where the step is to be given up as soon as possible; or NULL */
	const volatile sig_atomic_t *stop;
};

struct grad_loss {
	double ce;                     /* cross entropy, mean over the predicted tokens */
	double aux;                    /* the auxiliary loss, without its weight */
	uint64_t predicted, positions; /* tokens that are predicted, and all of them */
};

/* n sequences of s, those at the places from first on (shuffle.h). order NULL: as they stand. */
struct portion {
	const struct sequences *s;
	const struct shuffle *order;
	size_t first, n;
};

struct grad;
/* Plans the memory for the steps of model m with the adapters l, both of which stay the caller's.
 * Returns the state of training, new, freed by grad_close. Dies where memory is too little, or
 * where there is an auxiliary loss and the model's layers do not have exactly one gap to take it
 * at. */
struct grad *grad_open(const struct model *m, struct lora_set *l, const struct grad_options *o);
void grad_close(struct grad *g);

/* Both tell progress (sys/progress.h) of the tokens and of the layers that they pass.
 *
 * Computes one step over the sequences of p: the loss, and in the adapters of grad_open the
 * gradients of the mean loss over the step's tokens, which replace the earlier ones. step is the
 * step's number, for dropout and messages. Returns 1, or 0 where the step was stopped, and then the
 * gradients are undefined. Dies where the loss is not finite, and names step and layer. */
int grad_step(struct grad *g, const struct portion *p, int64_t step, struct grad_loss *loss);
/* Computes the cross entropy alone, over all of s, without dropout, as it is before step number
 * step. Returns 1, or 0 where it was stopped. */
int grad_evaluate(struct grad *g, const struct sequences *s, int64_t step, struct grad_loss *loss);

/* What the steps would take, as grad_open plans them. */
struct grad_plan {
	size_t memory; /* bytes of the process at most */
	size_t rows;   /* of a micro-batch, at most */
	int kept;      /* layers whose activations are kept; the others run twice */
	int resident;  /* 1: the weights of all layers stay in memory; 0: they are read each time */
	int lowest;    /* the first layer with an adapter: back goes no further */
	int teacher;   /* layers of the base that the auxiliary loss takes */
};
/* Returns it, without making anything; dies as grad_open does. */
struct grad_plan grad_plan(const struct model *m, struct lora_set *l, const struct grad_options *o);

/* For tests: sets for how many layers the activations are kept; -1: for as many as fit. */
void grad_keep(struct grad *g, int layers);

#endif
