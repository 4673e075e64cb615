/* cuda - what the files of this backend share: struct mat, scratch memory, products
 *
 * Sources are CUDA, kept close to C. device.h stands between them and the machine: BACKEND=cuda
 * builds them with nvcc, BACKEND=cuda-emu with g++, and an emulation then runs the kernels on the
 * processor. Everything runs on one stream, in order. A row's bits depend on that row alone: no
 * atomics on floats, reductions in an order that the row decides.
 */
#ifndef COPPICE_CUDA_H
#define COPPICE_CUDA_H

#include "cuda/device.h"
#include "ops.h"

#include <stddef.h>
#include <stdint.h>

struct mat {
	int operand; /* made as MAT_OPERAND */
	int bf16;    /* elements: 1 bf16, 0 f32 */
	size_t rows, cols;
	/* elements from row to row: cols padded to 8, but more for some columns of a wider
	 * matrix */
	size_t ld;
	size_t cap, most; /* rows allocated; columns it was made with */
	/* device memory [cap, ld]; rows start at 16 bytes, but for views that begin elsewhere */
	void *data;
	int borrowed; /* data is another matrix's */
	/* of a weight: WEIGHT_FORWARD | WEIGHT_BACKWARD; it lies as [out, in], padding columns
	 * zero */
	int uses;
	/* of a weight kept as 4-bit codes, or one that points at it; data is NULL then */
	struct coded *coded;
};

extern int cuda_bf16;     /* operands are kept as bf16 */
extern double cuda_flops; /* of the products asked for, padding not counted */

static inline size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static inline size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static inline void *mat_row(const struct mat *m, size_t row)
{
	return (char *)m->data + row * m->ld * (m->bf16 ? 2 : 4);
}

static inline float *mat_f32(const struct mat *m, size_t row)
{
	return (float *)m->data + row * m->ld;
}

/* A matrix as kernels take it, and its elements whatever they are stored as. */
struct view {
	void *data;
	size_t ld;
	int bf16;
};

static inline struct view view(const struct mat *m)
{
	struct view v = { m->data, m->ld, m->bf16 };

	return v;
}

static __device__ __forceinline__ float view_load(struct view v, size_t row, size_t col)
{
	size_t i = row * v.ld + col;

	return v.bf16 ? bf16_up(((const uint16_t *)v.data)[i]) : ((const float *)v.data)[i];
}

static __device__ __forceinline__ void view_store(struct view v, size_t row, size_t col, float f)
{
	size_t i = row * v.ld + col;

	if (v.bf16)
		((uint16_t *)v.data)[i] = bf16_down(f);
	else
		((float *)v.data)[i] = f;
}

/* Device memory of at least so many bytes, its contents undefined. A slot holds one thing at a
 * time. What was enqueued before may still use it: the next user of the slot comes after that in
 * the stream. */
enum {
	SCRATCH_SEGMENTS,
	SCRATCH_ROWS, /* mat.cu */
	SCRATCH_SUM,
	SCRATCH_PAD_X,
	SCRATCH_PAD_Y,
	SCRATCH_LORA, /* product.cu */
	/* attention*.cu */
	SCRATCH_ATTENTION_A,
	SCRATCH_ATTENTION_B,
	SCRATCH_ATTENTION_C,
	SCRATCH_ATTENTION_D,
	SCRATCH_ROPE_A,
	SCRATCH_ROPE_B,
	SCRATCH_DROPPED,
	SCRATCH_PLACES,
	SCRATCH_ACT,
	SCRATCH_OUTPUT_A,
	SCRATCH_OUTPUT_B,
	SCRATCH_OUTPUT_C,
	SCRATCH_OUTPUT_D,
	SCRATCH_TRAIN_A,
	SCRATCH_TRAIN_B,
	SCRATCH_NORM,
	SCRATCH_WHOLE,
	SCRATCH_SLOTS
};
void *device_scratch(int slot, size_t bytes);

/* -- product.cu -------------------------------------------------------------------------------- */

/* Rows of every product's tile: a constant, as it decides bits. */
enum { PRODUCT_ROWS = 2048 };

