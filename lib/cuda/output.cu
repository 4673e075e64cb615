/* output - the output layer: logits in chunks of the vocabulary, reduced before the next chunk is
 * made
 *
 * Each chunk gives every row's maximum, its sum of exponentials and its argmax; the chunks' parts
 * are put together in the order of the vocabulary. A tile of rows has no more logits in memory than
 * one chunk's.
 */
#include "cuda/row.h"

#include "sys/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { EACH = OUTPUT_CHUNK / ROW_BLOCK / 4 }; /* fours of logits that a thread keeps in registers */

/* -- parts ------------------------------------------------------------------------------------- */

/* The first of the largest values among threads' (top, at). */
__device__ __forceinline__ void larger(float *top, uint32_t *at, float other, uint32_t other_at)
{
	if (other > *top || (other == *top && other_at < *at)) {
		*top = other;
		*at = other_at;
	}
}

__device__ __forceinline__ void block_top(float *top, uint32_t *at, float *part, uint32_t *part_at)
{
#pragma unroll
	for (int i = 16; i; i /= 2)
		larger(top, at, __shfl_xor_sync(ALL_LANES, *top, i),
			__shfl_xor_sync(ALL_LANES, *at, i));
	if (threadIdx.x % 32 == 0) {
		part[threadIdx.x / 32] = *top;
		part_at[threadIdx.x / 32] = *at;
	}
	__syncthreads();
#pragma unroll
	for (int i = 0; i < ROW_BLOCK / 32; i++)
		larger(top, at, part[i], part_at[i]);
}

/* A block reduces a row's chunk blockIdx.y of x, which lies in registers in between. */
__global__ void __launch_bounds__(ROW_BLOCK) reduce_rows(struct softmax_part *parts, size_t n_parts,
	const float *x, size_t ld, unsigned width, unsigned first, const float *bias)
{
	SHARED(float, part, ROW_BLOCK / 32);
	SHARED(uint32_t, part_at, ROW_BLOCK / 32);
	SHARED(float, part_sum, ROW_BLOCK / 32);
	unsigned base = blockIdx.y * OUTPUT_CHUNK;
	const float *row = x + (size_t)blockIdx.x * ld;
	float v[EACH][4], top = -INFINITY, sum = 0;
	uint32_t at = UINT32_MAX;

#pragma unroll
	for (unsigned k = 0; k < EACH; k++) {
		unsigned col = base + (k * ROW_BLOCK + threadIdx.x) * 4;

		load4(v[k], row, col, width, -INFINITY);
#pragma unroll
		for (unsigned i = 0; i < 4; i++) {
			if (bias && col + i < width)
				v[k][i] += bias[col + i];
			if (v[k][i] > top) {
				top = v[k][i];
				at = first + col + i;
			}
		}
	}
	block_top(&top, &at, part, part_at);
#pragma unroll
	for (unsigned k = 0; k < EACH; k++)
#pragma unroll
		for (unsigned i = 0; i < 4; i++)
			if (base + (k * ROW_BLOCK + threadIdx.x) * 4 + i < width)
				sum += expf(v[k][i] - top);
	sum = row_sum<ROW_BLOCK / 32>(sum, part_sum);
	if (threadIdx.x == 0) {
		/* NaNs have no largest */
		struct softmax_part p = { top, sum, at == UINT32_MAX ? first + base : at };

		parts[(size_t)blockIdx.x * n_parts + first / OUTPUT_CHUNK + blockIdx.y] = p;
	}
}

void output_parts(struct softmax_part *parts, size_t n_parts, const float *x, size_t ld,
	size_t rows, size_t first, size_t width, const float *bias)
{
	assert(first % OUTPUT_CHUNK == 0 && ld % 4 == 0);
	LAUNCH(reduce_rows,
		dim3((unsigned)rows, (unsigned)((width + OUTPUT_CHUNK - 1) / OUTPUT_CHUNK)),
		ROW_BLOCK, 0, parts, n_parts, x, ld, (unsigned)width, (unsigned)first, bias);
}

__global__ void __launch_bounds__(ROW_BLOCK) join_rows(float *lse, uint32_t *top,
	const struct softmax_part *parts, size_t n_parts, size_t rows)
{
	size_t row = (size_t)blockIdx.x * ROW_BLOCK + threadIdx.x;
	const struct softmax_part *p = parts + row * n_parts;
	struct softmax_part all;
	double sum = 0;

	if (row >= rows)
		return;
	all = p[0];
	for (size_t i = 1; i < n_parts; i++)
		if (p[i].max > all.max)
			all = p[i];
	for (size_t i = 0; i < n_parts; i++)
		sum += (double)p[i].sum * exp((double)p[i].max - (double)all.max);
	lse[row] = (float)((double)all.max + log(sum));
	top[row] = all.top;
}

void output_join(float *lse, uint32_t *top, const struct softmax_part *parts, size_t n_parts,
	size_t rows)
{
	LAUNCH(join_rows, (unsigned)((rows + ROW_BLOCK - 1) / ROW_BLOCK), ROW_BLOCK, 0, lse, top,
		parts, n_parts, rows);
}

