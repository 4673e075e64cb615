/* The backward operations against central differences of plain forwards in double precision, those
 * of plain.h.
 *
 * A gradient is compared where it is not rounded to bf16: --dtype=f32. Its tolerance is 2e-5 of the
 * array's largest value; the differences themselves are good to about 1e-8.
 */
#include "formula.h"
#include "golden.h"
#include "ops.h"
#include "plain.h"

#include "philox.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { MAX = 150 * 32 };

/* -- helpers ----------------------------------------------------------------------------------- */

static void values(double *x, size_t n, uint64_t seed, double scale)
{
	for (size_t i = 0; i < n; i++)
		x[i] = (float)(scale *
			(2 * ((double)(formula_word(seed, i + 1) >> 40) * 0x1p-24) - 1));
}

static struct mat *mat_of(enum mat_type type, const double *x, size_t rows, size_t cols)
{
	struct mat *m = mat_new(type, rows, cols);
	float *f = malloc(rows * cols * sizeof *f);

	for (size_t i = 0; i < rows * cols; i++)
		f[i] = (float)x[i];
	mat_put(m, 0, rows, f);
	free(f);
	return m;
}

static struct mat *weight_of(const double *x, size_t rows, size_t cols)
{
	struct mat *w = weight_new(rows, cols, WEIGHT_FORWARD | WEIGHT_BACKWARD,
		(struct weight_layout){ 0 });
	float *f = malloc(rows * cols * sizeof *f);

	for (size_t i = 0; i < rows * cols; i++)
		f[i] = (float)x[i];
	weight_put(w, 0, rows, f);
	weight_seal(w);
	free(f);
	return w;
}

/* Every step-th value of m against want, within tol of want's largest; where operands are bf16,
 * within 2 % of it. */
static void assert_near(const struct mat *m, const double *want, size_t step, double tol)
{
	size_t n = mat_rows(m) * mat_cols(m);
	float *is = malloc(n * sizeof *is);
	double largest = 0, worst = 0;

	mat_get(m, 0, mat_rows(m), is);
	for (size_t i = 0; i < n; i += step) {
		largest = fmax(largest, fabs(want[i]));
		worst = fmax(worst, fabs((double)is[i] - want[i]));
	}
	if (ops_dtype() == DTYPE_BF16 && tol > 0)
		tol = fmax(tol, 0.02);
	if (!(worst <= tol * largest))
		fail_msg("differs by %g of %g", worst, largest);
	free(is);
}

/* A loss sum(c y) of a plain forward y = f(x), and its gradient by central differences, every
 * step-th. */
typedef void forward(double *y, const double *x, const void *ctx);

static double loss(forward *f, const double *x, const double *c, size_t n_y, const void *ctx)
{
	static double y[MAX];
	double sum = 0;

	f(y, x, ctx);
	for (size_t i = 0; i < n_y; i++)
		sum += c[i] * y[i];
	return sum;
}

static void differences(double *dx, forward *f, double *x, size_t n_x, const double *c, size_t n_y,
	const void *ctx, size_t step)
{
	const double h = 1e-5;

	for (size_t i = 0; i < n_x; i += step) {
		double was = x[i];

		x[i] = was + h;
		dx[i] = loss(f, x, c, n_y, ctx);
		x[i] = was - h;
		dx[i] = (dx[i] - loss(f, x, c, n_y, ctx)) / (2 * h);
		x[i] = was;
	}
}

/* -- norms ------------------------------------------------------------------------------------- */

struct norm_ctx {
	size_t rows, d;
	int kind;
	const double *w;
};

static void norm_forward(double *y, const double *x, const void *ctx)
{
	const struct norm_ctx *c = ctx;

	for (size_t i = 0; i < c->rows; i++)
		norm_plain(y + i * c->d, x + i * c->d, c->w, NULL, c->d, c->kind, 1e-5);
}

