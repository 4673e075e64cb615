/* cpu - what the files of this backend share: struct mat, panels, scratch memory, products
 *
 * A matrix lies row-major with its rows padded to whole tiles, so that every product runs on full
 * tiles and a row's bits never depend on how many rows there are. Operands are stored as bf16 where
 * the CPU multiplies bf16, else as f32 (rounded to bf16 when that arithmetic was asked for).
 */
#ifndef COPPICE_CPU_H
#define COPPICE_CPU_H

#include "cpu/kernels.h"
#include "ops.h"

#include <string.h>

enum { TILE = 128 }; /* rows of a product: a constant of the kernels (decides bits) */

/* A packed weight w[n, k]: panels of columns of w^T, so wide, none of them across a border between
 * the equal parts of n. */
struct panels {
	size_t n, k;
	int parts;
	size_t width;  /* of all panels but the last of a part, which has what remains */
	size_t stride; /* bytes from panel to panel */
	char *data;
};

struct mat {
	int operand; /* made as MAT_OPERAND */
	int bf16;    /* elements: 1 bf16, 0 f32 */
	size_t rows, cols;
	size_t ld; /* elements from row to row: cols, but more for some columns of a wider matrix */
	size_t cap, most; /* rows allocated, whole tiles; columns it was made with */
	void *data;       /* [cap, ld], aligned to 64 bytes; NULL for a sealed weight */
	int borrowed;     /* data is another matrix's */
	int uses;         /* of a weight: WEIGHT_FORWARD | WEIGHT_BACKWARD */
	size_t width;     /* of a weight's forward panels, which lie in so many parts, */
	int parts;
	size_t back_width; /* and of its backward ones */
	struct panels *fwd, *back;
};

/* How operands are kept: cpu_bf16: as bf16; cpu_round: as f32 rounded to bf16. */
extern int cpu_threads, cpu_bf16, cpu_round;

static inline size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static inline void *mat_row(const struct mat *m, size_t row)
{
	return (char *)m->data + row * m->ld * (m->bf16 ? 2 : 4);
}

static inline float *mat_f32(const struct mat *m, size_t row)
{
	return (float *)m->data + row * m->ld;
}

/* One row of m as f32, whatever it is stored as. */
void row_load(float *out, const struct mat *m, size_t row);
void row_store(struct mat *m, size_t row, const float *in);
/* The n values from column col on of a row of m, as f32. */
void operand_load(float *out, const struct mat *m, size_t row, size_t col, size_t n);
void operand_store(struct mat *m, size_t row, size_t col, const float *in, size_t n);
/* out[n] = in rounded to bf16, as f32. */
void round_to_bf16(float *out, const float *in, size_t n);

/* Memory aligned to 64 bytes. Dies when there is none. Freed with free. */
void *cpu_alloc(size_t bytes);
/* Scratch memory of the calling thread, of at least so many bytes; its contents are undefined. A
 * slot holds one thing at a time, until the next call with that slot. */
enum {
	SCRATCH_A,
	SCRATCH_B,
	SCRATCH_C,
	SCRATCH_BLOCK,
	SCRATCH_DENSE,
	SCRATCH_PRODUCT,
	SCRATCH_DROPPED,
	SCRATCH_TRANSPOSE,
	SCRATCH_ROW,
	SCRATCH_SLOTS
};
void *cpu_scratch(int slot, size_t bytes);

/* -- dropout.c --------------------------------------------------------------------------------- */

/* Where a row stands: its sequence among the step's, its position there. */
struct row_place {
	uint32_t sequence;
	uint64_t pos;
};
/* The places of all rows [rows]. The caller frees them. */
struct row_place *places_new(const struct dropout *d, const struct segments *s);
/* Drops, in place, x[n]: elements col .. col+n-1, as f32, of a row of width elements. */
void drop_part(float *x, const struct dropout *d, struct row_place at, size_t width, size_t col,
	size_t n);
/* Row y_row of y[, n] = columns col .. col+n-1 of a row of x, dropped. Both are MAT_OPERAND. */
void drop_operands(struct mat *y, size_t y_row, const struct mat *x, size_t row, size_t col,
	size_t n, const struct dropout *d, struct row_place at);

