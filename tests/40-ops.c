/* The forward operations against plain references in double precision, those of plain.h.
 *
 * References start from the operands as they are stored (rounded to bf16 in bf16 mode), so that
 * only the operation's own rounding is left: 2e-6 of the array's largest value for an f32 result,
 * 2^-8 of it for one stored as bf16. Every operation also gives a row the same bits alone, in
 * another batch, and as part of another tree of segments.
 *
 * OPS_THREADS and OPS_DTYPE choose how it runs; the last line is a hash of all results, which
 * 42-ops.t compares.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <xxhash.h>
#include <cmocka.h>

#include "arrays.h"
#include "plain.h"

static XXH3_state_t *all_bits;

/* -- helpers ----------------------------------------------------------------------------------- */

static struct mat *mat_of(enum mat_type type, const float *x, size_t rows, size_t cols)
{
	struct mat *m = mat_new(type, rows, cols);

	mat_put(m, 0, rows, x);
	return m;
}

/* A weight, and what it holds after rounding. */
static struct mat *weight_of(float *w, size_t out, size_t in)
{
	struct mat *m = weight_new(out, in, WEIGHT_FORWARD, (struct weight_layout){ 0 }),
		   *rounded = mat_of(MAT_OPERAND, w, out, in);

	weight_put(m, 0, out, w);
	weight_seal(m);
	mat_get(rounded, 0, out, w);
	mat_free(rounded);
	return m;
}

static double rounding(enum mat_type type)
{
	return type == MAT_OPERAND && ops_dtype() == DTYPE_BF16 ? 0x1p-8 : 2e-6;
}

static void near(const float *is, const double *want, size_t n, double tol)
{
	XXH3_64bits_update(all_bits, is, n * sizeof *is);
	assert_near(is, want, n, tol);
}

static void mat_near(const struct mat *m, const double *want, enum mat_type type)
{
	float *is = rows_of(m);

	near(is, want, mat_rows(m) * mat_cols(m), rounding(type));
	free(is);
}

static const size_t heights[] = { 1, 5, 127, 128, 129, 300 };
enum { HEIGHTS = sizeof heights / sizeof *heights };

/* -- products ---------------------------------------------------------------------------------- */

struct product {
	size_t out, in;
	int bias, accumulate;
	enum mat_type to;
};

enum { SIDE = 8 };

/* sum[k] += x[in] . w[k][in], up to SIDE of them side by side, which a processor does at once. */
static void sums_plain(double *sum, const float *x, const float *w, size_t n, size_t in)
{
	double s[SIDE] = { 0 };
	const float *row[SIDE];

	for (size_t k = 0; k < SIDE; k++) {
		row[k] = w + (k < n ? k : 0) * in;
		s[k] = sum[k < n ? k : 0];
	}
	for (size_t c = 0; c < in; c++)
		for (size_t k = 0; k < SIDE; k++)
			s[k] += (double)x[c] * (double)row[k][c];
	memcpy(sum, s, n * sizeof *s);
}

static void product_plain(double *y, const float *x, const float *w, const float *b,
	const float *y0, size_t rows, size_t out, size_t in)
{
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < out; j += SIDE) {
			size_t n = out - j < SIDE ? out - j : SIDE;
			double *sum = y + i * out + j;

			for (size_t k = 0; k < n; k++)
				sum[k] = (b ? (double)b[j + k] : 0) +
					(y0 ? (double)y0[i * out + j + k] : 0);
			sums_plain(sum, x + i * in, w + j * in, n, in);
		}
}

/* Rows 2 .. of another batch, with other rows around them. */
static void product_elsewhere(const struct mat *y, const struct mat *x, const struct mat *w,
	const struct mat *b, const struct product *p, const float *y0)
{
	size_t rows = mat_rows(x), n = rows < 7 ? rows : 7, from = rows - n;
	float *other = values(11 * p->in, 99, 1);
	struct mat *x2 = mat_of(MAT_OPERAND, other, 11, p->in), *y2 = mat_new(p->to, 11, p->out);

	op_copy_rows(x2, 2, x, from, n);
	if (p->accumulate)
		mat_put(y2, 2, n, y0 + from * p->out);
	op_matmul(y2, x2, w, b, p->accumulate, NULL);
	same_rows(y, from, y2, 2, n);
	free(other), mat_free(x2), mat_free(y2);
}

static void product_case(const struct product *p, size_t rows)
{
	float *x = values(rows * p->in, 1, 1), *w = values(p->out * p->in, 2, 0.5f),
	      *b = values(p->out, 3, 2);
	float *y0 = values(rows * p->out, 4, 3);
	double *want = calloc(rows * p->out, sizeof *want);
	struct mat *mx = mat_of(MAT_OPERAND, x, rows, p->in), *mw = weight_of(w, p->out, p->in);
	struct mat *mb = p->bias ? mat_of(MAT_F32, b, 1, p->out) : NULL,
		   *y = mat_of(p->to, y0, rows, p->out);

	mat_get(mx, 0, rows, x);
	product_plain(want, x, w, p->bias ? b : NULL, p->accumulate ? y0 : NULL, rows, p->out,
		p->in);
	op_matmul(y, mx, mw, mb, p->accumulate, NULL);
	mat_near(y, want, p->to);
	product_elsewhere(y, mx, mw, mb, p, y0);
	free(x), free(w), free(b), free(y0), free(want);
	mat_free(mx), mat_free(mw), mat_free(mb), mat_free(y);
}

