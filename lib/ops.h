/* ops - every number-crunching operation, with its shapes: the only boundary to a backend
 *
 * A backend (lib/cpu, lib/cuda) implements this file; nothing above it knows which. Conventions:
 *   - outputs first, then inputs, sizes last; shapes in comments; T rows of a batch, d model width.
 *   - struct mat is opaque: a backend pads, packs and places it as it likes. rows and cols are the
 *     true ones.
 *   - a row of a result depends on that row's inputs and the weights alone: not on the number of
 *     threads, not on what else is in the batch. Sums over rows go row after row, sequence by
 *     sequence.
 *   - operand: the type that products take, bf16 (round to nearest even) or f32, chosen once by
 *     ops_init. Sums, the residual stream, norms, rope and softmax are f32.
 *   - ops assert shapes and do no I/O. An error inside a backend is raised by the main thread with
 *     die().
 */
#ifndef COPPICE_OPS_H
#define COPPICE_OPS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum dtype { DTYPE_F32, DTYPE_BF16 };

/* NULL, or why there is nothing here to run on; ops_init dies of that. */
const char *ops_absent(void);
/* Once, before anything else. dtype NULL: bf16 where the machine is fast at it, else f32; "bf16"
 * where it is not is computed all the same (slowly, operands rounded). */
void ops_init(int threads, const char *dtype);
enum dtype ops_dtype(void);
const char *ops_dtype_name(void); /* "f32", "bf16" */
/* the ISA that products run on, for meta.kernel: "avx512_core_bf16" */
const char *ops_kernel(void);
double ops_flops(void); /* of the products done so far, padding not counted */

/* -- planning ---------------------------------------------------------------------------------- */

/* Matrices lie in the host's memory, or in one of their own: bytes to plan for there, --memory or
 * what is free. */
size_t ops_memory_bytes(void);
/* Of that, what is spent or will be whatever is planned, where the widest matrix of a batch has so
 * many columns; and what operations keep for each of its rows, in the backward pass too. */
size_t ops_overhead(size_t cols);
size_t ops_overhead_row(size_t cols, int back);
/* of the host's memory beside matrices, what counts: all, or nothing */
size_t ops_host_bytes(size_t bytes);
/* A batch of more rows, or bytes, is of no use. streamed: weights are loaded for each. */
size_t ops_batch_rows(int streamed);
size_t ops_batch_bytes(void);
double ops_peak(void); /* FLOP/s of the machine, as its maker gives them; 0: not known */

/* -- memory ------------------------------------------------------------------------------------ */

struct mat;
enum mat_type {
	MAT_F32,     /* states, sums, gradients */
	MAT_OPERAND, /* what a product takes: bf16 or f32 */
};
/* zeroed; dies when memory is out */
struct mat *mat_new(enum mat_type type, size_t rows, size_t cols);
void mat_free(struct mat *m); /* NULL is allowed */
/* Some columns of a matrix as one of their own: no copy; to be freed before m. */
struct mat *mat_columns(const struct mat *m, size_t col, size_t n);
size_t mat_rows(const struct mat *m);
size_t mat_cols(const struct mat *m);
size_t mat_bytes(const struct mat *m);
/* rows <= those it was made with (not through a view) */
void mat_resize(struct mat *m, size_t rows);
/* Other columns in the same memory, at most those it was made with; contents undefined. */
void mat_reshape(struct mat *m, size_t cols);
void mat_put(struct mat *m, size_t row, size_t n, const float *rows); /* host f32 [n, cols] -> m */
void mat_get(const struct mat *m, size_t row, size_t n, float *rows); /* m -> host f32 [n, cols] */
void op_zero(struct mat *y);
void op_copy(struct mat *y, const struct mat *x); /* same type and shape */
void op_copy_rows(struct mat *y, size_t y_row, const struct mat *x, size_t x_row, size_t n);
/* y[i] = x[row[i]], i < n; MAT_F32 or MAT_OPERAND on either side. */
void op_gather(struct mat *y, const struct mat *x, const size_t *row, size_t n);

