/* attention_back - gradients of causal attention: one kernel for the queries', one for the keys'
 * and values'
 *
 * The weights are made anew from the forward's log-sums, tile by tile, in both kernels: seven
 * products where five would do, but no sum ever waits for another block, so that bits don't depend
 * on chance. Eight warps share a block's tiles.
 *
 * Queries: two warps hold the same 32 rows and take half of each tile's keys; their sums are added
 * at the end. Keys: two warps hold the same 32 keys. One makes the weights P and sums dV = P^T dO;
 * the other makes dP, takes P from the first through shared memory, and sums dK = dS^T Q. So each
 * warp makes two of the four products, and reads each operand of shared memory once. Head sizes
 * over 128: 16 rows instead of 32. f32 has plain kernels.
 */
#include "cuda/attention.h"

#include "sys/die.h"

#include <assert.h>
#include <limits.h>
#include <math.h>

struct back {
	float *dqkv;
	const void *dout, *o, *qkv;
	const float *lse;
	float *delta; /* [rows, n_heads] dO . O */
	size_t d_ld, dout_ld, o_ld, ld, lse_ld;
	int wide; /* rows at 16 bytes */
	int bf16;
	struct attention_work w;
};

enum { THREADS = 256 };

/* delta, a warp for each row and head. */
static __global__ void __launch_bounds__(THREADS) row_deltas(struct back a, size_t n)
{
	size_t i = (size_t)blockIdx.x * (THREADS / 32) + threadIdx.x / 32,
	       row = i / (size_t)a.w.n_heads;
	size_t col = i % (size_t)a.w.n_heads * (size_t)a.w.hd;
	float sum = 0;

	if (i >= n)
		return;
	for (int c = (int)threadIdx.x % 32; c < a.w.hd; c += 32) {
		size_t x = row * a.dout_ld + col + (size_t)c, y = row * a.o_ld + col + (size_t)c;

		if (a.bf16)
			sum = fmaf(bf16_up(((const uint16_t *)a.dout)[x]),
				bf16_up(((const uint16_t *)a.o)[y]), sum);
		else
			sum = fmaf(((const float *)a.dout)[x], ((const float *)a.o)[y], sum);
	}
#pragma unroll
	for (int k = 16; k; k /= 2)
		sum += __shfl_xor_sync(ATTEND_LANES, sum, k);
	if (threadIdx.x % 32 == 0)
		a.delta[i] = sum;
}

/* -- tensor cores ------------------------------------------------------------------------------ */

/* Rows of 16 at a fragment's places, scaled, to columns col .. of dqkv; row[half]: where the lane's
 * two go, or NULL. */
template <int HD>
static __device__ __forceinline__ void store_sums(float *const row[2], const float o[HD / 8][4],
	int hd, float scale, int pairs)
{
#pragma unroll
	for (int n = 0; n < HD / 8; n++) {
		int c = n * 8 + (int)threadIdx.x % 4 * 2;

#pragma unroll
		for (int half = 0; half < 2; half++) {
			float x = o[n][2 * half] * scale, y = o[n][2 * half + 1] * scale;

			if (!row[half] || c >= hd)
				continue;
			if (pairs) {
				*(float2 *)(row[half] + c) = make_float2(x, y);
			} else {
				row[half][c] = x;
				if (c + 1 < hd)
					row[half][c + 1] = y;
			}
		}
	}
}

/* Flat rows of queries and of their output gradients into two tiles of size rows. */
template <int HD>
static __device__ __forceinline__ void load_queries(uint16_t *queries, uint16_t *douts,
	const struct back &a, const struct query_tile &q, int size)
{
#pragma unroll 1
	for (int r = (int)threadIdx.x / 8; r < size; r += THREADS / 8) {
		int head, pos, valid = r < q.rows;
		size_t row = flat_row(q, r, a.w.group, &head, &pos), col = (size_t)(head * a.w.hd);

		load_row<HD>(queries + r * (HD + 8), (const uint16_t *)a.qkv + row * a.ld + col,
			a.w.hd, valid, a.wide);
		load_row<HD>(douts + r * (HD + 8), (const uint16_t *)a.dout + row * a.dout_ld + col,
			a.w.hd, valid, a.wide);
	}
}

