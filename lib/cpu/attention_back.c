/* attention_back - gradients of causal attention, a sequence and a key/value head at a time
 *
 * The weights are made anew from the forward's log-sums, tile by tile, so no [T, T] matrix is kept.
 * Scores stand transposed, [keys, queries]: then four of a tile's five products take them as they
 * lie, and for the fifth, dQ, its transpose is summed. Tiles are counted from the sequence's first
 * row, so that bits depend on the sequence alone.
 */
#include "cpu/cpu.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { SIDE = KEYS }; /* keys and queries of a tile */

static size_t operand_size(void)
{
	return cpu_bf16 ? 2 : 4;
}

/* -- one unit of work -------------------------------------------------------------------------- */

/* What a thread holds: keys and values of its sequence and head, one tile of queries, the tiles in
 * between. Operands are left sides (rows) or right sides (columns: [hd, SIDE], lines: [SIDE, hd])
 * of the small products of kernels.h. */
struct back_work {
	size_t hd, deep, wide; /* deep: hd in whole togethers, wide: in whole panels */
	size_t len, tiles;
	char *k, *kt, *v;            /* rows [tiles][SIDE, deep], kt [tiles][hd, SIDE] */
	float *dk, *dv;              /* [tiles][SIDE, wide] */
	char *q_columns, *d_columns; /* a tile of queries and of their output gradients */
	char *q_lines, *d_lines;
	float *dqt;         /* [hd, SIDE] */
	float *lse, *delta; /* [SIDE]; lse as scores are, not yet scaled */
	float *s, *dp;      /* [SIDE keys, SIDE queries] */
	char *p, *ds;       /* the same as operands, left sides */
	char *ds_lines;     /* and dS as a right side */
};

static void *take(char **at, size_t bytes)
{
	void *p = *at;

	*at += (bytes + 63) / 64 * 64;
	return p;
}

/* Cuts the thread's scratch memory up; the first call, with base NULL, only measures. */
static size_t work_lay_out(struct back_work *w, char *base)
{
	size_t size = operand_size(), rows = SIDE * w->deep * size, lines = SIDE * w->wide * size;
	size_t square = (size_t)SIDE * SIDE;
	char *at = base;

	w->k = take(&at, w->tiles * rows);
	w->kt = take(&at, w->tiles * rows);
	w->v = take(&at, w->tiles * rows);
	w->dk = take(&at, w->tiles * SIDE * w->wide * 4);
	w->dv = take(&at, w->tiles * SIDE * w->wide * 4);
	w->q_columns = take(&at, rows);
	w->d_columns = take(&at, rows);
	w->q_lines = take(&at, lines);
	w->d_lines = take(&at, lines);
	w->dqt = take(&at, w->hd * SIDE * 4);
	w->lse = take(&at, SIDE * 4);
	w->delta = take(&at, SIDE * 4);
	w->s = take(&at, square * 4);
	w->dp = take(&at, square * 4);
	w->p = take(&at, square * size);
	w->ds = take(&at, square * size);
	w->ds_lines = take(&at, square * size);
	return (size_t)(at - base);
}

/* The same columns of some rows of a matrix, as pointers. */
static void row_pointers(const void *to[SIDE], const struct mat *m, size_t row, size_t n,
	size_t col)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (const char *)mat_row(m, row + i) + col * operand_size();
}

/* n <= SIDE rows of hd operands as a right side [hd, SIDE]. */
static void to_columns(char *out, const void *const *rows, size_t n, const struct back_work *w)
{
	for (size_t j = 0; j < SIDE; j += PANEL)
		kern->pack_columns(out + j * w->deep * operand_size(), rows + j,
			j > n                   ? 0
				: n - j < PANEL ? n - j
						: PANEL,
			w->hd);
}

/* n <= SIDE rows of so many operands as a right side [SIDE, ...], which is all zeros before. */
static void to_lines(char *out, const void *const *rows, size_t n, size_t operands)
{
	for (size_t i = 0; i < n; i += kern->together)
		kern->pack_rows(out, rows + i, n - i < kern->together ? n - i : kern->together,
			operands, SIDE, i);
}