static void test_matmul(void **state)
{
	static const struct product cases[] = {
		{ 64, 48, 0, 0, MAT_F32 }, { 97, 48, 1, 0, MAT_OPERAND },
		{ 131, 64, 1, 1, MAT_F32 }, { 1, 1, 1, 0, MAT_F32 }, { 88, 4, 0, 1, MAT_F32 },
		{ 4, 88, 0, 0, MAT_OPERAND }, { 1300, 64, 0, 0, MAT_F32 },
		{ 700, 1536, 1, 1, MAT_F32 }, /* several panels */
	};

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
		for (size_t i = 0; i < HEIGHTS; i++)
			product_case(&cases[c], heights[i]);
}

/* A view's columns are written, and no others. */
static void test_views(void **state)
{
	enum { T = 130, IN = 24, OUT = 40, WIDE = 100, AT = 37 };
	float *x = values(T * IN, 1, 1), *w = values(OUT * IN, 2, 1), *y0 = values(T * WIDE, 3, 1),
	      *y;
	struct mat *mx = mat_of(MAT_OPERAND, x, T, IN), *mw = weight_of(w, OUT, IN),
		   *wide = mat_of(MAT_F32, y0, T, WIDE);
	struct mat *view = mat_columns(wide, AT, OUT), *alone = mat_new(MAT_F32, T, OUT);

	(void)state;
	for (size_t i = 0; i < T; i++)
		mat_put(alone, i, 1, y0 + i * WIDE + AT);
	op_matmul(view, mx, mw, NULL, 1, NULL);
	op_matmul(alone, mx, mw, NULL, 1, NULL);
	same_rows(view, 0, alone, 0, T);
	y = rows_of(wide);
	for (size_t i = 0; i < T; i++) {
		assert_memory_equal(y + i * WIDE, y0 + i * WIDE, AT * 4);
		assert_memory_equal(y + i * WIDE + AT + OUT, y0 + i * WIDE + AT + OUT,
			(WIDE - AT - OUT) * 4);
	}
	free(x), free(w), free(y0), free(y);
	mat_free(view), mat_free(alone), mat_free(wide), mat_free(mx), mat_free(mw);
}

/* -- norms ------------------------------------------------------------------------------------- */

/* Rows of every size from 1e-6 to 1e12, the first of zeros. */
static void norm_case(size_t rows, size_t d, int kind, int bias, enum mat_type to)
{
	float *x = values(rows * d, 1, 1), *w = values(d, 2, 1.5f), *b = values(d, 3, 0.5f), *is;
	double *want = calloc(rows * d, sizeof *want), *dx, *dw, *db;
	struct mat *mx, *mw = mat_of(MAT_F32, w, 1, d),
			*mb = bias ? mat_of(MAT_F32, b, 1, d) : NULL;
	struct mat *y = mat_new(to, rows, d), *one = mat_new(MAT_F32, 1, d),
		   *y1 = mat_new(to, 1, d);

	for (size_t i = 0; i < rows * d; i++)
		x[i] *= i < d ? 0 : powf(10, (float)(i / d % 19) - 6);
	mx = mat_of(MAT_F32, x, rows, d);
	dx = doubles(x, rows * d), dw = doubles(w, d), db = doubles(b, d);
	for (size_t i = 0; i < rows; i++)
		norm_plain(want + i * d, dx + i * d, dw, bias ? db : NULL, d, kind, (double)1e-5f);
	op_norm(y, mx, mw, mb, kind, 1e-5f);
	is = rows_of(y);
	for (size_t i = 0; i < rows; i++)
		near(is + i * d, want + i * d, d, rounding(to));
	op_copy_rows(one, 0, mx, rows - 1, 1);
	op_norm(y1, one, mw, mb, kind, 1e-5f);
	same_rows(y1, 0, y, rows - 1, 1);
	free(x), free(w), free(b), free(is), free(want), free(dx), free(dw), free(db);
	mat_free(mx), mat_free(mw), mat_free(mb), mat_free(y), mat_free(one), mat_free(y1);
}

static void test_norm(void **state)
{
	static const size_t widths[] = { 12, 37, 64, 576 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t r = 0; r < HEIGHTS; r++) {
			norm_case(heights[r], widths[i], NORM_KIND_RMS, 0, MAT_OPERAND);
			norm_case(heights[r], widths[i], NORM_KIND_LAYER, 1, MAT_F32);
		}
}

/* A mean that is large beside the deviation is taken off before squaring: 1e-5, what x itself is
 * good for. */
