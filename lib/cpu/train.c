/* train - what healing needs beside the backward pass: weight gradients, roundings, norms, AdamW
 *
 * Everything that sums over rows goes row after row, sequence by sequence: how the step is divided
 * into micro-batches then changes no bit.
 */
#include "cpu/cpu.h"

#include "sys/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* -- weight gradients -------------------------------------------------------------------------- */

enum {
	CHUNK = 128,       /* rows that stand transposed together */
	WEIGHT_COLS = 192, /* columns of the wider side that a unit of work takes */
};

/* dw = g^T x, of which one is an adapter's narrow side: its rows stand transposed for all units,
 * chunk by chunk; each unit takes some columns of the wide one and goes through the rows in order,
 * sums continuing from what is there. */
struct gradient {
	struct mat *dw;
	const struct mat *narrow, *wide;
	const struct dropout *drop_narrow, *drop_wide;
	const struct row_place *at; /* of the rows to be dropped */
	int transposed;             /* 1: the wide side's columns are rows of dw */
	struct chunk {
		size_t first, len;
	} * chunk; /* rows */
	size_t n_chunks;
	char *left; /* operands [n_chunks][narrow columns][CHUNK] */
};

static size_t operand_size(const struct mat *m)
{
	return m->bf16 ? 2 : 4;
}

static struct chunk *chunks_new(size_t *n, const struct segments *s)
{
	struct chunk *c = xmalloc((s->rows / CHUNK + (size_t)s->n) * sizeof *c);

	*n = 0;
	for (int j = 0; j < s->n; j++)
		for (size_t t = 0; t < s->seg[j].len; t += CHUNK)
			c[(*n)++] = (struct chunk){ s->seg[j].first + t,
				s->seg[j].len - t < CHUNK ? s->seg[j].len - t : CHUNK };
	return c;
}

/* Columns col .. col+n-1 of a chunk's rows, as they lie or dropped in a copy. */
static void chunk_rows(const void *rows[CHUNK], const struct chunk *c, const struct mat *m,
	size_t col, size_t n, const struct dropout *drop, const struct row_place *at)
{
	size_t size = operand_size(m);
	struct mat copy = { .operand = 1, .bf16 = m->bf16, .cols = n, .ld = n, .rows = CHUNK };

	if (drop)
		copy.data = cpu_scratch(SCRATCH_C, CHUNK * n * size);
	for (size_t i = 0; i < c->len; i++) {
		if (drop)
			drop_operands(&copy, i, m, c->first + i, col, n, drop, at[c->first + i]);
		rows[i] = drop ? mat_row(&copy, i) : (char *)mat_row(m, c->first + i) + col * size;
	}
}

static void transpose_chunk(const struct gradient *w, size_t chunk)
{
	size_t n = w->narrow->cols, size = operand_size(w->narrow), len = w->chunk[chunk].len;
	char *out = w->left + chunk * n * CHUNK * size;
	const void *rows[CHUNK];

	chunk_rows(rows, &w->chunk[chunk], w->narrow, 0, n, w->drop_narrow, w->at);
	memset(out, 0, n * CHUNK * size);
	for (size_t i = 0; i < len; i++)
		for (size_t c = 0; c < n; c++)
			memcpy(out + (c * CHUNK + i) * size, (const char *)rows[i] + c * size,
				size);
}

/* Between dw and y[narrow columns, WEIGHT_COLS]. */
static void gradient_move(const struct gradient *w, float *y, size_t col, size_t n, int store)
{
	for (size_t r = 0; r < w->narrow->cols; r++)
		for (size_t c = 0; c < n; c++) {
			float *at = w->transposed ? mat_f32(w->dw, col + c) + r
						  : mat_f32(w->dw, r) + col + c;

			if (store)
				*at = y[r * WEIGHT_COLS + c];
			else
				y[r * WEIGHT_COLS + c] = *at;
		}
}