static void norm_case(int kind)
{
	enum { R = 3, D = 37 };
	double x[R * D], c[R * D], w[D], dx[R * D];
	struct norm_ctx ctx = { R, D, kind, w };

	values(x, R * D, 1, 2);
	values(c, R * D, 2, 1);
	values(w, D, 3, 1.5);
	differences(dx, norm_forward, x, R * D, c, R * D, &ctx, 1);
	struct mat *mx = mat_of(MAT_F32, x, R, D), *mc = mat_of(MAT_F32, c, R, D),
		   *mw = mat_of(MAT_F32, w, 1, D);
	struct mat *g = mat_of(MAT_F32, x, R, D); /* the gradient is added to what is there */
	for (size_t i = 0; i < R * D; i++)
		dx[i] += x[i];
	struct mat *rounded = mat_new(MAT_OPERAND, R, D);
	op_norm_back(g, rounded, mc, mx, mw, NULL, kind, 1e-5f);
	assert_near(g, dx, 1, 2e-5);
	assert_near(rounded, dx, 1, 2e-5);
	mat_free(mx), mat_free(mc), mat_free(mw), mat_free(g), mat_free(rounded);
}

static void test_norm(void **state)
{
	(void)state;
	norm_case(NORM_KIND_RMS);
	norm_case(NORM_KIND_LAYER);
}

/* -- activation -------------------------------------------------------------------------------- */

struct act_ctx {
	size_t rows, ff;
	int kind, gated;
};

static void ffn_forward(double *y, const double *x, const void *ctx)
{
	const struct act_ctx *c = ctx;
	size_t wide = c->gated ? 2 * c->ff : c->ff;

	for (size_t i = 0; i < c->rows; i++)
		for (size_t j = 0; j < c->ff; j++)
			y[i * c->ff + j] = act_plain(x[i * wide + j], c->kind) *
				(c->gated ? x[i * wide + c->ff + j] : 1);
}

static void act_case(int kind, int gated)
{
	enum { R = 2, F = 21 };
	double x[R * 2 * F], c[R * F], dx[R * 2 * F], y[R * F], same[F * F];
	struct act_ctx ctx = { R, F, kind, gated };
	size_t wide = gated ? 2 * F : F;

	values(x, R * wide, 4, 4);
	values(c, R * F, 5, 1);
	differences(dx, ffn_forward, x, R * wide, c, R * F, &ctx, 1);
	for (size_t i = 0; i < F * F; i++)
		same[i] = i / F == i % F;
	ffn_forward(y, x, &ctx);
	struct mat *mx = mat_of(MAT_OPERAND, x, R, wide), *mc = mat_of(MAT_OPERAND, c, R, F);
	struct mat *g = mat_new(MAT_OPERAND, R, wide), *act = mat_new(MAT_OPERAND, R, F),
		   *w = weight_of(same, F, F);
	op_matmul_act_back(g, act, mx, mc, w, NULL, NULL, kind, gated);
	assert_near(g, dx, 1, 2e-5);
	assert_near(act, y, 1, 2e-6);
	mat_free(mx), mat_free(mc), mat_free(g), mat_free(act), mat_free(w);
}

static void test_act(void **state)
{
	(void)state;
	for (int gated = 0; gated < 2; gated++) {
		act_case(ACT_KIND_SILU, gated);
		act_case(ACT_KIND_GELU_NEW, gated);
	}
}

/* -- attention and rotation -------------------------------------------------------------------- */

struct attention_ctx {
	int n_heads, n_kv, hd, rotary, window, n; /* n sequences of len rows */
	size_t len[2];
	const float *inv_freq;
	const double *q_norm, *k_norm;
};

static struct segments segments_of(struct segment *seg, const struct attention_ctx *c)
{
	struct segments s = { seg, c->n, 0 };

	for (int i = 0; i < c->n; i++) {
		seg[i] = (struct segment){ s.rows, c->len[i], -1, 0 };
		s.rows += c->len[i];
	}
	return s;
}

