/* layers - lists of layer numbers: as options give them, as messages show them, as models keep them
 *
 * Numbers are those of the base model, from 0, and ranges have both ends in: "3,7,21-28". Pruning a
 * pruned model leaves fewer of the base's numbers. Only a block that was measured on a pruned model
 * counts that model's own layers: its `layers` says so, since it is then smaller than the base's.
 */
#ifndef COPPICE_LAYERS_H
#define COPPICE_LAYERS_H

#include "stream/records.h"
#include "sys/fault.h"

/* Parses numbers and ranges with commas between, "3,7,21-28", into list[cap], in the order in which
 * they stand; *n becomes how many. 0, or -1 with err. */
int layers_parse(const char *text, int *list, int cap, int *n, struct fault *err);
/* Returns an ascending list as text, "3,7,21-28"; new. */
char *layers_text(const int *list, int n);

/* Removes the layers list[n], numbers of the base in any order, from m->keep. n_layers: of the
 * base. 0, or -1 with err where there is no such layer, it is named twice or was dropped before, or
 * no layer would be left. */
int layers_drop(struct model_rec *m, int n_layers, const int *list, int n, struct fault *err);
/* The same for the layers of a block, which m->block then is. b->layers must be n_layers, or the
 * number of layers that m keeps. */
int layers_drop_block(struct model_rec *m, int n_layers, const struct block *b, struct fault *err);
/* Writes the layers of the base that m does not keep to out[MAX_LAYERS], ascending. Returns how
 * many. */
int layers_dropped(const struct model_rec *m, int n_layers, int *out);
/* Returns what is left of a model in words for people, new: "30 layers", or "layers 21-28 of 30
 * dropped, nf4, adapter". */
char *layers_describe(const struct model_rec *m);

#endif
