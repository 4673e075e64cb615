/* recipe - what a healing is asked to do: the model, the tokens, and the options of training
 */
#ifndef COPPICE_RECIPE_H
#define COPPICE_RECIPE_H

#include "heal/shuffle.h"
#include "heal/schedule.h"
#include "model/model.h"
#include "stream/sequences.h"

/* One healing. All that is pointed at is the caller's. */
struct heal {
	const struct model *model;
	const struct sequences *train;
	const char *tokens;            /* the name of train's file, for messages */
	const struct sequences *valid; /* held-out sequences, or NULL */
	const char *valid_tokens;      /* the name of its file, or NULL */
	int64_t every;                 /* steps from one held-out loss to the next */

	const char *dir;           /* the output folder */
	int resume;                /* 1: continue in a folder that exists */
	const char *init;          /* a PEFT folder to start from, or NULL */
	char init_fingerprint[17]; /* the hash of its adapter */
	int targets;               /* as lora_new takes them; without init */
	int64_t rank;
	double alpha;

	double lr; /* the peak learning rate */
	enum schedule schedule;
	int64_t steps, batch, warmup; /* steps, sequences of a step, steps */
	struct shuffle order;         /* of train */
	double dropout;               /* probability */
	double clip;                  /* norm of the whole gradient; 0: none */
	double aux;                   /* weight of the auxiliary loss */
	uint64_t seed;

	/* these change no bit of the result: sequences that are computed at once, as in
	 * grad_options; steps from one saved state to the next; seconds after which the run stops
	 * and can be resumed, 0: none */
	int64_t micro, save;
	double stop_after;
	const json_t *provenance; /* the steps that led here, for heal.loss */
};

/* Returns what is asked for where nothing is said: no model, no tokens and no folder. What depends
 * on something else is not settled: rank, warmup and every are -1, alpha is NAN, targets are 0. */
struct heal recipe_begin(void);
/* Chooses the base's quantisation: NF4, unless it is in 4 bits already or the user has said
 * something (said), which m then has. Dies where the model is healed already. */
void recipe_quantise(struct model *m, int said);
/* Gives h the model, and settles what is not: rank 64, or that of init; alpha the rank, or init's;
 * the FFN's targets; a tenth of the steps for warm-up, 100 at most, none for a constant rate; and,
 * where something is held out, its loss at every 100th step. Dies where init cannot be trained
 * on. */
void recipe_settle(struct heal *h, const struct model *m);
/* Writes the record of the healed model. fingerprint: the adapter's. */
void recipe_write(struct rec_out *out, const struct heal *h, const char *fingerprint);

#endif
