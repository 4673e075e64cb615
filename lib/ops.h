/* ops - every number-crunching operation, with its shapes: the only boundary to a backend
 *
 * A backend (lib/cpu, lib/cuda) implements this file, and nothing above it knows which one it is.
 *
 * Arguments are outputs first, then inputs, sizes last. Shapes stand in comments: T rows of a
 * batch, d the model's width, H query heads and K key and value heads of hd dims, ff the width of
 * the feed-forward network, V the vocabulary, r an adapter's rank. A gradient is d and the name of
 * what it is the gradient by.
 *
 * Matrices are f32 (MAT_F32) or operands (MAT_OPERAND): values as products take them, bf16, rounded
 * to nearest even, or f32, as ops_init chose once for all. Sums, the residual stream, norms, rope
 * and softmax are f32.
 *
 * A row of a result depends on that row's inputs and the weights alone: not on the number of
 * threads, and not on what else is in the batch. Sums over rows go row after row, sequence by
 * sequence.
 *
 * Operations assert shapes and do no I/O. They are called by the main thread unless something else
 * is said. An error inside a backend is raised by the main thread with die().
 */
#ifndef COPPICE_OPS_H
#define COPPICE_OPS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum dtype { DTYPE_F32, DTYPE_BF16 };

/* Returns NULL, or why there is nothing here to run on, which ops_init dies of. */
const char *ops_absent(void);
/* Starts the backend; called once, before anything else. dtype is "f32" or "bf16", the type of
 * operands; NULL: bf16 where the machine is fast at it, else f32. bf16 on a machine that has no
 * such products is computed all the same, slowly, from operands that are rounded. */
void ops_init(int threads, const char *dtype);
enum dtype ops_dtype(void);
const char *ops_dtype_name(void); /* "f32" or "bf16" */
/* The instruction set or the device that products run on, for meta.kernel: "avx512_core_bf16". */
const char *ops_kernel(void);
/* Floating point operations of all products so far, without those on padding. */
double ops_flops(void);

/* -- planning ---------------------------------------------------------------------------------- */

/* Matrices lie in the host's memory, or in a memory of their own, a device's. What is planned is
 * the memory that they lie in. All of these but ops_batch_rows and ops_peak are bytes. */

/* The memory to plan for: the limit that was set, or else what is free. */
size_t ops_memory_bytes(void);
/* What is spent there whatever is planned: this process and the backend's own memory. cols is the
 * number of columns of the widest matrix over the rows of a batch. */
size_t ops_overhead(size_t cols);
/* What operations keep for each row of a batch; back: in the backward pass too. */
size_t ops_overhead_row(size_t cols, int back);
/* How many of these bytes of the host's memory count for the plan: all of them where matrices lie
 * there too, else 0. */
size_t ops_host_bytes(size_t bytes);
/* The number of rows beyond which a batch gets no faster. streamed: weights are loaded again for
 * each batch. */
size_t ops_batch_rows(int streamed);
/* The size beyond which a batch gets no faster. */
size_t ops_batch_bytes(void);
/* The machine's FLOP/s as its maker gives them; 0: not known. */
double ops_peak(void);

/* -- memory ------------------------------------------------------------------------------------ */

struct mat; /* opaque: a backend pads, packs and places it as it likes */
enum mat_type {
	MAT_F32,     /* states, sums, gradients */
	MAT_OPERAND, /* what a product takes: bf16 or f32 */
};
/* Makes a matrix [rows, cols] of zeros. Dies when memory is out. The caller frees it. */
struct mat *mat_new(enum mat_type type, size_t rows, size_t cols);
void mat_free(struct mat *m); /* m may be NULL */
/* Columns col .. col+n-1 of m as a matrix of their own, without a copy. It is freed before m. */
struct mat *mat_columns(const struct mat *m, size_t col, size_t n);
size_t mat_rows(const struct mat *m); /* the true ones, without padding */
size_t mat_cols(const struct mat *m);
size_t mat_bytes(const struct mat *m); /* with padding */
/* Sets the number of rows, at most what m was made with. Not of columns of another matrix. */
void mat_resize(struct mat *m, size_t rows);
/* Sets the number of columns, at most what m was made with. The contents become undefined. */
void mat_reshape(struct mat *m, size_t cols);
/* Rows row .. row+n-1 of m, from and to the host's f32 [n, cols]. */
void mat_put(struct mat *m, size_t row, size_t n, const float *rows);
void mat_get(const struct mat *m, size_t row, size_t n, float *rows);
void op_zero(struct mat *y);
void op_copy(struct mat *y, const struct mat *x); /* of the same type and shape */
/* Rows x_row .. of x become rows y_row .. of y, n of them; same type and columns. */
void op_copy_rows(struct mat *y, size_t y_row, const struct mat *x, size_t x_row, size_t n);
/* y[i] = x[row[i]] for i < n; y gets n rows. Both may be of either type. */
void op_gather(struct mat *y, const struct mat *x, const size_t *row, size_t n);

