/* attention_back - gradients of causal attention, a sequence and a key/value head at a time
 *
 * The weights are made anew from the forward's log-sums, tile by tile, so no [T, T] matrix is kept. Scores stand
 * transposed, [keys, queries]: then all five products of a tile take their operands as they lie. Tiles are CHUNK
 * rows, counted from the sequence's first row and filled up with zeros, so that bits depend on the sequence alone.
 */
#include "cpu.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* -- operands in scratch memory ------------------------------------------------------------------------------------ */

static size_t operand_size(void)
{
	return cpu_bf16 ? 2 : 4;
}

static void to_operands(void *out, const float *in, size_t n)
{
	if (cpu_bf16)
		kern->bf16_from_f32(out, in, n);
	else if (cpu_round)
		round_to_bf16(out, in, n);
	else
		memcpy(out, in, n * 4);
}

/* plain[CHUNK, hd] = columns col .. col+hd-1 of rows first .. first+len-1, zeros below. */
static void pack(void *plain, const struct mat *m, size_t first, size_t len, size_t col, size_t hd)
{
	size_t size = operand_size();

	for (size_t i = 0; i < len; i++)
		memcpy((char *)plain + i * hd * size, (char *)mat_row(m, first + i) + col * size, hd * size);
	memset((char *)plain + len * hd * size, 0, (CHUNK - len) * hd * size);
}

/* turned[hd, CHUNK] = plain[CHUNK, hd] transposed. */
static void turn(void *turned, const void *plain, size_t hd)
{
	if (operand_size() == 2) {
		for (size_t i = 0; i < CHUNK; i++)
			for (size_t c = 0; c < hd; c++)
				((uint16_t *)turned)[c * CHUNK + i] = ((const uint16_t *)plain)[i * hd + c];
	} else {
		for (size_t i = 0; i < CHUNK; i++)
			for (size_t c = 0; c < hd; c++)
				((float *)turned)[c * CHUNK + i] = ((const float *)plain)[i * hd + c];
	}
}

/* -- one unit of work ---------------------------------------------------------------------------------------------- */

/* What a thread holds: keys and values of its sequence and head, one tile of queries, the tiles in between. */
struct work {
	size_t hd, len, tiles;
	char *k, *kt, *v;		/* operands, [tiles][CHUNK, hd], kt [tiles][hd, CHUNK] */
	float *dk, *dv;			/* [tiles][CHUNK, hd] */
	char *q, *qt, *d, *dt;		/* operands: queries and their output gradients, plain and turned */
	float *dqt;			/* [hd, CHUNK] */
	float *lse, *delta;		/* [CHUNK] */
	float *s, *dp;			/* [CHUNK keys, CHUNK queries] */
	char *p, *ds;			/* operands of the same shape */
	float *sum;			/* [CHUNK, hd] or [hd, CHUNK]: a product on its way */
};

static void *take(char **at, size_t bytes)
{
	void *p = *at;

	*at += (bytes + 63) / 64 * 64;
	return p;
}

/* Cuts the thread's scratch memory up; the first call, with base NULL, only measures. */
static size_t work_lay_out(struct work *w, char *base)
{
	size_t tile = CHUNK * w->hd, all = w->tiles * tile, square = (size_t)CHUNK * CHUNK, size = operand_size();
	char *at = base;

	w->k = take(&at, all * size);
	w->kt = take(&at, all * size);
	w->v = take(&at, all * size);
	w->dk = take(&at, all * 4);
	w->dv = take(&at, all * 4);
	w->q = take(&at, tile * size);
	w->qt = take(&at, tile * size);
	w->d = take(&at, tile * size);
	w->dt = take(&at, tile * size);
	w->dqt = take(&at, tile * 4);
	w->lse = take(&at, CHUNK * 4);
	w->delta = take(&at, CHUNK * 4);
	w->s = take(&at, square * 4);
	w->dp = take(&at, square * 4);
	w->p = take(&at, square * size);
	w->ds = take(&at, square * size);
	w->sum = take(&at, tile * 4);
	return (size_t)(at - base);
}

/* P = e^(scale S - lse) where a key is seen, else 0, and dS = scale P (dP - delta), both as operands. t0, k0: first
 * query and key of the tile. */
static void softmax_back(struct work *w, size_t t0, size_t k0, size_t window, float scale)
{
	for (size_t r = 0; r < CHUNK; r++) {
		size_t key = k0 + r, from = key > t0 ? key - t0 : 0, to = CHUNK;
		float *s = w->s + r * CHUNK, *dp = w->dp + r * CHUNK;

		if (window && key + window < t0 + CHUNK)
			to = key + window > t0 ? key + window - t0 : 0;
		kern->softmax_back(s, dp, w->lse, w->delta, scale, CHUNK);
		for (size_t i = 0; i < CHUNK; i++)
			if (i < from || i >= to)
				s[i] = dp[i] = 0;
	}
	to_operands(w->p, w->s, (size_t)CHUNK * CHUNK);
	to_operands(w->ds, w->dp, (size_t)CHUNK * CHUNK);
}

static void pair(struct work *w, size_t i, size_t j, size_t window, float scale)
{
	size_t hd = w->hd, tile = CHUNK * hd, size = operand_size();
	const char *k = w->k + j * tile * size, *kt = w->kt + j * tile * size, *v = w->v + j * tile * size;

	product_plain(w->s, k, hd, 1, w->qt, CHUNK, 1, CHUNK, CHUNK, hd, 0);
	product_plain(w->dp, v, hd, 1, w->dt, CHUNK, 1, CHUNK, CHUNK, hd, 0);
	softmax_back(w, i * CHUNK, j * CHUNK, window, scale);
	product_plain(w->sum, w->p, CHUNK, 1, w->d, hd, 1, CHUNK, hd, CHUNK, 0);
	kern->add(w->dv + j * tile, w->sum, tile);
	product_plain(w->sum, w->ds, CHUNK, 1, w->q, hd, 1, CHUNK, hd, CHUNK, 0);
	kern->add(w->dk + j * tile, w->sum, tile);
	product_plain(w->sum, kt, CHUNK, 1, w->ds, CHUNK, 1, hd, CHUNK, CHUNK, 0);
	kern->add(w->dqt, w->sum, tile);
}

