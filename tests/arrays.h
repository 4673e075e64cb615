/* arrays - what tests of ops.h share: arrays of floats, matrices of them, and how far they are from
 * what is wanted
 *
 * To be included after cmocka.h. Arrays are the caller's, to be freed.
 */
#ifndef COPPICE_TESTS_ARRAYS_H
#define COPPICE_TESTS_ARRAYS_H

#include "formula.h"
#include "ops.h"

static inline float *floats(size_t n)
{
	return calloc(n + 1, sizeof(float));
}

/* n values in [-scale, scale) */
static inline float *values(size_t n, uint64_t seed, float scale)
{
	float *x = floats(n);

	for (size_t i = 0; i < n; i++)
		x[i] = scale * (2 * (float)(formula_word(seed, i + 1) >> 40) * 0x1p-24f - 1);
	return x;
}

/* The rows as they are stored. */
static inline float *rows_of(const struct mat *m)
{
	float *x = floats(mat_rows(m) * mat_cols(m));

	mat_get(m, 0, mat_rows(m), x);
	return x;
}

/* tol: of the largest that is wanted */
static inline void assert_near(const float *is, const double *want, size_t n, double tol)
{
	double top = 1e-30, worst = 0;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		double e = fabs((double)is[i] - want[i]);

		top = fmax(top, fabs(want[i]));
		if (!(e <= worst)) {
			worst = e;
			at = i;
		}
	}
	if (!(worst <= tol * top))
		fail_msg("element %zu of %zu: %.9g, wanted %.9g: differs by %g of %g", at, n,
			(double)is[at], want[at], worst, top);
}

/* n rows have the same bits. */
static inline void same_rows(const struct mat *a, size_t a_row, const struct mat *b, size_t b_row,
	size_t n)
{
	size_t cols = mat_cols(a);
	float *x = floats(n * cols), *y = floats(n * cols);

	assert_int_equal(cols, mat_cols(b));
	mat_get(a, a_row, n, x);
	mat_get(b, b_row, n, y);
	assert_memory_equal(x, y, n * cols * sizeof *x);
	free(x), free(y);
}

#endif
