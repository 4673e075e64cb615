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
/* New, of the parsed file (borrowed, to be kept as long; what is to be ignored is taken out); or
 * NULL with err. */
struct adapter_config *adapter_config_new(json_t *config, struct fault *err);
void adapter_config_free(struct adapter_config *c);

struct adapter_part {
	int rank;
	double scale; /* alpha / rank, or alpha / sqrt(rank) with use_rslora */
};
/* Of the module "model.layers.3.mlp.up_proj" in that layer: 0 and *part, or -1 with err, also where
 * peft would give it no adapter and leave out the file's. */
int adapter_config_part(const struct adapter_config *c, const char *module, int layer,
	struct adapter_part *part, struct fault *err);

#endif
