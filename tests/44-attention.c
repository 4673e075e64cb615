/* Attention where 40-ops and 41-back don't reach: real head sizes both ways, groups of any size,
 * long chains, windows over tiles, columns of a wider matrix. Against plain.h from the
 * operands as they are stored.
 *
 * OPS_THREADS and OPS_DTYPE choose how it runs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "arrays.h"
#include "plain.h"

/* -- helpers ----------------------------------------------------------------------------------- */

static struct mat *random_of(enum mat_type type, size_t rows, size_t cols, uint64_t seed,
	float scale)
{
	float *x = values(rows * cols, seed, scale);
	struct mat *m = mat_new(type, rows, cols);

	mat_put(m, 0, rows, x);
	free(x);
	return m;
}

/* Columns col .. col + n - 1 of rows that are wide; tol: of the largest that is wanted. */
static void near(const float *is, const double *want, size_t rows, size_t wide, size_t col,
	size_t n, double tol)
{
	double top = 0, worst = 0;

	for (size_t i = 0; i < rows; i++)
		for (size_t j = i * wide + col; j < i * wide + col + n; j++) {
			double e = fabs((double)is[j] - want[j]);

			top = fmax(top, fabs(want[j]));
			worst = e <= worst ? worst : e;
		}
	if (getenv("TEST_VERBOSE"))
		printf("# columns %zu-%zu of %zu: %.2g\n", col, col + n - 1, wide, worst / top);
	if (!(worst <= tol * top))
		fail_msg("columns %zu .. %zu of %zu: differ by %g of %g", col, col + n - 1, wide,
			worst, top);
}

static int bf16(void)
{
	return ops_dtype() == DTYPE_BF16;
}

enum { MOST = 1024 }; /* rows of a path */

/* Two products of every query with the keys that it sees. */
static double flops_plain(const struct heads *h, const struct segments *s)
{
	double keys = 0;

	for (int i = 0; i < s->n; i++)
		for (size_t t = s->seg[i].pos + 1; t <= s->seg[i].pos + s->seg[i].len; t++)
			keys += h->window && t > (size_t)h->window ? h->window : (double)t;
	return 4 * keys * h->n_heads * h->head_dim;
}

/* -- forward ----------------------------------------------------------------------------------- */

/* A chain of nine generations with twigs, a tree beside it. */
static const struct segment branches[] = {
	{ 0, 63, -1, 0 },
	{ 63, 2, 0, 63 },
	{ 65, 1, 1, 65 },
	{ 66, 126, 2, 66 },
	{ 192, 64, 3, 192 },
	{ 256, 5, 3, 192 },
	{ 261, 65, 4, 256 },
	{ 326, 3, 6, 321 },
	{ 329, 7, 7, 324 },
	{ 336, 40, 8, 331 },
	{ 376, 9, 0, 63 },
	{ 385, 70, -1, 0 },
	{ 455, 1, 11, 70 },
};
static const struct segments forest = { branches, sizeof branches / sizeof *branches, 456 };

/* The path of a segment alone gives the same bits. */
static void path_alone(const struct mat *o, const struct mat *lse, const struct mat *qkv,
	const struct heads *h, const struct segments *s, int i)
{
	size_t row[MOST], n = path_of(row, s, i), len = s->seg[i].len;
	struct segment seg = { 0, n, -1, 0 };
	struct segments alone = { &seg, 1, n };
	struct mat *qkv1 = mat_new(MAT_OPERAND, n, mat_cols(qkv)),
		   *o1 = mat_new(MAT_OPERAND, n, mat_cols(o));
	struct mat *lse1 = mat_new(MAT_F32, n, mat_cols(lse));

	op_gather(qkv1, qkv, row, n);
	op_attention(o1, lse1, qkv1, h, &alone);
	same_rows(o1, n - len, o, s->seg[i].first, len);
	same_rows(lse1, n - len, lse, s->seg[i].first, len);
	mat_free(qkv1), mat_free(o1), mat_free(lse1);
}

