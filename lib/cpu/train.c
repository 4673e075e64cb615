/* train - what healing needs beside the backward pass: weight gradients, roundings, norms, AdamW
 *
 * Everything that sums over rows goes sequence by sequence in chunks of CHUNK rows, each chunk one product of a fixed
 * shape: how the step is cut into micro-batches then changes no bit.
 */
#include "cpu.h"

#include "cli.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* -- weight gradients ---------------------------------------------------------------------------------------------- */

enum { WEIGHT_ROWS = 256, WEIGHT_COLS = 192 };	/* tile of a gradient: constants, they decide bits */

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* out[CHUNK, n] = rows first .. first+len-1 of some columns, operands, zeros below. at: of the rows to be dropped. */
static const void *chunk_copy(int slot, const struct mat *m, size_t first, size_t len, size_t col, size_t n,
	const struct dropout *drop, const struct place *at)
{
	size_t size = m->bf16 ? 2 : 4;
	struct mat out = { .operand = 1, .bf16 = m->bf16, .rows = CHUNK, .cols = n, .ld = n,
		.data = cpu_scratch(slot, CHUNK * n * size) };

	for (size_t i = 0; i < len; i++) {
		if (drop)
			drop_operands(&out, i, m, first + i, col, n, drop, at[first + i]);
		else
			memcpy(mat_row(&out, i), (char *)mat_row(m, first + i) + col * size, n * size);
	}
	memset(mat_row(&out, len), 0, (CHUNK - len) * n * size);
	return out.data;
}

struct gradient {
	struct mat *dw;
	const struct mat *g, *x;
	const struct dropout *drop;
	const struct place *at;
	float scale;
};

/* One chunk's part of the tile [m, n] of dw at (row, col). */
static void chunk_add(const struct gradient *w, size_t row, size_t col, size_t m, size_t n, size_t first, size_t len)
{
	const void *a = chunk_copy(SCRATCH_A, w->g, first, len, row, m, NULL, NULL);
	const void *b = chunk_copy(SCRATCH_B, w->x, first, len, col, n, w->drop, w->at);
	float *c = cpu_scratch(SCRATCH_C, m * n * 4), scale = w->scale;

	product_plain(c, a, 1, m, b, n, 1, m, n, CHUNK, 0);
	for (size_t i = 0; i < m; i++) {
		float *to = mat_f32(w->dw, row + i) + col;

		#pragma omp simd
		for (size_t j = 0; j < n; j++)
			to[j] += scale * c[i * n + j];
	}
}

void op_matmul_weight(struct mat *dw, const struct mat *g, const struct mat *x, const struct dropout *drop, float scale,
	const struct segments *s)
{
	size_t down = (dw->rows + WEIGHT_ROWS - 1) / WEIGHT_ROWS, across = (dw->cols + WEIGHT_COLS - 1) / WEIGHT_COLS;
	struct place *at = drop ? places_new(drop, s) : NULL;
	struct gradient w = { dw, g, x, drop, at, scale };

	assert(g->operand && x->operand && g->rows == x->rows && s->rows == x->rows);
	assert(!dw->operand && dw->cols == x->cols && dw->rows == g->cols);
	cpu_flops += 2.0 * (double)x->rows * (double)dw->rows * (double)dw->cols;
	#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (size_t i = 0; i < down * across; i++) {
		size_t row = i / across * WEIGHT_ROWS, col = i % across * WEIGHT_COLS;
		size_t m = min_size(WEIGHT_ROWS, dw->rows - row), n = min_size(WEIGHT_COLS, dw->cols - col);

		for (int j = 0; j < s->n; j++)
			for (size_t t = 0; t < s->seg[j].len; t += CHUNK)
				chunk_add(&w, row, col, m, n, s->seg[j].first + t, min_size(CHUNK, s->seg[j].len - t));
	}
	free(at);
}

/* -- element by element -------------------------------------------------------------------------------------------- */

void op_round(struct mat *y, const struct mat *x)
{
	assert(y->rows == x->rows && y->cols == x->cols && y->operand && !x->operand);
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++)
		row_store(y, i, mat_f32(x, i));
}

void op_zero(struct mat *y)
{
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < y->rows; i++)
		memset(mat_row(y, i), 0, y->cols * (y->bf16 ? 2 : 4));
}

/* Rows are summed each by one thread; the rows' sums in order, so that batches may be cut anywhere between rows. */
static void sum_rows(double *sum, double *part, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*sum += part[i];
	free(part);
}

double op_sumsq(const struct mat *g)
{
	double *part = xcalloc(g->rows, sizeof *part), all = 0.0;

	assert(!g->operand);
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < g->rows; i++) {
		const float *row = mat_f32(g, i);
		double sum = 0.0;

		#pragma omp simd reduction(+:sum)
		for (size_t j = 0; j < g->cols; j++)
			sum += (double)row[j] * (double)row[j];
		part[i] = sum;
	}
	sum_rows(&all, part, g->rows);
	return all;
}

void op_distance(double *all, struct mat *da, const struct mat *a, const struct mat *b, double scale)
{
	double *part = xcalloc(a->rows, sizeof *part);

	assert(!a->operand && !b->operand && a->rows == b->rows && a->cols == b->cols);
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < a->rows; i++) {
		const float *x = mat_f32(a, i), *y = mat_f32(b, i);
		float *to = da ? mat_f32(da, i) : NULL, slope = (float)(2.0 * scale);
		double sum = 0.0;

		#pragma omp simd reduction(+:sum)
		for (size_t j = 0; j < a->cols; j++)
			sum += (double)(x[j] - y[j]) * (double)(x[j] - y[j]);
		part[i] = sum;
		for (size_t j = 0; to && j < a->cols; j++)
			to[j] += slope * (x[j] - y[j]);
	}
	sum_rows(all, part, a->rows);
}

void op_adamw(struct mat *p, struct mat *m, struct mat *v, const struct mat *g, const struct adamw *a)
{
	float rate = (float)(a->lr / (1.0 - pow(a->beta1, (double)a->t))), shrink = (float)(a->lr * a->decay);
	float root = (float)sqrt(1.0 - pow(a->beta2, (double)a->t)), eps = (float)a->eps, clip = (float)a->clip;
	float b1 = (float)a->beta1, c1 = (float)(1.0 - a->beta1), b2 = (float)a->beta2, c2 = (float)(1.0 - a->beta2);

	assert(!p->operand && p->rows == g->rows && p->cols == g->cols);
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < p->rows; i++) {
		float *pi = mat_f32(p, i), *mi = mat_f32(m, i), *vi = mat_f32(v, i);
		const float *gi = mat_f32(g, i);

		#pragma omp simd
		for (size_t j = 0; j < p->cols; j++) {
			float d = gi[j] * clip;

			pi[j] -= shrink * pi[j];
			mi[j] = b1 * mi[j] + c1 * d;
			vi[j] = b2 * vi[j] + c2 * d * d;
			pi[j] -= rate * mi[j] / (sqrtf(vi[j]) / root + eps);
		}
	}
}
