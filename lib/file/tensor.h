/* tensor - one tensor of a checkpoint, in its mapped file, and its values as f32
 *
 * The one description that every file format fills in and every reader of weights takes. Rows come
 * out in the order of Hugging Face's files, whatever the file's own order is.
 */
#ifndef COPPICE_TENSOR_H
#define COPPICE_TENSOR_H

#include "file/tensor_type.h"

#include <stddef.h>
#include <stdint.h>

struct nf4_scales { /* of a T_NF4 tensor, blocks of 64 in row-major order */
	/* [blocks], dequantised if they were quantised; owned by the checkpoint */
	const float *absmax;
	const float *code;   /* [16] */
	enum tensor_type to; /* every value is rounded to this type: T_F32, T_F16 or T_BF16 */
};

struct tensor {
	const char *name; /* in the file, for messages */
	enum tensor_type type;
	int n_dims;          /* 1 or 2 for what a model uses */
	uint64_t rows, cols; /* [out, in]; a vector is one row */
	const void *data;    /* mapped; the first byte of the whole tensor in the file */
	uint64_t row0;       /* this view begins with the file tensor's row row0 (fused q,k,v) */
	/* > 0: the rows of so many heads are in GGUF's llama order (coppice-families(7), ORDER OF
	 * ROTARY ROWS) */
	int heads;
	struct nf4_scales nf4;
};

/* Writes rows row .. row+n-1 as f32 to out[n, cols]. The values are exact by the formulas of
 * coppice-files(5), GGUF TYPES, without fused multiply-add. */
void tensor_rows(const struct tensor *t, uint64_t row, uint64_t n, float *out);
/* Returns where rows row .. row+n-1 lie in the file, *bytes of them, one after the other; NULL
 * where they do not, or t is a vector. */
const void *tensor_at(const struct tensor *t, uint64_t row, uint64_t n, uint64_t *bytes);

#endif