static void test_norm_offset(void **state)
{
	enum { D = 64 };
	float *x = values(D, 1, 1), w[D], is[D];
	double want[D], dx[D], dw[D];

	(void)state;
	for (int j = 0; j < D; j++) {
		x[j] += 1000;
		w[j] = 1;
		dx[j] = (double)x[j];
		dw[j] = 1;
	}
	struct mat *mx = mat_of(MAT_F32, x, 1, D), *mw = mat_of(MAT_F32, w, 1, D),
		   *y = mat_new(MAT_F32, 1, D);
	norm_plain(want, dx, dw, NULL, D, NORM_KIND_LAYER, (double)1e-5f);
	op_norm(y, mx, mw, NULL, NORM_KIND_LAYER, 1e-5f);
	mat_get(y, 0, 1, is);
	near(is, want, D, 1e-4);
	free(x), mat_free(mx), mat_free(mw), mat_free(y);
}

/* -- segments ---------------------------------------------------------------------------------- */

/* A header, questions under it, answers under those, and a document beside; and the paths as they
 * would lie alone. */
static const struct segment tree[] = {
	{ 0, 70, -1, 0 },
	{ 70, 40, 0, 70 },
	{ 110, 129, 0, 70 },
	{ 239, 1, 1, 110 },
	{ 240, 33, 2, 199 },
	{ 273, 5, -1, 0 },
	{ 278, 2, 4, 232 },
};
static const struct segments forest = { tree, sizeof tree / sizeof *tree, 280 };

static struct segments one_segment(struct segment *s, size_t len)
{
	*s = (struct segment){ 0, len, -1, 0 };
	return (struct segments){ s, 1, len };
}

/* -- rotation ---------------------------------------------------------------------------------- */

static void rope_rows(double *want, const float *x, const struct heads *h, const float *q_norm,
	const float *k_norm, const struct segments *s)
{
	size_t hd = (size_t)h->head_dim, cols = (size_t)(h->n_heads + 2 * h->n_kv) * hd;
	double *q = q_norm ? doubles(q_norm, hd) : NULL, *k = k_norm ? doubles(k_norm, hd) : NULL;

	for (size_t i = 0; i < s->rows * cols; i++)
		want[i] = (double)x[i];
	for (int i = 0; i < s->n; i++)
		for (size_t t = 0; t < s->seg[i].len; t++)
			heads_plain(want + (s->seg[i].first + t) * cols, h, q, k,
				s->seg[i].pos + t);
	free(q), free(k);
}

/* A weight that leaves a row as it is. */
static struct mat *identity(size_t n, size_t head_dim)
{
	struct mat *w = weight_new(n, n, WEIGHT_FORWARD, (struct weight_layout){ head_dim, 0 });
	float *row = floats(n);

	for (size_t i = 0; i < n; i++) {
		row[i] = 1;
		weight_put(w, i, 1, row);
		row[i] = 0;
	}
	weight_seal(w);
	free(row);
	return w;
}

static void rope_case(int heads, int kv, int hd, int rotary, int norms, const struct segments *s)
{
	size_t cols = (size_t)((heads + 2 * kv) * hd);
	float *x = values(s->rows * cols, 1, 2), *q = values((size_t)hd, 2, 1.5f),
	      *k = values((size_t)hd, 3, 1.5f);
	float inv_freq[128];
	double *want = calloc(s->rows * cols, sizeof *want);
	struct mat *mx = mat_of(MAT_OPERAND, x, s->rows, cols),
		   *y = mat_new(MAT_OPERAND, s->rows, cols);
	struct mat *same = identity(cols, (size_t)hd), *plain = mat_new(MAT_F32, s->rows, cols);
	float *stored = rows_of(mx);
	struct mat *mq = mat_of(MAT_F32, q, 1, (size_t)hd), *mk = mat_of(MAT_F32, k, 1, (size_t)hd);
	struct heads h = { heads, kv, hd, rotary, inv_freq, norms ? mq : NULL, norms ? mk : NULL,
		1e-6f, 0 };

	for (int i = 0; i < rotary / 2; i++)
		inv_freq[i] = (float)(1 / pow(10000, 2.0 * i / rotary));
	rope_rows(want, stored, &h, norms ? q : NULL, norms ? k : NULL, s);
	op_matmul_rope(y, plain, mx, same, NULL, NULL, &h, s);
	mat_near(y, want, MAT_OPERAND);
	mat_get(plain, 0, s->rows, x);
	assert_memory_equal(x, stored, s->rows * cols * sizeof *x);
	free(x), free(q), free(k), free(want), free(stored);
	mat_free(mx), mat_free(y), mat_free(mq), mat_free(mk), mat_free(same), mat_free(plain);
}

static void test_rope(void **state)
{
	struct segment s;
	struct segments far = one_segment(&s, 4100);

	(void)state;
	rope_case(4, 4, 8, 8, 0, &forest);
	rope_case(6, 2, 16, 6, 0, &forest);
	rope_case(4, 1, 80, 32, 0, &forest);
	rope_case(4, 2, 16, 16, 1, &forest);
	rope_case(2, 1, 128, 128, 1, &forest);
	rope_case(1, 1, 8, 8, 0, &far);
	rope_case(6, 2, 16, 6, 0, &forest); /* after other frequencies and lengths */
}

/* -- attention --------------------------------------------------------------------------------- */