/* P and dS of a tile. t0, k0: its first query and key. */
static void softmax_back(struct back_work *w, size_t t0, size_t k0, size_t window, float scale)
{
	size_t size = operand_size();

	for (size_t r = 0; r < SIDE; r++) {
		size_t key = k0 + r, from = key > t0 ? key - t0 : 0, to = SIDE;
		char *p = w->p + r * SIDE * size, *ds = w->ds + r * SIDE * size;

		if (window && key + window < t0 + SIDE)
			to = key + window > t0 ? key + window - t0 : 0;
		kern->softmax_back(p, ds, w->s + r * SIDE, w->dp + r * SIDE, w->lse, w->delta,
			scale, SIDE, (int)from, (int)to);
	}
	if (cpu_round) {
		round_to_bf16((float *)w->p, (float *)w->p, (size_t)SIDE * SIDE);
		round_to_bf16((float *)w->ds, (float *)w->ds, (size_t)SIDE * SIDE);
	}
}

/* What the tile of queries from t0 and tile j of keys give to dV, dK and dQ. */
static void pair(struct back_work *w, size_t t0, size_t j, size_t window, float scale)
{
	size_t size = operand_size(), rows = SIDE * w->deep * size;
	const char *k = w->k + j * rows, *kt = w->kt + j * rows, *v = w->v + j * rows;
	const void *ds[SIDE];

	kern->product(w->s, SIDE, k, w->deep, w->q_columns, w->deep, SIDE, SIDE, 0);
	kern->product(w->dp, SIDE, v, w->deep, w->d_columns, w->deep, SIDE, SIDE, 0);
	softmax_back(w, t0, j * SIDE, window, scale);
	kern->product(w->dv + j * SIDE * w->wide, w->wide, w->p, SIDE, w->d_lines, SIDE, SIDE,
		w->wide, 1);
	kern->product(w->dk + j * SIDE * w->wide, w->wide, w->ds, SIDE, w->q_lines, SIDE, SIDE,
		w->wide, 1);
	for (size_t i = 0; i < SIDE; i++)
		ds[i] = w->ds + i * SIDE * size;
	to_lines(w->ds_lines, ds, SIDE, SIDE);
	kern->product(w->dqt, SIDE, kt, SIDE, w->ds_lines, SIDE, w->hd, SIDE, 1);
}

static size_t tile_len(const struct back_work *w, size_t tile)
{
	return w->len - tile * SIDE < SIDE ? w->len - tile * SIDE : SIDE;
}

/* A tile of one head's queries: their output gradients, log-sums, and delta = dO . O. A query that
 * fills up the tile has weights 0. */
static void load_queries(struct back_work *w, const struct mat *dout, const struct mat *o,
	const struct mat *lse, const struct mat *qkv, size_t row, size_t n, int head, float scale)
{
	size_t hd = w->hd, col = (size_t)head * hd, lines = SIDE * w->wide * operand_size();
	float *x = w->s, *y = w->dp;
	const void *q[SIDE], *d[SIDE];

	row_pointers(q, qkv, row, n, col);
	row_pointers(d, dout, row, n, col);
	to_columns(w->q_columns, q, n, w);
	to_columns(w->d_columns, d, n, w);
	memset(w->q_lines, 0, lines);
	memset(w->d_lines, 0, lines);
	to_lines(w->q_lines, q, n, hd);
	to_lines(w->d_lines, d, n, hd);
	for (size_t i = 0; i < SIDE; i++) {
		w->lse[i] = 1e30f;
		w->delta[i] = 0;
		if (i >= n)
			continue;
		operand_load(x, dout, row + i, col, hd);
		operand_load(y, o, row + i, col, hd);
		for (size_t c = 0; c < hd; c++)
			w->delta[i] += x[c] * y[c];
		w->lse[i] = mat_f32(lse, row + i)[head] / scale;
	}
}

static void store_queries(struct mat *dqkv, const struct back_work *w, size_t row, size_t n,
	int head)
{
	for (size_t i = 0; i < n; i++) {
		float *to = mat_f32(dqkv, row + i) + (size_t)head * w->hd;

		for (size_t c = 0; c < w->hd; c++)
			to[c] = w->dqt[c * SIDE + i];
	}
}

/* transposed[hd, SIDE] = n rows of hd operands, transposed. */
static void transpose(char *transposed, const void *const *rows, size_t n, size_t hd)
{
	size_t size = operand_size();

	for (size_t c = 0; c < hd; c++)
		for (size_t i = 0; i < n; i++)
			memcpy(transposed + (c * SIDE + i) * size, (const char *)rows[i] + c * size,
				size);
}

