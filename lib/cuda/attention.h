/* attention - what its forward and backward kernels share: how the work is divided, fragments, rows
 * of shared memory
 *
 * Queries are counted flat: query t of a segment and head g of the group that shares a key head
 * make flat row t * group + g, and a tile takes neighbours. So the heads of a group read their keys
 * once, whatever their number. Keys go in tiles that begin at multiples of their size in a path: a
 * row's sums depend on its path alone.
 */
#ifndef COPPICE_CUDA_ATTENTION_H
#define COPPICE_CUDA_ATTENTION_H

#include "cuda/cuda.h"

enum { ATTEND_KEYS = 64 };  /* keys of a tile on tensor cores (decides bits) */
enum { ATTEND_PLAIN = 32 }; /* keys and rows of a tile of the f32 kernels (decides bits) */
enum { ATTEND_LANES = 0xffffffff };

/* -- work: attention.cu ------------------------------------------------------------------------ */

struct span {
	int first, pos, len, parent;
}; /* a segment */
struct tile {
	int seg, start, weight;
}; /* of a segment, from flat row or key start on */

/* Tiles of a batch, the most work first, in a scratch; made anew when what decides them changes. */
struct tiles {
	const struct span *span; /* device memory [number of segments] */
	const struct tile *tile; /* device memory [n] */
	unsigned n;
};
/* What tiles were made from, kept by their user from call to call. */
struct tiles_kept {
	struct span *span;
	int n, group, window, size, of_keys;
	struct tiles tiles;
};
/* size: flat rows of a tile; with of_keys, keys. */
struct tiles tiles_make(struct tiles_kept *k, int slot, const struct segments *s,
	const struct heads *h, int size, int of_keys);

/* What all kernels are told. */
struct attention_work {
	const struct span *span;
	const struct tile *tile;
	int n_heads, n_kv, group, hd;
	int window; /* INT_MAX: all */
	float scale;
};
struct attention_work work_of(const struct heads *h, const struct tiles *t);

double attention_flops(const struct segments *s, const struct heads *h);

static __device__ __host__ __forceinline__ int smaller(int a, int b)
{
	return a < b ? a : b;
}

/* A block's tile of queries: what its rows and keys are. Blocks of a tile's key heads are
 * neighbours. */
struct query_tile {
	struct span seg;
	int kv;
	int start, rows; /* flat rows start .. start + rows - 1 of the segment */
	int oldest, end; /* keys oldest .. end - 1 of the path are seen by any row */
};

static __device__ __forceinline__ struct query_tile query_tile(const struct attention_work &w,
	int size)
{
	struct tile t = w.tile[blockIdx.x / (unsigned)w.n_kv];
	struct query_tile q;

	q.seg = w.span[t.seg];
	q.kv = (int)(blockIdx.x % (unsigned)w.n_kv);
	q.start = t.start;
	q.rows = smaller(size, q.seg.len * w.group - t.start);
	q.oldest = q.seg.pos + t.start / w.group - w.window + 1;
	q.oldest = q.oldest < 0 ? 0 : q.oldest;
	q.end = q.seg.pos + (t.start + q.rows - 1) / w.group + 1;
	return q;
}

/* Flat row r of a tile (the last one for what is beyond): its row of the batch, its head, its
 * position. */
static __device__ __forceinline__ size_t flat_row(const struct query_tile &q, int r, int group,
	int *head, int *pos)
{
	int flat = q.start + smaller(r, q.rows - 1), t = flat / group;

	*head = q.kv * group + flat - t * group;
	*pos = q.seg.pos + t;
	return (size_t)(q.seg.first + t);
}

/* -- fragments of m16n8k16: where a lane points for ldmatrix, in elements ---------------------- */

/* A left side from rows [16, k]. */
template <int LD> static __device__ __forceinline__ int left_at(int lane)
{
	return lane % 16 * LD + lane / 16 * 8;
}

/* Two right sides of eight columns each, from rows [16 columns, k]. */
template <int LD> static __device__ __forceinline__ int right_at(int lane)
{
	return (lane / 16 * 8 + lane % 8) * LD + lane / 8 % 2 * 8;
}

/* The same from rows [k, 16 columns], with ldmatrix_x4_trans. */
template <int LD> static __device__ __forceinline__ int transposed_at(int lane)
{
	return lane % 16 * LD + lane / 16 * 8;
}

/* s[MT][2 PAIRS][4] += x[MT 16, 16 STEPS] y[16 PAIRS, 16 STEPS]^T, both in shared memory with rows
 * of LD; x and y point where left_at and right_at say. */