/* Each path alone: the same bits as in the forest. */
static void attention_alone(const struct mat *o, const struct mat *lse, const struct mat *qkv,
	const struct heads *h, const struct segments *s)
{
	size_t *row = calloc(s->rows, sizeof *row);

	for (int i = 0; i < s->n; i++) {
		size_t n = path_of(row, s, i), len = s->seg[i].len;
		struct segment seg;
		struct segments alone = one_segment(&seg, n);
		struct mat *qkv1 = mat_new(MAT_OPERAND, n, mat_cols(qkv)),
			   *o1 = mat_new(MAT_OPERAND, n, mat_cols(o));
		struct mat *lse1 = mat_new(MAT_F32, n, mat_cols(lse));

		op_gather(qkv1, qkv, row, n);
		op_attention(o1, lse1, qkv1, h, &alone);
		same_rows(o1, n - len, o, s->seg[i].first, len);
		same_rows(lse1, n - len, lse, s->seg[i].first, len);
		mat_free(qkv1), mat_free(o1), mat_free(lse1);
	}
	free(row);
}

static void attention_case(int heads, int kv, int hd, int window, float scale,
	const struct segments *s)
{
	size_t cols = (size_t)((heads + 2 * kv) * hd), out = (size_t)(heads * hd), rows = s->rows;
	float *x = values(rows * cols, 5, scale);
	double *want = calloc(rows * out, sizeof *want),
	       *lse = calloc(rows * (size_t)heads, sizeof *lse);
	struct mat *qkv = mat_of(MAT_OPERAND, x, rows, cols), *o = mat_new(MAT_OPERAND, rows, out);
	struct mat *m_lse = mat_new(MAT_F32, rows, (size_t)heads),
		   *o2 = mat_new(MAT_OPERAND, rows, out);
	struct heads h = { .n_heads = heads, .n_kv = kv, .head_dim = hd, .window = window };

	mat_get(qkv, 0, rows, x);
	double *dx = doubles(x, rows * cols);
	attention_plain(want, lse, dx, &h, s);
	op_attention(o, m_lse, qkv, &h, s);
	mat_near(o, want, MAT_OPERAND);
	mat_near(m_lse, lse, MAT_F32);
	op_attention(o2, NULL, qkv, &h, s);
	same_rows(o, 0, o2, 0, rows);
	attention_alone(o, m_lse, qkv, &h, s);
	free(x), free(dx), free(want), free(lse);
	mat_free(qkv), mat_free(o), mat_free(m_lse), mat_free(o2);
}

static void test_attention(void **state)
{
	static const int shapes[][3] = { { 4, 4, 8 }, { 6, 2, 16 }, { 9, 3, 64 }, { 4, 4, 80 },
		{ 4, 1, 128 }, { 3, 1, 12 } };
	static const int windows[] = { 0, 1, 8, 100 };

	(void)state;
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
		for (size_t w = 0; w < 4; w++)
			attention_case(shapes[i][0], shapes[i][1], shapes[i][2], windows[w], 1.5f,
				&forest);
}

static void test_attention_lengths(void **state)
{
	struct segment s;

	(void)state;
	for (size_t i = 0; i < HEIGHTS; i++) {
		struct segments alone = one_segment(&s, heights[i]);

		attention_case(2, 1, 16, 0, 1.5f, &alone);
		attention_case(2, 2, 16, 50, 1.5f, &alone);
	}
}

/* Scores of hundreds: e^x would overflow without the running maximum; one key takes nearly all.
 * 1e-4 of the largest: a score of 1000 is itself known to 6e-5. */
static void test_attention_extremes(void **state)
{
	enum { T = 200, HD = 16, COLS = 3 * HD };
	float *x = values(T * COLS, 5, 30), *is;
	double want[T * HD], lse[T];
	struct mat *qkv = mat_of(MAT_OPERAND, x, T, COLS), *o = mat_new(MAT_OPERAND, T, HD);
	struct heads h = { .n_heads = 1, .n_kv = 1, .head_dim = HD };
	struct segment seg;
	struct segments s = one_segment(&seg, T);

	(void)state;
	mat_get(qkv, 0, T, x);
	double *dx = doubles(x, T * COLS);
	attention_plain(want, lse, dx, &h, &s);
	op_attention(o, NULL, qkv, &h, &s);
	is = rows_of(o);
	near(is, want, T * HD, fmax(1e-4, rounding(MAT_OPERAND)));
	free(x), free(dx), free(is), mat_free(qkv), mat_free(o);
}

/* -- activations ------------------------------------------------------------------------------- */

