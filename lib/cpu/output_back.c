/* output_back - cross entropy and its gradient through the output layer, one tile of rows at a time
 *
 * A thread keeps its tile's logits, turns them into softmax - onehot where they lie, and multiplies
 * them back. So the logits of a batch never exist, only those of a tile for each thread.
 */
#include "cpu/cpu.h"

#include <assert.h>
#include <math.h>

/* The tile's logits [TILE, V], and of each row in each panel what its softmax needs. */
static void logits(float *x, struct softmax_part *parts, const struct mat *h, size_t row,
	const struct mat *w, const struct mat *bias)
{
	int n_panels = panels_count(w->fwd);

	for (int i = 0; i < n_panels; i++) {
		size_t first, width;
		float *block;

		panels_range(w->fwd, i, &first, &width);
		block = cpu_scratch(SCRATCH_BLOCK, TILE * width * 4);
		panels_tile(block, mat_row(h, row), h->ld, w->fwd, i);
		for (size_t r = 0; r < TILE; r++, block += width) {
			if (bias)
				kern->add(block, mat_f32(bias, 0) + first, width);
			parts[r * (size_t)n_panels + (size_t)i] = kern->reduce(block, width,
				(uint32_t)first);
			memcpy(x + r * w->rows + first, block, width * 4);
		}
	}
}

/* One row of them -> scale (softmax - onehot) as operands, to y, which may lie where x does;
 * returns -log softmax[target]. */
static float cross_entropy(void *y, const float *x, size_t n, float lse, uint32_t target,
	float scale)
{
	float nll = lse - x[target], at = scale * (expf(-nll) - 1);
	size_t size = cpu_bf16 ? 2 : 4;

	kern->softmax(y, x, n, lse, scale);
	if (cpu_bf16)
		kern->bf16_from_f32((uint16_t *)((char *)y + target * size), &at, 1);
	else
		((float *)y)[target] = at;
	if (cpu_round)
		round_to_bf16(y, y, n);
	return nll;
}

static void tile_back(struct mat *dh, float *nll, const struct mat *h, size_t row,
	const struct mat *w, const struct mat *bias, const uint32_t *target, float scale)
{
	size_t n = w->rows, n_panels = (size_t)panels_count(w->fwd), size = cpu_bf16 ? 2 : 4;
	float *x = cpu_scratch(SCRATCH_A, TILE * n * 4);
	struct softmax_part *parts = cpu_scratch(SCRATCH_B, TILE * n_panels * sizeof *parts);

	logits(x, parts, h, row, w, bias);
	for (size_t r = 0; r < TILE; r++) {
		char *y = (char *)x + r * n * size;
		int counts = row + r < h->rows, wanted = counts && target[row + r] != UINT32_MAX;
		float lse = part_join(parts + r * n_panels, (int)n_panels).sum;

		if (!wanted)
			memset(y, 0, n * size);
		if (counts)
			nll[row + r] = wanted
				? cross_entropy(y, x + r * n, n, lse, target[row + r], scale)
				: 0;
	}
	for (int i = 0; i < panels_count(w->back); i++) {
		size_t first, width;

		panels_range(w->back, i, &first, &width);
		panels_tile_to(mat_f32(dh, row) + first, dh->ld, x, n, w->back, i);
	}
}

void op_output_back(struct mat *dh, float *nll, const struct mat *h, const struct mat *w,
	const struct mat *bias, const uint32_t *target, float scale)
{
	assert(h->operand && !dh->operand && h->cols == w->cols && dh->rows == h->rows &&
		dh->cols == h->cols);
	assert(w->fwd && w->back);
	cpu_flops += 4.0 * (double)h->rows * (double)w->rows * (double)w->cols;
#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (size_t row = 0; row < h->rows; row += TILE)
		tile_back(dh, nll, h, row, w, bias, target, scale);
}

size_t op_output_back_bytes(size_t vocab)
{
	return TILE * vocab * 4 + TILE * (vocab / GRAIN + 1) * sizeof(struct softmax_part);
}