static size_t tile_len(const struct work *w, size_t tile)
{
	return w->len - tile * CHUNK < CHUNK ? w->len - tile * CHUNK : CHUNK;
}

/* A tile of one head's queries: their output gradients, log-sums, and delta = dO . O. A query that fills up the tile
 * has weights 0. */
static void load_queries(struct work *w, const struct mat *dout, const struct mat *o, const struct mat *lse,
	const struct mat *qkv, size_t row, size_t n, int head)
{
	size_t hd = w->hd, col = (size_t)head * hd;
	float *x = w->sum, *y = w->sum + hd;

	pack(w->q, qkv, row, n, col, hd);
	pack(w->d, dout, row, n, col, hd);
	turn(w->qt, w->q, hd);
	turn(w->dt, w->d, hd);
	for (size_t i = 0; i < CHUNK; i++) {
		w->lse[i] = INFINITY;
		w->delta[i] = 0;
		if (i >= n)
			continue;
		operand_load(x, dout, row + i, col, hd);
		operand_load(y, o, row + i, col, hd);
		for (size_t c = 0; c < hd; c++)
			w->delta[i] += x[c] * y[c];
		w->lse[i] = mat_f32(lse, row + i)[head];
	}
}

static void store_queries(struct mat *dqkv, const struct work *w, size_t row, size_t n, int head)
{
	for (size_t i = 0; i < n; i++) {
		float *to = mat_f32(dqkv, row + i) + (size_t)head * w->hd;

		for (size_t c = 0; c < w->hd; c++)
			to[c] = w->dqt[c * CHUNK + i];
	}
}

static void load_keys(struct work *w, const struct mat *qkv, size_t first, const struct heads *h, int kv)
{
	size_t tile = CHUNK * w->hd, size = operand_size();
	size_t k_col = (size_t)(h->n_heads + kv) * w->hd, v_col = k_col + (size_t)h->n_kv * w->hd;

	for (size_t j = 0; j < w->tiles; j++) {
		pack(w->k + j * tile * size, qkv, first + j * CHUNK, tile_len(w, j), k_col, w->hd);
		turn(w->kt + j * tile * size, w->k + j * tile * size, w->hd);
		pack(w->v + j * tile * size, qkv, first + j * CHUNK, tile_len(w, j), v_col, w->hd);
	}
	memset(w->dk, 0, w->tiles * tile * 4);
	memset(w->dv, 0, w->tiles * tile * 4);
}

static void store_keys(struct mat *dqkv, const struct work *w, size_t first, const struct heads *h, int kv)
{
	size_t k_col = (size_t)(h->n_heads + kv) * w->hd, v_col = k_col + (size_t)h->n_kv * w->hd;

	for (size_t i = 0; i < w->len; i++) {
		memcpy(mat_f32(dqkv, first + i) + k_col, w->dk + i * w->hd, w->hd * 4);
		memcpy(mat_f32(dqkv, first + i) + v_col, w->dv + i * w->hd, w->hd * 4);
	}
}

static void unit_run(struct mat *dqkv, const struct mat *dout, const struct mat *o, const struct mat *lse,
	const struct mat *qkv, const struct heads *h, const struct segment *seg, int kv)
{
	struct work w = { (size_t)h->head_dim, seg->len, (seg->len + CHUNK - 1) / CHUNK };
	float scale = 1.0f / sqrtf((float)h->head_dim);
	size_t window = (size_t)h->window;
	int group = h->n_heads / h->n_kv;

	work_lay_out(&w, cpu_scratch(SCRATCH_A, work_lay_out(&w, NULL)));
	load_keys(&w, qkv, seg->first, h, kv);
	for (int head = kv * group; head < (kv + 1) * group; head++)
		for (size_t i = 0; i < w.tiles; i++) {
			size_t row = seg->first + i * CHUNK, t0 = i * CHUNK;
			size_t j = window && t0 + 1 > window ? (t0 + 1 - window) / CHUNK : 0;

			load_queries(&w, dout, o, lse, qkv, row, tile_len(&w, i), head);
			memset(w.dqt, 0, CHUNK * w.hd * 4);
			for (; j <= i; j++)
				pair(&w, i, j, window, scale);
			store_queries(dqkv, &w, row, tile_len(&w, i), head);
		}
	store_keys(dqkv, &w, seg->first, h, kv);
}

void op_attention_back(struct mat *dqkv, const struct mat *dout, const struct mat *o, const struct mat *lse,
	const struct mat *qkv, const struct heads *h, const struct segments *s)
{
	assert(!dqkv->operand && dqkv->rows == qkv->rows && dqkv->cols == qkv->cols && s->rows == qkv->rows);
	assert(dout->operand && o->operand && qkv->operand && dout->cols == (size_t)(h->n_heads * h->head_dim));
	#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads) collapse(2)
	for (int i = 0; i < s->n; i++)
		for (int kv = 0; kv < h->n_kv; kv++) {
			assert(s->seg[i].parent < 0);
			unit_run(dqkv, dout, o, lse, qkv, h, &s->seg[i], kv);
		}
}