static void act_case(size_t rows, size_t ff, int kind, int gated)
{
	static const float edges[] = { 0, -0.0f, 1e-30f, -1e-30f, 20, -20, 88, -88, 90, -90, 1e4f,
		-1e4f, 1e30f, -1e30f };
	size_t cols = gated ? 2 * ff : ff;
	float *x = values(rows * cols, 7, 6), *is;
	double *want = calloc(rows * ff, sizeof *want);
	struct mat *mx, *y = mat_new(MAT_OPERAND, rows, ff);

	for (size_t i = 0; i < sizeof edges / sizeof *edges && i < ff; i++)
		x[(rows - 1) * cols + i] = edges[i];
	mx = mat_of(MAT_F32, x, rows, cols);
	for (size_t i = 0; i < rows; i++)
		for (size_t j = 0; j < ff; j++)
			want[i * ff + j] = act_plain((double)x[i * cols + j], kind) *
				(gated ? (double)x[i * cols + ff + j] : 1);
	op_act(y, mx, kind, gated);
	is = rows_of(y);
	for (size_t i = 0; i < rows * ff; i++) { /* each by itself: the edges are far apart */
		double z = (double)x[i / ff * cols + i % ff],
		       u = gated ? (double)x[i / ff * cols + ff + i % ff] : 1;

		assert_true(fabs((double)is[i] - want[i]) <=
			rounding(MAT_OPERAND) * fmax(fabs(want[i]), fmin(fabs(z), 10) * fabs(u)));
	}
	XXH3_64bits_update(all_bits, is, rows * ff * sizeof *is);
	free(x), free(is), free(want), mat_free(mx), mat_free(y);
}

static void test_act(void **state)
{
	static const size_t widths[] = { 1, 13, 88, 1536 };

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t r = 0; r < HEIGHTS; r++) {
			act_case(heights[r], widths[i], ACT_KIND_SILU, 1);
			act_case(heights[r], widths[i], ACT_KIND_GELU_NEW, 0);
		}
}

static struct mat *filled(struct mat *w, float *f)
{
	struct mat *rounded = mat_of(MAT_OPERAND, f, mat_rows(w), mat_cols(w));
	struct mat *plain = mat_of(MAT_F32, f, mat_rows(w), mat_cols(w));

	weight_refill(w, plain, 1);
	mat_get(rounded, 0, mat_rows(w), f);
	mat_free(rounded), mat_free(plain);
	return w;
}

/* Both kinds of FFN with an adapter on each projection: u = x W^T + bias + lora, kept as it is
 * stored, then the activation. */
static void ffn_case(size_t rows, size_t d, size_t ff, size_t rank, int gated, int kept)
{
	size_t parts = gated ? 2 : 1, n = parts * ff;
	float *x = values(rows * d, 1, 1), *w = values(n * d, 2, 0.5f), *bias = values(n, 3, 1);
	float *a = values(parts * rows * rank, 4, 1), *b = values(n * rank, 5, 0.5f);
	double *want = calloc(rows * n, sizeof *want), *part = calloc(rows * ff, sizeof *part);
	struct mat *mx = mat_of(MAT_OPERAND, x, rows, d), *mb = mat_of(MAT_F32, bias, 1, n),
		   *lora_x[2], *lora_b[2];
	struct mat *mw = filled(weight_new_packed(n, d, (struct weight_layout){ 0, gated }), w);
	struct mat *y = mat_new(MAT_OPERAND, rows, ff), *up = mat_new(MAT_OPERAND, rows, n),
		   *again = mat_new(MAT_OPERAND, rows, ff);
	struct lora_term lora[2] = { { 0 } };
	int kind = gated ? ACT_KIND_SILU : ACT_KIND_GELU_NEW;

	mat_get(mx, 0, rows, x);
	product_plain(want, x, w, bias, NULL, rows, n, d);
	for (size_t p = 0; p < parts; p++) {
		lora_x[p] = mat_of(MAT_OPERAND, a + p * rows * rank, rows, rank);
		lora_b[p] = filled(weight_new_b(ff, rank, WEIGHT_FORWARD, d, 0), b + p * ff * rank);
		lora[p] = (struct lora_term){ .x = lora_x[p], .b = lora_b[p], .part = (int)p };
		float *stored = rows_of(lora_x[p]);
		product_plain(part, stored, b + p * ff * rank, NULL, NULL, rows, ff, rank);
		for (size_t i = 0; i < rows * ff; i++)
			want[i / ff * n + p * ff + i % ff] += part[i];
		free(stored);
	}
	op_matmul_act(y, kept ? up : NULL, mx, mw, mb, lora, kind, gated);
	if (kept) {
		mat_near(up, want, MAT_OPERAND);
		op_act(again, up, kind, gated);
		same_rows(y, 0, again, 0, rows);
	} else {
		for (size_t i = 0; i < rows * ff; i++) {
			const double *u = want + i / ff * n + i % ff;

			part[i] = act_plain(u[0], kind) * (gated ? u[ff] : 1);
		}
		mat_near(y, part, MAT_OPERAND);
	}
	for (size_t p = 0; p < parts; p++)
		mat_free(lora_x[p]), mat_free(lora_b[p]);
	free(x), free(w), free(bias), free(a), free(b), free(want), free(part);
	mat_free(mx), mat_free(mb), mat_free(mw), mat_free(y), mat_free(up), mat_free(again);
}

/* q|k|v with an adapter, heads of sizes that make panels of other widths: as the plain sum of both
 * products. */
