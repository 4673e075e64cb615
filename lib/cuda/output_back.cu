/* output_back - cross entropy and its gradient through the output layer, one tile of rows at a time
 *
 * A tile's logits lie in memory once, are turned into softmax - onehot where they lie, as operands,
 * and multiplied back. So the logits of a batch never exist, only those of a tile.
 */
#include "cuda/row.h"

#include <assert.h>
#include <math.h>
#include <omp.h>

/* Each row of x -> scale (softmax - onehot) as operands, to the row's own memory: a block's threads
 * go through it together, what they write lies where they have read. No target: zeros. nll = -log
 * softmax[target]. */
__global__ void __launch_bounds__(ROW_BLOCK)
	cross_entropy_rows(float *nll, float *x, size_t ld, unsigned width, const float *bias,
		const float *lse, const uint32_t *target, float scale, int bf16)
{
	float *row = x + (size_t)blockIdx.x * ld, log_sum = lse[blockIdx.x];
	uint32_t at = target[blockIdx.x];

	for (unsigned first = 0; first < width; first += 4 * ROW_BLOCK) {
		unsigned col = first + 4 * threadIdx.x;
		float y[4];

		load4(y, row, col, at == UINT32_MAX ? 0 : width, 0.0f);
#pragma unroll
		for (unsigned i = 0; i < 4; i++)
			if (at != UINT32_MAX && col + i < width) {
				float v = y[i] + (bias ? bias[col + i] : 0.0f) - log_sum;

				y[i] = scale * expf(v);
				if (col + i == at) {
					nll[blockIdx.x] = -v;
					y[i] = scale * (expf(v) - 1.0f);
				}
			}
		if (bf16)
			__syncthreads();
		if (col >= ld)
			continue;
		if (bf16) {
			uint2 pair = make_uint2(bf16_pair(y[0], y[1]), bf16_pair(y[2], y[3]));

			*(uint2 *)((uint16_t *)row + col) = pair;
		} else {
			*(float4 *)(row + col) = make_float4(y[0], y[1], y[2], y[3]);
		}
	}
	if (at == UINT32_MAX && threadIdx.x == 0)
		nll[blockIdx.x] = 0;
}

static void tile_back(struct mat *dh, float *nll, const struct mat *h, size_t row, size_t rows,
	const struct mat *w, const struct mat *bias, const uint32_t *target, float scale)
{
	size_t n = w->rows, ld = round_up(n, 8), n_parts = (n + OUTPUT_CHUNK - 1) / OUTPUT_CHUNK;
	float *x = (float *)device_scratch(SCRATCH_OUTPUT_B, PRODUCT_ROWS * ld * 4);
	float *lse = (float *)device_scratch(SCRATCH_OUTPUT_C, rows * 16), *loss = lse + rows;
	uint32_t *top = (uint32_t *)(loss + rows), *goal = top + rows;
	struct softmax_part *parts = (struct softmax_part *)device_scratch(SCRATCH_OUTPUT_A,
		rows * n_parts * sizeof *parts);
	const float *b = bias ? mat_f32(bias, 0) : NULL;
	struct part_of from = { mat_row(h, row), h->ld }, weight = { w->data, w->ld };
	struct part_of back = { x, h->bf16 ? 2 * ld : ld };

	device_put(goal, target + row, rows * sizeof *goal);
	product(x, ld, from, weight, h->bf16, rows, n, h->cols, PRODUCT_PADDED);
	output_parts(parts, n_parts, x, ld, rows, 0, n, b);
	output_join(lse, top, parts, n_parts, rows);
	LAUNCH(cross_entropy_rows, (unsigned)rows, ROW_BLOCK, 0, loss, x, ld, (unsigned)n, b, lse,
		goal, scale, h->bf16);
	product(mat_f32(dh, row), dh->ld, back, weight, h->bf16, rows, h->cols, n,
		PRODUCT_TRANSPOSED);
	device_get(nll + row, loss, rows * sizeof *nll);
}

void op_output_back(struct mat *dh, float *nll, const struct mat *h, const struct mat *w,
	const struct mat *bias, const uint32_t *target, float scale)
{
	assert(h->operand && !dh->operand && h->cols == w->cols && dh->rows == h->rows &&
		dh->cols == h->cols);
	assert(w->uses & WEIGHT_BACKWARD);
	cuda_flops += 4.0 * (double)h->rows * (double)w->rows * (double)w->cols;
	for (size_t row = 0; row < h->rows; row += PRODUCT_ROWS)
		tile_back(dh, nll, h, row, min_size(PRODUCT_ROWS, h->rows - row), w, bias, target,
			scale);
}

/* A tile's scratch memory, and the copy of its operands that a product of fewer rows makes; each
 * thread is told its share. */
size_t op_output_back_bytes(size_t vocab)
{
	size_t threads = (size_t)omp_get_max_threads(),
	       n_parts = (vocab + OUTPUT_CHUNK - 1) / OUTPUT_CHUNK;
	size_t row = round_up(vocab, 8) * (cuda_bf16 ? 6 : 8) +
		n_parts * sizeof(struct softmax_part);

	return (PRODUCT_ROWS * row + threads - 1) / threads;
}