static struct heads heads_of(const struct attention_ctx *c)
{
	return (struct heads){ .n_heads = c->n_heads,
		.n_kv = c->n_kv,
		.head_dim = c->hd,
		.rotary = c->rotary,
		.inv_freq = c->inv_freq,
		.eps = 1e-5f,
		.window = c->window };
}

static void rope_forward(double *y, const double *x, const void *ctx)
{
	const struct attention_ctx *c = ctx;
	struct heads h = heads_of(c);
	size_t wide = (size_t)((c->n_heads + 2 * c->n_kv) * c->hd);

	for (int s = 0; s < c->n; s++)
		for (size_t t = 0; t < c->len[s]; t++, y += wide, x += wide) {
			memcpy(y, x, wide * sizeof *y);
			heads_plain(y, &h, c->q_norm, c->k_norm, t);
		}
}

static void attention_forward(double *y, const double *x, const void *ctx)
{
	static double lse[MAX];
	const struct attention_ctx *c = ctx;
	struct heads h = heads_of(c);
	struct segment seg[2];
	struct segments s = segments_of(seg, c);

	attention_plain(y, lse, x, &h, &s);
}

static void attention_case(const struct attention_ctx *c, size_t step)
{
	static double x[MAX], d[MAX], dx[MAX];
	struct segment seg[2];
	struct segments s = segments_of(seg, c);
	struct heads h = { c->n_heads, c->n_kv, c->hd, .inv_freq = c->inv_freq,
		.window = c->window };
	size_t in = (size_t)((c->n_heads + 2 * c->n_kv) * c->hd),
	       out = (size_t)(c->n_heads * c->hd);

	values(x, s.rows * in, 6, 2);
	values(d, s.rows * out, 7, 1);
	differences(dx, attention_forward, x, s.rows * in, d, s.rows * out, c, step);
	struct mat *qkv = mat_of(MAT_OPERAND, x, s.rows, in),
		   *md = mat_of(MAT_OPERAND, d, s.rows, out);
	struct mat *o = mat_new(MAT_OPERAND, s.rows, out),
		   *lse = mat_new(MAT_F32, s.rows, (size_t)c->n_heads);
	struct mat *g = mat_new(MAT_F32, s.rows, in);
	op_attention(o, lse, qkv, &h, &s);
	op_attention_back(g, md, o, lse, qkv, &h, &s);
	assert_near(g, dx, step, 2e-5);
	mat_free(qkv), mat_free(md), mat_free(o), mat_free(lse), mat_free(g);
}

static void test_attention(void **state)
{
	static const float none[1] = { 0 };
	struct attention_ctx c = { 4, 2, 4, 0, 0, 2, { 3, 9 }, none };

	(void)state;
	attention_case(&c, 1);
	c.window = 4;
	attention_case(&c, 1);
	/* across the tiles of 128 */
	struct attention_ctx large = { 2, 1, 3, 0, 0, 2, { 150, 7 }, none };
	attention_case(&large, 11);
	large.window = 20;
	attention_case(&large, 11);
	large.window = 131;
	attention_case(&large, 11);
}

static void rope_case(struct attention_ctx *c)
{
	static double x[MAX], d[MAX], dx[MAX];
	struct segment seg[2];
	struct segments s = segments_of(seg, c);
	size_t wide = (size_t)((c->n_heads + 2 * c->n_kv) * c->hd), hd = (size_t)c->hd;
	struct mat *qn = c->q_norm ? mat_of(MAT_F32, c->q_norm, 1, hd) : NULL;
	struct mat *kn = c->k_norm ? mat_of(MAT_F32, c->k_norm, 1, hd) : NULL;
	struct heads h = { c->n_heads, c->n_kv, c->hd, c->rotary, c->inv_freq, qn, kn, 1e-5f, 0 };

	values(x, s.rows * wide, 8, 2);
	values(d, s.rows * wide, 9, 1);
	differences(dx, rope_forward, x, s.rows * wide, d, s.rows * wide, c, 1);
	struct mat *mx = mat_of(MAT_F32, x, s.rows, wide), *md = mat_of(MAT_F32, d, s.rows, wide);
	struct mat *g = mat_new(MAT_OPERAND, s.rows, wide);
	op_rope_back(g, md, mx, &h, &s);
	assert_near(g, dx, 1, 2e-5);
	mat_free(mx), mat_free(md), mat_free(g), mat_free(qn), mat_free(kn);
}

