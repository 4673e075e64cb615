/* wanted - the tensors that a model's files must have for its shape: their names and shapes
 */
#ifndef COPPICE_WANTED_H
#define COPPICE_WANTED_H

#include "model/arch.h"

enum { WANTED_NAME = 256 };

/* arch_hf_name and its like: the name of a role's tensor, and the rows before the role's own. */
typedef long name_fn(const struct shape *, enum role, int layer, char *name, size_t n);

struct wanted {
	char name[WANTED_NAME]; /* with .weight or .bias */
	uint64_t rows, cols;    /* of the view; a vector has one row */
	uint64_t file_rows;     /* of the tensor in the file: more where q, k, v are fused */
	uint64_t row0;
	int vector, heads;
};

/* Fetches what the weight (bias 0) or the bias (1) of a role must be: 1 with *w, or 0 where the
 * family has none. A tied model's head is wanted, too. layer: -1 outside layers. */
int want(struct wanted *w, const struct shape *s, enum role r, int layer, int bias,
	name_fn *name_of);
/* The same as arch_gguf_name, but with q, k and v fused, as a GGUF file of any architecture may
 * have them. */
long wanted_fused(const struct shape *s, enum role r, int layer, char *name, size_t n);

/* Returns the number of the layer in a tensor's name; -1: it has none. gguf: 1 for a GGUF file's
 * names, 0 for Hugging Face's. */
int wanted_layer(const struct shape *s, int gguf, const char *name);
/* Returns 1 where name is that of some role's tensor in that layer (-1: outside layers), by
 * name_of; else 0. */
int wanted_name(const struct shape *s, const char *name, int layer, name_fn *name_of);
/* Returns 1 where a name has the number of a layer that the model does not have; else 0. */
int wanted_beyond(const struct shape *s, int gguf, const char *name);

#endif