/* A weight matrix [out, in]: packed for the products once it is sealed. */
enum { WEIGHT_FORWARD = 1, WEIGHT_BACKWARD = 2 }; /* y = x W^T; dx = dy W */
/* with those: filled by weight_put_nf4 alone, so that codes may be what is kept of it */
enum { WEIGHT_NF4 = 4 };
/* op_matmul_rope wants whole heads, op_matmul_act gate over up; else 0 */
struct weight_layout {
	size_t head_dim;
	int gated;
};
struct mat *weight_new(size_t out, size_t in, int uses, struct weight_layout layout);
/* An adapter's B [out, r] on a weight [out, in] or a part of it (head_dim: as that one is laid out), and
 * A [r, in] on one [out, in], all parts together: for weight_refill. */
struct mat *weight_new_b(size_t out, size_t rank, int uses, size_t in, size_t head_dim);
struct mat *weight_new_a(size_t rank, size_t in, int uses, size_t out);
void weight_put(struct mat *w, size_t row, size_t n, const float *rows); /* host f32 [n, in] */
/* As one matrix through NF4 and back (lib/nf4.h), in rows' own memory. */
void weight_put_nf4(struct mat *w, size_t row, size_t n, float *rows);
void weight_seal(struct mat *w);
/* Other values for a sealed weight, or the first: w = scale * from [out, in] (MAT_F32). */
void weight_refill(struct mat *w, const struct mat *from, float scale);
/* Room for what the backward product takes of a weight [out, in], filled from one sealed for the
 * forward product. */
struct mat *weight_new_transposed(size_t out, size_t in);
void weight_transpose(struct mat *to, const struct mat *w);
/* One for the forward product alone, packed at once: it is begun, filled block by block from any
 * threads, and sealed; and so again, if it is to hold other values. */
struct mat *weight_new_packed(size_t out, size_t in, struct weight_layout layout);
void weight_unseal(struct mat *w);
int weight_blocks(const struct mat *w);
void weight_block_rows(const struct mat *w, int block, size_t *row, size_t *n);
/* host [n, in], F32 or BF16 */
void weight_put_block(struct mat *w, int block, const void *rows, enum dtype type);
size_t weight_bytes(size_t out, size_t in, int uses); /* what one will take, for planning */
size_t weight_transposed_bytes(size_t out, size_t in);
/* and what its products keep beside it, the largest for all */
size_t weight_scratch_bytes(size_t out, size_t in, int uses);

/* -- segments ---------------------------------------------------------------------------------- */

/* Rows of a batch form a forest. A segment's rows see themselves causally and all rows of its
 * ancestors. */
struct segment {
	size_t first; /* first row */
	size_t len;   /* rows */
	int parent;   /* an earlier segment, or -1 */
	size_t pos;   /* position of its first row: the sum of its ancestors' lengths */
};
struct segments {
	const struct segment *seg;
	int n;
	size_t rows;
};

/* -- forward ----------------------------------------------------------------------------------- */

/* x[T, d] = table[id]: a weight's rows, gathered on the host by the caller, so no op; see
 * mat_put. */

enum { NORM_KIND_RMS, NORM_KIND_LAYER };
/* y[T, d] = norm(x[T, d]) * weight (+ bias): coppice-method(7), NORMS. x, y MAT_F32 or MAT_OPERAND;
 * weight, bias MAT_F32 [1, d]. */
void op_norm(struct mat *y, const struct mat *x, const struct mat *weight, const struct mat *bias,
	int kind, float eps);

/* What an adapter adds to a product: x[T, r] b[out, r]^T, dropped where drop says so, to one part
 * of the columns (0; 1: up of a gated weight). x MAT_OPERAND, NULL: nothing; b: an adapter's matrix
 * made for a weight like that of the product. Operations take two of them, or NULL. */
struct dropout;
struct lora_term {
	const struct mat *x, *b;
	int part;
	const struct dropout *drop;
};
/* y[T, out] = x[T, in] W^T + bias + lora, or y += with accumulate. x MAT_OPERAND; y MAT_F32 or
 * (accumulate 0) MAT_OPERAND; bias MAT_F32 [1, out] or NULL; lora without dropout. */
