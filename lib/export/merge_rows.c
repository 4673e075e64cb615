/* merge_rows - see merge_rows.h
 *
 * A lies in panels of sixteen columns, so that every row of B finds one in the first cache; four
 * rows' sums of them stay in registers.
 */
#include "export/merge_rows.h"

#include "file/half.h"
#include "sys/memory.h"
#include "sys/simd.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TILE_ROWS = 4, TILE_COLS = 16, LANES = 8 };

float *merge_rows_panels(const float *a, int rank, uint64_t cols)
{
	uint64_t n_panels = (cols + TILE_COLS - 1) / TILE_COLS, n;
	float *panels = xcalloc(n_panels * (uint64_t)rank, TILE_COLS * sizeof *panels), *p = panels;

	for (uint64_t c = 0; c < cols; c += TILE_COLS)
		for (int k = 0; k < rank; k++, p += TILE_COLS) {
			n = cols - c < TILE_COLS ? cols - c : TILE_COLS; /* zeros behind the last */
			memcpy(p, a + (uint64_t)k * cols + c, n * sizeof *p);
		}
	return panels;
}

/* sum[TILE_ROWS, TILE_COLS] = B panel, with the last of n rows of B standing for those that are not
 * there. */
static void tile(float *sum, const float *b, const float *panel, uint64_t n, int rank)
{
	floats8 s[TILE_ROWS][2] = { 0 }, left, right;
	const float *row[TILE_ROWS];

	for (uint64_t i = 0; i < TILE_ROWS; i++)
		row[i] = b + (i < n ? i : n - 1) * (uint64_t)rank;
	for (int k = 0; k < rank; k++) {
		left = floats8_load(panel + k * TILE_COLS);
		right = floats8_load(panel + k * TILE_COLS + LANES);
#pragma GCC unroll 4
		for (int i = 0; i < TILE_ROWS; i++) {
			s[i][0] += row[i][k] * left;
			s[i][1] += row[i][k] * right;
		}
	}
#pragma GCC unroll 4
	for (int i = 0; i < TILE_ROWS; i++) {
		floats8_store(sum + i * TILE_COLS, s[i][0]);
		floats8_store(sum + i * TILE_COLS + LANES, s[i][1]);
	}
}

void merge_rows_add(float *w, const float *b, const float *panels, float scale, uint64_t n,
	int rank, uint64_t cols)
{
	float sum[TILE_ROWS * TILE_COLS];

	for (uint64_t c = 0; c < cols; c += TILE_COLS, panels += rank * TILE_COLS) {
		uint64_t n_cols = cols - c < TILE_COLS ? cols - c : TILE_COLS;

		for (uint64_t r = 0; r < n; r += TILE_ROWS) {
			uint64_t n_rows = n - r < TILE_ROWS ? n - r : TILE_ROWS;

			tile(sum, b + r * (uint64_t)rank, panels, n_rows, rank);
			for (uint64_t i = 0; i < n_rows; i++)
				for (uint64_t k = 0; k < n_cols; k++)
					w[(r + i) * cols + c + k] += scale * sum[i * TILE_COLS + k];
		}
	}
}

/* A value that no longer fits its type would silently become infinite. */
static int64_t first_unfit(const float *w, uint64_t cols, enum tensor_type type)
{
	float limit = type == T_F16 ? 65504.0f : FLT_MAX;
	int unfit = 0;

	for (uint64_t i = 0; i < cols; i++)
		unfit |= !(fabsf(w[i]) <= limit);
	for (uint64_t i = 0; unfit && i < cols; i++)
		if (!(fabsf(w[i]) <= limit))
			return (int64_t)i;
	return -1;
}

int64_t merge_rows_pack(void *out, const float *w, uint64_t cols, enum tensor_type type)
{
	unsigned char *p = out;
	uint16_t half;
	uint32_t u;

	switch (type) {
	case T_F32: memcpy(out, w, cols * sizeof *w); break;
	case T_F16:
		for (uint64_t i = 0; i < cols; i++) {
			half = f32_to_f16(w[i]);
			memcpy(p + 2 * i, &half, 2);
		}
		break;
	default: /* f32_to_bf16 of what is no NaN, as a vector */
		for (uint64_t i = 0; i < cols; i++) {
			memcpy(&u, w + i, 4);
			half = (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
			memcpy(p + 2 * i, &half, 2);
		}
	}
	return first_unfit(w, cols, type);
}