/* Keys and values k0 .. k0 + size - 1 of a sequence into two tiles. */
template <int HD>
static __device__ __forceinline__ void load_keys(uint16_t *keys, uint16_t *values,
	const struct back &a, const struct span &seg, int kv, int k0, int size)
{
	size_t k_col = (size_t)((a.w.n_heads + kv) * a.w.hd),
	       v_col = k_col + (size_t)(a.w.n_kv * a.w.hd);

#pragma unroll 1
	for (int j = (int)threadIdx.x / 8; j < size; j += THREADS / 8) {
		int valid = k0 + j < seg.len;
		const uint16_t *row = (const uint16_t *)a.qkv +
			(size_t)(seg.first + (valid ? k0 + j : 0)) * a.ld;

		load_row<HD>(keys + j * (HD + 8), row + k_col, a.w.hd, valid, a.wide);
		load_row<HD>(values + j * (HD + 8), row + v_col, a.w.hd, valid, a.wide);
	}
}

/* What a query's scores need. */
struct column {
	float less, delta;
	int pos;
};

static __device__ __forceinline__ struct column column_of(const struct back &a,
	const struct query_tile &q, int r)
{
	struct column c = { -INFINITY, 0, -1 }; /* no query: weights 0 */

	if (r < q.rows) {
		int head;
		size_t row = flat_row(q, r, a.w.group, &head, &c.pos);

		c.less = a.lse[row * a.lse_ld + (size_t)head] * -1.44269504f;
		c.delta = a.delta[row * (size_t)a.w.n_heads + (size_t)head];
	}
	return c;
}

/* Takes away the scores of a row that it doesn't see; back: how far behind the row the lane's first
 * key is. */
static __device__ __forceinline__ void mask(float s[4][4], int half, int back, int window)
{
#pragma unroll
	for (int n = 0; n < 4; n++)
#pragma unroll
		for (int i = 0; i < 2; i++)
			if ((unsigned)(back - n * 8 - i) >= (unsigned)window)
				s[n][2 * half + i] = -INFINITY;
}