static void lora_rope_case(size_t rows, int heads, int kv, int hd, size_t d, size_t rank)
{
	size_t n = (size_t)((heads + 2 * kv) * hd);
	float *x = values(rows * d, 1, 1), *w = values(n * d, 2, 0.5f),
	      *a = values(rows * rank, 3, 1), *b = values(n * rank, 4, 0.5f);
	double *want = calloc(rows * n, sizeof *want), *part = calloc(rows * n, sizeof *part);
	struct mat *mx = mat_of(MAT_OPERAND, x, rows, d), *ma = mat_of(MAT_OPERAND, a, rows, rank);
	struct mat *mw = filled(weight_new_packed(n, d, (struct weight_layout){ (size_t)hd, 0 }),
		w);
	struct mat *mb = filled(weight_new_b(n, rank, WEIGHT_FORWARD, d, (size_t)hd), b);
	struct mat *y = mat_new(MAT_OPERAND, rows, n), *plain = mat_new(MAT_F32, rows, n);
	struct lora_term lora[2] = { { .x = ma, .b = mb } };
	float inv_freq[128];
	struct heads h = { heads, kv, hd, 2, inv_freq, NULL, NULL, 1e-6f, 0 };
	struct segment seg;
	struct segments s = one_segment(&seg, rows);

	inv_freq[0] = 1;
	mat_get(mx, 0, rows, x);
	mat_get(ma, 0, rows, a);
	product_plain(want, x, w, NULL, NULL, rows, n, d);
	product_plain(part, a, b, NULL, NULL, rows, n, rank);
	for (size_t i = 0; i < rows * n; i++)
		want[i] += part[i];
	op_matmul_rope(y, plain, mx, mw, NULL, lora, &h, &s);
	mat_near(plain, want, MAT_F32);
	free(x), free(w), free(a), free(b), free(want), free(part);
	mat_free(mx), mat_free(ma), mat_free(mw), mat_free(mb), mat_free(y), mat_free(plain);
}

static void test_lora_rope(void **state)
{
	(void)state;
	lora_rope_case(5, 4, 2, 16, 64, 6);
	lora_rope_case(130, 9, 3, 64, 576, 12);
	lora_rope_case(129, 4, 1, 80, 1024, 3);
}

static void test_ffn(void **state)
{
	(void)state;
	for (int gated = 0; gated < 2; gated++)
		for (int kept = 0; kept < 2; kept++) {
			ffn_case(5, 24, 40, 4, gated, kept);
			ffn_case(130, 576, 704, 64, gated, kept);
			ffn_case(129, 2048, 72, 16, gated, kept);
		}
}

/* -- the output layer -------------------------------------------------------------------------- */

struct output {
	size_t rows, vocab;
	uint32_t *ids;
	size_t *first;
	struct logp_request request;
	float *logp, *lse;
	uint32_t *top;
};

/* Row i asks for i % 4 ids, so that some ask for none; the last id of the vocabulary and repeated
 * ones too. */
static struct output output_new(size_t rows, size_t vocab)
{
	struct output o = { rows, vocab, calloc(4 * rows, 4), calloc(rows + 1, sizeof(size_t)),
		{ NULL, NULL }, floats(4 * rows), floats(rows), calloc(rows, 4) };

	for (size_t i = 0; i < rows; i++) {
		o.first[i + 1] = o.first[i] + i % 4;
		for (size_t j = o.first[i]; j < o.first[i + 1]; j++)
			o.ids[j] = j % 5 == 0 ? (uint32_t)vocab - 1
					      : (uint32_t)((j * 7919 + 13) % vocab);
	}
	o.request = (struct logp_request){ o.ids, o.first };
	return o;
}

static void output_free(struct output *o)
{
	free(o->ids), free(o->first), free(o->logp), free(o->lse), free(o->top);
}

/* logits[V] of a row -> what is requested of it */
static void output_check(const struct output *o, size_t row, const double *logits)
{
	double top = -INFINITY, sum = 0, want[4];
	size_t n = o->first[row + 1] - o->first[row];

	for (size_t v = 0; v < o->vocab; v++)
		top = fmax(top, logits[v]);
	for (size_t v = 0; v < o->vocab; v++)
		sum += exp(logits[v] - top);
	for (size_t j = 0; j < n; j++)
		want[j] = logits[o->ids[o->first[row] + j]] - top - log(sum);
	if (n)
		near(o->logp + o->first[row], want, n, 4e-6);
	want[0] = top + log(sum);
	near(o->lse + row, want, 1, 4e-6);
	assert_true(o->top[row] < o->vocab && logits[o->top[row]] >= top - 1e-5 * fabs(top));
}