/* -- weights ----------------------------------------------------------------------------------- */

/* A weight W[out, in] is a matrix for the products alone, which pack it as they like once it is
 * sealed: its values cannot be read again. uses are those it is packed for. */
enum {
	WEIGHT_FORWARD = 1,  /* y = x W^T */
	WEIGHT_BACKWARD = 2, /* dx = dy W */
	/* with these: it is filled by weight_put_nf4 alone, so that its 4-bit codes may be what is
	 * kept of it */
	WEIGHT_NF4 = 4
};
/* How its rows, the columns of y, are made up, for operations that work on blocks of them. */
struct weight_layout {
	size_t head_dim; /* whole heads of so many dims stay together: op_matmul_rope; else 0 */
	int gated;       /* 1: gate over up, for op_matmul_act; else 0 */
};
/* Makes a weight, to be filled by weight_put or weight_put_nf4 and then sealed. Dies when memory is
 * out. The caller frees it by mat_free. */
struct mat *weight_new(size_t out, size_t in, int uses, struct weight_layout layout);
/* An adapter's B[out, r] for a weight [out, in] whose heads have head_dim dims (0: none), or for
 * one part of a gated weight; and its A[r, in] for a weight [out, in], all parts together. They are
 * filled by weight_refill. */
struct mat *weight_new_b(size_t out, size_t rank, int uses, size_t in, size_t head_dim);
struct mat *weight_new_a(size_t rank, size_t in, int uses, size_t out);
/* Fills rows row .. row+n-1 from the host's f32 [n, in]. */
void weight_put(struct mat *w, size_t row, size_t n, const float *rows);
/* The same, with the values quantised to NF4 and back as one matrix (file/nf4.h). rows may be
 * overwritten. */
void weight_put_nf4(struct mat *w, size_t row, size_t n, float *rows);
/* Ends filling: from here on products may take w. */
void weight_seal(struct mat *w);
/* Gives w, sealed or made by weight_new_a or weight_new_b, the values scale * from, from [out, in]
 * being MAT_F32. It is sealed afterwards. */
void weight_refill(struct mat *w, const struct mat *from, float scale);

/* A weight for the backward product alone, to be filled from one of the same size that is sealed
 * for the forward product. */
struct mat *weight_new_transposed(size_t out, size_t in);
void weight_transpose(struct mat *to, const struct mat *w);

/* A weight for the forward product alone, which is filled packed, in blocks of rows: it is unsealed
 * first, each block is put once, by any thread, and it is sealed. The same may be done again, to
 * give it other values. */
struct mat *weight_new_packed(size_t out, size_t in, struct weight_layout layout);
void weight_unseal(struct mat *w);
int weight_blocks(const struct mat *w); /* how many there are */
/* The first row of a block, and the number of its rows. */
void weight_block_rows(const struct mat *w, int block, size_t *row, size_t *n);
/* rows: the host's [n, in] of that block, of type f32 or bf16. */
void weight_put_block(struct mat *w, int block, const void *rows, enum dtype type);

/* Bytes that a weight of this size takes once it is sealed, one of weight_new_transposed, and what
 * products keep beside a weight while they use it, which all weights share. For planning. */
size_t weight_bytes(size_t out, size_t in, int uses);
size_t weight_transposed_bytes(size_t out, size_t in);
size_t weight_scratch_bytes(size_t out, size_t in, int uses);

/* -- segments ---------------------------------------------------------------------------------- */

/* The rows of a batch form a forest of segments. A row sees the rows of its segment up to itself,
 * and all rows of the segment's ancestors. */
struct segment {
	size_t first; /* its first row in the batch */
	size_t len;   /* its rows */
	int parent;   /* an earlier segment, or -1 */
	size_t pos;   /* position of its first row: the sum of its ancestors' lengths */
};
struct segments {
	const struct segment *seg; /* [n] */
	int n;
	size_t rows; /* of the batch */
};

/* -- forward ----------------------------------------------------------------------------------- */

/* The embedding has no operation: the caller gathers its rows on the host, for mat_put. */

enum { NORM_KIND_RMS, NORM_KIND_LAYER };
/* y[T, d] = norm(x[T, d]) * weight + bias, by rows (coppice-method(7), NORMS). x and y may be of
 * either type; weight and bias are MAT_F32 [1, d], bias may be NULL. */
void op_norm(struct mat *y, const struct mat *x, const struct mat *weight, const struct mat *bias,
	int kind, float eps);

/* What an adapter adds to a product: x[T, r] b[out, r]^T, with dropout if drop is not NULL, to one
 * part of the columns. Products take an array of two of them, or NULL for none. */