template <int HD, int MT, int STAGES>
static __global__ void __launch_bounds__(THREADS, 1) back_queries(struct back a)
{
	enum { LD = HD + 8, ROWS = 64 * MT, TILE = ATTEND_KEYS * LD, EACH = ATTEND_KEYS / 2 };
	DYNAMIC_SHARED(uint16_t, shared);
	SHARED(struct query_tile, tile, 1); /* these two here, not in registers, which are few */
	SHARED(struct column, column, ROWS);
	uint16_t *queries = shared, *douts = queries + ROWS * LD, *stage = douts + ROWS * LD;
	int lane = (int)threadIdx.x % 32, first = (int)threadIdx.x / 32 % 4 * MT * 16,
	    part = (int)threadIdx.x / 128;
	int from, to, head;
	float dq[MT][HD / 8][4] = { 0 }, scale = a.w.scale * 1.44269504f;

	if (!threadIdx.x)
		tile[0] = query_tile(a.w, ROWS);
	__syncthreads();
	const struct query_tile &q = tile[0];
	int k0 = q.oldest / ATTEND_KEYS * ATTEND_KEYS;

	/* positions of the warp's rows are from .. to, none if to < 0 */
	flat_row(q, first, a.w.group, &head, &from);
	flat_row(q, first + MT * 16 - 1, a.w.group, &head, &to);
	to = first < q.rows ? to : -1;
	load_queries<HD>(queries, douts, a, q, ROWS);
	load_keys<HD>(stage, stage + TILE, a, q.seg, q.kv, k0, ATTEND_KEYS);
	copy_async_commit();
	if (threadIdx.x < ROWS)
		column[threadIdx.x] = column_of(a, q, (int)threadIdx.x);
	for (int at = 0; k0 < q.end; k0 += ATTEND_KEYS, at ^= STAGES - 1) {
		uint16_t *keys = stage + at * 2 * TILE + part * EACH * LD, *values = keys + TILE;
		int key = k0 + part * EACH, more = k0 + ATTEND_KEYS < q.end;
		int seen = key <= to && from - (key + EACH - 1) < a.w.window;
		int partly = key + EACH - 1 > from || to - key >= a.w.window;

		copy_async_wait<0>();
		__syncthreads();
		if (STAGES == 2 && more) {
			uint16_t *next = stage + (at ^ 1) * 2 * TILE;

			load_keys<HD>(next, next + TILE, a, q.seg, q.kv, k0 + ATTEND_KEYS,
				ATTEND_KEYS);
			copy_async_commit();
		}
		if (seen) {
			float s[MT][4][4] = { 0 }, dp[MT][4][4] = { 0 };
			uint32_t ds[MT][2][4];

			mma_rows<MT, 2, HD / 16, LD>(s, queries + first * LD + left_at<LD>(lane),
				keys + right_at<LD>(lane));
			mma_rows<MT, 2, HD / 16, LD>(dp, douts + first * LD + left_at<LD>(lane),
				values + right_at<LD>(lane));
#pragma unroll
			for (int m = 0; m < MT; m++)
#pragma unroll
				for (int half = 0; half < 2; half++) {
					struct column c =
						column[first + m * 16 + half * 8 + lane / 4];

					if (partly)
						mask(s[m], half, c.pos - key - lane % 4 * 2,
							a.w.window);
#pragma unroll
					for (int n = 0; n < 4; n++) {
						const float *x = s[m][n] + 2 * half,
							    *y = dp[m][n] + 2 * half;

						ds[m][n / 2][n % 2 * 2 +
							half] = bf16_pair(power_of_two(fmaf(x[0],
										  scale, c.less)) *
								(y[0] - c.delta),
							power_of_two(fmaf(x[1], scale, c.less)) *
								(y[1] - c.delta));
					}
				}
			mma_columns<MT, HD / 16, 2, LD>(dq, ds, keys + transposed_at<LD>(lane));
		}
		if (STAGES == 1) {
			__syncthreads();
			if (more) {
				load_keys<HD>(stage, stage + TILE, a, q.seg, q.kv, k0 + ATTEND_KEYS,
					ATTEND_KEYS);
				copy_async_commit();
			}
		}
	}

	/* the second half's sums go to the first's warps */
	float4 *sums = (float4 *)shared + (size_t)first / 16 * (HD / 8) * 32 + lane;
	__syncthreads();
#pragma unroll
	for (int m = 0; m < MT; m++)
#pragma unroll
		for (int n = 0; n < HD / 8; n++)
			if (part)
				sums[(m * (HD / 8) + n) * 32] = make_float4(dq[m][n][0],
					dq[m][n][1], dq[m][n][2], dq[m][n][3]);
	__syncthreads();
	if (part)
		return;
#pragma unroll
	for (int m = 0; m < MT; m++) {
		float *row[2];

#pragma unroll
		for (int n = 0; n < HD / 8; n++) {
			float4 x = sums[(m * (HD / 8) + n) * 32];

			dq[m][n][0] += x.x;
			dq[m][n][1] += x.y;
			dq[m][n][2] += x.z;
			dq[m][n][3] += x.w;
		}
#pragma unroll
		for (int half = 0; half < 2; half++) {
			int r = first + m * 16 + half * 8 + lane / 4, at;
			size_t to_row = flat_row(q, r, a.w.group, &head, &at);

			row[half] = r < q.rows ? a.dqkv + to_row * a.d_ld + (size_t)(head * a.w.hd)
					       : NULL;
		}
		store_sums<HD>(row, dq[m], a.w.hd, a.w.scale, a.wide);
	}
}

/* Columns of two tiles, one in use while the next is filled. */
struct __align__(16) columns
{
	float less[2][ATTEND_KEYS], delta[2][ATTEND_KEYS];
	int pos[2][ATTEND_KEYS];
};

static __device__ __forceinline__ void column_put(struct columns *to, int at, int r,
	struct column c)
{
	to->less[at][r] = c.less;
	to->delta[at][r] = c.delta;
	to->pos[at][r] = c.pos;
}

