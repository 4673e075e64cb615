/* kernels - inner loops of this backend, built once for each instruction set and chosen when the
 * program starts
 *
 * kernels.inc holds them; kernels_avx2.c, kernels_avx512.c and kernels_bf16.c build it with vectors
 * of 8 or 16 floats, the last one with bf16 operands and products of bf16 pairs. Rows are f32 [n]
 * unless said otherwise; in and out may be the same. Everything here runs in a parallel region and
 * uses the calling thread's scratch memory.
 */
#ifndef COPPICE_CPU_KERNELS_H
#define COPPICE_CPU_KERNELS_H

#include "ops.h"

enum {
	KEYS = 64,    /* keys of a tile of attention, which begins at a multiple of it */
	QUERIES = 32, /* queries of a block; times the heads that share a key head */
	SPAN = 256,   /* queries of a unit of work: what one packing of keys serves */
	PANEL = 16,   /* columns of a small product's right side that lie together */
};

/* Queries first .. first+n-1 of a segment, and the heads that share one key/value head. */
struct attend {
	struct mat *o, *lse; /* as op_attention; lse may be NULL */
	const struct mat *qkv;
	const struct heads *heads;
	const struct segment *seg;
	const size_t *row; /* [pos + len] the rows of the segment's path, in order */
	size_t first, n;
	int kv;
};

/* One row's logits in one panel of the vocabulary. */
struct softmax_part {
	float max;
	float sum;    /* of e^(x - max) */
	uint32_t top; /* number of the first largest */
};

struct kernels {
	/* out = in rounded to nearest even, NaN staying NaN; and back. */
	void (*bf16_from_f32)(uint16_t *out, const float *in, size_t n);
	void (*f32_from_bf16)(float *out, const uint16_t *in, size_t n);
	/* y = (x - mean) / sqrt(variance + eps) * w + b. b may be NULL; for RMS the mean is 0. */
	void (*norm)(float *y, const float *x, const float *w, const float *b, int kind, float eps,
		size_t n);
	/* y = act(g) u, or act(g) for u NULL. */
	void (*act)(float *y, const float *g, const float *u, int kind, size_t n);
	/* dg and du are the gradients by g and u, from dy, that by y; and y = act(g) u itself. u
	 * and du may be NULL. */
	void (*act_back)(float *dg, float *du, float *y, const float *dy, const float *g,
		const float *u, int kind, size_t n);
	void (*add)(float *y, const float *x, size_t n); /* y += x */
	/* y = x * keep_scale, or 0 where the counter's word is below the threshold. e is the number
	 * of x[0] in its row's mask, a multiple of 4; n is a multiple of 32. */
	void (*drop)(float *y, const float *x, uint64_t e, size_t n, const struct dropout *d,
		uint32_t sequence);
	void (*drop_bf16)(uint16_t *y, const uint16_t *x, uint64_t e, size_t n,
		const struct dropout *d, uint32_t sequence);
	/* Reduces the logits x, of which x[0] has number first in the vocabulary. */
	struct softmax_part (*reduce)(const float *x, size_t n, uint32_t first);
	/* y = scale e^(x - lse) as operands. They may lie where x does. */
	void (*softmax)(void *y, const float *x, size_t n, float lse, float scale);
	/* Of a row of scores s and of dP, the gradient by their softmax: P = e^(scale (s - lse))
	 * for elements from .. to-1, else 0, and dS = scale P (dP - delta), both as operands. n is
	 * whole vectors. */
	void (*softmax_back)(void *p, void *ds, const float *s, const float *dp, const float *lse,
		const float *delta, float scale, size_t n, int from, int to);
	void (*attend)(const struct attend *a);

	/* Small products of operands. The right side b[n, columns] lies in panels of PANEL columns,
	 * in each of which so many rows lie together: a panel's element (i, j) is at i / together *
	 * together * PANEL + j * together + i % together. */
	size_t together; /* 1, or 2 for bf16 */
	/* Packs count <= PANEL rows of n operands as the columns of one panel [n, PANEL], with
	 * zeros for those that are missing. */
	void (*pack_columns)(void *to, const void *const *rows, size_t count, size_t n);
	/* Packs count <= together rows of n operands as rows i .. of panels that have depth rows.
	 * What they don't fill stays as it is. */
	void (*pack_rows)(void *to, const void *const *rows, size_t count, size_t n, size_t depth,
		size_t i);
	/* y[rows, columns] = x[rows, n] b, or with add y += that, rows of y and x being ldy and ldx
	 * elements apart. n is a multiple of together, columns of PANEL. Each row's sums go in
	 * order of n, whatever rows are around it. */
	void (*product)(float *y, size_t ldy, const void *x, size_t ldx, const void *b, size_t n,
		size_t rows, size_t columns, int add);
};
extern const struct kernels kernels_avx2, kernels_avx512, kernels_bf16;
extern const struct kernels *kern; /* chosen by ops_init */

#endif