/* -- what is requested ------------------------------------------------------------------------- */

struct ask {
	uint32_t row, id;
};

/* The logits that are requested and lie in this chunk. */
__global__ void __launch_bounds__(ROW_BLOCK) pick_logits(float *to, const struct ask *asks,
	size_t n, const float *x, size_t ld, unsigned first, unsigned width, const float *bias)
{
	size_t i = (size_t)blockIdx.x * ROW_BLOCK + threadIdx.x;

	if (i >= n || asks[i].id < first || asks[i].id - first >= width)
		return;
	unsigned col = asks[i].id - first;
	to[i] = x[asks[i].row * ld + col] + (bias ? bias[col] : 0.0f);
}

/* A tile's scratch memory: the request and what comes back to the host, one after the other. */
struct tile {
	size_t rows, n_asks, n_parts;
	struct softmax_part *parts; /* device [rows, n_parts] */
	size_t ld;                  /* of a chunk, or of the whole vocabulary where that is less */
	float *x;                   /* device [PRODUCT_ROWS, ld] */
	struct ask *asks;           /* device [n_asks] */
	float *lse, *picked;        /* device [rows], [n_asks] */
	uint32_t *top;              /* device [rows] */
};

static struct tile tile_new(size_t rows, const struct logp_request *a, size_t row, size_t vocab)
{
	struct tile t;
	struct ask *asks;
	size_t at = a->first[row];

	t.rows = rows;
	t.n_asks = a->first[row + rows] - at;
	t.n_parts = (vocab + OUTPUT_CHUNK - 1) / OUTPUT_CHUNK;
	t.parts = (struct softmax_part *)device_scratch(SCRATCH_OUTPUT_A,
		rows * t.n_parts * sizeof *t.parts);
	t.ld = min_size(OUTPUT_CHUNK, round_up(vocab, 8));
	t.x = (float *)device_scratch(SCRATCH_OUTPUT_B, PRODUCT_ROWS * t.ld * sizeof *t.x);
	t.lse = (float *)device_scratch(SCRATCH_OUTPUT_C, (2 * rows + t.n_asks) * 4);
	t.top = (uint32_t *)(t.lse + rows);
	t.picked = (float *)(t.top + rows);
	t.asks = (struct ask *)device_scratch(SCRATCH_OUTPUT_D, t.n_asks * sizeof *asks);
	asks = (struct ask *)xcalloc(t.n_asks, sizeof *asks);
	for (size_t r = 0; r < rows; r++)
		for (size_t i = a->first[row + r]; i < a->first[row + r + 1]; i++) {
			asks[i - at].row = (uint32_t)r;
			asks[i - at].id = a->ids[i];
		}
	if (t.n_asks)
		device_put(t.asks, asks, t.n_asks * sizeof *asks);
	free(asks);
	return t;
}

/* Results of a tile to the host. */
static void tile_get(float *logp, uint32_t *top, float *lse, const struct tile *t,
	const size_t *first)
{
	size_t n = 2 * t->rows + t->n_asks;
	float *all = (float *)xcalloc(n, sizeof *all);

	device_get(all, t->lse, n * sizeof *all);
	for (size_t r = 0; r < t->rows; r++)
		for (size_t i = first[r]; i < first[r + 1]; i++)
			logp[i] = all[2 * t->rows + i - first[0]] - all[r];
	if (lse)
		memcpy(lse, all, t->rows * 4);
	if (top)
		memcpy(top, all + t->rows, t->rows * 4);
	free(all);
}

void op_output(const struct logp_result *to, const struct mat *h, const struct mat *w,
	const struct mat *bias, const struct logp_request *a)
{
	const float *b = bias ? mat_f32(bias, 0) : NULL;
	size_t vocab = w->rows;

	assert(h->operand && h->cols == w->cols);
	cuda_flops += 2.0 * (double)h->rows * (double)vocab * (double)h->cols;
	for (size_t row = 0; row < h->rows; row += PRODUCT_ROWS) {
		struct tile t = tile_new(min_size(PRODUCT_ROWS, h->rows - row), a, row, vocab);
		struct part_of x = { mat_row(h, row), h->ld };

		for (size_t first = 0; first < vocab; first += OUTPUT_CHUNK) {
			size_t width = min_size(OUTPUT_CHUNK, vocab - first);
			struct part_of some = { mat_row(w, first), w->ld };
			const float *add = b ? b + first : NULL;

			product(t.x, t.ld, x, some, h->bf16, t.rows, width, h->cols,
				PRODUCT_PADDED);
			output_parts(t.parts, t.n_parts, t.x, t.ld, t.rows, first, width, add);
			LAUNCH(pick_logits, (unsigned)((t.n_asks + ROW_BLOCK - 1) / ROW_BLOCK),
				ROW_BLOCK, 0, t.picked, t.asks, t.n_asks, t.x, t.ld,
				(unsigned)first, (unsigned)width, add);
		}
		output_join(t.lse, t.top, t.parts, t.n_parts, t.rows);
		tile_get(to->logp, to->top ? to->top + row : NULL, to->lse ? to->lse + row : NULL,
			&t, a->first + row);
	}
}
