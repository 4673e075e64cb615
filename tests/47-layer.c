/* One whole layer, forward over a forest of segments and back over sequences, with adapters on all
 * that can have them, against tests/plain.h from the weights as they are stored.
 *
 * OPS_THREADS and OPS_DTYPE choose how it runs. Tolerances are of the largest value that is wanted:
 * 3e-6 in f32, measured 1e-6; 2^-5 in bf16, where each of a dozen steps rounds its operands to
 * 2^-9, measured 2^-6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "arrays.h"
#include "heal/layer_back.h"
#include "plain.h"

/* -- a layer, twice ---------------------------------------------------------------------------- */

enum { D = 48, H = 4, K = 2, HD = 16, FF = 56, R = 5 };

struct twice {
	struct shape s;
	struct layer w;
	struct lora_layer lora;
	struct lora_target target[LORA_COUNT];
	struct plain_layer plain;
	void *mine[128]; /* arrays, to be freed */
	int n_mine;
	uint64_t seed;
};

static void *mine(struct twice *l, void *p)
{
	return l->mine[l->n_mine++] = p;
}

/* n values as a matrix of this type has them, and the matrix. */
static double *stored(struct twice *l, struct mat **m, enum mat_type type, size_t rows, size_t cols,
	float scale, float base)
{
	float *x = values(rows * cols, ++l->seed, scale);

	for (size_t i = 0; i < rows * cols; i++)
		x[i] += base;
	*m = mat_new(type, rows, cols);
	mat_put(*m, 0, rows, x);
	mat_get(*m, 0, rows, x);
	double *y = mine(l, doubles(x, rows * cols));

	free(x);
	return y;
}

static double *vector(struct twice *l, struct mat **m, size_t n, int wanted, float base)
{
	return wanted ? stored(l, m, MAT_F32, 1, n, 0.3f, base) : NULL;
}

/* A projection's weight and bias; the plain one's, top to bottom, are those of the parts. */
static void projection(struct twice *l, enum projection p, int bias,
	struct plain_linear *const *part, int parts)
{
	size_t out = proj_out(&l->s, p), in = proj_in(&l->s, p), n = out / (size_t)parts;
	struct mat *m;
	double *w = stored(l, &m, MAT_OPERAND, out, in, 1.5f / sqrtf((float)in), 0);
	double *b = vector(l, &l->w.bias[p], out, bias, 0);
	float *f = rows_of(m);

	l->w.proj[p] = weight_new(out, in, WEIGHT_FORWARD, proj_layout(&l->s, p));
	weight_put(l->w.proj[p], 0, out, f);
	weight_seal(l->w.proj[p]);
	for (int i = 0; i < parts; i++)
		*part[i] = (struct plain_linear){ .out = n,
			.in = in,
			.w = w + (size_t)i * n * in,
			.bias = b ? b + (size_t)i * n : NULL };
	mat_free(m), free(f);
}

static struct mat *f32_of(const double *x, size_t rows, size_t cols)
{
	struct mat *m = mat_new(MAT_F32, rows, cols);
	float *f = floats(rows * cols);

	for (size_t i = 0; i < rows * cols; i++)
		f[i] = (float)x[i];
	mat_put(m, 0, rows, f);
	free(f);
	return m;
}

/* An adapter's matrix, as it is stored in a weight. */
static double *operand(struct twice *l, struct mat *w)
{
	struct mat *m, *from;
	double *x = stored(l, &m, MAT_OPERAND, mat_rows(w), mat_cols(w), 0.5f, 0);

	from = f32_of(x, mat_rows(w), mat_cols(w));
	weight_refill(w, from, 1);
	mat_free(m), mat_free(from);
	return x;
}

/* An adapter on a site, with gradients that begin at something; q, k and v are not trained. */
static void adapter(struct twice *l, int site, struct plain_linear *to)
{
	struct lora_shape shape = lora_shape(&l->s, site);
	struct lora_pair *pair = &l->lora.pair[site];
	struct lora_target *t = &l->target[site];

	*pair = lora_pair_new(&l->s, site, R, WEIGHT_FORWARD | WEIGHT_BACKWARD);
	to->r = R;
	to->a = operand(l, pair->a);
	to->b = operand(l, pair->b);
	if (site == LORA_QKV)
		return;
	to->da = stored(l, &t->da, MAT_F32, R, shape.in, 1, 0);
	to->db = stored(l, &t->db, MAT_F32, shape.out, R, 1, 0);
}

