/* heal - a pruned model healed: steps of AdamW on its adapters until the recipe is through
 * (coppice-method(7), LOSS)
 *
 * What is promised: the same bits whatever -j, --micro and --memory are, and whether the run was
 * killed and resumed in between. So everything of a step is a function of its number, the adapters,
 * and the recipe.
 */
#ifndef COPPICE_HEAL_H
#define COPPICE_HEAL_H

#include "forward/corpus.h"
#include "heal/schedule.h"

struct heal {
	const struct model *model;
	const struct corpus *train;
	const char *tokens;         /* its file's name, for messages */
	const struct corpus *valid; /* or NULL */
	int64_t every;              /* steps between held-out losses */

	const char *dir; /* output folder */
	int resume;
	const char *init;          /* a PEFT folder to start from, or NULL */
	char init_fingerprint[17]; /* its hash */
	int targets;               /* as lora_new takes them, without init */
	int64_t rank;
	double alpha;

	double lr;
	enum schedule schedule;
	int64_t steps, batch, warmup;
	double dropout, clip, aux; /* clip 0: none */
	uint64_t seed;

	int64_t micro, save;      /* these change no bit */
	double stop_after;        /* seconds, 0: none */
	const json_t *provenance; /* the steps that led here, for heal.loss */
};

/* The options that shape the result, as an object; and the recipe: these, the model, and the
 * tokens. New. */
json_t *heal_args(const struct heal *h);
json_t *heal_recipe(const struct heal *h);
/* Trains and writes the folder. args: of heal_args. 1: healed, and fingerprint is the adapter's hash; 0:
 * interrupted, resumable. */
int heal_run(const struct heal *h, const json_t *args, char fingerprint[17]);

#endif