void op_matmul(struct mat *y, const struct mat *x, const struct mat *w, const struct mat *bias,
	int accumulate, const struct lora_term *lora);

struct heads { /* how a row of q|k|v is made up, and how it is rotated */
	int n_heads, n_kv, head_dim;
	int rotary;            /* first dims of each head that are rotated, even */
	const float *inv_freq; /* host [rotary / 2] */
	/* RMS over head_dim before the rotation, [1, head_dim], or NULL */
	const struct mat *q_norm, *k_norm;
	float eps;
	int window; /* keys seen, itself included; 0: all */
};
/* y[T, (H+2K) hd] = x[T, in] W^T + bias + lora = q|k|v with heads normed and rotated at each row's
 * position. x, y MAT_OPERAND, w (and lora's b) laid out by heads; plain: MAT_F32, takes the product as it
 * is before that, or NULL. */
void op_matmul_rope(struct mat *y, struct mat *plain, const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora, const struct heads *h,
	const struct segments *s);
/* o[T, H hd] = causal attention of q|k|v; lse[T, H] MAT_F32 or NULL: the log of each row's softmax
 * sum, for the backward pass. Query head h reads kv head floor(h K / H); scores scaled by hd^-0.5.
 * o, qkv MAT_OPERAND. */
void op_attention(struct mat *o, struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segments *s);

enum { ACT_KIND_SILU, ACT_KIND_GELU_NEW };
/* gated: y[T, ff] = act(x[:, :ff]) * x[:, ff:] of x[T, 2 ff] = gate|up; else y = act(x[T, ff]). y
 * MAT_OPERAND; x either. */
void op_act(struct mat *y, const struct mat *x, int kind, int gated);
/* y = the same of u = x W^T + bias + lora. x, y MAT_OPERAND, w laid out alike; up: MAT_OPERAND [T, ff or
 * 2 ff], takes u, and y is then that of u as it is stored; or NULL. */
void op_matmul_act(struct mat *y, struct mat *up, const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora, int kind, int gated);

/* -- output ------------------------------------------------------------------------------------ */

struct logp_request { /* of row i of h: the log-probabilities of ids[first[i]] .. ids[first[i+1] - 1] */
	const uint32_t *ids;
	const size_t *first; /* [rows + 1] */
};
/* Logits h[n, d] W^T (+ bias) in chunks that never leave the cache; of each row: logp[first[i] ...]
 * = log softmax of the requested ids, top[i] = argmax (the first of equals), lse[i]. Host arrays; top,
 * lse may be NULL. h MAT_OPERAND. */
void op_output(float *logp, uint32_t *top, float *lse, const struct mat *h, const struct mat *w,
	const struct mat *bias, const struct logp_request *a);
/* The logits themselves, host [n, V]: for tests. */
void op_logits(float *logits, const struct mat *h, const struct mat *w, const struct mat *bias);
/* dh[n, d] = scale * d(-sum logp[target])/dh: (softmax - onehot) W. target[i] = UINT32_MAX: the row
 * has none, dh = 0. nll[i] = -logp[target] (0 where none), host. w sealed with WEIGHT_BACKWARD. dh
 * MAT_F32. */
void op_output_back(struct mat *dh, float *nll, const struct mat *h, const struct mat *w,
	const struct mat *bias, const uint32_t *target, float scale);

/* What each thread keeps for op_attention, op_output_back and op_attention_back, for planning. */
size_t op_attention_bytes(size_t head_dim, size_t longest);
size_t op_output_back_bytes(size_t vocab);
size_t op_attention_back_bytes(size_t head_dim, size_t longest);

/* -- healing: LoRA, dropout, gradients, optimizer ---------------------------------------------- */

/* The mask of coppice-method(7), RANDOM NUMBERS: element (row at position t of its sequence q,
 * channel c). threshold 0: nothing dropped. */