static void gradient_unit(const struct gradient *w, size_t col, size_t n)
{
	size_t size = operand_size(w->wide), r = w->narrow->cols;
	float *y = cpu_scratch(SCRATCH_A, r * WEIGHT_COLS * 4);
	char *right = cpu_scratch(SCRATCH_B, CHUNK * WEIGHT_COLS * size);
	const void *rows[CHUNK];

	memset(y, 0, r * WEIGHT_COLS * 4);
	gradient_move(w, y, col, n, 0);
	for (size_t i = 0; i < w->n_chunks; i++) {
		size_t len = w->chunk[i].len;

		chunk_rows(rows, &w->chunk[i], w->wide, col, n, w->drop_wide, w->at);
		if (len < CHUNK || n < WEIGHT_COLS)
			memset(right, 0, CHUNK * WEIGHT_COLS * size);
		for (size_t t = 0; t < len; t += kern->together)
			kern->pack_rows(right, rows + t, min_size(len - t, kern->together), n,
				CHUNK, t);
		kern->product(y, WEIGHT_COLS, w->left + i * r * CHUNK * size, CHUNK, right, CHUNK,
			r, WEIGHT_COLS, 1);
	}
	gradient_move(w, y, col, n, 1);
}

void op_weight_gradient(struct mat *dw, const struct mat *g, const struct mat *x,
	const struct dropout *drop, const struct segments *s)
{
	int transposed = g->cols > x->cols;
	struct gradient w = { dw, transposed ? x : g, transposed ? g : x, transposed ? drop : NULL,
		transposed ? NULL : drop, drop ? places_new(drop, s) : NULL, transposed };
	size_t n = w.wide->cols;

	assert(g->operand && x->operand && g->rows == x->rows && s->rows == x->rows);
	assert(!dw->operand && dw->cols == x->cols && dw->rows == g->cols);
	cpu_flops += 2.0 * (double)x->rows * (double)dw->rows * (double)dw->cols;
	w.chunk = chunks_new(&w.n_chunks, s);
	w.left = cpu_alloc(w.n_chunks * w.narrow->cols * CHUNK * operand_size(x));
#pragma omp parallel num_threads(cpu_threads)
	{
#pragma omp for schedule(static)
		for (size_t i = 0; i < w.n_chunks; i++)
			transpose_chunk(&w, i);
#pragma omp for schedule(dynamic)
		for (size_t col = 0; col < n; col += WEIGHT_COLS)
			gradient_unit(&w, col, min_size(WEIGHT_COLS, n - col));
	}
	free(w.chunk);
	free(w.left);
	free((void *)(uintptr_t)w.at);
}

/* -- element by element ------------------------------------------------------------------------ */

void op_round(struct mat *y, const struct mat *x)
{
	assert(y->rows == x->rows && y->cols == x->cols && y->operand && !x->operand);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++)
		row_store(y, i, mat_f32(x, i));
}

void op_scale(struct mat *y, float scale)
{
	assert(!y->operand);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < y->rows; i++)
		for (size_t j = 0; j < y->cols; j++)
			mat_f32(y, i)[j] *= scale;
}

void op_zero(struct mat *y)
{
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < y->rows; i++)
		memset(mat_row(y, i), 0, y->cols * (y->bf16 ? 2 : 4));
}

/* Rows are summed each by one thread; the rows' sums in order, so that batches may be divided
 * anywhere between rows. */
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

#pragma omp simd reduction(+ : sum)
		for (size_t j = 0; j < g->cols; j++)
			sum += (double)row[j] * (double)row[j];
		part[i] = sum;
	}
	sum_rows(&all, part, g->rows);
	return all;
}

void op_distance(double *all, struct mat *da, const struct mat *a, const struct mat *b,
	double scale)
{
	double *part = xcalloc(a->rows, sizeof *part);

	assert(!a->operand && !b->operand && a->rows == b->rows && a->cols == b->cols);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < a->rows; i++) {
		const float *x = mat_f32(a, i), *y = mat_f32(b, i);
		float *to = da ? mat_f32(da, i) : NULL, slope = (float)(2.0 * scale);
		double sum = 0.0;

#pragma omp simd reduction(+ : sum)
		for (size_t j = 0; j < a->cols; j++)
			sum += (double)(x[j] - y[j]) * (double)(x[j] - y[j]);
		part[i] = sum;
		for (size_t j = 0; to && j < a->cols; j++)
			to[j] += slope * (x[j] - y[j]);
	}
	sum_rows(all, part, a->rows);
}

void op_adamw(struct mat *p, struct mat *m, struct mat *v, const struct mat *g,
	const struct adamw *a)
{
	float rate = (float)(a->lr / (1.0 - pow(a->beta1, (double)a->t))),
	      shrink = (float)(a->lr * a->decay);
	float root = (float)sqrt(1.0 - pow(a->beta2, (double)a->t)), eps = (float)a->eps,
	      clip = (float)a->clip;
	float b1 = (float)a->beta1, c1 = (float)(1.0 - a->beta1), b2 = (float)a->beta2,
	      c2 = (float)(1.0 - a->beta2);

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