static void load_keys(struct back_work *w, const struct mat *qkv, size_t first,
	const struct heads *h, int kv)
{
	size_t size = operand_size(), rows = SIDE * w->deep * size;
	size_t k_col = (size_t)(h->n_heads + kv) * w->hd, v_col = k_col + (size_t)h->n_kv * w->hd;
	const void *k[SIDE], *v[SIDE];

	memset(w->k, 0, (size_t)((char *)w->q_columns - w->k)); /* dk and dv too */
	for (size_t j = 0; j < w->tiles; j++) {
		row_pointers(k, qkv, first + j * SIDE, tile_len(w, j), k_col);
		row_pointers(v, qkv, first + j * SIDE, tile_len(w, j), v_col);
		for (size_t i = 0; i < tile_len(w, j); i++) {
			memcpy(w->k + j * rows + i * w->deep * size, k[i], w->hd * size);
			memcpy(w->v + j * rows + i * w->deep * size, v[i], w->hd * size);
		}
		transpose(w->kt + j * rows, k, tile_len(w, j), w->hd);
	}
}

static void store_keys(struct mat *dqkv, const struct back_work *w, size_t first,
	const struct heads *h, int kv)
{
	size_t k_col = (size_t)(h->n_heads + kv) * w->hd, v_col = k_col + (size_t)h->n_kv * w->hd;

	for (size_t i = 0; i < w->len; i++) {
		memcpy(mat_f32(dqkv, first + i) + k_col, w->dk + i * w->wide, w->hd * 4);
		memcpy(mat_f32(dqkv, first + i) + v_col, w->dv + i * w->wide, w->hd * 4);
	}
}

static struct back_work work_of(size_t hd, size_t len)
{
	return (struct back_work){ hd, (hd + kern->together - 1) / kern->together * kern->together,
		(hd + PANEL - 1) / PANEL * PANEL, len, (len + SIDE - 1) / SIDE };
}

size_t op_attention_back_bytes(size_t head_dim, size_t longest)
{
	struct back_work w = work_of(head_dim, longest);

	return work_lay_out(&w, NULL);
}

static void unit_run(struct mat *dqkv, const struct mat *dout, const struct mat *o,
	const struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segment *seg, int kv)
{
	size_t hd = (size_t)h->head_dim, window = (size_t)h->window;
	struct back_work w = work_of(hd, seg->len);
	float scale = 1.0f / sqrtf((float)h->head_dim);
	int group = h->n_heads / h->n_kv;

	work_lay_out(&w, cpu_scratch(SCRATCH_A, work_lay_out(&w, NULL)));
	load_keys(&w, qkv, seg->first, h, kv);
	for (int head = kv * group; head < (kv + 1) * group; head++)
		for (size_t i = 0; i < w.tiles; i++) {
			size_t row = seg->first + i * SIDE, t0 = i * SIDE;
			size_t j = window && t0 + 1 > window ? (t0 + 1 - window) / SIDE : 0;

			load_queries(&w, dout, o, lse, qkv, row, tile_len(&w, i), head, scale);
			memset(w.dqt, 0, hd * SIDE * 4);
			for (; j <= i; j++)
				pair(&w, t0, j, window, scale);
			store_queries(dqkv, &w, row, tile_len(&w, i), head);
		}
	store_keys(dqkv, &w, seg->first, h, kv);
}

void op_attention_back(struct mat *dqkv, const struct mat *dout, const struct mat *o,
	const struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segments *s)
{
	assert(!dqkv->operand && dqkv->rows == qkv->rows && dqkv->cols == qkv->cols &&
		s->rows == qkv->rows);
	assert(dout->operand && o->operand && qkv->operand &&
		dout->cols == (size_t)(h->n_heads * h->head_dim));
	cpu_flops += 2.5 * attention_flops(s, h);
#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads) collapse(2)
	for (int i = 0; i < s->n; i++)
		for (int kv = 0; kv < h->n_kv; kv++) {
			assert(s->seg[i].parent < 0);
			unit_run(dqkv, dout, o, lse, qkv, h, &s->seg[i], kv);
		}
}
