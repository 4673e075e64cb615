/* fit - which model an adapter of ours belongs to: its base, the layers kept of it, what is in
 * these
 *
 * A low-rank correction means something only on the weights that it was trained on, and the names
 * of its tensors count the pruned model's own layers, so that they look right on any model that is
 * large enough. qlora-heal says in the metadata of adapter_model.safetensors (strings, which peft
 * reads over) where it was trained, and whoever opens the adapter asks. The weights of the layers
 * decide, not the path by which they were reached: a written checkpoint of the same layers fits.
 */
#ifndef COPPICE_FIT_H
#define COPPICE_FIT_H

#include "model/model.h"
#include "sys/fault.h"

/* Adds to the metadata of an adapter what it was trained on: the layers that rec keeps of b. nf4: 1
 * where the base went through NF4. */
void fit_put(json_t *metadata, struct base *b, const struct model_rec *rec, int nf4);
/* Checks that the layers that rec keeps of b are those that metadata says. 0 where they are, and
 * where metadata is NULL or says nothing, the adapter being of another program; else -1 with err,
 * which names both. */
int fit_check(const json_t *metadata, struct base *b, const struct model_rec *rec,
	struct fault *err);
int fit_is_nf4(const json_t *metadata); /* 1 where it says that the base went through NF4, else 0 */

#endif