struct dropout {
	uint64_t seed;
	uint32_t step, target; /* target = 16 i + g */
	uint32_t threshold;    /* floor(p 2^32) */
	float keep_scale;      /* 1 / (1 - p) */
	/* host [segments]: each segment's number among the step's sequences */
	const uint32_t *sequence;
};
/* y[T, c] = mask * keep_scale * x; y, x MAT_OPERAND or MAT_F32. */
void op_dropout(struct mat *y, const struct mat *x, const struct dropout *d,
	const struct segments *s);
/* y[T, r] = dropped x W^T, MAT_OPERAND both; drop NULL: nothing is dropped. */
void op_matmul_dropped(struct mat *y, const struct mat *x, const struct dropout *drop,
	const struct segments *s, const struct mat *w);

/* y[T, in] = or (MAT_F32) += g[T, out] W + lora: the backward product. g MAT_OPERAND; y either; w
 * with WEIGHT_BACKWARD or filled by weight_transpose; of lora b is an A, and dropped is what it gives. */
void op_matmul_back(struct mat *y, const struct mat *g, const struct mat *w, int accumulate,
	const struct lora_term *lora, const struct segments *s);
/* dw[out, in] (MAT_F32) += g[T, out]^T x[T, in], x dropped (drop NULL: as it is): row after row,
 * sequence by sequence. g, x MAT_OPERAND. */
void op_weight_gradient(struct mat *dw, const struct mat *g, const struct mat *x,
	const struct dropout *drop, const struct segments *s);
void op_scale(struct mat *y, float scale); /* y *= scale; MAT_F32 */
/* y (MAT_OPERAND) = x (MAT_F32), rounded. */
void op_round(struct mat *y, const struct mat *x);

/* dx[T, d] += d norm / dx, from dy[T, d], both MAT_F32, and the norm's own input x, as either.
 * rounded: MAT_OPERAND, takes dx afterwards, or NULL. */
void op_norm_back(struct mat *dx, struct mat *rounded, const struct mat *dy, const struct mat *x,
	const struct mat *weight, const struct mat *bias, int kind, float eps);
/* Back through the activation and the projection after it: dx[T, ff or 2 ff] MAT_OPERAND from dy =
 * g[T, d] W + lora, as op_matmul_back, and x[T, ff or 2 ff], the activation's own input as
 * op_matmul_act kept it. act[T, ff] MAT_OPERAND: takes what the activation gave. */
void op_matmul_act_back(struct mat *dx, struct mat *act, const struct mat *x, const struct mat *g,
	const struct mat *w, const struct lora_term *lora, const struct segments *s, int kind,
	int gated);
/* dqkv[T, (H+2K) hd] MAT_F32, from dout[T, H hd] MAT_OPERAND, and the forward's o, lse, qkv.
 * Segments without parents. */
void op_attention_back(struct mat *dqkv, const struct mat *dout, const struct mat *o,
	const struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segments *s);
/* dx[T, (H+2K) hd] MAT_OPERAND: the rotation (and head norms, whose input is x, else NULL) undone. */
void op_rope_back(struct mat *dx, const struct mat *dy, const struct mat *x, const struct heads *h,
	const struct segments *s);

/* Sum of squares of a gradient in f64, in a fixed order. */
double op_sumsq(const struct mat *g);
/* *sum += sum of (a - b)^2, row after row, and its gradient 2 scale (a - b) added to da (MAT_F32,
 * NULL: none). */
void op_distance(double *sum, struct mat *da, const struct mat *a, const struct mat *b,
	double scale);
/* p, m, v [n] MAT_F32; g scaled by clip first; t from 1: coppice-method(7), OPTIMIZER. */
struct adamw {
	double lr, beta1, beta2, eps, decay, clip;
	int64_t t;
};
void op_adamw(struct mat *p, struct mat *m, struct mat *v, const struct mat *g,
	const struct adamw *a);

/* -- checks ------------------------------------------------------------------------------------ */

/* First row with a value that is not finite, or -1. */
long op_find_nonfinite(const struct mat *x);

#ifdef __cplusplus
}
#endif
#endif
