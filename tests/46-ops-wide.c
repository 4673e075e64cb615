/* The operations where a backend may cut its work in pieces: wide rows, large vocabularies, more
 * rows than a tile has.
 *
 * Against plain references in double precision from the operands as they are stored, with the
 * tolerances of 40-ops.c and 41-back.c: 2e-6 of an array's largest value where a result is f32,
 * 2^-8 where it is kept as bf16; gradients 2e-5, and 2 % where operands are bf16. OPS_DTYPE chooses
 * how they are kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arrays.h"
#include "plain.h"

/* -- helpers ----------------------------------------------------------------------------------- */

/* And what it holds once it is stored. */
static struct mat *mat_of(enum mat_type type, float *x, size_t rows, size_t cols)
{
	struct mat *m = mat_new(type, rows, cols);

	mat_put(m, 0, rows, x);
	mat_get(m, 0, rows, x);
	return m;
}

static struct mat *weight_of(float *x, size_t out, size_t in)
{
	struct mat *w = weight_new(out, in, WEIGHT_FORWARD | WEIGHT_BACKWARD,
		(struct weight_layout){ 0 });

	mat_free(mat_of(MAT_OPERAND, x, out, in));
	weight_put(w, 0, out, x);
	weight_seal(w);
	return w;
}

static int bf16(void)
{
	return ops_dtype() == DTYPE_BF16;
}

static void mat_near(const struct mat *m, const double *want, double tol)
{
	float *is = rows_of(m);

	assert_near(is, want, mat_rows(m) * mat_cols(m), tol);
	free(is);
}

/* -- wide rows --------------------------------------------------------------------------------- */

static void norm_case(size_t d, int kind)
{
	enum { R = 3 };
	float *x = values(R * d, 1, 3), *w = values(d, 2, 1.5f), *b = values(d, 3, 0.5f),
	      *c = values(R * d, 4, 1);
	double *y = zeros(R * d), *px = doubles(x, R * d), *dx = doubles(x, R * d);
	double *pw = doubles(w, d), *pb = doubles(b, d), *pc = doubles(c, R * d);
	int layer = kind == NORM_KIND_LAYER;

	for (size_t i = 0; i < R * d; i += d) {
		norm_plain(y + i, px + i, pw, layer ? pb : NULL, d, kind, (double)1e-5f);
		norm_back_plain(dx + i, pc + i, px + i, pw, d, kind, (double)1e-5f);
	}
	struct mat *mx = mat_of(MAT_F32, x, R, d), *mw = mat_of(MAT_F32, w, 1, d),
		   *mb = layer ? mat_of(MAT_F32, b, 1, d) : NULL;
	struct mat *mc = mat_of(MAT_F32, c, R, d), *my = mat_new(MAT_F32, R, d),
		   *one = mat_new(MAT_F32, 1, d);
	struct mat *g = mat_of(MAT_F32, x, R, d), *rounded = mat_new(MAT_OPERAND, R, d),
		   *y1 = mat_new(MAT_F32, 1, d);
	op_norm(my, mx, mw, mb, kind, 1e-5f);
	mat_near(my, y, 2e-6);
	op_copy_rows(one, 0, mx, R - 1, 1);
	op_norm(y1, one, mw, mb, kind, 1e-5f);
	same_rows(y1, 0, my, R - 1, 1);
	op_norm_back(g, rounded, mc, mx, mw, mb, kind, 1e-5f);
	mat_near(g, dx, 2e-5);
	mat_near(rounded, dx, bf16() ? 0.02 : 2e-5);
	free(x), free(w), free(b), free(c), free(y), free(dx);
	free(px), free(pw), free(pb), free(pc);
	mat_free(mx), mat_free(mw), mat_free(mb), mat_free(mc), mat_free(my), mat_free(one),
		mat_free(g), mat_free(rounded);
	mat_free(y1);
}

static void test_norm(void **state)
{
	static const size_t widths[] = { 1024, 1025, 2056, 5120 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		norm_case(widths[i], NORM_KIND_RMS);
		norm_case(widths[i], NORM_KIND_LAYER);
	}
}