struct family {
	enum norm norm;
	enum act act;
	int gated, parallel, bias, qk_norm, rotary, window;
};

static void make(struct twice *l, const struct family *f, int qkv_adapter)
{
	struct plain_layer *p = &l->plain;
	struct plain_linear *up[2] = { &p->gate, &p->up };

	*l = (struct twice){ .s = { .n_layers = 1,
				     .d_model = D,
				     .n_heads = H,
				     .n_kv = K,
				     .head_dim = HD,
				     .d_ff = FF,
				     .norm = f->norm,
				     .eps = 1e-5f,
				     .act = f->act,
				     .gated = f->gated,
				     .parallel = f->parallel,
				     .qk_norm = f->qk_norm,
				     .rotary = f->rotary,
				     .window = { f->window } } };
	for (int i = 0; i < f->rotary / 2; i++)
		l->s.inv_freq[i] = (float)(1 / pow(10000, 2.0 * i / f->rotary));
	p->norm1 = vector(l, &l->w.norm1, D, 1, 1);
	p->norm1_bias = vector(l, &l->w.norm1_bias, D, f->norm == NORM_LAYER, 0);
	p->norm2 = vector(l, &l->w.norm2, D, !f->parallel, 1);
	p->norm2_bias = vector(l, &l->w.norm2_bias, D, !f->parallel && f->norm == NORM_LAYER, 0);
	p->q_norm = vector(l, &l->w.q_norm, HD, f->qk_norm, 1);
	p->k_norm = vector(l, &l->w.k_norm, HD, f->qk_norm, 1);
	projection(l, PROJ_QKV, f->bias, (struct plain_linear *[]){ &p->qkv }, 1);
	projection(l, PROJ_O, f->bias, (struct plain_linear *[]){ &p->o }, 1);
	projection(l, PROJ_UP, f->bias, up + !f->gated, 1 + f->gated);
	projection(l, PROJ_DOWN, f->bias, (struct plain_linear *[]){ &p->down }, 1);
	if (f->gated)
		adapter(l, LORA_GATE, &p->gate);
	adapter(l, LORA_UP, &p->up);
	adapter(l, LORA_DOWN, &p->down);
	adapter(l, LORA_OUT, &p->o);
	if (qkv_adapter)
		adapter(l, LORA_QKV, &p->qkv);
	p->d = D;
	p->ff = FF;
	p->norm = (int)f->norm;
	p->act = (int)f->act;
	p->gated = f->gated;
	p->parallel = f->parallel;
	p->eps = (double)l->s.eps;
	p->heads = layer_heads(&(struct layer_call){ .shape = &l->s, .weights = &l->w });
}

static void unmake(struct twice *l)
{
	struct mat *vectors[] = { l->w.norm1, l->w.norm1_bias, l->w.norm2, l->w.norm2_bias,
		l->w.q_norm, l->w.k_norm };

	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
		mat_free(vectors[i]);
	for (int i = 0; i < PROJ_COUNT; i++)
		mat_free(l->w.proj[i]), mat_free(l->w.bias[i]);
	for (int i = 0; i < LORA_COUNT; i++) {
		lora_pair_free(&l->lora.pair[i]);
		mat_free(l->target[i].da), mat_free(l->target[i].db);
	}
	for (int i = 0; i < l->n_mine; i++)
		free(l->mine[i]);
}

static void near(const char *what, const struct mat *m, const double *want)
{
	size_t n = mat_rows(m) * mat_cols(m);
	float *is = rows_of(m);
	double top = 0, worst = 0;

	for (size_t i = 0; i < n; i++) {
		top = fmax(top, fabs(want[i]));
		worst = fmax(worst, fabs((double)is[i] - want[i]));
	}
	if (getenv("TEST_VERBOSE"))
		printf("# %s: %.2g\n", what, worst / top);
	assert_near(is, want, n, ops_dtype() == DTYPE_BF16 ? 0x1p-5 : 3e-6);
	free(is);
}

/* -- cases ------------------------------------------------------------------------------------- */