static void test_rope(void **state)
{
	static const float freq[3] = { 1, 0.3f, 0.05f };
	double norm[16];
	struct attention_ctx c = { 2, 1, 6, 6, 0, 2, { 5, 3 }, freq };

	(void)state;
	values(norm, 16, 10, 1.5);
	rope_case(&c);
	c.rotary = 4; /* Phi: the rest passes through */
	rope_case(&c);
	c.q_norm = norm; /* Qwen3 */
	c.k_norm = norm + 8;
	rope_case(&c);
}

/* -- products and output ----------------------------------------------------------------------- */

static void test_products(void **state)
{
	enum { T = 140, IN = 70, OUT = 300 };
	static double x[T * IN], g[T * OUT], w[OUT * IN], dx[T * IN], dw[(OUT - 7) * IN];
	struct segment seg[2] = { { 0, 131, -1, 0 }, { 131, 9, -1, 0 } };
	struct segments both = { seg, 2, T };

	(void)state;
	values(x, T * IN, 11, 1);
	values(g, T * OUT, 12, 1);
	values(w, OUT * IN, 13, 1);
	memset(dx, 0, sizeof dx);
	memset(dw, 0, sizeof dw);
	for (size_t t = 0; t < T; t++)
		for (size_t o = 0; o < OUT; o++)
			for (size_t i = 0; i < IN; i++) {
				dx[t * IN + i] += g[t * OUT + o] * w[o * IN + i];
				if (o >= 7)
					dw[(o - 7) * IN + i] += g[t * OUT + o] * x[t * IN + i];
			}
	struct mat *mx = mat_of(MAT_OPERAND, x, T, IN), *mg = mat_of(MAT_OPERAND, g, T, OUT),
		   *mw = weight_of(w, OUT, IN);
	struct mat *mdx = mat_new(MAT_F32, T, IN), *mdw = mat_new(MAT_F32, OUT - 7, IN);
	op_matmul_back(mdx, mg, mw, 0, NULL, NULL);
	assert_near(mdx, dx, 1, 1e-6);
	struct mat *columns = mat_columns(mg, 7, OUT - 7);
	op_weight_gradient(mdw, columns, mx, NULL, &both);
	assert_near(mdw, dw, 1, 1e-6);

	/* one sequence after the other, in matrices of their own, gives equal bits */
	struct mat *parts = mat_new(MAT_F32, OUT - 7, IN);
	for (int i = 0; i < 2; i++) {
		size_t n = seg[i].len;
		struct mat *xi = mat_of(MAT_OPERAND, x + seg[i].first * IN, n, IN);
		struct mat *gi = mat_of(MAT_OPERAND, g + seg[i].first * OUT, n, OUT);
		struct segment alone = { 0, n, -1, 0 };
		struct segments one = { &alone, 1, n };
		struct mat *some = mat_columns(gi, 7, OUT - 7);
		op_weight_gradient(parts, some, xi, NULL, &one);
		mat_free(some), mat_free(xi), mat_free(gi);
	}
	static float a[(OUT - 7) * IN], b[(OUT - 7) * IN];
	mat_get(mdw, 0, OUT - 7, a);
	mat_get(parts, 0, OUT - 7, b);
	assert_memory_equal(a, b, sizeof a);
	mat_free(columns), mat_free(mx), mat_free(mg), mat_free(mw), mat_free(mdx), mat_free(mdw),
		mat_free(parts);
}

static struct mat *random_of(enum mat_type type, size_t rows, size_t cols, uint64_t seed)
{
	double *x = malloc(rows * cols * sizeof *x);
	struct mat *m;

	values(x, rows * cols, seed, 1);
	m = mat_of(type, x, rows, cols);
	free(x);
	return m;
}

