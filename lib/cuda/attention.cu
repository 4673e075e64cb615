/* attention - causal attention over a forest of segments, scores never in memory
 *
 * A block takes a tile of flat rows (attention.h) and one key head, and walks over the keys of the
 * segment's path: its ancestors' rows, then its own. On tensor cores a warp holds the scores of its
 * 32 rows (head sizes over 128: 16) and their running softmax in registers. Keys arrive while the
 * tile before them is weighed, values while scores are made: two blocks a processor fill each
 * other's waits. A tile that a warp's rows don't see is skipped; where it is not, it leaves every
 * bit as it was. f32 has a plain kernel.
 */
#include "cuda/attention.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

struct attend {
	void *o;
	float *lse; /* or NULL */
	const void *qkv;
	size_t o_ld, lse_ld, ld;
	int wide, o_wide; /* rows at 16 bytes */
	struct attention_work w;
};

/* The segment of a tile's path that position p is in. */
static __device__ __forceinline__ struct span span_of(const struct span *span,
	const struct query_tile &q, int p)
{
	struct span s = q.seg;

	while (p < s.pos)
		s = span[s.parent];
	return s;
}

/* -- tensor cores ------------------------------------------------------------------------------ */

enum { WARPS = 4 };

/* Rows k0 .. k0 + 63 of the path into a tile, from column col on: eight threads a row. */
template <int HD>
static __device__ __forceinline__ void load_keys(uint16_t *to, const struct attend &a,
	const struct query_tile &q, int k0, int col)
{
	struct span run = span_of(a.w.span, q, k0);

#pragma unroll 1
	for (int j = (int)threadIdx.x / 8; j < ATTEND_KEYS; j += WARPS * 4) {
		int p = k0 + j, valid = p < q.end;
		struct span s = valid && p >= run.pos + run.len ? span_of(a.w.span, q, p) : run;
		size_t row = (size_t)(valid ? s.first + p - s.pos : s.first);

		load_row<HD>(to + j * (HD + 8), (const uint16_t *)a.qkv + row * a.ld + col, a.w.hd,
			valid, a.wide);
	}
}

template <int HD>
static __device__ __forceinline__ void load_queries(uint16_t *to, const struct attend &a,
	const struct query_tile &q, int size)
{
	for (int r = (int)threadIdx.x / 8; r < size; r += WARPS * 4) {
		int head, pos;
		size_t row = flat_row(q, r, a.w.group, &head, &pos);

		load_row<HD>(to + r * (HD + 8),
			(const uint16_t *)a.qkv + row * a.ld + (size_t)head * a.w.hd, a.w.hd,
			r < q.rows, a.wide);
	}
}

/* Takes away what a lane's two rows, at these positions, don't see of a tile; key: of the lane's
 * first column. */
static __device__ __forceinline__ void mask(float s[8][4], const int pos[2], int key, int window)
{
#pragma unroll
	for (int n = 0; n < 8; n++)
#pragma unroll
		for (int i = 0; i < 4; i++) {
			int back = pos[i / 2] - (key + n * 8 + i % 2);

			if ((unsigned)back >= (unsigned)window)
				s[n][i] = -INFINITY;
		}
}

/* One step of the running softmax of 16 rows over a tile's scores, which become weights, as left
 * sides in p. base and sum: of the lane's two rows; sum of this lane's columns only. Returns by
 * what to multiply what was summed before. */
static __device__ __forceinline__ void softmax_step(float factor[2], uint32_t p[4][4],
	float s[8][4], float top[2], float sum[2], float scale)
{
#pragma unroll
	for (int half = 0; half < 2; half++) {
		float most = top[half], part = 0, base, shift;

#pragma unroll
		for (int n = 0; n < 8; n++)
			most = fmaxf(most, fmaxf(s[n][2 * half], s[n][2 * half + 1]));
		most = fmaxf(most, __shfl_xor_sync(ATTEND_LANES, most, 1));
		most = fmaxf(most, __shfl_xor_sync(ATTEND_LANES, most, 2));
		base = most == -INFINITY ? 0 : most;
		shift = -(base * scale);
		factor[half] = power_of_two((top[half] - base) * scale);
		top[half] = most;
#pragma unroll
		for (int n = 0; n < 8; n++) {
			float x = power_of_two(fmaf(s[n][2 * half], scale, shift));
			float y = power_of_two(fmaf(s[n][2 * half + 1], scale, shift));

			part += x + y;
			p[n / 2][n % 2 * 2 + half] = bf16_pair(x, y);
		}
		sum[half] = fmaf(sum[half], factor[half], part);
	}
}

