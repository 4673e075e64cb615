/* tensor - one tensor of a checkpoint where it lies in its mapped file, and its values as f32
 *
 * The one description that every file format fills in and every reader of weights takes. Rows come
 * out in the order of Hugging Face's files, whatever the file's own order is.
 */
#ifndef COPPICE_TENSOR_H
#define COPPICE_TENSOR_H

#include <stddef.h>
#include <stdint.h>

enum tensor_type { /* GGUF's numbers where GGUF has the type */
	T_F32 = 0,
	T_F16 = 1,
	T_Q4_0 = 2,
	T_Q4_1 = 3,
	T_Q5_0 = 6,
	T_Q5_1 = 7,
	T_Q8_0 = 8,
	T_Q2_K = 10,
	T_Q3_K = 11,
	T_Q4_K = 12,
	T_Q5_K = 13,
	T_Q6_K = 14,
	T_BF16 = 30,
	T_NF4 = 1000, /* bitsandbytes: two codes a byte, scales in struct nf4_scales */
	T_U8 = 1001,  /* and what is only carried along: */
	T_OTHER = 1002,
};

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
	int heads; /* > 0: the rows of so many heads are in GGUF's llama order (specs.md 5.3) */
	struct nf4_scales nf4;
};

const char *tensor_type_name(enum tensor_type t);
/* Bytes of n values of a type, n a multiple of its block; 0: not a type with a size, or no
 * multiple. */
uint64_t tensor_bytes(enum tensor_type t, uint64_t n);
/* Rows row .. row+n-1 as f32 into out[n, cols]. Exact: the formulas of specs.md 5.2, no fused
 * multiply-add. */
void tensor_rows(const struct tensor *t, uint64_t row, uint64_t n, float *out);
/* Where they lie in the file, one after the other; NULL: they do not, or it is a vector. */
const void *tensor_at(const struct tensor *t, uint64_t row, uint64_t n, uint64_t *bytes);

/* bf16 and f16 <-> f32, round to nearest even, NaN kept. */
float bf16_to_f32(uint16_t h);
uint16_t f32_to_bf16(float f);
float f16_to_f32(uint16_t h);
uint16_t f32_to_f16(float f);

#endif