static void assert_same(const struct mat *a, const struct mat *b)
{
	size_t n = mat_rows(a) * mat_cols(a);
	float *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y);

	mat_get(a, 0, mat_rows(a), x);
	mat_get(b, 0, mat_rows(b), y);
	assert_memory_equal(x, y, n * sizeof *x);
	free(x), free(y);
}

/* From f32 by weight_refill (an adapter's), or row by row. */
static struct mat *weight_filled(struct mat *w, uint64_t seed, int adapter)
{
	size_t rows = mat_rows(w), cols = mat_cols(w);
	struct mat *m = random_of(MAT_F32, rows, cols, seed);
	float *f = malloc(rows * cols * sizeof *f);

	if (adapter) {
		weight_refill(w, m, 1);
	} else {
		mat_get(m, 0, rows, f);
		weight_put(w, 0, rows, f);
		weight_seal(w);
	}
	free(f), mat_free(m);
	return w;
}

/* Adapters in the products against the same step by step: masks, sums, weights transposed. */
static void test_adapters(void **state)
{
	enum { T = 133, D = 200, F = 96, R = 8 };
	const int both = WEIGHT_FORWARD | WEIGHT_BACKWARD;
	struct segment seg[2] = { { 0, 3, -1, 0 }, { 3, 130, -1, 0 } };
	struct segments s = { seg, 2, T };
	uint32_t number[2] = { 4, 2 };
	struct dropout drop[2] = { { 9, 7, 35, 0x0CCCCCCC, 1 / 0.95f, number },
		{ 9, 7, 36, 0x1CCCCCCC, 1 / 0.9f, number } };
	struct mat *w = weight_filled(weight_new(2 * F, D, both, (struct weight_layout){ 0, 1 }),
		50, 0);
	struct mat *once = weight_filled(weight_new(2 * F, D, WEIGHT_FORWARD,
						 (struct weight_layout){ 0, 1 }),
		50, 0);
	struct mat *transposed = weight_new_transposed(2 * F, D),
		   *g = random_of(MAT_OPERAND, T, 2 * F, 51);
	struct mat *x = random_of(MAT_OPERAND, T, D, 54), *xd = mat_new(MAT_OPERAND, T, D);
	struct mat *y = mat_new(MAT_F32, T, D), *want = mat_new(MAT_F32, T, D),
		   *back = mat_new(MAT_F32, T, D);
	struct mat *lora_x = mat_new(MAT_OPERAND, T, R), *lora_want = mat_new(MAT_OPERAND, T, R);
	struct mat *da = mat_new(MAT_F32, R, D), *da_want = mat_new(MAT_F32, R, D),
		   *zero = mat_new(MAT_F32, T, D);
	struct lora_term lora[2];
	double sum = 0, norm = 0;

	(void)state;
	weight_transpose(transposed, once);
	op_matmul_back(want, g, w, 0, NULL, NULL);
	op_matmul_back(y, g, transposed, 0, NULL, NULL);
	assert_same(y, want);
	for (int i = 0; i < 2; i++) {
		struct mat *a = weight_filled(weight_new_a(R, D, both, 2 * F), 60 + (uint64_t)i, 1);

		lora[i] = (struct lora_term){ .x = random_of(MAT_OPERAND, T, R, 70 + (uint64_t)i),
			.b = a,
			.drop = &drop[i] };
		op_matmul_back(back, lora[i].x, a, 0, NULL, NULL);
		op_dropout(back, back, &drop[i], &s);
		op_distance(&sum, want, back, zero, 0.5); /* want += back */
	}
	op_matmul_back(y, g, transposed, 0, lora, &s);
	sum = 0;
	op_distance(&sum, NULL, y, want, 0);
	op_distance(&norm, NULL, want, zero, 0);
	assert_true(sum <= 1e-12 * norm);

	op_dropout(xd, x, &drop[0], &s);
	op_matmul_dropped(lora_x, x, &drop[0], &s, lora[0].b);
	op_matmul(lora_want, xd, lora[0].b, NULL, 0, NULL);
	assert_same(lora_x, lora_want);
	op_weight_gradient(da, lora_x, x, &drop[0], &s);
	op_weight_gradient(da_want, lora_x, xd, NULL, &s);
	assert_same(da, da_want);
	for (int i = 0; i < 2; i++)
		mat_free((struct mat *)(uintptr_t)lora[i].x),
			mat_free((struct mat *)(uintptr_t)lora[i].b);
	mat_free(w), mat_free(once), mat_free(transposed), mat_free(g), mat_free(x), mat_free(xd),
		mat_free(y), mat_free(want);
	mat_free(back), mat_free(lora_x), mat_free(lora_want), mat_free(da), mat_free(da_want),
		mat_free(zero);
}

