/* norm - RMSNorm and LayerNorm over rows
 */
#include "cpu.h"

#include <assert.h>
#include <math.h>

/* Sums of a row, in eight lanes and then across: the order is fixed. */
static float row_sum(const float *x, size_t n)
{
	v8 sum = v8_set(0);
	float rest = 0;
	size_t i = 0;

	for (; i + 8 <= n; i += 8)
		sum += v8_load(x + i);
	for (; i < n; i++)
		rest += x[i];
	return v8_sum(sum) + rest;
}

static float row_sumsq(const float *x, float mean, size_t n)
{
	v8 sum = v8_set(0), m = v8_set(mean);
	float rest = 0;
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		v8 d = v8_load(x + i) - m;
		sum = v8_fma(d, d, sum);
	}
	for (; i < n; i++)
		rest += (x[i] - mean) * (x[i] - mean);
	return v8_sum(sum) + rest;
}

/* y = (x - mean) / sqrt(var + eps) * w + b; RMS: mean 0, no b */
static void norm_row(float *y, const float *x, const float *w, const float *b, int kind, float eps, size_t n)
{
	float mean = kind == NORM_KIND_LAYER ? row_sum(x, n) / (float)n : 0;
	float scale = 1.0f / sqrtf(row_sumsq(x, mean, n) / (float)n + eps);

	for (size_t i = 0; i < n; i++)
		y[i] = (x[i] - mean) * scale * w[i];
	if (b)
		for (size_t i = 0; i < n; i++)
			y[i] += b[i];
}

void op_norm(struct mat *y, const struct mat *x, const struct mat *weight, const struct mat *bias, int kind, float eps)
{
	assert(y->cols == x->cols && y->rows == x->rows && weight->cols == x->cols);
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++) {
		float *out = cpu_scratch(SCRATCH_A, x->cols * 4);

		norm_row(out, mat_f32(x, i), mat_f32(weight, 0), bias ? mat_f32(bias, 0) : NULL, kind, eps, x->cols);
		row_store(y, i, out);
	}
}
