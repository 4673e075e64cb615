/* checkpoint - a model written for other programs: a folder that transformers loads, or a GGUF file
 * for llama.cpp
 *
 * The form of the base stays: safetensors shard by shard, or one GGUF file. Tensors are copied,
 * never recoded, but for those that merge.h computes. What might count layers and isn't known is
 * refused. All of it is written into a folder beside the wanted one, which gets its name when it is
 * complete.
 */
#ifndef COPPICE_CHECKPOINT_H
#define COPPICE_CHECKPOINT_H

#include "export/merge.h"

struct checkpoint {
	const struct model *model;
	/* for merged weights of GGUF's quantised types: T_F16, T_BF16 or T_F32 */
	enum tensor_type blocked;
	const char *name;         /* of the new model; set by checkpoint_write */
	const char *scores;       /* a file of score records for the card, or NULL */
	const json_t *provenance; /* steps that led to the model, for the card; may be NULL */
};

/* Writes a checkpoint into the new folder dir, which gets its name by out_publish (output.h).
 * Returns its record, new, which names dir or the GGUF file in it. Dies where dir exists, lies in
 * the base's folder, or cannot be written. */
struct model_rec *checkpoint_write(const char *dir, const struct checkpoint *c);

/* The two forms, for checkpoint_write: into the folder temp, which exists, or to a file at path. g:
 * the weights that are computed. What is written is counted as progress. */
void checkpoint_write_hf(const char *temp, const struct checkpoint *c, struct merge *g);
void checkpoint_write_gguf(const char *path, const struct checkpoint *c, struct merge *g);

#endif
