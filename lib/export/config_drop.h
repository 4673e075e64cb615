/* config_drop - a config.json for fewer layers (coppice-files(5), FEWER LAYERS IN A CONFIG)
 *
 * What is known to count or list layers is rewritten; what might and isn't known is refused by
 * name. A checkpoint that would load as another model is never written.
 */
#ifndef COPPICE_CONFIG_DROP_H
#define COPPICE_CONFIG_DROP_H

#include "sys/fault.h"

#include <jansson.h>
#include <stddef.h>

/* Rewrites config for a model that keeps the layers keep[n_keep] of n_layers; keep is ascending,
 * and n_keep < n_layers. 0, or -1 with err, which names the key; config is then partly
 * rewritten. */
int config_drop(json_t *config, const int *keep, int n_keep, int n_layers, struct fault *err);
/* Returns the text of a config, new: the keys in their order, reals with as few digits as give them
 * back. */
char *config_text(const json_t *config);

#endif
