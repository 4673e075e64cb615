/* train - what healing needs beside the backward pass: sums of squares, the distance of two states,
 * AdamW
 *
 * Sums are taken row by row in f64; the rows' sums are added on the host, row after row: how the
 * rows are divided into batches then changes no bit.
 */
#include "cuda/row.h"

#include "sys/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* sum[row] = that of (a - b)^2, or of a^2 where there is no b; da += slope (a - b), where there is
 * a da. */
template <int WARPS>
__global__ void __launch_bounds__(ROW_BLOCK) distance_rows(double *sum, struct rows da,
	struct rows a, struct rows b, size_t n, float slope)
{
	SHARED(double, part, WARPS);
	unsigned first;
	size_t row = row_mine<WARPS>(&first);
	float x[8], y[8] = { 0 }, d[8];
	double all = 0;

	if (row >= n)
		return;
	for (unsigned c = first; c < a.cols; c += WARPS * ROW_BLOCK) {
		row_load8(x, a, row, c);
		if (b.data)
			row_load8(y, b, row, c);
#pragma unroll
		for (int i = 0; i < 8; i++) {
			x[i] -= y[i];
			all += (double)x[i] * (double)x[i];
		}
		if (da.data) {
			row_load8(d, da, row, c);
#pragma unroll
			for (int i = 0; i < 8; i++)
				d[i] += slope * x[i];
			row_store8(da, row, c, d);
		}
	}
	all = row_sum<WARPS>(all, part);
	if (first == 0)
		sum[row] = all;
}

static void distance(double *all, struct mat *da, const struct mat *a, const struct mat *b,
	float slope)
{
	size_t n = a->rows;
	double *sum = (double *)xcalloc(n, sizeof *sum),
	       *on = (double *)device_scratch(SCRATCH_TRAIN_A, n * sizeof *sum);

	if (a->cols <= ROW_NARROW)
		LAUNCH(distance_rows<1>, row_blocks(n, 1), ROW_BLOCK, 0, on, rows_all(da),
			rows_all(a), rows_all(b), n, slope);
	else
		LAUNCH(distance_rows<8>, row_blocks(n, 8), ROW_BLOCK, 0, on, rows_all(da),
			rows_all(a), rows_all(b), n, slope);
	device_get(sum, on, n * sizeof *sum);
	for (size_t i = 0; i < n; i++)
		*all += sum[i];
	free(sum);
}

double op_sumsq(const struct mat *g)
{
	double all = 0.0;

	assert(!g->operand);
	if (g->rows)
		distance(&all, NULL, g, NULL, 0);
	return all;
}

void op_distance(double *all, struct mat *da, const struct mat *a, const struct mat *b,
	double scale)
{
	assert(!a->operand && !b->operand && a->rows == b->rows && a->cols == b->cols);
	assert(!da || (!da->operand && da->rows == a->rows && da->cols == a->cols));
	if (a->rows)
		distance(all, da, a, b, (float)(2.0 * scale));
}

struct step {
	float rate, shrink, root, eps, clip, b1, c1, b2, c2;
};

__global__ void __launch_bounds__(ROW_BLOCK)
	adamw_rows(struct rows p, struct rows m, struct rows v, struct rows g, struct step s)
{
	unsigned c = eights_mine();
	size_t row = blockIdx.x;
	float pi[8], mi[8], vi[8], gi[8];

	if (c >= p.cols)
		return;
	row_load8(pi, p, row, c);
	row_load8(mi, m, row, c);
	row_load8(vi, v, row, c);
	row_load8(gi, g, row, c);
#pragma unroll
	for (int i = 0; i < 8; i++) {
		float d = gi[i] * s.clip;

		pi[i] -= s.shrink * pi[i];
		mi[i] = s.b1 * mi[i] + s.c1 * d;
		vi[i] = s.b2 * vi[i] + s.c2 * d * d;
		pi[i] -= s.rate * mi[i] / (sqrtf(vi[i]) / s.root + s.eps);
	}
	row_store8(p, row, c, pi);
	row_store8(m, row, c, mi);
	row_store8(v, row, c, vi);
}

void op_adamw(struct mat *p, struct mat *m, struct mat *v, const struct mat *g,
	const struct adamw *a)
{
	struct step s;

	assert(!p->operand && p->rows == g->rows && p->cols == g->cols);
	s.rate = (float)(a->lr / (1.0 - pow(a->beta1, (double)a->t)));
	s.shrink = (float)(a->lr * a->decay);
	s.root = (float)sqrt(1.0 - pow(a->beta2, (double)a->t));
	s.eps = (float)a->eps;
	s.clip = (float)a->clip;
	s.b1 = (float)a->beta1;
	s.c1 = (float)(1.0 - a->beta1);
	s.b2 = (float)a->beta2;
	s.c2 = (float)(1.0 - a->beta2);
	if (p->rows)
		LAUNCH(adamw_rows, eights_grid(p->rows, p->cols), eights_block(p->cols), 0,
			rows_all(p), rows_all(m), rows_all(v), rows_all(g), s);
}
