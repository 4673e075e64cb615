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

struct merged {                /* one tensor of the file */
	const char *name;      /* as the base's file has it */
	enum tensor_type type; /* to be written: T_F32, T_F16 or T_BF16 */
	uint64_t rows, cols;
	uint64_t bytes;
	size_t part, n_parts; /* of the roles in it, in order of rows */
};

struct merge;
/* Of a model without an adapter and without 4-bit weights nothing is computed. blocked: the type to
 * write for GGUF's quantised types. */
struct merge *merge_open(const struct model *m, enum tensor_type blocked);
void merge_close(struct merge *g);
size_t merge_count(const struct merge *g);
/* NULL: copied as it is */
const struct merged *merge_find(const struct merge *g, const char *name);
int merge_of_blocked(const struct merge *g); /* 1: some weight was of a quantised type of GGUF */
/* Computes and writes the tensor's bytes; dies, also on a value that the type can't hold. */
void merge_write(struct merge *g, const struct merged *t, struct out_file *out);

#endif