/* P of 16 keys and 16 queries, columns col .. of a tile, from their scores, as a left side. key:
 * the first, to be masked, or INT_MIN: all are seen. */
static __device__ __forceinline__ void weights_of(uint32_t w[4], const float s[2][4],
	const struct columns *columns, int at, int col, float scale, int key, int window)
{
	int lane = (int)threadIdx.x % 32;

#pragma unroll
	for (int n = 0; n < 2; n++) {
		int c = col + n * 8 + lane % 4 * 2;
		float2 less = *(const float2 *)&columns->less[at][c];
		int2 pos = *(const int2 *)&columns->pos[at][c];

#pragma unroll
		for (int half = 0; half < 2; half++) {
			float x = power_of_two(fmaf(s[n][2 * half], scale, less.x));
			float y = power_of_two(fmaf(s[n][2 * half + 1], scale, less.y));
			int row = key + half * 8 + lane / 4;

			if (key != INT_MIN && (unsigned)(pos.x - row) >= (unsigned)window)
				x = 0;
			if (key != INT_MIN && (unsigned)(pos.y - row) >= (unsigned)window)
				y = 0;
			w[n * 2 + half] = bf16_pair(x, y);
		}
	}
}

/* dS of the same from their P and dP, but for the scale. */
static __device__ __forceinline__ void slopes_of(uint32_t w[4], uint4 p, const float dp[2][4],
	const struct columns *columns, int at, int col)
{
	uint32_t part[4] = { p.x, p.y, p.z, p.w };

#pragma unroll
	for (int n = 0; n < 2; n++) {
		float2 delta = *(const float2 *)&columns
					->delta[at][col + n * 8 + (int)threadIdx.x % 4 * 2];

#pragma unroll
		for (int half = 0; half < 2; half++) {
			uint32_t pair = part[n * 2 + half];

			w[n * 2 + half] = bf16_pair(bf16_up((uint16_t)pair) *
					(dp[n][2 * half] - delta.x),
				bf16_up((uint16_t)(pair >> 16)) * (dp[n][2 * half + 1] - delta.y));
		}
	}
}

/* A left side among sums, so that a thread has registers for one or the other. */
static __device__ __forceinline__ void left_put(float s[4], const uint32_t w[4])
{
#pragma unroll
	for (int i = 0; i < 4; i++)
		s[i] = __uint_as_float(w[i]);
}

static __device__ __forceinline__ void left_get(uint32_t w[4], const float s[4])
{
#pragma unroll
	for (int i = 0; i < 4; i++)
		w[i] = __float_as_uint(s[i]);
}

/* A block's tile of keys, and its queries, flat, in tiles as q's are. */
struct key_tile {
	struct query_tile q;
	int start, keys, flat_end;
};

static __device__ __forceinline__ struct key_tile key_tile(const struct attention_work &w, int size)
{
	struct tile t = w.tile[blockIdx.x / (unsigned)w.n_kv];
	struct key_tile k;

	k.q.seg = w.span[t.seg];
	k.q.kv = (int)(blockIdx.x % (unsigned)w.n_kv);
	k.start = t.start;
	k.keys = smaller(size, k.q.seg.len - t.start);
	k.flat_end = w.window < k.q.seg.len ? smaller(k.q.seg.len, t.start + k.keys - 1 + w.window)
					    : k.q.seg.len;
	k.flat_end *= w.group;
	k.q.oldest = k.q.end = 0;
	k.q.start = t.start * w.group;
	k.q.rows = 0;
	return k;
}

/* The next tile of queries, of up to size. */
static __device__ __forceinline__ struct query_tile queries_from(const struct key_tile &k, int flat,
	int size)
{
	struct query_tile q = k.q;

	q.start = flat;
	q.rows = smaller(size, k.flat_end - flat);
	return q;
}