/* A warp's rows, from first on, as operands: through their place in shared memory, so that they
 * leave 16 bytes at a time. o: normed already. */
template <int HD, int MT>
static __device__ __forceinline__ void store_rows(const struct attend &a,
	const struct query_tile &q, uint16_t *to, float o[MT][HD / 8][4], int first)
{
	int lane = (int)threadIdx.x % 32, head, pos;

#pragma unroll
	for (int m = 0; m < MT; m++)
#pragma unroll
		for (int n = 0; n < HD / 8; n++)
#pragma unroll
			for (int half = 0; half < 2; half++)
				*(uint32_t *)(to + (m * 16 + half * 8 + lane / 4) * (HD + 8) +
					n * 8 + lane % 4 * 2) = bf16_pair(o[m][n][2 * half],
					o[m][n][2 * half + 1]);
	__syncwarp();
	for (int i = lane; i < MT * 16 * HD / 8; i += 32) {
		int r = i / (HD / 8), c = i % (HD / 8) * 8;
		size_t row = flat_row(q, first + r, a.w.group, &head, &pos);
		uint16_t *y = (uint16_t *)a.o + row * a.o_ld + (size_t)head * a.w.hd + c;
		const uint16_t *x = to + r * (HD + 8) + c;

		if (first + r >= q.rows || c >= a.w.hd)
			continue;
		if (a.o_wide)
			*(uint4 *)y = *(const uint4 *)x;
		else
			for (int j = 0; j < 8 && c + j < a.w.hd; j++)
				y[j] = x[j];
	}
}

template <int HD, int MT>
static __global__ void __launch_bounds__(WARPS * 32, 2) attend_tensor(struct attend a)
{
	enum { LD = HD + 8, ROWS = WARPS * MT * 16 };
	DYNAMIC_SHARED(uint16_t, shared);
	uint16_t *queries = shared, *keys = queries + ROWS * LD, *values = keys + ATTEND_KEYS * LD;
	SHARED(struct query_tile, tile, 1); /* here, not in registers, which are few */
	int lane = (int)threadIdx.x % 32, first = (int)threadIdx.x / 32 * MT * 16, head, from, to,
	    pos[MT][2];
	float top[MT][2], sum[MT][2], o[MT][HD / 8][4] = { 0 }, scale = a.w.scale * 1.44269504f;

	if (!threadIdx.x)
		tile[0] = query_tile(a.w, ROWS);
	__syncthreads();
	const struct query_tile &q = tile[0];
	int k_col = (a.w.n_heads + q.kv) * a.w.hd, v_col = k_col + a.w.n_kv * a.w.hd;
	/* positions of the warp's rows are from .. to, none if to < 0 */
	flat_row(q, first, a.w.group, &head, &from);
	flat_row(q, first + MT * 16 - 1, a.w.group, &head, &to);
	to = first < q.rows ? to : -1;
#pragma unroll
	for (int m = 0; m < MT; m++)
#pragma unroll
		for (int half = 0; half < 2; half++) {
			flat_row(q, first + m * 16 + half * 8 + lane / 4, a.w.group, &head,
				&pos[m][half]);
			top[m][half] = -INFINITY;
			sum[m][half] = 0;
		}
	load_queries<HD>(queries, a, q, ROWS);
	load_keys<HD>(keys, a, q, q.oldest / ATTEND_KEYS * ATTEND_KEYS, k_col);
	copy_async_commit();
	for (int k0 = q.oldest / ATTEND_KEYS * ATTEND_KEYS; k0 < q.end; k0 += ATTEND_KEYS) {
		int seen = k0 <= to && from - (k0 + ATTEND_KEYS - 1) < a.w.window;
		int partly = k0 + ATTEND_KEYS - 1 > from || to - k0 >= a.w.window;
		uint32_t p[MT][4][4];

		copy_async_wait<0>();
		__syncthreads(); /* the keys are here, the values before are done with */
		load_keys<HD>(values, a, q, k0, v_col);
		copy_async_commit();
		if (seen) {
			float s[MT][8][4] = { 0 };

			mma_rows<MT, 4, HD / 16, LD>(s, queries + first * LD + left_at<LD>(lane),
				keys + right_at<LD>(lane));
#pragma unroll
			for (int m = 0; m < MT; m++) {
				float factor[2];

				if (partly)
					mask(s[m], pos[m], k0 + lane % 4 * 2, a.w.window);
				softmax_step(factor, p[m], s[m], top[m], sum[m], scale);
#pragma unroll
				for (int n = 0; n < HD / 8; n++)
#pragma unroll
					for (int i = 0; i < 4; i++)
						o[m][n][i] *= factor[i / 2];
			}
		}
		copy_async_wait<0>();
		__syncthreads(); /* the values are here, the keys are done with */
		if (k0 + ATTEND_KEYS < q.end) {
			load_keys<HD>(keys, a, q, k0 + ATTEND_KEYS, k_col);
			copy_async_commit();
		}
		if (seen)
			mma_columns<MT, HD / 16, 4, LD>(o, p, values + transposed_at<LD>(lane));
	}
	if (to < 0)
		return;
#pragma unroll
	for (int m = 0; m < MT; m++)
#pragma unroll
		for (int half = 0; half < 2; half++) {
			int r = first + m * 16 + half * 8 + lane / 4, at;
			size_t row = flat_row(q, r, a.w.group, &head, &at);
			float total = sum[m][half];

			total += __shfl_xor_sync(ATTEND_LANES, total, 1);
			total += __shfl_xor_sync(ATTEND_LANES, total, 2);
			if (a.lse && lane % 4 == 0 && r < q.rows)
				a.lse[row * a.lse_ld + (size_t)head] = fmaf(top[m][half], a.w.scale,
					logf(total));
			total = 1.0f / total;
#pragma unroll
			for (int n = 0; n < HD / 8; n++) {
				o[m][n][2 * half] *= total;
				o[m][n][2 * half + 1] *= total;
			}
		}
	store_rows<HD, MT>(a, q, queries + first * LD, o, first);
}