static void forward_case(int heads, int kv, int hd, int window)
{
	struct heads h = { .n_heads = heads, .n_kv = kv, .head_dim = hd, .window = window };
	size_t rows = forest.rows, in = (size_t)((heads + 2 * kv) * hd), out = (size_t)(heads * hd);
	struct mat *qkv = random_of(MAT_OPERAND, rows, in, 1, 1.5f),
		   *o = mat_new(MAT_OPERAND, rows, out);
	struct mat *lse = mat_new(MAT_F32, rows, (size_t)heads);
	double *want_o = calloc(rows * out, sizeof *want_o),
	       *want_lse = calloc(rows * (size_t)heads, sizeof *want_lse);
	float *f = rows_of(qkv), *is;
	double flops = ops_flops(), *x = doubles(f, rows * in);

	attention_plain(want_o, want_lse, x, &h, &forest);
	op_attention(o, lse, qkv, &h, &forest);
	assert_true(ops_flops() - flops == flops_plain(&h, &forest));
	is = rows_of(o);
	near(is, want_o, rows, out, 0, out, bf16() ? 0x1p-8 : 2e-6);
	free(is);
	is = rows_of(lse);
	near(is, want_lse, rows, (size_t)heads, 0, (size_t)heads, 2e-6);
	path_alone(o, lse, qkv, &h, &forest, 9);
	path_alone(o, lse, qkv, &h, &forest, 12);
	free(x), free(f), free(is), free(want_o), free(want_lse);
	mat_free(qkv), mat_free(o), mat_free(lse);
}

static void test_forward(void **state)
{
	(void)state;
	forward_case(7, 1, 64, 0);
	forward_case(3, 1, 64, 150);
	forward_case(2, 2, 80, 65);
	forward_case(2, 2, 96, 0);
	forward_case(4, 1, 128, 200);
	forward_case(1, 1, 128, 64);
	forward_case(2, 1, 256, 0);
	forward_case(1, 1, 256, 100);
	forward_case(5, 1, 36, 129); /* rows that are not at 16 bytes */
}

/* -- backward ---------------------------------------------------------------------------------- */

static const struct segment sequences[] = { { 0, 21, -1, 0 }, { 21, 260, -1, 0 }, { 281, 1, -1, 0 },
	{ 282, 129, -1, 0 } };
static const struct segments batch = { sequences, 4, 411 };

/* Rows first .. first + n - 1 alone give the bits that they have in the batch. */
static void sequence_alone(const struct mat *g, const struct mat *qkv, const struct mat *dout,
	const struct heads *h, size_t first, size_t n)
{
	struct segment seg = { 0, n, -1, 0 };
	struct segments alone = { &seg, 1, n };
	struct mat *qkv1 = mat_new(MAT_OPERAND, n, mat_cols(qkv)),
		   *dout1 = mat_new(MAT_OPERAND, n, mat_cols(dout));
	struct mat *o = mat_new(MAT_OPERAND, n, mat_cols(dout)),
		   *lse = mat_new(MAT_F32, n, (size_t)h->n_heads);
	struct mat *g1 = mat_new(MAT_F32, n, mat_cols(g));

	op_copy_rows(qkv1, 0, qkv, first, n);
	op_copy_rows(dout1, 0, dout, first, n);
	op_attention(o, lse, qkv1, h, &alone);
	op_attention_back(g1, dout1, o, lse, qkv1, h, &alone);
	same_rows(g1, 0, g, first, n);
	mat_free(qkv1), mat_free(dout1), mat_free(o), mat_free(lse), mat_free(g1);
}

static void backward_case(int heads, int kv, int hd, int window)
{
	struct heads h = { .n_heads = heads, .n_kv = kv, .head_dim = hd, .window = window };
	size_t rows = batch.rows, in = (size_t)((heads + 2 * kv) * hd), out = (size_t)(heads * hd),
	       keys = (size_t)(kv * hd);
	struct mat *qkv = random_of(MAT_OPERAND, rows, in, 1, 1.5f),
		   *dout = random_of(MAT_OPERAND, rows, out, 2, 1);
	struct mat *o = mat_new(MAT_OPERAND, rows, out),
		   *lse = mat_new(MAT_F32, rows, (size_t)heads);
	struct mat *g = random_of(MAT_F32, rows, in, 3, 9); /* what was there goes */
	double *want_o = calloc(rows * out, sizeof *want_o),
	       *want_lse = calloc(rows * (size_t)heads, sizeof *want_lse);
	double *want = calloc(rows * in, sizeof *want), tol = bf16() ? 0x1p-7 : 5e-6;
	float *fx = rows_of(qkv), *fd = rows_of(dout), *is;
	double *x = doubles(fx, rows * in), *d = doubles(fd, rows * out);

	attention_plain(want_o, want_lse, x, &h, &batch);
	attention_back_plain(want, d, want_o, want_lse, x, &h, &batch);
	op_attention(o, lse, qkv, &h, &batch);
	op_attention_back(g, dout, o, lse, qkv, &h, &batch);
	is = rows_of(g);
	near(is, want, rows, in, 0, out, tol);
	near(is, want, rows, in, out, keys, tol);
	near(is, want, rows, in, out + keys, keys, tol);
	sequence_alone(g, qkv, dout, &h, sequences[1].first, sequences[1].len);
	sequence_alone(g, qkv, dout, &h, sequences[3].first, sequences[3].len);
	free(fx), free(fd), free(x), free(d), free(is), free(want_o), free(want_lse), free(want);
	mat_free(qkv), mat_free(dout), mat_free(o), mat_free(lse), mat_free(g);
}

