/* What lib/cuda does behind ops.h and no operation shows alone: 4-bit weights, masks in the middle
 * of a batch, views.
 *
 * References are the host's own: lib/file/nf4.c, lib/philox.c, and values that must not change.
 * OPS_DTYPE chooses how operands are kept.
 */
#include "cuda/cuda.h"

extern "C" {
#include "file/nf4.h"
#include "philox.h"
}
#include "formula.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

extern "C" {
#include <cmocka.h>
}

static float *values(size_t n, uint64_t seed)
{
	float *x = (float *)calloc(n + 1, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = 2 * (float)(formula_word(seed, i + 1) >> 40) * 0x1p-24f - 1;
	return x;
}

static struct mat *mat_of(enum mat_type type, const float *x, size_t rows, size_t cols)
{
	struct mat *m = mat_new(type, rows, cols);

	mat_put(m, 0, rows, x);
	return m;
}

/* x as operands keep it. */
static void round_values(float *x, size_t rows, size_t cols)
{
	struct mat *m = mat_of(MAT_OPERAND, x, rows, cols);

	mat_get(m, 0, rows, x);
	mat_free(m);
}

static void rows_are(const struct mat *m, const float *want)
{
	float *is = values(mat_rows(m) * mat_cols(m), 0);

	mat_get(m, 0, mat_rows(m), is);
	assert_memory_equal(is, want, mat_rows(m) * mat_cols(m) * sizeof *is);
	free(is);
}

static const size_t shapes[][2] = { { 5, 64 }, { 3, 100 }, { 7, 13 }, { 300, 576 }, { 1, 1 },
	{ 11, 2056 } };
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* -- 4-bit weights ----------------------------------------------------------------------------- */

static void *put(const void *host, size_t bytes)
{
	void *p = device_alloc(bytes);

	device_put(p, host, bytes);
	return p;
}

static void nf4_case(size_t rows, size_t cols)
{
	size_t n = rows * cols;
	float *x = values(n, 1);
	struct mat *w = mat_new(MAT_OPERAND, rows, cols);
	struct nf4 q;

	nf4_quantise(&q, x, n);
	nf4_dequantise(x, &q, 1);
	round_values(x, rows, cols);
	void *packed = put(q.packed, (n + 1) / 2), *top8 = put(q.top8, q.blocks),
	     *code = put(nf4_nested_code(), 256 * 4);
	void *nested = put(q.nested, (q.blocks + NF4_NESTED_BLOCK - 1) / NF4_NESTED_BLOCK * 4);
	struct nf4_codes on = { (uint8_t *)packed, (uint8_t *)top8, (float *)nested, (float *)code,
		q.offset };
	nf4_expand(w, &on);
	rows_are(w, x);
	device_free(packed), device_free(top8), device_free(code), device_free(nested);
	nf4_free(&q), free(x), mat_free(w);
}

static void test_nf4(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPES; i++)
		nf4_case(shapes[i][0], shapes[i][1]);
}

/* -- masks ------------------------------------------------------------------------------------- */

/* Of two sequences, the second cut off from its beginning. */
static void dropped_case(size_t rows, size_t cols)
{
	size_t n = rows * cols, cut = rows / 3, from = rows / 2;
	struct segment seg[2] = { { 0, cut, -1, 0 }, { cut, rows - cut, -1, 5 } };
	struct segments s = { seg, 2, rows };
	uint32_t number[2] = { 4, 2 };
	struct dropout d = { 0x1234567800000009, 7, 35, 0x3CCCCCCC, 1 / 0.75f, number };
	float *x = values(n, 2), *y = values(n, 3), *want = values(n, 0);

	round_values(x, rows, cols);
	for (size_t i = 0; i < n; i++) {
		const struct segment *at = &seg[i / cols >= cut];
		uint32_t word;

		philox_words(&word, (at->pos + i / cols - at->first) * cols + i % cols, 1,
			number[at - seg], 7, 35, d.seed);
		want[i] = word < d.threshold ? 0 : x[i] * d.keep_scale;
	}
	struct mat *mx = mat_of(MAT_OPERAND, x, rows, cols),
		   *mf = mat_of(MAT_F32, x + from * cols, rows - from, cols);
	struct mat *my = mat_of(MAT_F32, y + from * cols, rows - from, cols);
	dropped_add(my, mf, &d, &s, from);
	for (size_t i = from * cols; i < n; i++)
		y[i] += want[i];
	rows_are(my, y + from * cols);
	round_values(want, rows, cols);
	rows_are(dropped(mx, &d, &s), want);
	assert_ptr_equal(dropped(mx, NULL, &s), mx);
	free(x), free(y), free(want);
	mat_free(mx), mat_free(mf), mat_free(my);
}

static void test_dropped(void **state)
{
	(void)state;
	for (size_t i = 0; i < SHAPES; i++)
		dropped_case(shapes[i][0], shapes[i][1]);
}

/* -- views ------------------------------------------------------------------------------------- */

/* Rows that begin anywhere are written as those that begin at 16 bytes, and nothing beside them. */
static void test_views(void **state)
{
	enum { T = 3, N = 21, WIDE = 60 };
	float *x = values(T * N, 4), *y = values(T * N, 0), *all = values(T * WIDE, 5),
	      *is = values(T * WIDE, 0);
	struct mat *mx = mat_of(MAT_OPERAND, x, T, N), *my = mat_new(MAT_OPERAND, T, N);

	(void)state;
	round_values(all, T, WIDE);
	op_act(my, mx, ACT_KIND_SILU, 0);
	mat_get(my, 0, T, y);
	for (size_t at = 0; at < 10; at++) {
		struct mat *wide = mat_of(MAT_OPERAND, all, T, WIDE),
			   *view = mat_columns(wide, at, N);

		op_act(view, mx, ACT_KIND_SILU, 0);
		mat_get(wide, 0, T, is);
		for (size_t i = 0; i < T; i++) {
			assert_memory_equal(is + i * WIDE + at, y + i * N, N * sizeof *y);
			assert_memory_equal(is + i * WIDE, all + i * WIDE, at * sizeof *y);
			assert_memory_equal(is + i * WIDE + at + N, all + i * WIDE + at + N,
				(WIDE - at - N) * sizeof *y);
		}
		mat_free(view), mat_free(wide);
	}
	free(x), free(y), free(all), free(is), mat_free(mx), mat_free(my);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "4-bit weights: the bits of lib/file/nf4.c, rounded", test_nf4, 0, 0, 0 },
		{ "masks: each element's own Philox word, whole and from a row on", test_dropped, 0,
			0, 0 },
		{ "views that begin anywhere: their columns only, the same bits", test_views, 0, 0,
			0 },
	};
	const char *dtype = getenv("OPS_DTYPE");

	ops_init(2, dtype ? dtype : "f32");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
