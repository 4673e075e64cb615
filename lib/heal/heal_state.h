/* heal_state - what a healing goes on from: DIR/state.safetensors, whole or not there
 *
 * Adapters and both moments in f32, the log of all steps, and the recipe, so that nothing else is
 * resumed by mistake. It is written beside and renamed: a kill at any moment leaves the state
 * before or the state after.
 */
#ifndef COPPICE_HEAL_STATE_H
#define COPPICE_HEAL_STATE_H

#include "heal/lora.h"
#include "stream/records.h"

struct heal_log {
	struct loss_rec *rec;
	size_t n;
}; /* steps 0 .. n-1 */

void heal_state_save(const char *dir, const struct lora_set *l, const struct heal_log *log,
	const json_t *recipe);
/* 1: adapters and log are as they were saved; 0: there is no state. Dies where the recipe is
 * another one, and says in what. */
int heal_state_load(const char *dir, struct lora_set *l, struct heal_log *log,
	const json_t *recipe);

/* The folder for a new run, or, with resume, one that exists: left-overs of a killed run are
 * removed from it, and no other process may work in it until this one ends. Dies where the folder
 * is something else. */
void heal_folder(const char *dir, int resume);

#endif