/* -- pack.c ------------------------------------------------------------------------------------ */

/* Writes w[n, k], bf16 with rows of ld values, in the order in which products of pairs take it. out
 * holds n rounded up to a multiple of 64, times k rounded up to one of 32. */
void pack_pairs(void *out, const uint16_t *w, size_t n, size_t k, size_t ld);

/* -- product.c, the only file that knows oneDNN ------------------------------------------------ */

/* Panels for a weight w[n, k], of panel_width's columns, their contents undefined. mat_free frees
 * them with their weight. */
struct panels *panels_new(size_t n, size_t k, size_t width, int parts);
/* Packs or unpacks one panel, from any thread. Element (i, j) of the panel's rows of w is at
 * i * stride_n + j * stride_k of w. */
void panels_put(struct panels *p, int panel, const void *w, size_t stride_n, size_t stride_k);
void panels_get(const struct panels *p, int panel, void *w, size_t stride_n, size_t stride_k);
/* Columns of a panel: a multiple of grain, or n if that is less. It depends on the shape alone, so
 * that the bits do, and the panels of a part are about equal. */
size_t panel_width(size_t n, size_t k, size_t grain);
enum { GRAIN = 64 }; /* columns that the products' kernels like */
size_t panels_bytes(size_t n, size_t k);
int panels_count(const struct panels *p);
/* The first row of w in a panel, and how many there are. */
void panels_range(const struct panels *p, int panel, size_t *first, size_t *width);
/* y[TILE, width] (f32, dense) = x[TILE, k] w(panel)^T, rows of x being ldx operands apart. This and
 * the next two are called in a parallel region. */
void panels_tile(float *y, const void *x, size_t ldx, const struct panels *p, int panel);
/* y += the same, of a dense x. */
void panels_tile_add(float *y, const void *x, const struct panels *p, int panel);
/* y = the same, its rows being ldy values apart. */
void panels_tile_to(float *y, size_t ldy, const void *x, size_t ldx, const struct panels *p,
	int panel);
/* FLOPs of the products asked for, padding not counted. The main thread adds to it. */
extern double cpu_flops;

/* -- matmul.c ---------------------------------------------------------------------------------- */

/* What is added to one part of a product's columns: x[T, k] times panels that are laid out as that
 * part is, dropped if drop is not NULL. x NULL: nothing. */
struct lora_panels {
	const struct mat *x;
	const struct panels *p;
	int part;
	const struct dropout *drop;
};
/* x w^T + bias (NULL: none) + lora. seg says where rows stand, for a dropout; else NULL. */
struct panel_product {
	const struct mat *x;
	const struct panels *p;
	const struct mat *bias;
	struct lora_panels lora[2];
	const struct segments *seg;
};
/* The forward product of a weight, and the backward one; arguments as op_matmul, op_matmul_back. */
struct panel_product product_forward(const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora);
struct panel_product product_back(const struct mat *g, const struct mat *w,
	const struct lora_term *lora, const struct segments *seg);
/* What a tile of rows gives with one panel, or with the two panels at one place of a weight's two
 * parts. */
struct product_block {
	size_t row, rows; /* first row, rows that count */
	size_t width;
	size_t first[2]; /* each part's first column in the whole result */
	float *data[2];  /* [TILE, width] */
};
/* Computes a product block by block, in all threads; finish puts each where it belongs, and may
 * change its data. */
void panel_product_run(const struct panel_product *c,
	void (*finish)(const void *ctx, const struct product_block *b), const void *ctx);

/* -- output.c, attention.c --------------------------------------------------------------------- */

/* Joins a row's n panels of logits, in the order of the vocabulary: the largest logit, the number
 * of the first largest, and as sum the log of the sum of exponentials. */
struct softmax_part part_join(const struct softmax_part *p, int n);
/* FLOPs of the two products of the forward pass: every query with the keys that it sees. */
double attention_flops(const struct segments *s, const struct heads *h);

#endif