static void output_case(size_t rows, size_t vocab, size_t d, int bias)
{
	float *h = values(rows * d, 8, 2), *w = values(vocab * d, 9, 1), *b = values(vocab, 10, 1),
	      *logits = floats(rows * vocab);
	double *want = calloc(rows * vocab, sizeof *want);
	struct mat *mh = mat_of(MAT_OPERAND, h, rows, d), *mw = weight_of(w, vocab, d);
	struct mat *mb = bias ? mat_of(MAT_F32, b, 1, vocab) : NULL,
		   *last = mat_new(MAT_OPERAND, 1, d);
	struct output o = output_new(rows, vocab);
	size_t first[2] = { 0, o.first[rows] - o.first[rows - 1] };
	struct logp_request ask_last = { o.ids + o.first[rows - 1], first };
	float logp[4], lse;
	uint32_t top;

	mat_get(mh, 0, rows, h);
	product_plain(want, h, w, bias ? b : NULL, NULL, rows, vocab, d);
	op_output(&(struct logp_result){ o.logp, o.top, o.lse }, mh, mw, mb, &o.request);
	op_logits(logits, mh, mw, mb);
	near(logits, want, rows * vocab, 2e-6);
	for (size_t i = 0; i < rows; i++)
		output_check(&o, i, want + i * vocab);
	op_copy_rows(last, 0, mh, rows - 1, 1); /* alone: the same bits */
	op_output(&(struct logp_result){ logp, &top, &lse }, last, mw, mb, &ask_last);
	assert_memory_equal(logp, o.logp + o.first[rows - 1], first[1] * 4);
	assert_memory_equal(&lse, o.lse + rows - 1, 4);
	assert_int_equal(top, o.top[rows - 1]);
	op_output(&(struct logp_result){ .logp = o.logp }, mh, mw, mb, &o.request);
	free(h), free(w), free(b), free(logits), free(want), output_free(&o);
	mat_free(mh), mat_free(mw), mat_free(mb), mat_free(last);
}

static void test_output(void **state)
{
	(void)state;
	for (size_t i = 0; i < HEIGHTS; i++) {
		output_case(heights[i], 97, 48, 0);
		output_case(heights[i], 131, 64, 1);
		output_case(heights[i], 3001, 64, 0); /* several panels, the last one odd */
	}
}

/* Equal logits, in one panel and in two: the first is the argmax. */
static void test_output_ties(void **state)
{
	enum { V = 2500, D = 64 };
	static const size_t twins[] = { 31, 32, 1900, 2499 };
	float *w = values(V * D, 9, 0.1f), h[D], lse;
	size_t first[2] = { 0, 0 };
	struct logp_request none = { NULL, first };
	uint32_t top;

	(void)state;
	for (size_t t = 0; t < 4; t++)
		for (size_t c = 0; c < D; c++)
			w[twins[t] * D + c] = h[c] = 1 + (float)c / D;
	struct mat *mh = mat_of(MAT_OPERAND, h, 1, D), *mw = weight_of(w, V, D);
	op_output(&(struct logp_result){ NULL, &top, &lse }, mh, mw, NULL, &none);
	assert_int_equal(top, 31);
	free(w), mat_free(mh), mat_free(mw);
}

/* -- rows in and out --------------------------------------------------------------------------- */

static float float_bits(uint32_t u)
{
	float f;

	memcpy(&f, &u, 4);
	return f;
}

/* What an operand keeps of a value: all of it in f32; in bf16 the nearest, ties to even, infinities
 * and NaN themselves. */
static void test_rounding(void **state)
{
	static const uint32_t cases[][2] = {
		/* f32, and as bf16 */
		{ 0x3f800000, 0x3f800000 },
		{ 0x3f808000, 0x3f800000 },
		{ 0x3f818000, 0x3f820000 },
		{ 0x3f808001, 0x3f810000 },
		{ 0xbf808000, 0xbf800000 },
		{ 0x7f7fffff, 0x7f800000 },
		{ 0x7f800000, 0x7f800000 },
		{ 0xff800000, 0xff800000 },
		{ 0x80000000, 0x80000000 },
	};
	float x[11], is[11];

	(void)state;
	for (size_t i = 0; i < 9; i++)
		x[i] = float_bits(cases[i][0]);
	x[9] = float_bits(0x7f800001); /* NaN whose bf16 cut would be an infinity */
	x[10] = float_bits(0xffc12345);
	struct mat *m = mat_of(MAT_OPERAND, x, 1, 11);
	mat_get(m, 0, 1, is);
	for (size_t i = 0; i < 9; i++) {
		float want = float_bits(cases[i][ops_dtype() == DTYPE_BF16]);

		assert_memory_equal(&is[i], &want, 4);
	}
	assert_true(isnan(is[9]) && isnan(is[10]));
	mat_free(m);
}

static void test_rows(void **state)
{
	enum { T = 200, D = 20 };
	static const size_t pick[] = { 199, 0, 128, 128, 7 };
	float *x = values(T * D, 11, 1);
	struct mat *a = mat_of(MAT_F32, x, T, D), *b = mat_new(MAT_F32, T, D),
		   *some = mat_new(MAT_F32, 5, D);
	struct mat *operand = mat_new(MAT_OPERAND, 5, D);

	(void)state;
	op_copy(b, a);
	same_rows(a, 0, b, 0, T);
	op_copy_rows(b, 3, a, 100, 50);
	same_rows(b, 3, a, 100, 50);
	same_rows(b, 53, a, 53, T - 53);
	op_gather(some, a, pick, 5);
	op_gather(operand, a, pick, 5);
	for (size_t i = 0; i < 5; i++) {
		struct mat *want = mat_of(MAT_OPERAND, x + pick[i] * D, 1, D);

		same_rows(some, i, a, pick[i], 1);
		same_rows(operand, i, want, 0, 1);
		mat_free(want);
	}
	mat_resize(b, 1);
	assert_int_equal(mat_rows(b), 1);
	mat_resize(b, T);
	assert_int_equal(op_find_nonfinite(a), -1);
	x[150 * D + 19] = NAN;
	x[170 * D] = INFINITY;
	mat_put(a, 0, T, x);
	assert_int_equal(op_find_nonfinite(a), 150);
	free(x), mat_free(a), mat_free(b), mat_free(some), mat_free(operand);
}