template <int HD, int MT, int STAGES>
static __global__ void __launch_bounds__(THREADS, 1) back_keys(struct back a)
{
	enum { LD = HD + 8, ROWS = 64 * MT, SIDE = ATTEND_KEYS, TILE = SIDE * LD };
	DYNAMIC_SHARED(uint16_t, shared);
	SHARED(uint4, exchange, 4 * MT * 4 * 32);
	SHARED(struct columns, columns, 1);
	SHARED(struct key_tile, tile, 1); /* here, not in registers, which are few */
	uint16_t *keys = shared, *values = keys + ROWS * LD, *stage = values + ROWS * LD;
	int thread = (int)threadIdx.x, lane = thread % 32, first = thread / 32 % 4 * MT * 16,
	    part = thread / 128;
	const uint16_t *left = (part ? values : keys) + first * LD + left_at<LD>(lane);
	uint4 *mine = exchange + first / 16 * 4 * 32 + lane;
	float sum[MT][HD / 8][4] = { 0 }, scale = a.w.scale * 1.44269504f;

	if (!thread)
		tile[0] = key_tile(a.w, ROWS);
	__syncthreads();
	const struct key_tile &k = tile[0];
	int key = k.start + first; /* the warp's first */
	load_keys<HD>(keys, values, a, k.q.seg, k.q.kv, k.start, ROWS);
	load_queries<HD>(stage, stage + TILE, a, queries_from(k, k.q.start, SIDE), SIDE);
	copy_async_commit();
	if (thread < SIDE)
		column_put(columns, 0, thread,
			column_of(a, queries_from(k, k.q.start, SIDE), thread));
	for (int flat = k.q.start, at = 0; flat < k.flat_end; flat += SIDE, at ^= 1) {
		int more = flat + SIDE < k.flat_end;
		int from = flat / a.w.group,
		    to = (smaller(flat + SIDE, k.flat_end) - 1) / a.w.group;
		int seen = first < k.keys && key <= to && from - (key + MT * 16 - 1) < a.w.window;
		int partly = key + MT * 16 - 1 > from || to - key >= a.w.window;
		uint16_t *queries = stage + (STAGES == 2 ? at * 2 * TILE : 0),
			 *douts = queries + TILE;
		struct column next = { 0, 0, 0 };
		/* scores or dP; then, in every other four, left sides made of them */
		float s[MT][8][4] = { 0 };

		copy_async_wait<0>();
		__syncthreads();
		if (STAGES == 2 && more) {
			load_queries<HD>(stage + (at ^ 1) * 2 * TILE,
				stage + ((at ^ 1) * 2 + 1) * TILE, a,
				queries_from(k, flat + SIDE, SIDE), SIDE);
			copy_async_commit();
		}
		if (more && thread < SIDE)
			next = column_of(a, queries_from(k, flat + SIDE, SIDE), thread);
		if (seen)
			mma_rows<MT, 4, HD / 16, LD>(s, left,
				(part ? douts : queries) + right_at<LD>(lane));
		if (seen && !part) {
#pragma unroll
			for (int i = 0; i < 4; i++)
#pragma unroll
				for (int m = 0; m < MT; m++) {
					uint32_t w[4];

					weights_of(w, s[m] + 2 * i, columns, at, i * 16, scale,
						partly ? key + m * 16 : INT_MIN, a.w.window);
					mine[(m * 4 + i) * 32] = make_uint4(w[0], w[1], w[2], w[3]);
					left_put(s[m][2 * i], w);
				}
		}
		__syncthreads();
		if (seen && part) {
#pragma unroll
			for (int i = 0; i < 4; i++)
#pragma unroll
				for (int m = 0; m < MT; m++) {
					uint32_t w[4];

					slopes_of(w, mine[(m * 4 + i) * 32], s[m] + 2 * i, columns,
						at, i * 16);
					left_put(s[m][2 * i], w);
				}
		}
		if (more && thread < SIDE)
			column_put(columns, at ^ 1, thread, next);
		if (seen) {
			uint32_t w[MT][4][4];

#pragma unroll
			for (int m = 0; m < MT; m++)
#pragma unroll
				for (int i = 0; i < 4; i++)
					left_get(w[m][i], s[m][2 * i]);
			mma_columns<MT, HD / 16, 4, LD>(sum, w,
				(part ? queries : douts) + transposed_at<LD>(lane));
		}
		if (STAGES == 1) {
			__syncthreads();
			if (more) {
				load_queries<HD>(stage, stage + TILE, a,
					queries_from(k, flat + SIDE, SIDE), SIDE);
				copy_async_commit();
			}
		}
	}
#pragma unroll
	for (int m = 0; m < MT; m++) {
		size_t col = (size_t)((a.w.n_heads + (part ? 0 : a.w.n_kv) + k.q.kv) * a.w.hd);
		float *row[2];

#pragma unroll
		for (int half = 0; half < 2; half++) {
			int r = first + m * 16 + half * 8 + lane / 4;

			row[half] = r < k.keys
				? a.dqkv + (size_t)(k.q.seg.first + k.start + r) * a.d_ld + col
				: NULL;
		}
		store_sums<HD>(row, sum[m], a.w.hd, part ? a.w.scale : 1, a.wide);
	}
}

