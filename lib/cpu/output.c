/* output - the output layer: logits in tiles that stay in the cache, reduced before the next tile
 * is made
 *
 * Each (tile of rows, panel of the vocabulary) gives every row's maximum, its sum of exponentials
 * and its argmax; the panels' parts are then put together in the order of the vocabulary, whatever
 * thread made them.
 */
#include "cpu/cpu.h"

#include "sys/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* The logits that are requested of one row and lie in this panel. */
static void pick(float *logp, const float *x, size_t first, size_t width,
	const struct logp_request *a, size_t row)
{
	for (size_t i = a->first[row]; i < a->first[row + 1]; i++)
		if (a->ids[i] >= first && a->ids[i] < first + width)
			logp[i] = x[a->ids[i] - first];
}

struct softmax_part part_join(const struct softmax_part *p, int n)
{
	struct softmax_part all = p[0];
	double sum = 0;

	for (int i = 1; i < n; i++)
		if (p[i].max > all.max) {
			all.max = p[i].max;
			all.top = p[i].top;
		}
	for (int i = 0; i < n; i++)
		sum += (double)p[i].sum * exp((double)p[i].max - (double)all.max);
	all.sum = (float)(all.max + log(sum)); /* from here on: log of the sum */
	return all;
}

void op_output(const struct logp_result *to, const struct mat *h, const struct mat *w,
	const struct mat *bias, const struct logp_request *a)
{
	int n_panels = panels_count(w->fwd), n_tiles = (int)((h->rows + TILE - 1) / TILE);
	struct softmax_part *parts = xcalloc(h->rows * (size_t)n_panels, sizeof *parts);

	assert(h->operand && h->cols == w->cols);
	cpu_flops += 2.0 * (double)h->rows * (double)w->rows * (double)w->cols;
#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (int i = 0; i < n_panels * n_tiles; i++) {
		size_t row0 = (size_t)(i % n_tiles) * TILE, first, width;
		int panel = i / n_tiles;
		float *x;

		panels_range(w->fwd, panel, &first, &width);
		x = cpu_scratch(SCRATCH_A, TILE * width * 4);
		panels_tile(x, mat_row(h, row0), h->ld, w->fwd, panel);
		for (size_t r = row0; r < row0 + TILE && r < h->rows; r++, x += width) {
			for (size_t j = 0; bias && j < width; j++)
				x[j] += mat_f32(bias, 0)[first + j];
			parts[r * (size_t)n_panels + (size_t)panel] = kern->reduce(x, width,
				(uint32_t)first);
			pick(to->logp, x, first, width, a, r);
		}
	}
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t r = 0; r < h->rows; r++) {
		struct softmax_part all = part_join(parts + r * (size_t)n_panels, n_panels);

		for (size_t i = a->first[r]; i < a->first[r + 1]; i++)
			to->logp[i] -= all.sum;
		if (to->top)
			to->top[r] = all.top;
		if (to->lse)
			to->lse[r] = all.sum;
	}
	free(parts);
}

void op_logits(float *logits, const struct mat *h, const struct mat *w, const struct mat *bias)
{
	struct mat *y = mat_new(MAT_F32, h->rows, w->rows);

	op_matmul(y, h, w, bias, 0, NULL);
	mat_get(y, 0, h->rows, logits);
	mat_free(y);
}
