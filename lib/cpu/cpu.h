/* cpu - what the files of this backend share: struct mat, tiles, vectors of eight
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

/* One row in and out as f32, whatever it is stored as. */
void row_load(float *out, const struct mat *m, size_t row);
void row_store(struct mat *m, size_t row, const float *in);
/* n values between f32 and how operands are stored; part of a row. */
void operand_load(float *out, const struct mat *m, size_t row, size_t col, size_t n);
void operand_store(struct mat *m, size_t row, size_t col, const float *in, size_t n);
void round_to_bf16(float *out, const float *in, size_t n);

void *cpu_alloc(size_t bytes); /* aligned to 64, dies; freed with free */
/* Scratch of the calling thread, at least so large; contents undefined; a slot holds one thing at a
 * time. */
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

/* of a row: its sequence among the step's, its position there */
struct row_place {
	uint32_t sequence;
	uint64_t pos;
};
/* [rows]; to be freed */
struct row_place *places_new(const struct dropout *d, const struct segments *s);
/* x[n] (operands as f32) = elements col .. col+n-1 of a row of width elements, dropped. */
void drop_part(float *x, const struct dropout *d, struct row_place at, size_t width, size_t col,
	size_t n);
/* Row y_row of y[, n] = columns col .. col+n-1 of a row of x, dropped; both MAT_OPERAND. */
void drop_operands(struct mat *y, size_t y_row, const struct mat *x, size_t row, size_t col,
	size_t n, const struct dropout *d, struct row_place at);

/* w[n, k] bf16, rows of ld, as products of pairs take it; out holds n rounded up to a multiple of 64, k
 * to one of 32. */
void pack_pairs(void *out, const uint16_t *w, size_t n, size_t k, size_t ld);

/* -- panels.c ---------------------------------------------------------------------------------- */

/* Once, before any panels. */
void panels_init(void);
const char *panels_isa(void); /* the instructions that products use, as ops_kernel names them */
/* A weight w[n, k] in panels of columns of w^T, so wide, none of them across a border between the
 * equal parts of n. */
struct panels {
	size_t n, k;
	int parts;     /* of n, equal; a panel lies in one */
	size_t width;  /* of all panels but the last of a part, which has what remains */
	size_t stride; /* bytes from panel to panel */
	char *data;
};
struct panels *panels_new(size_t n, size_t k, size_t width, int parts);
/* One panel in or out, from any thread: its element (i, j) of w at i * stride_n + j * stride_k. */
void panels_put(struct panels *p, int panel, const void *w, size_t stride_n, size_t stride_k);
void panels_get(const struct panels *p, int panel, void *w, size_t stride_n, size_t stride_k);
/* Columns of a panel, a multiple of grain: a function of the shape alone. Panels of a part, n
 * columns, are about equal. */
size_t panel_width(size_t n, size_t k, size_t grain);
enum { GRAIN = 64 }; /* what the products' kernels like */
void panels_free(struct panels *p);
size_t panels_bytes(size_t n, size_t k);
int panels_count(const struct panels *p);
size_t panels_of_part(const struct panels *p);
void panels_range(const struct panels *p, int panel, size_t *first, size_t *width);
/* y[TILE, width] f32, dense = x[TILE, k] w(panel)^T. From a parallel region. */
void panels_tile(float *y, const void *x, size_t ldx, const struct panels *p, int panel);
/* The same to rows of ldy values. */
void panels_tile_to(float *y, size_t ldy, const void *x, size_t ldx, const struct panels *p,
	int panel);
/* y[TILE, width] += the same; x and y dense. */
void panels_tile_add(float *y, const void *x, const struct panels *p, int panel);

/* -- product.c --------------------------------------------------------------------------------- */

/* What a tile of rows gives with one panel, or with the two panels at one place of a weight's two
 * parts. */
struct product_block {
	size_t row, rows; /* first row, rows that count */
	size_t width;
	size_t first[2]; /* each part's first column in the whole result */
	float *data[2];  /* [TILE, width] */
};
/* What is added to the blocks of one part: x[T, k] times panels that are laid out as the weight's part
 * is, dropped or not. */
struct lora_panels {
	const struct mat *x;
	const struct panels *p;
	int part;
	const struct dropout *drop;
};
/* x w^T + bias + added (up to two, or NULL), block by block: finish puts it where it belongs. seg:
 * for the dropout. */
void panels_each(const struct mat *x, const struct panels *p, const struct mat *bias,
	const struct lora_panels *added, const struct segments *seg,
	void (*finish)(const void *ctx, const struct product_block *b), const void *ctx);
/* Two of ops.h's as panels_each takes them; back: for the backward product. Returns to, or NULL for
 * NULL. */
const struct lora_panels *lora_panels_from(struct lora_panels to[2], const struct lora_term *lora,
	int back);
/* A row's panels, in the order of the vocabulary: the largest logit, and as sum the log of the sum
 * of exponentials. */
struct softmax_part part_join(const struct softmax_part *p, int n);
/* Of the forward pass's two products, every query with the keys it sees. */
double attention_flops(const struct segments *s, const struct heads *h);
/* of the products asked for, padding not counted; added to by the main thread */
extern double cpu_flops;

#endif