static void test_backward(void **state)
{
	(void)state;
	backward_case(4, 2, 16, 0);
	backward_case(7, 1, 64, 100);
	backward_case(2, 2, 64, 3);
	backward_case(3, 1, 80, 70);
	backward_case(1, 1, 96, 129);
	backward_case(3, 1, 128, 0);
	backward_case(1, 1, 128, 200);
	backward_case(2, 1, 256, 0);
	backward_case(1, 1, 256, 30);
	backward_case(5, 1, 36, 64);
}

/* -- columns of a wider matrix ----------------------------------------------------------------- */

static struct mat *widened(struct mat **of, const struct mat *m, size_t at)
{
	size_t n = mat_cols(m), wide = n + at + 2;
	float *x = rows_of(m), *y = floats(mat_rows(m) * wide);

	*of = mat_new(MAT_OPERAND, mat_rows(m), wide);
	for (size_t i = 0; i < mat_rows(m); i++)
		memcpy(y + i * wide + at, x + i * n, n * sizeof *x);
	mat_put(*of, 0, mat_rows(m), y);
	free(x), free(y);
	return mat_columns(*of, at, n);
}

/* The same bits, wherever the columns begin. */
static void test_columns(void **state)
{
	enum { T = 150, H = 2, HD = 64 };
	struct heads h = { .n_heads = H, .n_kv = 1, .head_dim = HD };
	struct segment seg = { 0, T, -1, 0 };
	struct segments s = { &seg, 1, T };
	struct mat *qkv = random_of(MAT_OPERAND, T, (H + 2) * HD, 1, 1.5f),
		   *dout = random_of(MAT_OPERAND, T, H * HD, 2, 1);
	struct mat *o = mat_new(MAT_OPERAND, T, H * HD), *lse = mat_new(MAT_F32, T, H),
		   *g = mat_new(MAT_F32, T, (H + 2) * HD);

	(void)state;
	op_attention(o, lse, qkv, &h, &s);
	op_attention_back(g, dout, o, lse, qkv, &h, &s);
	for (size_t at = 3; at <= 8; at += 5) {
		struct mat *of[3], *qkv2 = widened(&of[0], qkv, at),
				   *dout2 = widened(&of[1], dout, at);
		struct mat *o2 = widened(&of[2], dout, at), *lse2 = mat_new(MAT_F32, T, H),
			   *g2 = mat_new(MAT_F32, T, (H + 2) * HD);

		op_attention(o2, lse2, qkv2, &h, &s);
		op_attention_back(g2, dout2, o2, lse2, qkv2, &h, &s);
		same_rows(o, 0, o2, 0, T);
		same_rows(lse, 0, lse2, 0, T);
		same_rows(g, 0, g2, 0, T);
		mat_free(qkv2), mat_free(dout2), mat_free(o2), mat_free(lse2), mat_free(g2);
		mat_free(of[0]), mat_free(of[1]), mat_free(of[2]);
	}
	mat_free(qkv), mat_free(dout), mat_free(o), mat_free(lse), mat_free(g);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "attention, heads of 36 to 256, in nine generations: f64 within 2e-6 (2^-8); "
		  "paths alone the same bits",
			test_forward, 0, 0, 0 },
		{ "its gradients, heads of 16 to 256: f64 within 5e-6 (2^-7); sequences alone the "
		  "same bits",
			test_backward, 0, 0, 0 },
		{ "both from columns of a wider matrix: the same bits", test_columns, 0, 0, 0 },
	};
	const char *threads = getenv("OPS_THREADS"), *dtype = getenv("OPS_DTYPE");

	ops_init(threads ? atoi(threads) : 2, dtype ? dtype : "f32");
	return cmocka_run_group_tests_name("attention", tests, NULL, NULL);
}