/* -- f32 --------------------------------------------------------------------------------------- */

/* 32 flat rows of queries and output gradients, and what goes with them, by the block. */
static __device__ __forceinline__ void plain_queries(float *queries, float *douts,
	struct column *column, const struct back &a, const struct query_tile &q)
{
	int first = (int)threadIdx.x / 32 * PLAIN_EACH, ld = plain_ld(a.w.hd), head, pos;

	for (int r = first; r < first + PLAIN_EACH; r++) {
		size_t row = flat_row(q, r, a.w.group, &head, &pos), col = (size_t)(head * a.w.hd);

		plain_load(queries + r * ld, (const float *)a.qkv + row * a.ld + col, a.w.hd,
			r < q.rows);
		plain_load(douts + r * ld, (const float *)a.dout + row * a.dout_ld + col, a.w.hd,
			r < q.rows);
	}
	if (threadIdx.x < ATTEND_PLAIN) {
		struct column c = { -INFINITY, 0, -1 };

		if ((int)threadIdx.x < q.rows) {
			size_t row = flat_row(q, (int)threadIdx.x, a.w.group, &head, &c.pos);

			c.less = -a.lse[row * a.lse_ld + (size_t)head];
			c.delta = a.delta[row * (size_t)a.w.n_heads + (size_t)head];
		}
		column[threadIdx.x] = c;
	}
}

/* 32 keys and values of a sequence by the block. */
static __device__ __forceinline__ void plain_keys(float *keys, float *values, const struct back &a,
	const struct span &seg, int kv, int k0)
{
	int first = (int)threadIdx.x / 32 * PLAIN_EACH, ld = plain_ld(a.w.hd);
	size_t k_col = (size_t)((a.w.n_heads + kv) * a.w.hd),
	       v_col = k_col + (size_t)(a.w.n_kv * a.w.hd);

	for (int j = first; j < first + PLAIN_EACH; j++) {
		int valid = k0 + j < seg.len;
		const float *row = (const float *)a.qkv +
			(size_t)(seg.first + (valid ? k0 + j : 0)) * a.ld;

		plain_load(keys + j * ld, row + k_col, a.w.hd, valid);
		plain_load(values + j * ld, row + v_col, a.w.hd, valid);
	}
}

/* P and dS of a query and a key. */
static __device__ __forceinline__ float plain_weight(float *ds, float s, float dp, struct column c,
	int key, const struct attention_work &w)
{
	float p = (unsigned)(c.pos - key) >= (unsigned)w.window ? 0
								: expf(fmaf(s, w.scale, c.less));

	*ds = p * (dp - c.delta);
	return p;
}

/* Eight rows of a warp to dqkv; row NULL: none. */
static __device__ __forceinline__ void plain_store(float *row, const float o[PLAIN_COLS], int hd,
	float scale)
{
#pragma unroll
	for (int j = 0; j < PLAIN_COLS; j++) {
		int c = (int)threadIdx.x % 32 + 32 * j;

		if (row && c < hd)
			row[c] = o[j] * scale;
	}
}

