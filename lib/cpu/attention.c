/* attention - causal attention over a forest of segments, flash-style
 *
 * A unit of work is some queries of one segment and one key/value head. The keys and values on the segment's path (its
 * ancestors' rows, then its own) are packed for the inner loops, cut into tiles at fixed positions of the path; each row
 * then goes through the tiles in order with a running maximum. So a row's bits depend on its path alone, and a header
 * shared by many questions gives what the whole prompt would.
 */
#include "attention.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* -- the path of a segment ----------------------------------------------------------------------------------------- */

static int path_chain(int *chain, const struct segments *s, int seg)
{
	int n = 0;

	for (int i = seg; i >= 0; i = s->seg[i].parent) {
		assert(n < MAX_DEPTH && s->seg[i].parent < i);
		chain[n++] = i;
	}
	return n;
}

void path_rows(size_t *row, const struct segments *s, int seg)
{
	int chain[MAX_DEPTH], n = path_chain(chain, s, seg);
	size_t at = 0;

	while (n--)
		for (size_t j = 0; j < s->seg[chain[n]].len; j++)
			row[at++] = s->seg[chain[n]].first + j;
	assert(at == s->seg[seg].pos + s->seg[seg].len);
}

/* Panels of 16 keys, channels in between: k[key / 16][c][16], padded with zeros to whole tiles. */
void pack_keys(float *out, const struct mat *qkv, size_t col, const size_t *row, size_t from, size_t to, size_t hd)
{
	float *f = cpu_scratch(SCRATCH_B, hd * 4);

	memset(out, 0, (tiles_end(to) - from) * hd * 4);
	for (size_t j = from; j < to; j++) {
		float *o = out + (j - from) / 16 * 16 * hd + (j - from) % 16;

		operand_load(f, qkv, row[j], col, hd);
		for (size_t c = 0; c < hd; c++)
			o[c * 16] = f[c];
	}
}

/* Tiles of keys, panels of 16 channels: v[key / KEYS][c / 16][KEYS][16], padded with zeros. */
void pack_values(float *out, const struct mat *qkv, size_t col, const size_t *row, size_t from, size_t to, size_t hd)
{
	size_t wide = (hd + 15) / 16 * 16;
	float *f = cpu_scratch(SCRATCH_B, hd * 4);

	memset(out, 0, (tiles_end(to) - from) * wide * 4);
	for (size_t j = from; j < to; j++) {
		float *tile = out + (j - from) / KEYS * KEYS * wide + (j - from) % KEYS * 16;

		operand_load(f, qkv, row[j], col, hd);
		for (size_t c = 0; c < hd; c++)
			tile[c / 16 * KEYS * 16 + c % 16] = f[c];
	}
}

/* -- inner loops --------------------------------------------------------------------------------------------------- */

/* y[6, 16] (ldy) = or += x[6, n] (ldx) b[n][16]: twelve sums in registers. */
static inline __attribute__((always_inline)) void block(float *y, size_t ldy, const float *x, size_t ldx,
	const float *b, size_t n, int rows, int add)
{
	v8 lo[6], hi[6];

	for (int r = 0; r < rows; r++) {
		lo[r] = add ? v8_load(y + r * ldy) : v8_set(0);
		hi[r] = add ? v8_load(y + r * ldy + 8) : v8_set(0);
	}
	for (size_t i = 0; i < n; i++) {
		v8 b0 = v8_load(b + i * 16), b1 = v8_load(b + i * 16 + 8);

		for (int r = 0; r < rows; r++) {
			v8 a = v8_set(x[r * ldx + i]);

			lo[r] = v8_fma(a, b0, lo[r]);
			hi[r] = v8_fma(a, b1, hi[r]);
		}
	}
	for (int r = 0; r < rows; r++) {
		v8_store(y + r * ldy, lo[r]);
		v8_store(y + r * ldy + 8, hi[r]);
	}
}

void panel_product(float *y, size_t ldy, const float *x, size_t ldx, const float *b, size_t n, size_t rows, int add)
{
	size_t r = 0;

	for (; r + 6 <= rows; r += 6)
		block(y + r * ldy, ldy, x + r * ldx, ldx, b, n, 6, add);
	for (; r < rows; r++)
		block(y + r * ldy, ldy, x + r * ldx, ldx, b, n, 1, add);
}

/* Scores of one row become weights: out e^(s - max), in place; the running maximum and sum brought up to date; returns
 * the factor for what has been summed so far. */
static float softmax_step(float *s, float *max, float *sum)
{
	v8 m = v8_load(s), total = v8_set(0);
	float top, factor;

	for (size_t j = 8; j < KEYS; j += 8)
		m = v8_max(m, v8_load(s + j));
	top = v8_top(m);
	top = top > *max ? top : *max;
	factor = v8_exp(v8_set(*max - top))[0];
	for (size_t j = 0; j < KEYS; j += 8) {
		v8 e = v8_exp(v8_load(s + j) - v8_set(top));

		v8_store(s + j, e);
		total += e;
	}
	*sum = *sum * factor + v8_sum(total);
	*max = top;
	return factor;
}

/* -- one unit ------------------------------------------------------------------------------------------------------ */