static const struct family families[] = {
	{ NORM_RMS, ACT_SILU, .gated = 1, .rotary = HD },
	{ NORM_RMS, ACT_SILU, .gated = 1, .qk_norm = 1, .rotary = HD, .window = 40 },
	{ NORM_LAYER, ACT_GELU_NEW, .parallel = 1, .bias = 1, .rotary = 6 },
	{ NORM_LAYER, ACT_GELU_NEW, .bias = 1, .rotary = HD, .window = 3 },
};
enum { FAMILIES = sizeof families / sizeof *families };

static const int rank[LORA_COUNT] = { R, R, R, R, R };

/* A header, two questions, an answer, and a document beside. */
static const struct segment tree[] = {
	{ 0, 70, -1, 0 },
	{ 70, 40, 0, 70 },
	{ 110, 61, 0, 70 },
	{ 171, 1, 1, 110 },
	{ 172, 33, -1, 0 },
};
static const struct segments forest = { tree, 5, 205 };

static void test_forward(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++) {
		struct twice l;
		struct mat *x;

		make(&l, &families[i], 1);
		double *x0 = stored(&l, &x, MAT_F32, forest.rows, D, 1.5f, 0),
		       *want = zeros(forest.rows * D);
		struct plain_acts a = plain_acts_new(&l.plain, forest.rows);
		struct acts *acts = acts_new(&l.s, forest.rows, rank, 0);
		struct layer_scratch *scratch = scratch_new(&l.s, forest.rows);

		layer_plain(want, &a, x0, &l.plain, &forest);
		layer_forward(x,
			&(struct layer_call){ &l.s, 0, &l.w, &l.lora, &forest, acts, scratch });
		near("x'", x, want);
		free(want), plain_acts_free(&a), acts_free(acts), scratch_free(scratch);
		mat_free(x), unmake(&l);
	}
}

static const struct segment pair[] = { { 0, 37, -1, 0 }, { 37, 141, -1, 0 } };
static const struct segments sequences = { pair, 2, 178 };

static void near_gradients(const struct twice *l)
{
	static const char *const names[] = { "gate", "up", "down", "out" };
	const struct plain_layer *p = &l->plain;
	const struct plain_linear *of[LORA_QKV] = { &p->gate, &p->up, &p->down, &p->o };

	for (int i = 0; i < LORA_QKV; i++)
		if (of[i]->a) {
			near(names[i], l->target[i].da, of[i]->da);
			near(names[i], l->target[i].db, of[i]->db);
		}
}

static void test_backward(void **state)
{
	(void)state;
	for (int i = 0; i < FAMILIES; i++) {
		size_t T = sequences.rows;
		struct twice l;
		struct mat *x, *dx, *y = mat_new(MAT_F32, T, D);

		make(&l, &families[i], 0);
		double *x0 = stored(&l, &x, MAT_F32, T, D, 1.5f, 0),
		       *dy = stored(&l, &dx, MAT_F32, T, D, 1, 0), *want = zeros(T * D);
		struct plain_acts a = plain_acts_new(&l.plain, T);
		struct acts *acts = acts_new(&l.s, T, rank, 1);
		struct layer_scratch *scratch = scratch_new(&l.s, T);
		struct back_scratch *back = back_new(&l.s, T, rank);
		struct layer_call call = { &l.s, 0, &l.w, &l.lora, &sequences, acts, scratch };

		layer_plain(want, &a, x0, &l.plain, &sequences);
		op_copy(y, x);
		layer_forward(y, &call);
		near("x'", y, want);
		layer_back_plain(want, dy, &a, x0, &l.plain, &sequences);
		layer_back(dx, back, x, &call, l.target, 1);
		near("dx", dx, want);
		near_gradients(&l);
		free(want), plain_acts_free(&a), acts_free(acts), scratch_free(scratch);
		back_free(back), mat_free(x), mat_free(dx), mat_free(y), unmake(&l);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "a layer of four kinds, with adapters, over a forest: f64 within 3e-6 (2^-5)",
			test_forward, 0, 0, 0 },
		{ "its gradients, by its input and of its adapters: f64 within 3e-6 (2^-5)",
			test_backward, 0, 0, 0 },
	};
	const char *threads = getenv("OPS_THREADS"), *dtype = getenv("OPS_DTYPE");

	ops_init(threads ? atoi(threads) : 2, dtype ? dtype : "f32");
	return cmocka_run_group_tests_name("layer", tests, NULL, NULL);
}