template <int MT, int PAIRS, int STEPS, int LD>
static __device__ __forceinline__ void mma_rows(float s[MT][2 * PAIRS][4], const uint16_t *x,
	const uint16_t *y)
{
#pragma unroll
	for (int k = 0; k < STEPS; k++) {
		uint32_t a[MT][4], b[4];

#pragma unroll
		for (int m = 0; m < MT; m++)
			ldmatrix_x4(a[m], x + m * 16 * LD + k * 16);
#pragma unroll
		for (int p = 0; p < PAIRS; p++) {
			ldmatrix_x4(b, y + p * 16 * LD + k * 16);
#pragma unroll
			for (int m = 0; m < MT; m++) {
				mma_bf16(s[m][2 * p], a[m], b);
				mma_bf16(s[m][2 * p + 1], a[m], b + 2);
			}
		}
	}
}

/* o[MT][2 PAIRS][4] += w y, w as fragments [MT][16 STEPS rows of y], y[16 STEPS, 16 PAIRS] pointed
 * at as transposed_at says. */
template <int MT, int PAIRS, int STEPS, int LD>
static __device__ __forceinline__ void mma_columns(float o[MT][2 * PAIRS][4],
	const uint32_t w[MT][STEPS][4], const uint16_t *y)
{
#pragma unroll
	for (int k = 0; k < STEPS; k++)
#pragma unroll
		for (int p = 0; p < PAIRS; p++) {
			uint32_t b[4];

			ldmatrix_x4_trans(b, y + k * 16 * LD + p * 16);
#pragma unroll
			for (int m = 0; m < MT; m++) {
				mma_bf16(o[m][2 * p], w[m][k], b);
				mma_bf16(o[m][2 * p + 1], w[m][k], b + 2);
			}
		}
}

/* -- small things ------------------------------------------------------------------------------ */

/* 2^x to two units in the last place, 0 for what is too small; for weights that are rounded to
 * bf16. */
static __device__ __forceinline__ float power_of_two(float x)
{
#ifdef __CUDACC__
	float y;

	asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
	return y;
#else
	return exp2f(x);
#endif
}

/* A row of hd into one of HD in shared memory by eight threads; zeros if not valid, and beyond hd.
 * wide: rows lie at 16 bytes and hd is a multiple of 8. */
template <int HD>
static __device__ __forceinline__ void load_row(uint16_t *to, const uint16_t *from, int hd,
	int valid, int wide)
{
#pragma unroll
	for (int i = 0; i < HD; i += 64) {
		int c = i + (int)threadIdx.x % 8 * 8, there = valid && c < hd;

		if (HD % 64 && c >= HD)
			break;
		if (wide)
			copy_async16(to + c, from + (there ? c : 0), there);
		else
			for (int j = c; j < c + 8; j++)
				to[j] = there && j < hd ? from[j] : (uint16_t)0;
	}
}

static inline int wide_rows(const struct mat *m, int head_dim)
{
	return (uintptr_t)m->data % 16 == 0 && m->ld % 8 == 0 && head_dim % 8 == 0;
}

/* -- the f32 kernels: a warp has eight rows, its lanes one of 32 opposite rows or of 32 columns
 * each -- */

enum { PLAIN_THREADS = 128, PLAIN_EACH = 8, PLAIN_PART = ATTEND_PLAIN + 1, PLAIN_COLS = 8 };

/* Floats from row to row in shared memory: whole columns of 32, and one against bank conflicts. */
static __device__ __host__ __forceinline__ int plain_ld(int hd)
{
	return (hd + 31) / 32 * 32 + 1;
}

/* A row of hd by a warp. */
static __device__ __forceinline__ void plain_load(float *to, const float *from, int hd, int valid)
{
	for (int c = (int)threadIdx.x % 32; c < plain_ld(hd) - 1; c += 32)
		to[c] = valid && c < hd ? from[c] : 0.0f;
}

/* s[i] = row i . line */
static __device__ __forceinline__ void plain_dots(float s[PLAIN_EACH], const float *rows,
	const float *line, int hd)
{
	int ld = plain_ld(hd);

#pragma unroll
	for (int i = 0; i < PLAIN_EACH; i++)
		s[i] = 0;
	for (int c = 0; c < hd; c++) {
		float x = line[c];

#pragma unroll
		for (int i = 0; i < PLAIN_EACH; i++)
			s[i] = fmaf(rows[i * ld + c], x, s[i]);
	}
}

/* o[i][j] += sum over k of w[i, k] y[k, lane + 32 j] */
static __device__ __forceinline__ void plain_add(float o[PLAIN_EACH][PLAIN_COLS], const float *w,
	const float *y, int hd)
{
	int ld = plain_ld(hd);

	y += threadIdx.x % 32;
	for (int k = 0; k < ATTEND_PLAIN; k++)
#pragma unroll
		for (int j = 0; j < PLAIN_COLS; j++)
			if (32 * j < hd) {
				float x = y[k * ld + 32 * j];

#pragma unroll
				for (int i = 0; i < PLAIN_EACH; i++)
					o[i][j] = fmaf(w[i * PLAIN_PART + k], x, o[i][j]);
			}
}

#endif
