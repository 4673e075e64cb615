/* A weight that goes through NF4, which a backend may keep as codes: the same bits as one made of
 * the values that come back.
 *
 * OPS_DTYPE chooses how operands are kept.
 */
#include "file/nf4.h"
#include "formula.h"
#include "ops.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { T = 9, PARTS = 3 };

static float *values(size_t n, uint64_t seed)
{
	float *x = calloc(n + 1, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = 2 * (float)(formula_word(seed, i + 1) >> 40) * 0x1p-24f - 1;
	return x;
}

static struct mat *mat_of(enum mat_type type, size_t rows, size_t cols, uint64_t seed)
{
	struct mat *m = mat_new(type, rows, cols);
	float *x = values(rows * cols, seed);

	mat_put(m, 0, rows, x);
	free(x);
	return m;
}

/* Parts of different sizes, one under the other, each a matrix of its own; codes: as they are, or
 * their values. */
static struct mat *weight_of(const size_t rows[PARTS], size_t in, uint64_t seed, int codes)
{
	struct mat *w = weight_new(rows[0] + rows[1] + rows[2], in,
		WEIGHT_FORWARD | (codes ? WEIGHT_NF4 : 0), (struct weight_layout){ 0 });
	size_t row = 0;

	for (int i = 0; i < PARTS; i++) {
		float *x = values(rows[i] * in, seed + (uint64_t)i);

		if (codes) {
			weight_put_nf4(w, row, rows[i], x);
		} else {
			nf4_round_trip(x, rows[i] * in);
			weight_put(w, row, rows[i], x);
		}
		row += rows[i];
		free(x);
	}
	weight_seal(w);
	return w;
}

static void same(const struct mat *a, const struct mat *b)
{
	size_t n = mat_rows(a) * mat_cols(a);
	float *x = calloc(n, sizeof *x), *y = calloc(n, sizeof *y);

	mat_get(a, 0, mat_rows(a), x);
	mat_get(b, 0, mat_rows(b), y);
	assert_memory_equal(x, y, n * sizeof *x);
	free(x), free(y);
}

/* Both products with w and plain, which have the same values. */
static void products(const struct mat *w, const struct mat *plain, uint64_t seed)
{
	size_t out = mat_rows(w), in = mat_cols(w);
	struct mat *x = mat_of(MAT_OPERAND, T, in, seed),
		   *g = mat_of(MAT_OPERAND, T, out, seed + 1);
	struct mat *y[2] = { mat_new(MAT_F32, T, out), mat_new(MAT_F32, T, out) };
	struct mat *dx[2] = { mat_new(MAT_F32, T, in), mat_new(MAT_F32, T, in) };
	struct mat *transposed = weight_new_transposed(out, in);
	const struct mat *of[2] = { w, plain };

	for (int i = 0; i < 2; i++) {
		op_matmul(y[i], x, of[i], NULL, 0, NULL);
		weight_transpose(transposed, of[i]);
		op_matmul_back(dx[i], g, transposed, 0, NULL, NULL);
	}
	same(y[0], y[1]);
	same(dx[0], dx[1]);
	mat_free(x), mat_free(g), mat_free(transposed);
	for (int i = 0; i < 2; i++)
		mat_free(y[i]), mat_free(dx[i]);
}

/* Two weights of one size take turns, and one is made again in the other's memory. */
static void test_products(void **state)
{
	static const size_t rows[][PARTS] = { { 64, 32, 32 }, { 40, 8, 16 }, { 5, 3, 1 } },
			    in[] = { 64, 100, 13 };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct mat *w[2], *plain[2];

		for (uint64_t k = 0; k < 2; k++) {
			w[k] = weight_of(rows[i], in[i], 100 * k, 1);
			plain[k] = weight_of(rows[i], in[i], 100 * k, 0);
		}
		for (int k = 0; k < 4; k++)
			products(w[k % 2], plain[k % 2], 7);
		mat_free(w[0]);
		w[0] = weight_of(rows[i], in[i], 100, 1);
		products(w[0], plain[1], 8);
		for (int k = 0; k < 2; k++)
			mat_free(w[k]), mat_free(plain[k]);
	}
}

static void test_bytes(void **state)
{
	(void)state;
	assert_true(weight_bytes(4096, 4096, WEIGHT_FORWARD | WEIGHT_NF4) <=
		weight_bytes(4096, 4096, WEIGHT_FORWARD));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "products with weights kept as NF4: the same bits as with their values",
			test_products, 0, 0, 0 },
		{ "they take no more memory", test_bytes, 0, 0, 0 },
	};
	const char *dtype = getenv("OPS_DTYPE");

	ops_init(2, dtype ? dtype : "bf16");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