/* Element by element, and sums over a row. */
static void test_elements(void **state)
{
	enum { R = 2, D = 5001 };
	float *x = values(R * 2 * D, 5, 4), *a = values(R * D, 6, 1), *b = values(R * D, 7, 1),
	      *p = values(R * D, 8, 1);
	double *want = calloc(R * D, sizeof *want), *q = calloc(R * D, sizeof *q), sumsq = 0,
	       distance = 0, is = 0;
	struct mat *mx = mat_of(MAT_OPERAND, x, R, 2 * D), *y = mat_new(MAT_OPERAND, R, D),
		   *ma = mat_of(MAT_F32, a, R, D);
	struct mat *mb = mat_of(MAT_F32, b, R, D), *mp = mat_of(MAT_F32, p, R, D),
		   *m = mat_new(MAT_F32, R, D);
	struct mat *v = mat_new(MAT_F32, R, D);
	struct adamw step = { 1e-2, 0.9, 0.999, 1e-8, 0.1, 0.5, 1 };

	(void)state;
	for (size_t i = 0; i < R * D; i++) {
		double z = (double)x[i / D * 2 * D + i % D],
		       u = (double)x[i / D * 2 * D + D + i % D], g = (double)a[i] * 0.5;

		want[i] = z / (1 + exp(-z)) * u;
		sumsq += (double)a[i] * (double)a[i];
		distance += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
		q[i] = (double)p[i] * (1 - 1e-3) - 1e-2 * g / (fabs(g) + 1e-8);
	}
	op_act(y, mx, ACT_KIND_SILU, 1);
	mat_near(y, want, bf16() ? 0x1p-8 : 2e-6);
	assert_true(fabs(op_sumsq(ma) / sumsq - 1) < 1e-12);
	op_distance(&is, NULL, ma, mb, 1);
	assert_true(fabs(is / distance - 1) < 1e-6);
	op_adamw(mp, m, v, ma, &step);
	mat_near(mp, q, 2e-6);
	free(x), free(a), free(b), free(p), free(want), free(q);
	mat_free(mx), mat_free(y), mat_free(ma), mat_free(mb), mat_free(mp), mat_free(m),
		mat_free(v);
}

/* -- the output layer -------------------------------------------------------------------------- */

struct layer {
	size_t rows, d, vocab;
	float *h, *w, *bias;
	double *logits; /* [rows, vocab] */
	double *lse;
	struct mat *mh, *mw, *mb;
};

static struct layer layer_new(size_t rows, size_t d, size_t vocab)
{
	struct layer l = { rows, d, vocab, values(rows * d, 8, 2), values(vocab * d, 9, 1),
		values(vocab, 10, 1), calloc(rows * vocab, sizeof(double)),
		calloc(rows, sizeof(double)), NULL, NULL, NULL };

	l.mh = mat_of(MAT_OPERAND, l.h, rows, d);
	l.mw = weight_of(l.w, vocab, d);
	l.mb = mat_of(MAT_F32, l.bias, 1, vocab);
	for (size_t i = 0; i < rows; i++) {
		double top = -INFINITY, sum = 0, *x = l.logits + i * vocab;

		for (size_t v = 0; v < vocab; v++) {
			x[v] = (double)l.bias[v];
			for (size_t c = 0; c < d; c++)
				x[v] += (double)l.h[i * d + c] * (double)l.w[v * d + c];
			top = fmax(top, x[v]);
		}
		for (size_t v = 0; v < vocab; v++)
			sum += exp(x[v] - top);
		l.lse[i] = top + log(sum);
	}
	return l;
}

static void layer_free(struct layer *l)
{
	free(l->h), free(l->w), free(l->bias), free(l->logits), free(l->lse);
	mat_free(l->mh), mat_free(l->mw), mat_free(l->mb);
}

/* Each row asks for three ids, from the first to the last of the vocabulary. */
static void forward(const struct layer *l)
{
	size_t *first = calloc(l->rows + 1, sizeof *first), n = 3 * l->rows;
	uint32_t *ids = calloc(n, sizeof *ids), *top = calloc(l->rows, sizeof *top);
	float *logp = values(n, 0, 0), *lse = values(l->rows, 0, 0);
	double *want = calloc(n, sizeof *want);

	for (size_t i = 0; i < n; i++) {
		ids[i] = i % 3 == 0  ? (uint32_t)(i * 7919 % l->vocab)
			: i % 3 == 1 ? 0
				     : (uint32_t)l->vocab - 1;
		want[i] = l->logits[i / 3 * l->vocab + ids[i]] - l->lse[i / 3];
		first[i / 3 + 1] = i / 3 * 3 + 3;
	}
	op_output(&(struct logp_result){ logp, top, lse }, l->mh, l->mw, l->mb,
		&(struct logp_request){ ids, first });
	assert_near(logp, want, n, 4e-6);
	assert_near(lse, l->lse, l->rows, 4e-6);
	for (size_t i = 0; i < l->rows; i++) {
		double most = -INFINITY;

		for (size_t v = 0; v < l->vocab; v++)
			most = fmax(most, l->logits[i * l->vocab + v]);
		assert_true(top[i] < l->vocab &&
			l->logits[i * l->vocab + top[i]] >= most - 1e-5 * fabs(most));
	}
	free(first), free(ids), free(top), free(logp), free(lse), free(want);
}