/* -- f32 --------------------------------------------------------------------------------------- */

static __global__ void __launch_bounds__(PLAIN_THREADS) attend_plain(struct attend a)
{
	DYNAMIC_SHARED(float, shared);
	SHARED(float, part, ATTEND_PLAIN *PLAIN_PART); /* scores, then weights */
	/* of a row: for what was summed before; at last 1 / sum */
	SHARED(float, factors, ATTEND_PLAIN);
	struct query_tile q = query_tile(a.w, ATTEND_PLAIN);
	int ld = plain_ld(a.w.hd), lane = (int)threadIdx.x % 32,
	    first = (int)threadIdx.x / 32 * PLAIN_EACH, head, at;
	int k_col = (a.w.n_heads + q.kv) * a.w.hd, v_col = k_col + a.w.n_kv * a.w.hd;
	float *queries = shared, *keys = queries + ATTEND_PLAIN * ld,
	      *values = keys + ATTEND_PLAIN * ld;
	float *weights = part + first * PLAIN_PART,
	      *mine = weights + lane / 4 * PLAIN_PART + lane % 4 * 8;
	float o[PLAIN_EACH][PLAIN_COLS] = { 0 }, s[PLAIN_EACH], top = -INFINITY, sum = 0;
	const float *qkv = (const float *)a.qkv;

	for (int i = first; i < first + PLAIN_EACH; i++) {
		size_t row = flat_row(q, i, a.w.group, &head, &at);

		plain_load(queries + i * ld, qkv + row * a.ld + (size_t)head * a.w.hd, a.w.hd,
			i < q.rows);
	}
	for (int k0 = q.oldest / ATTEND_PLAIN * ATTEND_PLAIN; k0 < q.end; k0 += ATTEND_PLAIN) {
		__syncthreads();
		for (int i = first; i < first + PLAIN_EACH; i++) {
			int p = k0 + i, valid = p < q.end;
			struct span of = span_of(a.w.span, q, valid ? p : k0);
			const float *row = qkv +
				(size_t)(of.first + (valid ? p : k0) - of.pos) * a.ld;

			plain_load(keys + i * ld, row + k_col, a.w.hd, valid);
			plain_load(values + i * ld, row + v_col, a.w.hd, valid);
		}
		__syncthreads();
		plain_dots(s, queries + first * ld, keys + lane * ld, a.w.hd);
#pragma unroll
		for (int i = 0; i < PLAIN_EACH; i++) {
			int key = k0 + lane;

			flat_row(q, first + i, a.w.group, &head, &at);
			weights[i * PLAIN_PART + lane] = (unsigned)(at - key) >=
					(unsigned)a.w.window
				? -INFINITY
				: s[i];
		}
		__syncwarp();

		/* four lanes a row */
		float most = top, base, added = 0;
		for (int i = 0; i < 8; i++)
			most = fmaxf(most, mine[i]);
		most = fmaxf(most, __shfl_xor_sync(ATTEND_LANES, most, 1));
		most = fmaxf(most, __shfl_xor_sync(ATTEND_LANES, most, 2));
		base = most == -INFINITY ? 0 : most;
		for (int i = 0; i < 8; i++)
			added += mine[i] = expf((mine[i] - base) * a.w.scale);
		float factor = expf((top - base) * a.w.scale);
		sum = fmaf(sum, factor, added);
		top = most;
		factors[first + lane / 4] = factor; /* the four write the same */
		__syncwarp();
#pragma unroll
		for (int i = 0; i < PLAIN_EACH; i++)
#pragma unroll
			for (int j = 0; j < PLAIN_COLS; j++)
				o[i][j] *= factors[first + i];
		plain_add(o, weights, values, a.w.hd);
	}
	sum += __shfl_xor_sync(ATTEND_LANES, sum, 1);
	sum += __shfl_xor_sync(ATTEND_LANES, sum, 2);
	__syncwarp();
	factors[first + lane / 4] = 1.0f / sum;
	size_t row = flat_row(q, first + lane / 4, a.w.group, &head, &at);
	if (a.lse && lane % 4 == 0 && first + lane / 4 < q.rows)
		a.lse[row * a.lse_ld + (size_t)head] = fmaf(top, a.w.scale, logf(sum));
	__syncwarp();
#pragma unroll
	for (int i = 0; i < PLAIN_EACH; i++) {
		row = flat_row(q, first + i, a.w.group, &head, &at);
#pragma unroll
		for (int j = 0; j < PLAIN_COLS; j++)
			if (first + i < q.rows && lane + 32 * j < a.w.hd)
				((float *)a.o)[row * a.o_ld +
					(size_t)(head * a.w.hd + lane + 32 * j)] = o[i][j] *
					factors[first + i];
	}
}