/* y[rows, n] = x[rows, k] w[n, k]^T, or with PRODUCT_TRANSPOSED x w, w[k, n]; with PRODUCT_ADD y +=
 * that. y is f32, its rows ldy values apart; x and w are both bf16 or both f32; w's rows begin at
 * multiples of 16 bytes. A product with some of w's rows gives the bits of one with all of them.
 * Only the true rows of x are read, and only those of y are written, unless PRODUCT_PADDED says
 * that it holds whole tiles of rows. */
enum { PRODUCT_TRANSPOSED = 1, PRODUCT_ADD = 2, PRODUCT_PADDED = 4 };
struct part_of { /* a matrix or some of its rows: its elements, and how far rows are apart */
	const void *data;
	size_t ld;
};
void product(float *y, size_t ldy, struct part_of x, struct part_of w, int bf16, size_t rows,
	size_t n, size_t k, int how);

/* -- act.cu, rope.cu, dropout.cu, norm.cu, output*.cu, train.cu, nf4.cu ------------------------ */

/* y = act(u) as op_act has it. y is MAT_OPERAND, u either. */
void act_forward(struct mat *y, const struct mat *u, int kind, int gated);
/* dx and act as op_matmul_act_back has them, from dy[T, ff], MAT_F32, and the activation's input
 * x. */
void act_backward(struct mat *dx, struct mat *act, const struct mat *x, const struct mat *dy,
	int kind, int gated);
/* y = q|k|v of x, MAT_F32, as the product gave it, with heads normed and rotated. y is
 * MAT_OPERAND. */
void rope_forward(struct mat *y, const struct mat *x, const struct heads *h,
	const struct segments *s);
/* x dropped, valid until the next call; d NULL: x itself. */
const struct mat *dropped(const struct mat *x, const struct dropout *d, const struct segments *s);
/* y += x, dropped unless d is NULL. Both are MAT_F32, rows row .. of the batch. */
void dropped_add(struct mat *y, const struct mat *x, const struct dropout *d,
	const struct segments *s, size_t row = 0);

/* Where rows stand, in device memory [rows]: their sequence among the step's, 0 for sequence
 * NULL, and their position in it. Valid until the next call with a sequence, or with none, as
 * this one. */
struct row_place {
	uint32_t sequence, pos;
};
const struct row_place *places(const struct segments *s, const uint32_t *sequence);

/* One row's logits x in one chunk of the vocabulary: the largest, the sum of e^(x - max), and the
 * number of the first largest. */
enum { OUTPUT_CHUNK = 8192 }; /* columns: a constant, as it decides bits */
struct softmax_part {
	float max, sum;
	uint32_t top;
};
/* Puts into parts[rows, n_parts] the parts of the logits x[rows, width] + bias, which are columns
 * first .. of the vocabulary. first is a multiple of OUTPUT_CHUNK; rows of x are ld values apart, a
 * multiple of 4; bias is in device memory [width], or NULL. */
void output_parts(struct softmax_part *parts, size_t n_parts, const float *x, size_t ld,
	size_t rows, size_t first, size_t width, const float *bias);
/* Joins the parts of each row in the order of the vocabulary: lse[rows], the log of the sum of
 * exponentials, and top[rows], the number of the first largest logit. */
void output_join(float *lse, uint32_t *top, const struct softmax_part *parts, size_t n_parts,
	size_t rows);

/* The 4-bit codes of a weight (file/nf4.h) in device memory, in row-major order. nf4_expand gives
 * w, a whole MAT_OPERAND, their values. */
struct coded;
struct nf4_codes {
	const uint8_t *packed, *top8;
	const float *nested, *nested_code;
	float offset;
};
void nf4_expand(struct mat *w, const struct nf4_codes *q);
/* The codes of a weight, those of matrices that lie one under the other. coded_put quantises rows
 * row .. row+n-1, which are one matrix. */
struct coded *coded_new(void);
void coded_free(struct coded *c);
void coded_put(struct coded *c, size_t row, size_t n, size_t cols, const float *rows);
/* A weight as products take it: w, or if it is coded its values, which are valid until the next
 * call. */
const struct mat *weight_whole(const struct mat *w);
size_t coded_bytes(size_t n);

#endif
