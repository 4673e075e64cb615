/* adapter_config - what an adapter's config says of each module, as peft reads it when it loads a
 * trained adapter
 *
 * By the rule of known.h. Plain LoRA, y += scale B A x, is what can be obeyed; its rank and scale
 * may be each module's own.
 */
#ifndef COPPICE_ADAPTER_CONFIG_H
#define COPPICE_ADAPTER_CONFIG_H

#include "sys/fault.h"

#include <jansson.h>
#include <stddef.h>

struct adapter_config;
/* Checks a parsed adapter_config.json, from which it removes the keys that are to be ignored.
 * Returns what it says, new; config stays the caller's and must live as long. NULL with err where
 * it is refused. */
struct adapter_config *adapter_config_new(json_t *config, struct fault *err);
void adapter_config_free(struct adapter_config *c);

struct adapter_part {
	int rank;
	double scale; /* alpha / rank, or alpha / sqrt(rank) with use_rslora */
};
/* Fetches rank and scale of a module in a layer: "model.layers.3.mlp.up_proj", 3. 0 with *part, or
 * -1 with err, also where peft would give the module no adapter, and so ignore the file's. */
int adapter_config_part(const struct adapter_config *c, const char *module, int layer,
	struct adapter_part *part, struct fault *err);

#endif