/* -- on the host ------------------------------------------------------------------------------- */

double attention_flops(const struct segments *s, const struct heads *h)
{
	double keys = 0, w = h->window;

	for (int i = 0; i < s->n; i++) {
		double first = (double)s->seg[i].pos + 1, last = first + (double)s->seg[i].len - 1;

		if (w && last > w) { /* the sum of min(t, w) from first to last */
			double from = first > w + 1 ? first : w + 1;

			keys += (last - from + 1) * w;
			last = from - 1;
		}
		if (last >= first)
			keys += (first + last) * (last - first + 1) / 2;
	}
	return 4.0 * keys * h->n_heads * h->head_dim;
}

static int most_first(const void *a, const void *b)
{
	const struct tile *x = (const struct tile *)a, *y = (const struct tile *)b;

	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	if (x->seg != y->seg)
		return x->seg < y->seg ? -1 : 1;
	return (x->start > y->start) - (x->start < y->start);
}

/* How many rows or keys a tile meets on the other side. */
static int tile_weight(const struct tiles_kept *k, const struct span *s, int start)
{
	int from, to, last = start + k->size - 1;

	if (k->of_keys) {
		to = k->window && start + k->size + k->window < s->len ? start + k->size + k->window
								       : s->len;
		return to - start;
	}
	from = s->pos + start / k->group;
	to = s->pos + smaller(last / k->group, s->len - 1);
	return k->window && from >= k->window ? to - from + k->window : to + 1;
}

static int tiles_same(const struct tiles_kept *k, const struct tiles_kept *want,
	const struct segments *s)
{
	if (!k->span || k->n != s->n || k->group != want->group || k->window != want->window ||
		k->size != want->size)
		return 0;
	for (int i = 0; i < s->n; i++)
		if (k->span[i].first != (int)s->seg[i].first ||
			k->span[i].pos != (int)s->seg[i].pos ||
			k->span[i].len != (int)s->seg[i].len ||
			k->span[i].parent != s->seg[i].parent)
			return 0;
	return 1;
}