static __global__ void __launch_bounds__(PLAIN_THREADS, 2) back_queries_plain(struct back a)
{
	DYNAMIC_SHARED(float, shared);
	SHARED(float, part, ATTEND_PLAIN *PLAIN_PART); /* dS */
	SHARED(struct column, column, ATTEND_PLAIN);
	struct query_tile q = query_tile(a.w, ATTEND_PLAIN);
	int ld = plain_ld(a.w.hd), lane = (int)threadIdx.x % 32,
	    first = (int)threadIdx.x / 32 * PLAIN_EACH;
	float *queries = shared, *douts = queries + ATTEND_PLAIN * ld,
	      *keys = douts + ATTEND_PLAIN * ld;
	float *values = keys + ATTEND_PLAIN * ld;
	float s[PLAIN_EACH], dp[PLAIN_EACH], dq[PLAIN_EACH][PLAIN_COLS] = { 0 };

	plain_queries(queries, douts, column, a, q);
	for (int k0 = q.oldest / ATTEND_PLAIN * ATTEND_PLAIN; k0 < q.end; k0 += ATTEND_PLAIN) {
		__syncthreads();
		plain_keys(keys, values, a, q.seg, q.kv, k0);
		__syncthreads();
		plain_dots(s, queries + first * ld, keys + lane * ld, a.w.hd);
		plain_dots(dp, douts + first * ld, values + lane * ld, a.w.hd);
#pragma unroll
		for (int i = 0; i < PLAIN_EACH; i++)
			plain_weight(&part[(first + i) * PLAIN_PART + lane], s[i], dp[i],
				column[first + i], k0 + lane, a.w);
		__syncwarp();
		plain_add(dq, part + first * PLAIN_PART, keys, a.w.hd);
	}
#pragma unroll
	for (int i = 0; i < PLAIN_EACH; i++) {
		int head, pos;
		size_t row = flat_row(q, first + i, a.w.group, &head, &pos);

		plain_store(first + i < q.rows ? a.dqkv + row * a.d_ld + (size_t)(head * a.w.hd)
					       : NULL,
			dq[i], a.w.hd, a.w.scale);
	}
}

static __global__ void __launch_bounds__(PLAIN_THREADS, 2) back_keys_plain(struct back a)
{
	DYNAMIC_SHARED(float, shared);
	SHARED(float, p, ATTEND_PLAIN *PLAIN_PART);
	SHARED(float, ds, ATTEND_PLAIN *PLAIN_PART);
	SHARED(struct column, column, ATTEND_PLAIN);
	struct key_tile k = key_tile(a.w, ATTEND_PLAIN);
	int ld = plain_ld(a.w.hd), lane = (int)threadIdx.x % 32,
	    first = (int)threadIdx.x / 32 * PLAIN_EACH;
	float *queries = shared, *douts = queries + ATTEND_PLAIN * ld,
	      *keys = douts + ATTEND_PLAIN * ld;
	float *values = keys + ATTEND_PLAIN * ld;
	float s[PLAIN_EACH], dp[PLAIN_EACH], dk[PLAIN_EACH][PLAIN_COLS] = { 0 },
					     dv[PLAIN_EACH][PLAIN_COLS] = { 0 };

	plain_keys(keys, values, a, k.q.seg, k.q.kv, k.start);
	for (int flat = k.q.start; flat < k.flat_end; flat += ATTEND_PLAIN) {
		__syncthreads();
		plain_queries(queries, douts, column, a, queries_from(k, flat, ATTEND_PLAIN));
		__syncthreads();
		plain_dots(s, keys + first * ld, queries + lane * ld, a.w.hd);
		plain_dots(dp, values + first * ld, douts + lane * ld, a.w.hd);
#pragma unroll
		for (int i = 0; i < PLAIN_EACH; i++) {
			int at = (first + i) * PLAIN_PART + lane;

			p[at] = plain_weight(&ds[at], s[i], dp[i], column[lane],
				k.start + first + i, a.w);
		}
		__syncwarp();
		plain_add(dv, p + first * PLAIN_PART, douts, a.w.hd);
		plain_add(dk, ds + first * PLAIN_PART, queries, a.w.hd);
	}
#pragma unroll
	for (int i = 0; i < PLAIN_EACH; i++) {
		size_t col = (size_t)((a.w.n_heads + k.q.kv) * a.w.hd);
		float *row = a.dqkv + (size_t)(k.q.seg.first + k.start + first + i) * a.d_ld + col;
		int there = first + i < k.keys;

		plain_store(there ? row : NULL, dk[i], a.w.hd, a.w.scale);
		plain_store(there ? row + a.w.n_kv * a.w.hd : NULL, dv[i], a.w.hd, 1);
	}
}

