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

/* Rewrites config in place for the layers keep[n_keep] (ascending, n_keep < n_layers) of n_layers.
 * 0, or -1 with the key's path and the reason in err; config is then half rewritten. */
int config_drop(json_t *config, const int *keep, int n_keep, int n_layers, struct fault *err);
/* The text of a config: keys in their order, reals with as few digits as give them back. New. */
char *config_text(const json_t *config);

#endif