static void backward(const struct layer *l)
{
	double *dh = calloc(l->rows * l->d, sizeof *dh), *want = calloc(l->rows, sizeof *want);
	uint32_t *target = calloc(l->rows, sizeof *target);
	float *nll = values(l->rows, 0, 0);
	struct mat *g = mat_new(MAT_F32, l->rows, l->d), *one = mat_new(MAT_OPERAND, 1, l->d),
		   *g1 = mat_new(MAT_F32, 1, l->d);

	for (size_t i = 0; i < l->rows; i++) {
		const double *x = l->logits + i * l->vocab;

		target[i] = i % 4 == 1 ? UINT32_MAX : (uint32_t)((i + 1) * 7919 % l->vocab);
		if (target[i] == UINT32_MAX)
			continue;
		want[i] = l->lse[i] - x[target[i]];
		for (size_t v = 0; v < l->vocab; v++)
			for (size_t c = 0; c < l->d; c++)
				dh[i * l->d + c] += 0.25 *
					(exp(x[v] - l->lse[i]) - (v == target[i])) *
					(double)l->w[v * l->d + c];
	}
	op_output_back(g, nll, l->mh, l->mw, l->mb, target, 0.25f);
	mat_near(g, dh, bf16() ? 0.02 : 2e-6);
	assert_near(nll, want, l->rows, 4e-6);
	op_copy_rows(one, 0, l->mh, l->rows - 1, 1);
	op_output_back(g1, nll, one, l->mw, l->mb, target + l->rows - 1, 0.25f);
	same_rows(g1, 0, g, l->rows - 1, 1);
	free(dh), free(want), free(target), free(nll), mat_free(g), mat_free(one), mat_free(g1);
}

static void test_output(void **state)
{
	static const size_t shapes[][3] = { { 5, 16, 20011 }, { 3, 8, 8192 }, { 2, 8, 8193 },
		{ 2051, 8, 40 }, { 4097, 4, 9 } };

	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		struct layer l = layer_new(shapes[i][0], shapes[i][1], shapes[i][2]);

		forward(&l);
		backward(&l);
		layer_free(&l);
	}
}

/* Equal logits far apart: the first is the argmax, wherever the vocabulary is cut. */
static void test_ties(void **state)
{
	enum { V = 20000, D = 8 };
	static const size_t twins[][2] = { { 8191, 8192 }, { 8192, 16384 }, { 0, 19999 },
		{ 4095, 12288 }, { 255, 256 } };
	float h[D];
	size_t first[2] = { 0, 0 };
	uint32_t top;

	(void)state;
	for (size_t c = 0; c < D; c++)
		h[c] = 1 + (float)c / D;
	for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
		float *as = values(V * D, 9, 0.1f);

		for (size_t c = 0; c < D; c++)
			as[twins[i][0] * D + c] = as[twins[i][1] * D + c] = h[c];
		struct mat *mh = mat_of(MAT_OPERAND, h, 1, D), *mw = weight_of(as, V, D);
		op_output(&(struct logp_result){ .top = &top }, mh, mw, NULL,
			&(struct logp_request){ NULL, first });
		assert_int_equal(top, twins[i][0]);
		free(as), mat_free(mh), mat_free(mw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "norms of wide rows and their gradient", test_norm },
		{ "activation, sums, AdamW over wide rows", test_elements },
		{ "output layer and its gradient: large vocabularies, many rows", test_output },
		{ "output layer: the first of equal logits, far apart", test_ties },
	};
	const char *dtype = getenv("OPS_DTYPE");

	ops_init(2, dtype ? dtype : "f32");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