struct dropout;
struct lora_term {
	const struct mat *x;        /* MAT_OPERAND [T, r]; NULL: this one adds nothing */
	const struct mat *b;        /* a weight of weight_new_b, for a weight like the product's */
	int part;                   /* 1: up of a gated weight, 0: gate, or all columns */
	const struct dropout *drop; /* only in backward products */
};
/* y[T, out] = x[T, in] W^T + bias + lora, or y += that with accumulate. x is MAT_OPERAND; y is
 * MAT_F32, or without accumulate either; bias is MAT_F32 [1, out] or NULL. */
void op_matmul(struct mat *y, const struct mat *x, const struct mat *w, const struct mat *bias,
	int accumulate, const struct lora_term *lora);

/* How a row of q|k|v is made up, and how it is rotated. */
struct heads {
	int n_heads, n_kv, head_dim; /* H, K, hd */
	int rotary;                  /* dims of each head that are rotated, the first ones; even */
	const float *inv_freq;       /* host [rotary / 2]: radians a position */
	/* weights [1, hd] of an RMSNorm of each head before its rotation, or NULL; and its eps */
	const struct mat *q_norm, *k_norm;
	float eps;
	int window; /* keys that a query sees, its own included; 0: all */
};
/* y[T, (H+2K) hd] = x[T, in] W^T + bias + lora = q|k|v, then the heads of q and k normed and
 * rotated by each row's position. x and y are MAT_OPERAND; w, and lora's b, are laid out by heads.
 * plain takes q|k|v before norms and rotation: MAT_F32, the shape of y, or NULL. */
void op_matmul_rope(struct mat *y, struct mat *plain, const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora, const struct heads *h,
	const struct segments *s);
/* o[T, H hd] = softmax(q k^T hd^-0.5) v of qkv[T, (H+2K) hd], causal over the segments s, in h's
 * window. Query head i reads key and value head floor(i K / H). o and qkv are MAT_OPERAND. lse
 * takes the log of each row's sum of exponentials for the backward pass: MAT_F32 [T, H], or NULL.
 * attention_plain in tests/plain.h is the same in forty plain lines. */
void op_attention(struct mat *o, struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segments *s);

enum { ACT_KIND_SILU, ACT_KIND_GELU_NEW };
/* y[T, ff] = act(x[T, ff]); gated: act(gate) * up of x[T, 2 ff] = gate|up. y is MAT_OPERAND, x
 * either. The passes have it done within a product; this is the plain form that tests compare. */
void op_act(struct mat *y, const struct mat *x, int kind, int gated);
/* y[T, ff] = the same of u = x W^T + bias + lora. x and y are MAT_OPERAND; a gated w is laid out
 * so. up takes u: MAT_OPERAND [T, ff or 2 ff], and y is then computed from u as it is stored there;
 * or NULL. */
void op_matmul_act(struct mat *y, struct mat *up, const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora, int kind, int gated);

/* -- output ------------------------------------------------------------------------------------ */

/* The log-probabilities that are wanted of row i: those of ids[first[i]] .. ids[first[i+1] - 1]. */
struct logp_request {
	const uint32_t *ids;
	const size_t *first; /* [rows + 1] */
};
/* What is found of each row i, in arrays of the host. */
struct logp_result {
	float *logp;   /* logp[first[i]] ..: the log softmax of the requested ids */
	uint32_t *top; /* [rows]: the number of the largest logit, the first of equals; or NULL */
	float *lse;    /* [rows]: the log of the sum of exponentials; or NULL */
};
/* Computes the logits h[n, d] W^T + bias in chunks that never leave the cache, and of them what
 * request asks for, into the arrays of result. h is MAT_OPERAND, bias MAT_F32 [1, V] or NULL. */
void op_output(const struct logp_result *result, const struct mat *h, const struct mat *w,
	const struct mat *bias, const struct logp_request *request);
/* The logits themselves, the host's [n, V]: for tests. */
void op_logits(float *logits, const struct mat *h, const struct mat *w, const struct mat *bias);
/* dh[n, d] = scale * the gradient of -sum of logp[target] by h, (softmax - onehot) W; and nll[i] =
 * -logp[target[i]], the host's. target[i] UINT32_MAX: the row has none, and both are 0. dh is
 * MAT_F32; w is sealed with WEIGHT_BACKWARD too. */
void op_output_back(struct mat *dh, float *nll, const struct mat *h, const struct mat *w,
	const struct mat *bias, const uint32_t *target, float scale);

/* Bytes that each thread keeps in op_attention, op_output_back and op_attention_back, where longest
 * is the largest number of positions of a sequence. For planning. */
size_t op_attention_bytes(size_t head_dim, size_t longest);
size_t op_output_back_bytes(size_t vocab);
size_t op_attention_back_bytes(size_t head_dim, size_t longest);

