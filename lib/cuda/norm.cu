/* norm - RMSNorm and LayerNorm over rows, and their gradient
 *
 * A row is read once from memory and again from the cache: its sums first, then each element. Bytes
 * from and to memory are the least possible.
 */
#include "cuda/row.h"

#include <assert.h>
#include <math.h>

/* The mean in f64: it is subtracted from values that may be large beside their deviation. */
template <int WARPS>
__device__ __forceinline__ double row_mean(const struct rows &x, size_t row, unsigned first,
	double *part)
{
	double sum = 0;
	float v[8];

	for (unsigned c = first; c < x.cols; c += WARPS * ROW_BLOCK) {
		row_load8(v, x, row, c);
#pragma unroll
		for (int i = 0; i < 8; i++)
			sum += (double)v[i];
	}
	return row_sum<WARPS>(sum, part) / (double)x.cols;
}

template <int WARPS>
__global__ void __launch_bounds__(ROW_BLOCK) norm_rows(struct rows y, struct rows x, size_t n,
	struct rows weight, struct rows bias, int kind, float eps)
{
	SHARED(double, part, WARPS);
	SHARED(float, part_sq, WARPS);
	unsigned first;
	size_t row = row_mine<WARPS>(&first);
	float v[8], w[8], b[8] = { 0 }, mean = 0, sum = 0;

	if (row >= n)
		return;
	if (kind == NORM_KIND_LAYER)
		mean = (float)row_mean<WARPS>(x, row, first, part);
	for (unsigned c = first; c < x.cols; c += WARPS * ROW_BLOCK) {
		row_load8(v, x, row, c);
#pragma unroll
		for (unsigned i = 0; i < 8; i++)
			if (c + i < x.cols)
				sum += (v[i] - mean) * (v[i] - mean);
	}
	float scale = 1.0f / sqrtf(row_sum<WARPS>(sum, part_sq) / (float)x.cols + eps);
	for (unsigned c = first; c < x.cols; c += WARPS * ROW_BLOCK) {
		row_load8(v, x, row, c);
		row_load8(w, weight, 0, c);
		if (bias.data)
			row_load8(b, bias, 0, c);
#pragma unroll
		for (int i = 0; i < 8; i++)
			v[i] = (v[i] - mean) * scale * w[i] + b[i];
		row_store8(y, row, c, v);
	}
}

void op_norm(struct mat *y, const struct mat *x, const struct mat *weight, const struct mat *bias,
	int kind, float eps)
{
	assert(y->cols == x->cols && y->rows == x->rows && weight->cols == x->cols);
	if (!x->rows)
		return;
	if (x->cols <= ROW_NARROW)
		LAUNCH(norm_rows<1>, row_blocks(x->rows, 1), ROW_BLOCK, 0, rows_all(y), rows_all(x),
			x->rows, rows_all(weight), rows_all(bias), kind, eps);
	else
		LAUNCH(norm_rows<8>, row_blocks(x->rows, 8), ROW_BLOCK, 0, rows_all(y), rows_all(x),
			x->rows, rows_all(weight), rows_all(bias), kind, eps);
}

/* With z = (x - mean) r, r = 1 / sqrt(var + eps), g = w dy:
 *
 *   dx += r (g - mean(g) - z mean(g z))
 *
 * RMS has no means of x and g. */
template <int WARPS>
__global__ void __launch_bounds__(ROW_BLOCK) norm_rows_back(struct rows dx, struct rows rounded,
	struct rows dy, struct rows x, size_t n, struct rows weight, int kind, float eps)
{
	SHARED(double, part, WARPS);
	unsigned first;
	size_t row = row_mine<WARPS>(&first);
	double mean = 0, sumsq = 0, g_sum = 0, gz = 0, cols = (double)x.cols;
	float v[8], w[8], d[8], old[8];

	if (row >= n)
		return;
	if (kind == NORM_KIND_LAYER)
		mean = row_mean<WARPS>(x, row, first, part);
	for (unsigned c = first; c < x.cols; c += WARPS * ROW_BLOCK) {
		row_load8(v, x, row, c);
		row_load8(d, dy, row, c);
		row_load8(w, weight, 0, c);
#pragma unroll
		for (unsigned i = 0; i < 8; i++) {
			double z = (double)v[i] - mean, g = (double)(w[i] * d[i]);

			if (c + i >= x.cols)
				break;
			sumsq += z * z;
			g_sum += g;
			gz += g * z;
		}
	}
	sumsq = row_sum<WARPS>(sumsq, part);
	g_sum = row_sum<WARPS>(g_sum, part);
	gz = row_sum<WARPS>(gz, part);
	double r = 1.0 / sqrt(sumsq / cols + (double)eps);
	float scale = (float)r, slope = (float)(gz * r * r / cols), m = (float)mean;
	float shift = kind == NORM_KIND_LAYER ? (float)(g_sum / cols) : 0.0f;
	for (unsigned c = first; c < x.cols; c += WARPS * ROW_BLOCK) {
		row_load8(v, x, row, c);
		row_load8(d, dy, row, c);
		row_load8(w, weight, 0, c);
		row_load8(old, dx, row, c);
#pragma unroll
		for (int i = 0; i < 8; i++)
			old[i] += scale * (w[i] * d[i] - shift - (v[i] - m) * slope);
		row_store8(dx, row, c, old);
		if (rounded.data)
			row_store8(rounded, row, c, old);
	}
}

void op_norm_back(struct mat *dx, struct mat *rounded, const struct mat *dy, const struct mat *x,
	const struct mat *weight, const struct mat *bias, int kind, float eps)
{
	(void)bias;
	assert(!dx->operand && !dy->operand && dx->cols == x->cols && dx->rows == x->rows);
	if (!x->rows)
		return;
	if (x->cols <= ROW_NARROW)
		LAUNCH(norm_rows_back<1>, row_blocks(x->rows, 1), ROW_BLOCK, 0, rows_all(dx),
			rows_all(rounded), rows_all(dy), rows_all(x), x->rows, rows_all(weight),
			kind, eps);
	else
		LAUNCH(norm_rows_back<8>, row_blocks(x->rows, 8), ROW_BLOCK, 0, rows_all(dx),
			rows_all(rounded), rows_all(dy), rows_all(x), x->rows, rows_all(weight),
			kind, eps);
}
