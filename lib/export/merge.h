/* merge - weights that are not copied but computed: an adapter added in, 4-bit weights dequantised
 *
 *   W' = W + scale * (B A)	the product in f32, the sum rounded once to the type that is written
 *
 * Works on whole tensors of the file, in the file's own order of rows: a fused q,k,v tensor has
 * several roles in it, and the q and k rows of GGUF's llama are permuted. W is streamed in rows;
 * only where the base is to be quantised to NF4 is a matrix of Hugging Face's held whole, since its
 * second quantisation takes a mean over all of it.
 */
#ifndef COPPICE_MERGE_H
#define COPPICE_MERGE_H

#include "model/model.h"
#include "sys/output.h"

struct merged {                /* a tensor that is computed */
	const char *name;      /* as the base's file has it */
	enum tensor_type type; /* to be written: T_F32, T_F16 or T_BF16 */
	uint64_t rows, cols;
	uint64_t bytes;
	size_t part, n_parts; /* of the roles in it, in order of rows */
};

struct merge;
/* Finds the tensors of m that must be computed: none of a model without an adapter and without
 * 4-bit weights. blocked: the type in which those of GGUF's quantised types are written. Returns
 * them, new, freed by merge_close; m must live as long. */
struct merge *merge_open(const struct model *m, enum tensor_type blocked);
void merge_close(struct merge *g);
size_t merge_count(const struct merge *g); /* how many tensors are computed */
/* Returns the computed tensor of that name; NULL where it is copied as it is. */
const struct merged *merge_find(const struct merge *g, const char *name);
int merge_of_blocked(const struct merge *g); /* 1 where one was of a quantised type of GGUF */
/* Computes the tensor t and writes its bytes to out. Dies where it cannot write, and on a value
 * that the type cannot hold. */
void merge_write(struct merge *g, const struct merged *t, struct out_file *out);

#endif