struct tiles tiles_make(struct tiles_kept *k, int slot, const struct segments *s,
	const struct heads *h, int size, int of_keys)
{
	struct tiles_kept want = { NULL, s->n, h->n_heads / h->n_kv, h->window, size, of_keys,
		{ NULL, NULL, 0 } };
	size_t n = 0, span_bytes = ((size_t)s->n + 1) * sizeof(struct span);
	char *on_device;

	if (tiles_same(k, &want, s))
		return k->tiles;
	free(k->span);
	*k = want;
	for (int i = 0; i < s->n; i++)
		n += (s->seg[i].len * (size_t)(of_keys ? 1 : k->group) + (size_t)size - 1) /
			(size_t)size;
	k->span = (struct span *)xcalloc(1, span_bytes + n * sizeof(struct tile));
	struct tile *tile = (struct tile *)((char *)k->span + span_bytes);
	n = 0;
	for (int i = 0; i < s->n; i++) {
		struct span *p = &k->span[i];
		int rows = (int)s->seg[i].len * (of_keys ? 1 : k->group);

		*p = { (int)s->seg[i].first, (int)s->seg[i].pos, (int)s->seg[i].len,
			s->seg[i].parent };
		assert(p->parent < i && (p->parent >= 0 || !p->pos));
		for (int start = 0; start < rows; start += size)
			tile[n++] = { i, start, tile_weight(k, p, start) };
	}
	qsort(tile, n, sizeof *tile, most_first);
	on_device = (char *)device_scratch(slot, span_bytes + n * sizeof *tile);
	device_put(on_device, k->span, span_bytes + n * sizeof *tile);
	k->tiles = { (const struct span *)on_device, (const struct tile *)(on_device + span_bytes),
		(unsigned)n };
	return k->tiles;
}

struct attention_work work_of(const struct heads *h, const struct tiles *t)
{
	return { t->span, t->tile, h->n_heads, h->n_kv, h->n_heads / h->n_kv, h->head_dim,
		h->window ? h->window : INT_MAX, 1.0f / sqrtf((float)h->head_dim) };
}

struct variant {
	int hd, rows;
	void (*kernel)(struct attend);
};

static const struct variant *variant_of(int hd)
{
	static const struct variant of[] = {
		{ 16, 128, attend_tensor<16, 2> },
		{ 64, 128, attend_tensor<64, 2> },
		{ 80, 128, attend_tensor<80, 2> },
		{ 96, 128, attend_tensor<96, 2> },
		{ 128, 128, attend_tensor<128, 2> },
		{ 256, 64, attend_tensor<256, 1> },
	};

	for (size_t i = 0; i < sizeof of / sizeof *of; i++)
		if (hd <= of[i].hd)
			return &of[i];
	die("attention: heads of %d elements: at most 256 here", hd);
}

extern "C" void op_attention(struct mat *o, struct mat *lse, const struct mat *qkv,
	const struct heads *h, const struct segments *s)
{
	static struct tiles_kept kept;
	const struct variant *v = variant_of(h->head_dim);
	struct tiles t = tiles_make(&kept, SCRATCH_ATTENTION_A, s, h,
		qkv->bf16 ? v->rows : (int)ATTEND_PLAIN, 0);
	struct attend a = { o->data, lse ? (float *)lse->data : NULL, qkv->data, o->ld,
		lse ? lse->ld : 0, qkv->ld, wide_rows(qkv, h->head_dim), wide_rows(o, h->head_dim),
		work_of(h, &t) };

	assert(s->rows == qkv->rows && o->rows == qkv->rows &&
		o->cols == (size_t)(h->n_heads * h->head_dim));
	cuda_flops += attention_flops(s, h);
	if (qkv->bf16)
		LAUNCH(v->kernel, t.n * (unsigned)h->n_kv, WARPS * 32,
			(size_t)(v->rows + 2 * ATTEND_KEYS) * (size_t)(v->hd + 8) * 2, a);
	else
		LAUNCH(attend_plain, t.n * (unsigned)h->n_kv, PLAIN_THREADS,
			(size_t)(3 * ATTEND_PLAIN * plain_ld(h->head_dim)) * 4, a);
}
