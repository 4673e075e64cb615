/* wanted - the tensors that a shape needs of its files: their names and what they must be like
 */
#ifndef COPPICE_WANTED_H
#define COPPICE_WANTED_H

#include "model/arch.h"

enum { WANTED_NAME = 256 };

/* arch_hf_name and its like: where a role's tensor is, as arch.h says. */
typedef long name_fn(const struct shape *, enum role, int layer, char *name, size_t n);

struct wanted {
	char name[WANTED_NAME]; /* with .weight or .bias */
	uint64_t rows, cols;    /* of the view; a vector has one row */
	uint64_t file_rows;     /* of the tensor in the file: more where q, k, v are fused */
	uint64_t row0;
	int vector, heads;
};

/* 1 and *w filled, or 0: the family has no such weight or bias. A tied model's head is wanted,
 * too. */
int want(struct wanted *w, const struct shape *s, enum role r, int layer, int bias,
	name_fn *name_of);
/* arch_gguf_name, with q, k and v fused: a GGUF file of any architecture may have them so. */
long wanted_fused(const struct shape *s, enum role r, int layer, char *name, size_t n);

/* The layer that a tensor's name speaks of; -1: none. */
int wanted_layer(const struct shape *s, int gguf, const char *name);
/* 1: a tensor of this name is some role's, of that layer (-1: outside layers), in a file that names
 * them so. */
int wanted_name(const struct shape *s, const char *name, int layer, name_fn *name_of);
/* 1: the name is of a layer that the model has not. */
int wanted_beyond(const struct shape *s, int gguf, const char *name);

#endif
