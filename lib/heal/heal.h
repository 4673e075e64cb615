/* heal - a pruned model healed: steps of AdamW on its adapters until the recipe is through
 * (coppice-method(7), LOSS)
 *
 * The result has the same bits whatever the number of threads, the size of micro-batches and the
 * memory are, and whether the run was killed and resumed in between. So everything of a step is a
 * function of its number, the adapters, and the recipe.
 */
#ifndef COPPICE_HEAL_H
#define COPPICE_HEAL_H

#include "heal/grad.h"
#include "heal/lora.h"
#include "heal/recipe.h"

/* Trains as h says, and writes the folder h->dir. args, borrowed, are the options that shape the
 * result: for the header of the log, and for the recipe that a resumed run must have again. Returns
 * 1 where the model is healed, and fingerprint becomes the adapter's hash, 16 hex digits; 0 where
 * the run was interrupted and can be resumed. Dies of errors. */
int heal_run(const struct heal *h, const json_t *args, char fingerprint[17]);

/* Prints what heal_run would take of memory, time and disk, all steps done from the first one on
 * (forecast.h), and runs nothing. threads: how many there are. */
void heal_plan(const struct heal *h, int threads);

/* Return what h says in the words of training: the adapters that it begins with, new, and the
 * options of its steps. */
struct lora_set *heal_adapters(const struct heal *h);
struct grad_options heal_grad_options(const struct heal *h);

#endif