static void test_output(void **state)
{
	enum { T = 130, D = 10, V = 531 };
	static double h[T * D], w[V * D], bias[V], dh[T * D], nll[T];
	static uint32_t target[T];
	float is[T];

	(void)state;
	values(h, T * D, 14, 2);
	values(w, V * D, 15, 1);
	values(bias, V, 16, 1);
	for (size_t t = 0; t < T; t++) {
		double p[V], sum = 0;
		target[t] = t % 5 == 3 ? UINT32_MAX : (uint32_t)(formula_word(17, t + 1) % V);
		for (size_t v = 0; v < V; v++) {
			p[v] = bias[v];
			for (size_t i = 0; i < D; i++)
				p[v] += h[t * D + i] * w[v * D + i];
			sum += exp(p[v]);
		}
		nll[t] = target[t] == UINT32_MAX ? 0 : log(sum) - p[target[t]];
		for (size_t v = 0; v < V && target[t] != UINT32_MAX; v++)
			for (size_t i = 0; i < D; i++)
				dh[t * D + i] += 0.25 * (exp(p[v]) / sum - (v == target[t])) *
					w[v * D + i];
	}
	struct mat *mh = mat_of(MAT_OPERAND, h, T, D), *mw = weight_of(w, V, D),
		   *mb = mat_of(MAT_F32, bias, 1, V);
	struct mat *g = mat_new(MAT_F32, T, D);
	op_output_back(g, is, mh, mw, mb, target, 0.25f);
	assert_near(g, dh, 1, 2e-6);
	for (size_t t = 0; t < T; t++)
		assert_true(fabs((double)is[t] - nll[t]) <
			(ops_dtype() == DTYPE_BF16 ? 0.05 : 5e-6));
	mat_free(mh), mat_free(mw), mat_free(mb), mat_free(g);
}

/* -- dropout, sums, optimizer ------------------------------------------------------------------ */

static void dropout_case(size_t n)
{
	struct segment seg[2] = { { 0, 3, -1, 0 }, { 3, 130, -1, 0 } };
	struct segments s = { seg, 2, 133 };
	uint32_t number[2] = { 4, 2 };
	struct dropout d = { 0x100000005, 7, 35, 0x0CCCCCCC, 1 / 0.95f, number };
	static double x[133 * 100], want[133 * 100];
	size_t dropped = 0;

	values(x, 133 * n, 18, 1);
	for (size_t i = 0; i < 133 * n; i++) {
		size_t row = i / n, q = row < 3 ? 0 : 1, e = (row - seg[q].first) * n + i % n;
		uint32_t out[4], counter[4] = { (uint32_t)(e >> 2), number[q], 7, 35 },
				 key[2] = { 5, 1 };

		philox(out, counter, key);
		want[i] = out[e & 3] < d.threshold ? 0 : (double)((float)x[i] * d.keep_scale);
		dropped += want[i] == 0;
	}
	struct mat *mx = mat_of(MAT_F32, x, 133, n);
	op_dropout(mx, mx, &d, &s);
	assert_near(mx, want, 1, 0);
	assert_true((double)dropped > 133 * (double)n * 0.04 &&
		(double)dropped < 133 * (double)n * 0.06);
	mat_free(mx);
}

