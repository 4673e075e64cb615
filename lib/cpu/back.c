/* back - gradients through the norms, the activation and the rotation, row by row
 *
 * Each is the derivative of its forward twin's formula (norm.c, act.c, rope.c) and takes the twin's
 * own input.
 */
#include "cpu/rope.h"

#include "sys/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* -- norms ------------------------------------------------------------------------------------- */

static double row_mean(const float *x, size_t n)
{
	double sum = 0.0;

#pragma omp simd reduction(+ : sum)
	for (size_t i = 0; i < n; i++)
		sum += (double)x[i];
	return sum / (double)n;
}

/* With z = (x - mean) r, r = 1 / sqrt(var + eps), g = w dy:
 *
 *   dx += r (g - mean(g) - z mean(g z))
 *
 * RMS has no means of x and g. */
static void norm_back_row(float *dx, const float *dy, const float *x, const float *w, int kind,
	float eps, size_t n)
{
	double mean = kind == NORM_KIND_LAYER ? row_mean(x, n) : 0.0, sumsq = 0.0, g_mean = 0.0,
	       gz = 0.0;

#pragma omp simd reduction(+ : sumsq, g_mean, gz)
	for (size_t i = 0; i < n; i++) {
		double z = (double)x[i] - mean, g = (double)(w[i] * dy[i]);

		sumsq += z * z;
		g_mean += g;
		gz += g * z;
	}
	double r = 1.0 / sqrt(sumsq / (double)n + (double)eps);
	float scale = (float)r, slope = (float)(gz * r * r / (double)n), m = (float)mean;
	float shift = kind == NORM_KIND_LAYER ? (float)(g_mean / (double)n) : 0.0f;
#pragma omp simd
	for (size_t i = 0; i < n; i++)
		dx[i] += scale * (w[i] * dy[i] - shift - (x[i] - m) * slope);
}

void op_norm_back(struct mat *dx, struct mat *rounded, const struct mat *dy, const struct mat *x,
	const struct mat *weight, const struct mat *bias, int kind, float eps)
{
	(void)bias;
	assert(!dx->operand && !dy->operand && dx->cols == x->cols && dx->rows == x->rows);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++) {
		float *in = cpu_scratch(SCRATCH_A, x->cols * 4);

		row_load(in, x, i);
		norm_back_row(mat_f32(dx, i), mat_f32(dy, i), in, mat_f32(weight, 0), kind, eps,
			x->cols);
		if (rounded)
			row_store(rounded, i, mat_f32(dx, i));
	}
}

/* -- activation -------------------------------------------------------------------------------- */

struct act_back {
	struct mat *dx, *act;
	const struct mat *x;
	int kind, gated;
};

/* The gradient of some columns of the activation's output becomes that of its input. */
static void finish(const void *ctx, const struct product_block *b)
{
	const struct act_back *a = ctx;
	size_t n = b->width, c = b->first[0], ff = a->act->cols;
	float *g = cpu_scratch(SCRATCH_A, 4 * n * 4), *u = a->gated ? g + n : NULL, *dg = g + 2 * n,
	      *du = g + 3 * n;

	for (size_t r = 0; r < b->rows; r++) {
		float *dy = b->data[0] + r * n;

		operand_load(g, a->x, b->row + r, c, n);
		if (u)
			operand_load(u, a->x, b->row + r, ff + c, n);
		kern->act_back(dg, du, g, dy, g, u, a->kind, n);
		operand_store(a->dx, b->row + r, c, dg, n);
		if (u)
			operand_store(a->dx, b->row + r, ff + c, du, n);
		operand_store(a->act, b->row + r, c, g, n);
	}
}

void op_matmul_act_back(struct mat *dx, struct mat *act, const struct mat *x, const struct mat *g,
	const struct mat *w, const struct lora_term *lora, const struct segments *s, int kind,
	int gated)
{
	struct panel_product c = product_back(g, w, lora, s);
	struct act_back a = { dx, act, x, kind, gated };

	assert(dx->rows == g->rows && x->rows == g->rows && act->rows == g->rows &&
		act->cols == w->cols);
	assert(dx->cols == x->cols && x->cols == (gated ? 2 : 1) * act->cols);
	panel_product_run(&c, finish, &a);
}

/* -- rotation ---------------------------------------------------------------------------------- */

/* The inverse rotation: (a, b) -> (a cos + b sin, b cos - a sin) */
static void rotate_back(float *d, const float *cs, size_t half)
{
	const float *c = cs, *s = cs + half;

	for (size_t i = 0; i < half; i++) {
		float a = d[i], b = d[i + half];

		d[i] = a * c[i] + b * s[i];
		d[i + half] = b * c[i] - a * s[i];
	}
}

static void head_back(float *d, const float *x, const struct mat *norm, const float *cs,
	size_t half, float eps, size_t hd)
{
	float dy[hd];

	rotate_back(d, cs, half);
	if (!norm)
		return;
	memcpy(dy, d, sizeof dy);
	memset(d, 0, sizeof dy);
	norm_back_row(d, dy, x, mat_f32(norm, 0), NORM_KIND_RMS, eps, hd);
}

void op_rope_back(struct mat *dx, const struct mat *dy, const struct mat *x, const struct heads *h,
	const struct segments *s)
{
	size_t half = (size_t)h->rotary / 2, hd = (size_t)h->head_dim;
	int rotated = h->n_heads + h->n_kv;
	const float *table = rope_table(h, segments_longest(s));
	size_t *pos = xmalloc(dy->rows * sizeof *pos);

	assert(dx->rows == dy->rows && dx->cols == dy->cols && s->rows == dy->rows);
	assert(!h->q_norm || (x && x->rows == dy->rows && x->cols == dy->cols));
	segments_positions(pos, s);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < dy->rows; i++) {
		float *row = cpu_scratch(SCRATCH_A, dy->cols * 4);

		row_load(row, dy, i);
		for (int j = 0; j < rotated; j++) {
			size_t at = (size_t)j * hd;
			const struct mat *norm = j < h->n_heads ? h->q_norm : h->k_norm;

			head_back(row + at, norm ? mat_f32(x, i) + at : NULL, norm,
				table + pos[i] * 2 * half, half, h->eps, hd);
		}
		row_store(dx, i, row);
	}
	free(pos);
}