/* -- on the host ------------------------------------------------------------------------------- */

struct variant {
	int hd, rows, stages;
	void (*queries)(struct back), (*keys)(struct back);
};

static const struct variant *variant_of(int hd)
{
	static const struct variant of[] = {
		{ 16, 128, 2, back_queries<16, 2, 2>, back_keys<16, 2, 2> },
		{ 64, 128, 2, back_queries<64, 2, 2>, back_keys<64, 2, 2> },
		{ 80, 128, 2, back_queries<80, 2, 2>, back_keys<80, 2, 2> },
		{ 96, 128, 2, back_queries<96, 2, 2>, back_keys<96, 2, 2> },
		{ 128, 128, 2, back_queries<128, 2, 2>, back_keys<128, 2, 2> },
		{ 256, 64, 1, back_queries<256, 1, 1>, back_keys<256, 1, 1> },
	};

	for (size_t i = 0; i < sizeof of / sizeof *of; i++)
		if (hd <= of[i].hd)
			return &of[i];
	die("attention: heads of %d elements: at most 256 here", hd);
}

/* Nothing grows with the length but delta, which is small. */
extern "C" size_t op_attention_back_bytes(size_t head_dim, size_t longest)
{
	(void)head_dim, (void)longest;
	return 0;
}

extern "C" void op_attention_back(struct mat *dqkv, const struct mat *dout, const struct mat *o,
	const struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segments *s)
{
	static struct tiles_kept of_queries, of_keys;
	const struct variant *v = variant_of(h->head_dim);
	int size = qkv->bf16 ? v->rows : (int)ATTEND_PLAIN;
	struct tiles queries = tiles_make(&of_queries, SCRATCH_ATTENTION_B, s, h, size, 0);
	struct tiles keys = tiles_make(&of_keys, SCRATCH_ATTENTION_C, s, h, size, 1);
	size_t n = qkv->rows * (size_t)h->n_heads,
	       shared = (size_t)(4 * ATTEND_PLAIN * plain_ld(h->head_dim)) * 4;
	int wide = wide_rows(qkv, h->head_dim) && wide_rows(dout, h->head_dim) &&
		wide_rows(dqkv, h->head_dim);
	struct back a = { (float *)dqkv->data, dout->data, o->data, qkv->data,
		(const float *)lse->data,
		(float *)device_scratch(SCRATCH_ATTENTION_D, n * sizeof(float)), dqkv->ld, dout->ld,
		o->ld, qkv->ld, lse->ld, wide, qkv->bf16, work_of(h, &queries) };
	struct back b = a;

	assert(!dqkv->operand && dqkv->rows == qkv->rows && dqkv->cols == qkv->cols &&
		s->rows == qkv->rows);
	assert(dout->operand && o->operand && qkv->operand &&
		dout->cols == (size_t)(h->n_heads * h->head_dim));
	for (int i = 0; i < s->n; i++)
		assert(s->seg[i].parent < 0);
	cuda_flops += 2.5 * attention_flops(s, h);
	b.w = work_of(h, &keys);
	LAUNCH(row_deltas, (unsigned)((n + THREADS / 32 - 1) / (THREADS / 32)), THREADS, 0, a, n);
	if (qkv->bf16) {
		shared = (size_t)(2 * (v->rows + v->stages * ATTEND_KEYS)) * (size_t)(v->hd + 8) *
			2;
		LAUNCH(v->queries, queries.n * (unsigned)h->n_kv, THREADS, shared, a);
		LAUNCH(v->keys, keys.n * (unsigned)h->n_kv, THREADS, shared, b);
	} else {
		LAUNCH(back_queries_plain, queries.n * (unsigned)h->n_kv, PLAIN_THREADS, shared, a);
		LAUNCH(back_keys_plain, keys.n * (unsigned)h->n_kv, PLAIN_THREADS, shared, b);
	}
}