struct unit { int seg, kv; size_t first, n; };		/* queries first .. first+n-1 of the segment */

/* The rows of a block are (query, head of the group): query t of the path is row (t - t0) * group + head. */
struct rows { size_t t0, n, group; };

static void mask(float *s, struct rows r, size_t tile, int window)
{
	for (size_t i = 0; i < r.n; i++) {
		size_t t = r.t0 + i / r.group, low = window && t + 1 > (size_t)window ? t + 1 - (size_t)window : 0;

		for (size_t j = 0; j < KEYS; j++)
			if (tile + j > t || tile + j < low)
				s[i * KEYS + j] = -INFINITY;
	}
}

static void attend(struct mat *o, struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segment *seg, struct rows r, int kv, const float *keys, const float *values, size_t key0)
{
	size_t hd = (size_t)h->head_dim, wide = (hd + 15) / 16 * 16, last = r.t0 + r.n / r.group - 1;
	float *q = cpu_scratch(SCRATCH_B, r.n * (hd + wide + KEYS + 2) * 4);
	float *sum = q + r.n * hd, *s = sum + r.n * wide, *max = s + r.n * KEYS, *norm = max + r.n;
	float scale = 1.0f / sqrtf((float)hd);
	size_t row0 = seg->first + r.t0 - seg->pos;

	for (size_t i = 0; i < r.n; i++) {
		operand_load(q + i * hd, qkv, row0 + i / r.group, ((size_t)kv * r.group + i % r.group) * hd, hd);
		max[i] = -1e30f;
		norm[i] = 0;
	}
	memset(sum, 0, r.n * wide * 4);
	for (size_t tile = window_start(h->window, r.t0); tile <= last; tile += KEYS) {
		for (size_t j = 0; j < KEYS; j += 16)
			panel_product(s + j, KEYS, q, hd, keys + (tile - key0 + j) * hd, hd, r.n, 0);
		for (size_t i = 0; i < r.n * KEYS; i++)
			s[i] *= scale;
		if (tile + KEYS > r.t0 || h->window)
			mask(s, r, tile, h->window);
		for (size_t i = 0; i < r.n; i++) {
			float factor = softmax_step(s + i * KEYS, &max[i], &norm[i]);

			if (factor != 1)
				for (size_t c = 0; c < wide; c++)
					sum[i * wide + c] *= factor;
		}
		for (size_t c = 0; c < wide; c += 16)
			panel_product(sum + c, wide, s, KEYS, values + (tile - key0) * wide + c * KEYS, KEYS, r.n, 1);
	}
	for (size_t i = 0; i < r.n; i++) {
		size_t head = (size_t)kv * r.group + i % r.group;

		for (size_t c = 0; c < hd; c++)
			sum[i * wide + c] /= norm[i];
		operand_store(o, row0 + i / r.group, head * hd, sum + i * wide, hd);
		if (lse)
			mat_f32(lse, row0 + i / r.group)[head] = max[i] + logf(norm[i]);
	}
}

static void unit_run(struct mat *o, struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segments *s, struct unit u)
{
	const struct segment *seg = &s->seg[u.seg];
	size_t hd = (size_t)h->head_dim, wide = (hd + 15) / 16 * 16, group = (size_t)(h->n_heads / h->n_kv);
	size_t t0 = seg->pos + u.first, end = t0 + u.n, key0 = window_start(h->window, t0), n = tiles_end(end) - key0;
	float *keys = cpu_scratch(SCRATCH_A, n * (hd + wide) * 4), *values = keys + n * hd;
	size_t *row = cpu_scratch(SCRATCH_C, (seg->pos + seg->len) * sizeof *row);

	path_rows(row, s, u.seg);
	pack_keys(keys, qkv, (size_t)(h->n_heads + u.kv) * hd, row, key0, end, hd);
	pack_values(values, qkv, (size_t)(h->n_heads + h->n_kv + u.kv) * hd, row, key0, end, hd);
	for (size_t t = t0; t < end; t += QUERIES) {
		struct rows r = { t, (end - t < QUERIES ? end - t : QUERIES) * group, group };

		attend(o, lse, qkv, h, seg, r, u.kv, keys, values, key0);
	}
}

void op_attention(struct mat *o, struct mat *lse, const struct mat *qkv, const struct heads *h, const struct segments *s)
{
	struct unit *unit;
	size_t n = 0;

	assert(s->rows == qkv->rows && o->rows == qkv->rows && o->cols == (size_t)(h->n_heads * h->head_dim));
	for (int i = 0; i < s->n; i++)
		n += (s->seg[i].len + SPAN - 1) / SPAN * (size_t)h->n_kv;
	unit = cpu_alloc(n * sizeof *unit);
	n = 0;
	for (int i = 0; i < s->n; i++)
		for (size_t t = 0; t < s->seg[i].len; t += SPAN)
			for (int kv = 0; kv < h->n_kv; kv++)
				unit[n++] = (struct unit){ i, kv, t, s->seg[i].len - t < SPAN ? s->seg[i].len - t : SPAN };
	#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (size_t i = 0; i < n; i++)
		unit_run(o, lse, qkv, h, s, unit[i]);
	free(unit);
}
