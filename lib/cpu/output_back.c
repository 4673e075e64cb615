/* output_back - cross entropy and its gradient through the output layer, one tile of rows at a time
 *
 * A thread keeps its tile's logits, turns them into softmax - onehot where they lie, and multiplies them back. So the
 * logits of a batch never exist, only those of a tile for each thread.
 */
#include "cpu.h"

#include <assert.h>

static void logits(float *x, const struct mat *h, size_t row, const struct mat *w, const struct mat *bias)
{
	for (int i = 0; i < panels_count(w->fwd); i++) {
		size_t first, width;

		panels_range(w->fwd, i, &first, &width);
		panels_tile_to(x + first, w->rows, mat_row(h, row), h->ld, w->fwd, i, bias ? mat_f32(bias, 0) + first : NULL);
	}
}

/* Row by row to what products take, in place: an operand is never wider than an f32. */
static void to_operands(float *x, size_t rows, size_t cols)
{
	for (size_t r = 0; r < rows; r++) {
		if (cpu_bf16)
			kern->bf16_from_f32((uint16_t *)x + r * cols, x + r * cols, cols);
		else if (cpu_round)
			round_to_bf16(x + r * cols, x + r * cols, cols);
	}
}

static void tile_back(struct mat *dh, float *nll, const struct mat *h, size_t row, const struct mat *w,
	const struct mat *bias, const uint32_t *target, float scale)
{
	float *x = cpu_scratch(SCRATCH_A, TILE * w->rows * 4);

	logits(x, h, row, w, bias);
	for (size_t r = 0; r < TILE; r++) {
		float *at = x + r * w->rows;

		if (row + r < h->rows && target[row + r] != UINT32_MAX) {
			nll[row + r] = kern->cross_entropy(at, w->rows, target[row + r], scale);
			continue;
		}
		memset(at, 0, w->rows * 4);
		if (row + r < h->rows)
			nll[row + r] = 0;
	}
	to_operands(x, TILE, w->rows);
	for (int i = 0; i < panels_count(w->back); i++) {
		size_t first, width;

		panels_range(w->back, i, &first, &width);
		panels_tile_to(mat_f32(dh, row) + first, dh->ld, x, w->rows, w->back, i, NULL);
	}
}

void op_output_back(struct mat *dh, float *nll, const struct mat *h, const struct mat *w, const struct mat *bias,
	const uint32_t *target, float scale)
{
	assert(h->operand && !dh->operand && h->cols == w->cols && dh->rows == h->rows && dh->cols == h->cols);
	assert(w->fwd && w->back);
	cpu_flops += 4.0 * (double)h->rows * (double)w->rows * (double)w->cols;
	#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (size_t row = 0; row < h->rows; row += TILE)
		tile_back(dh, nll, h, row, w, bias, target, scale);
}
