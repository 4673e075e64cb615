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

/* Numbers and ranges, comma between them, as they stand: into list[cap], *n of them. 0, or -1 with
 * err. */
int layers_parse(const char *text, int *list, int cap, int *n, struct fault *err);
/* "3,7,21-28" of an ascending list. New. */
char *layers_text(const int *list, int n);

/* Takes layers out of m->keep; n_layers is the base's L. 0, or -1 with err: no such layer, not
 * there any more, or nothing would be left. A list may stand in any order, without repetition. */
int layers_drop(struct model_rec *m, int n_layers, const int *list, int n, struct fault *err);
/* The same for a block, which m->block then is. b->layers must be the base's L or the number that m
 * keeps. */
int layers_drop_block(struct model_rec *m, int n_layers, const struct block *b, struct fault *err);
/* The dropped ones, ascending; returns how many. out[MAX_LAYERS]. */
int layers_dropped(const struct model_rec *m, int n_layers, int *out);

#endif
