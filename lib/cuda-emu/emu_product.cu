/* emu_product - products where there is no device: plain sums, in an order that k alone decides
 *
 * Some columns of the result at a time, for which the weight lies transposed and in f32.
 */
#include "cuda/cuda.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>

enum { COLUMNS = 32, PART = 64, WIDE = 8 };

typedef float wide __attribute__((vector_size(WIDE * sizeof(float))));

/* n values in a row as f32. */
static void load(float *to, struct part_of from, int bf16, size_t row, size_t col, size_t n)
{
	size_t at = row * from.ld + col;

	for (size_t i = 0; i < n; i++)
		to[i] = bf16 ? bf16_up(((const uint16_t *)from.data)[at + i])
			     : ((const float *)from.data)[at + i];
}

/* y[width] = or += x[k] w[k, COLUMNS]; long sums in parts, which keeps them exact enough. */
static void row_product(float *y, const float *x, const float *w, size_t k, size_t width, int add)
{
	wide sum[COLUMNS / WIDE] = { 0 };

	for (size_t first = 0; first < k; first += PART) {
		size_t last = min_size(first + PART, k);
		wide part[COLUMNS / WIDE] = { 0 };

		for (size_t i = first; i < last; i++) {
			wide v[COLUMNS / WIDE];

			memcpy(v, w + i * COLUMNS, sizeof v);
			part[0] += x[i] * v[0];
			part[1] += x[i] * v[1];
			part[2] += x[i] * v[2];
			part[3] += x[i] * v[3];
		}
		for (int j = 0; j < COLUMNS / WIDE; j++)
			sum[j] += part[j];
	}
	for (size_t j = 0; j < width; j++)
		y[j] = sum[j / WIDE][j % WIDE] + (add ? y[j] : 0.0f);
}

/* Columns col .. col+width-1 of the right side, [k, COLUMNS]; zeros beside them. NULL: no
 * memory. */
static float *columns(struct part_of w, int bf16, size_t col, size_t width, size_t k,
	int transposed)
{
	float *right = (float *)calloc(k * COLUMNS + 1, sizeof *right),
	      *row = (float *)malloc((k + 1) * sizeof *row);

	for (size_t i = 0; right && transposed && i < k; i++)
		load(right + i * COLUMNS, w, bf16, i, col, width);
	for (size_t j = 0; right && row && !transposed && j < width; j++) {
		load(row, w, bf16, col + j, 0, k);
		for (size_t i = 0; i < k; i++)
			right[i * COLUMNS + j] = row[i];
	}
	if (!row) {
		free(right);
		right = NULL;
	}
	free(row);
	return right;
}

void product(float *y, size_t ldy, struct part_of x, struct part_of w, int bf16, size_t rows,
	size_t n, size_t k, int how)
{
	float *left = (float *)xcalloc(rows * k + 1, sizeof *left);
	int failed = 0;

	for (size_t i = 0; i < rows; i++)
		load(left + i * k, x, bf16, i, 0, k);
#pragma omp parallel for schedule(dynamic) reduction(| : failed)
	for (size_t col = 0; col < n; col += COLUMNS) {
		size_t width = min_size(COLUMNS, n - col);
		float *right = columns(w, bf16, col, width, k, how & PRODUCT_TRANSPOSED);

		failed |= !right;
		for (size_t i = 0; right && i < rows; i++)
			row_product(y + i * ldy + col, left + i * k, right, k, width,
				how & PRODUCT_ADD);
		free(right);
	}
	free(left);
	if (failed)
		die("emulation: no memory for a product");
}