/* -- healing: LoRA, dropout, gradients, optimizer ---------------------------------------------- */

/* The mask of coppice-method(7), RANDOM NUMBERS, a function of the element: channel c of the row at
 * position t of sequence q. threshold 0: nothing is dropped. */
struct dropout {
	uint64_t seed;
	uint32_t step, target; /* target = 16 i + g: layer i, site g of forward/projection.h */
	uint32_t threshold;    /* floor(p 2^32) of the probability p */
	float keep_scale;      /* 1 / (1 - p) */
	/* host [segments]: each segment's number among the step's sequences */
	const uint32_t *sequence;
};
/* y[T, c] = mask * keep_scale * x[T, c]. Both may be of either type. The passes drop
 * within products; this is the plain form that tests compare. */
void op_dropout(struct mat *y, const struct mat *x, const struct dropout *d,
	const struct segments *s);
/* y[T, r] = dropped x[T, in] W^T, both MAT_OPERAND. drop NULL: nothing is dropped. */
void op_matmul_dropped(struct mat *y, const struct mat *x, const struct dropout *drop,
	const struct segments *s, const struct mat *w);

/* y[T, in] = g[T, out] W + lora, or y += that with accumulate: the gradient by a product's input. g
 * is MAT_OPERAND; y is MAT_F32, or without accumulate either. w is sealed with WEIGHT_BACKWARD, or
 * filled by weight_transpose. lora's b is an adapter's A here, and its drop is the mask of A's
 * input. */
void op_matmul_back(struct mat *y, const struct mat *g, const struct mat *w, int accumulate,
	const struct lora_term *lora, const struct segments *s);
/* dw[out, in] += g[T, out]^T x[T, in]: the gradient by a product's weight, with x dropped, or as it
 * is for drop NULL. dw is MAT_F32, g and x are MAT_OPERAND. */
void op_weight_gradient(struct mat *dw, const struct mat *g, const struct mat *x,
	const struct dropout *drop, const struct segments *s);
void op_scale(struct mat *y, float scale);         /* y *= scale, MAT_F32 */
void op_round(struct mat *y, const struct mat *x); /* operands y = f32 values x */

/* dx[T, d] += the gradient by the norm's input x, from dy, that by its output. dx and dy are
 * MAT_F32, x either. rounded takes dx as it is afterwards: MAT_OPERAND, or NULL. */
void op_norm_back(struct mat *dx, struct mat *rounded, const struct mat *dy, const struct mat *x,
	const struct mat *weight, const struct mat *bias, int kind, float eps);
/* Goes back through the projection after an activation, dy[T, ff] = g[T, d] W + lora as
 * op_matmul_back, and through the activation: dx[T, ff or 2 ff], the gradient by its input x, which
 * op_matmul_act kept as up. act[T, ff] takes what the activation gave. All are MAT_OPERAND. */
void op_matmul_act_back(struct mat *dx, struct mat *act, const struct mat *x, const struct mat *g,
	const struct mat *w, const struct lora_term *lora, const struct segments *s, int kind,
	int gated);
/* dqkv[T, (H+2K) hd], MAT_F32: the gradient by attention's input, from dout[T, H hd], MAT_OPERAND,
 * that by its output, and the forward pass's o, lse and qkv. The segments have no parents. */
void op_attention_back(struct mat *dqkv, const struct mat *dout, const struct mat *o,
	const struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segments *s);
/* dx[T, (H+2K) hd], MAT_OPERAND: the gradient by q|k|v before norms and rotation, from dy, MAT_F32,
 * that after them. x is op_matmul_rope's plain where heads are normed, else NULL. */
void op_rope_back(struct mat *dx, const struct mat *dy, const struct mat *x, const struct heads *h,
	const struct segments *s);

/* The sum of squares of g, MAT_F32, in f64 and in a fixed order. */
double op_sumsq(const struct mat *g);
/* *sum += the sum of (a - b)^2, row after row, in f64; and its gradient by a, 2 scale (a - b), is
 * added to da. All are MAT_F32 of one shape; da may be NULL. */
void op_distance(double *sum, struct mat *da, const struct mat *a, const struct mat *b,
	double scale);
/* One step of AdamW (coppice-method(7), OPTIMIZER) on the parameters p with first and second
 * moments m and v and the gradient g, all MAT_F32 of one shape. */
struct adamw {
	double lr, beta1, beta2, eps, decay;
	double clip; /* what g is multiplied by first */
	int64_t t;   /* the step's number, from 1 */
};
void op_adamw(struct mat *p, struct mat *m, struct mat *v, const struct mat *g,
	const struct adamw *a);

/* -- checks ------------------------------------------------------------------------------------ */

/* The first row with a value that is not finite, or -1. */
long op_find_nonfinite(const struct mat *x);

#ifdef __cplusplus
}
#endif
#endif