/* A weight packed block by block gives the bits of one put as rows and sealed; from bf16 (a whole
 * number of them here) as from f32. */
static void test_blocks(void **state)
{
	enum { T = 130, IN = 700, OUT = 1000 };
	float *x = values(T * IN, 1, 1), *w = values(OUT * IN, 2, 1);
	uint16_t *bf16 = calloc(OUT * IN, sizeof *bf16);
	struct mat *mx = mat_of(MAT_OPERAND, x, T, IN), *y = mat_new(MAT_F32, T, OUT),
		   *y2 = mat_new(MAT_F32, T, OUT);
	struct mat *sealed;
	size_t row, n;

	(void)state;
	for (size_t i = 0; i < OUT * IN; i++) {
		uint32_t u;

		memcpy(&u, &w[i], 4);
		u &= 0xffff0000;
		memcpy(&w[i], &u, 4);
		bf16[i] = (uint16_t)(u >> 16);
	}
	sealed = weight_of(w, OUT, IN);
	op_matmul(y, mx, sealed, NULL, 0, NULL);
	for (int type = DTYPE_F32; type <= DTYPE_BF16; type++) {
		struct mat *packed = weight_new_packed(OUT, IN, (struct weight_layout){ 0 });

		weight_unseal(packed);
		for (int i = weight_blocks(packed); i-- > 0;) {
			weight_block_rows(packed, i, &row, &n);
			weight_put_block(packed, i,
				type == DTYPE_F32 ? (void *)(w + row * IN)
						  : (void *)(bf16 + row * IN),
				(enum dtype)type);
		}
		weight_seal(packed);
		op_matmul(y2, mx, packed, NULL, 0, NULL);
		same_rows(y, 0, y2, 0, T);
		mat_free(packed);
	}
	free(x), free(w), free(bf16);
	mat_free(mx), mat_free(sealed), mat_free(y), mat_free(y2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "products: f64 within 2e-6 (bf16 results 2^-8), rows alone the same bits",
			test_matmul, 0, 0, 0 },
		{ "products into a view: its columns only, the same bits", test_views, 0, 0, 0 },
		{ "weights packed block by block, from f32 or bf16: the bits of sealed ones",
			test_blocks, 0, 0, 0 },
		{ "norms: f64 within 2e-6 (2^-8), rows of zeros and from 1e-6 to 1e12", test_norm,
			0, 0, 0 },
		{ "layer norm of values around 1000: f64 within 1e-4", test_norm_offset, 0, 0, 0 },
		{ "rotation: f64 within 2e-6 (2^-8), partial, normed, to position 4099, in a "
		  "forest",
			test_rope, 0, 0, 0 },
		{ "attention: f64 within 2e-6 (2^-8), head sizes 8 to 128, windows; each path "
		  "alone the same bits",
			test_attention, 0, 0, 0 },
		{ "attention over 1 to 300 rows: f64 within 2e-6 (2^-8)", test_attention_lengths, 0,
			0, 0 },
		{ "attention with scores of hundreds: f64 within 1e-4 (2^-8)",
			test_attention_extremes, 0, 0, 0 },
		{ "activations: f64 within 2e-6 (2^-8) of each product, from -1e30 to 1e30",
			test_act, 0, 0, 0 },
		{ "q, k, v and their adapter in one: f64 within 2e-6", test_lora_rope, 0, 0, 0 },
		{ "up, its adapters and the activation in one: f64 within 2e-6 (2^-8)", test_ffn, 0,
			0, 0 },
		{ "output layer: f64 within 4e-6, rows alone the same bits", test_output, 0, 0, 0 },
		{ "output layer: the first of equal logits is the argmax", test_output_ties, 0, 0,
			0 },
		{ "operands keep f32, or the nearest bf16 and NaN", test_rounding, 0, 0, 0 },
		{ "rows copied, gathered, cut; the first row that is not finite", test_rows, 0, 0,
			0 },
	};
	const char *threads = getenv("OPS_THREADS"), *dtype = getenv("OPS_DTYPE");
	int failed;

	all_bits = XXH3_createState();
	XXH3_64bits_reset(all_bits);
	ops_init(threads ? atoi(threads) : 2, dtype ? dtype : "f32");
	failed = cmocka_run_group_tests_name("ops", tests, NULL, NULL);
	printf("# %s on %s: bits %016llx\n", ops_dtype_name(), ops_kernel(),
		(unsigned long long)XXH3_64bits_digest(all_bits));
	XXH3_freeState(all_bits);
	return failed;
}