/* Widths of whole runs of 32 and not, of rows that begin at a whole counter and not. */
static void test_dropout(void **state)
{
	(void)state;
	dropout_case(50);
	dropout_case(64);
	dropout_case(100);
}

static void test_sums(void **state)
{
	double a[35], b[35], c[35], sumsq = 0, distance = 0;

	(void)state;
	values(a, 35, 19, 1);
	values(b, 35, 20, 1);
	for (size_t i = 0; i < 35; i++) {
		sumsq += a[i] * a[i];
		distance += (a[i] - b[i]) * (a[i] - b[i]);
		c[i] = b[i] + 2 * 0.3 * (a[i] - b[i]);
	}
	struct mat *ma = mat_of(MAT_F32, a, 5, 7), *mb = mat_of(MAT_F32, b, 5, 7),
		   *mc = mat_of(MAT_F32, b, 5, 7);
	assert_true(fabs(op_sumsq(ma) / sumsq - 1) < 1e-12);
	double two = 0;
	op_distance(&two, NULL, ma, mb, 0.3);
	op_distance(&two, mc, ma, mb, 0.3);
	assert_true(fabs(two / distance - 2) < 1e-6);
	assert_near(mc, c, 1, 1e-6);
	mat_free(ma), mat_free(mb), mat_free(mc);
}

static void adamw_case(const json_t *rows, double decay)
{
	static const double start[4] = { 1, -2, 0.5, 0.25 }, slope[4] = { 1, -0.5, 1e-6, 0 };
	struct mat *p = mat_of(MAT_F32, start, 1, 4), *m = mat_new(MAT_F32, 1, 4),
		   *v = mat_new(MAT_F32, 1, 4);
	struct mat *of[3] = { p, m, v };
	static const char *const key[3] = { "p", "m", "v" };

	for (int t = 0; t < 5; t++) {
		double g[4], want[4];
		struct adamw a = { 1e-2, 0.9, 0.999, 1e-8, decay, 1, t + 1 };

		for (int i = 0; i < 4; i++)
			g[i] = slope[i] * (t + 1);
		struct mat *mg = mat_of(MAT_F32, g, 1, 4);
		op_adamw(p, m, v, mg, &a);
		for (int k = 0; k < 3; k++) {
			for (size_t i = 0; i < 4; i++)
				want[i] = json_number_value(json_array_get(
					json_object_get(json_array_get(rows, (size_t)t), key[k]),
					i));
			assert_near(of[k], want, 1, 1e-6);
		}
		mat_free(mg);
	}
	mat_free(p), mat_free(m), mat_free(v);
}

static void test_adamw(void **state)
{
	json_t *g = json_load_file(golden_path("train/schedule.json"), 0, NULL);
	json_t *adamw = json_object_get(g, "adamw");

	(void)state;
	assert_non_null(g);
	adamw_case(json_object_get(adamw, "weight_decay_0"), 0);
	adamw_case(json_object_get(adamw, "weight_decay_0.1"), 0.1);
	json_decref(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "norms: RMS and layer, within 2e-5 of differences", test_norm },
		{ "activations: silu and gelu, gated and plain, within 2e-5", test_act },
		{ "attention: grouped heads, windows, across tiles, within 2e-5", test_attention },
		{ "rotation: whole, partial, with head norms, within 2e-5", test_rope },
		{ "backward and weight products within 1e-6 of plain sums; equal bits for "
		  "sequences alone",
			test_products },
		{ "cross entropy through the output layer within 2e-6 of plain sums", test_output },
		{ "adapters in the products: the same bits as step by step, sums within 1e-6",
			test_adapters },
		{ "dropout: each element's own Philox word", test_dropout },
		{ "sum of squares, distance and its gradient", test_sums },
		{ "AdamW: golden/train/schedule.json within 1e-6", test_adamw },
	};
	const char *dtype = getenv("OPS_DTYPE");

	ops_init(2, dtype ? dtype : "f32");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
