/* emu_product - products where there is no device: plain sums, in an order that k alone decides
 *
 * Some columns of the result at a time, for which the weight lies turned and in f32.
 */
#include "cuda.h"

#include "cli.h"

#include <stdlib.h>

enum { COLUMNS = 32, PART = 64 };

static void load(float *to, const void *from, int bf16, size_t at, size_t stride, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = bf16 ? bf16_up(((const uint16_t *)from)[at + i * stride]) : ((const float *)from)[at + i * stride];
}

/* y[width] = or += x[k] w[k, COLUMNS]; long sums in parts, which keeps them exact enough. */
static void row_product(float *y, const float *x, const float *w, size_t k, size_t width, int add)
{
	float sum[COLUMNS] = { 0 };

	for (size_t first = 0; first < k; first += PART) {
		float part[COLUMNS] = { 0 };

		for (size_t i = first; i < min_size(first + PART, k); i++)
			for (int j = 0; j < COLUMNS; j++)
				part[j] = __builtin_fmaf(x[i], w[i * COLUMNS + (size_t)j], part[j]);
		for (int j = 0; j < COLUMNS; j++)
			sum[j] += part[j];
	}
	for (size_t j = 0; j < width; j++)
		y[j] = add ? y[j] + sum[j] : sum[j];
}

void product(float *y, size_t ldy, struct part_of x, struct part_of w, int bf16, size_t rows, size_t n, size_t k, int how)
{
	float *left = (float *)xcalloc(rows * k + 1, sizeof *left);

	for (size_t i = 0; i < rows; i++)
		load(left + i * k, x.data, bf16, i * x.ld, 1, k);
	#pragma omp parallel for schedule(dynamic)
	for (size_t col = 0; col < n; col += COLUMNS) {
		size_t width = min_size(COLUMNS, n - col);
		float *right = (float *)calloc(k * COLUMNS + 1, sizeof *right);

		for (size_t j = 0; right && j < width; j++)
			for (size_t i = 0; i < k; i++)
				load(right + i * COLUMNS + j, w.data, bf16,
					how & PRODUCT_TURNED ? i * w.ld + col + j : (col + j) * w.ld + i, 1, 1);
		for (size_t i = 0; right && i < rows; i++)
			row_product(y + i * ldy + col, left + i * k, right, k, width, how & PRODUCT_ADD);
		free(right);
	}
	free(left);
}
