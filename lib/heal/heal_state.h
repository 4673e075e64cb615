/* heal_state - what a healing goes on from: DIR/state.safetensors, whole or not there
 *
 * The state holds the adapters and both moments in f32, the log of all steps, and the recipe, so
 * that nothing else is resumed by mistake. It is written beside its name and renamed: a kill at any
 * moment leaves the state before or the state after.
 */
#ifndef COPPICE_HEAL_STATE_H
#define COPPICE_HEAL_STATE_H

#include "heal/lora.h"
#include "stream/records.h"

struct heal_log {
	struct loss_rec *rec; /* [n]: of the steps 0 .. n-1 */
	size_t n;
};

/* Writes the state of the folder dir. Dies of errors. */
void heal_state_save(const char *dir, const struct lora_set *l, const struct heal_log *log,
	const json_t *recipe);
/* Reads the state of the folder dir. Returns 1 where adapters and log are as they were saved,
 * log->rec being new; 0 where there is no state. Dies where the state is damaged, or its recipe
 * differs, and names the differences. */
int heal_state_load(const char *dir, struct lora_set *l, struct heal_log *log,
	const json_t *recipe);

/* Makes the folder for a new run; or with resume opens one that exists, and removes from it what a
 * killed run left half written. No other process may work in the folder until this one ends. Dies
 * where dir is something else. */
void heal_folder(const char *dir, int resume);

#endif
