/* mat - matrices of the CPU backend: memory, conversions, rows in and out
 */
#include "cpu/cpu.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>

/* -- memory ------------------------------------------------------------------------------------ */

struct mat *mat_new(enum mat_type type, size_t rows, size_t cols)
{
	struct mat *m = xcalloc(1, sizeof *m);
	size_t size;

	m->operand = type == MAT_OPERAND;
	m->bf16 = m->operand && cpu_bf16;
	m->rows = rows;
	m->cols = m->ld = m->most = cols;
	m->cap = (rows + TILE - 1) / TILE * TILE;
	if (__builtin_mul_overflow(m->cap, cols, &size) || size > SIZE_MAX / 8)
		die("a matrix of %zu x %zu is too large", rows, cols);
	m->data = cpu_alloc(mat_bytes(m));
	memset(m->data, 0, mat_bytes(m));
	return m;
}

static void panels_free(struct panels *p)
{
	if (p)
		free(p->data);
	free(p);
}

void mat_free(struct mat *m)
{
	if (!m)
		return;
	if (!m->borrowed)
		free(m->data);
	panels_free(m->fwd);
	panels_free(m->back);
	free(m);
}

struct mat *mat_columns(const struct mat *m, size_t col, size_t n)
{
	struct mat *v = xcalloc(1, sizeof *v);

	assert(m->data && !m->uses && col + n <= m->cols);
	*v = *m;
	v->cols = n;
	v->data = (char *)m->data + col * (m->bf16 ? 2 : 4);
	v->borrowed = 1;
	return v;
}

size_t mat_rows(const struct mat *m)
{
	return m->rows;
}

size_t mat_cols(const struct mat *m)
{
	return m->cols;
}

size_t mat_bytes(const struct mat *m)
{
	return m->cap * m->ld * (m->bf16 ? 2 : 4);
}

void mat_resize(struct mat *m, size_t rows)
{
	assert(rows <= m->cap);
	m->rows = rows;
}

void mat_reshape(struct mat *m, size_t cols)
{
	assert(!m->uses && !m->borrowed && cols <= m->most);
	m->cols = m->ld = cols;
}

/* -- conversions ------------------------------------------------------------------------------- */

/* Through bf16 and back. */
void round_to_bf16(float *out, const float *in, size_t n)
{
	uint16_t some[256];

	for (size_t i = 0; i < n; i += 256) {
		size_t m = n - i < 256 ? n - i : 256;

		kern->bf16_from_f32(some, in + i, m);
		kern->f32_from_bf16(out + i, some, m);
	}
}

void operand_load(float *out, const struct mat *m, size_t row, size_t col, size_t n)
{
	if (m->bf16)
		kern->f32_from_bf16(out, (uint16_t *)mat_row(m, row) + col, n);
	else
		memcpy(out, mat_f32(m, row) + col, n * 4);
}

void operand_store(struct mat *m, size_t row, size_t col, const float *in, size_t n)
{
	if (m->bf16)
		kern->bf16_from_f32((uint16_t *)mat_row(m, row) + col, in, n);
	else if (m->operand && cpu_round)
		round_to_bf16(mat_f32(m, row) + col, in, n);
	else
		memcpy(mat_f32(m, row) + col, in, n * 4);
}

void row_load(float *out, const struct mat *m, size_t row)
{
	operand_load(out, m, row, 0, m->cols);
}

void row_store(struct mat *m, size_t row, const float *in)
{
	operand_store(m, row, 0, in, m->cols);
}

/* -- rows in and out --------------------------------------------------------------------------- */

void mat_put(struct mat *m, size_t row, size_t n, const float *rows)
{
	assert(row + n <= m->rows);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < n; i++)
		row_store(m, row + i, rows + i * m->cols);
}

void mat_get(const struct mat *m, size_t row, size_t n, float *rows)
{
	assert(row + n <= m->rows);
	for (size_t i = 0; i < n; i++)
		row_load(rows + i * m->cols, m, row + i);
}

void op_copy(struct mat *y, const struct mat *x)
{
	assert(y->rows == x->rows);
	op_copy_rows(y, 0, x, 0, x->rows);
}

void op_copy_rows(struct mat *y, size_t y_row, const struct mat *x, size_t x_row, size_t n)
{
	assert(y->cols == x->cols && y->bf16 == x->bf16 && y_row + n <= y->rows &&
		x_row + n <= x->rows);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < n; i++)
		memcpy(mat_row(y, y_row + i), mat_row(x, x_row + i), x->cols * (x->bf16 ? 2 : 4));
}

void op_gather(struct mat *y, const struct mat *x, const size_t *row, size_t n)
{
	assert(y->cols == x->cols && n <= y->cap);
	y->rows = n;
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < n; i++) {
		float *f = cpu_scratch(SCRATCH_A, x->cols * 4);

		row_load(f, x, row[i]);
		row_store(y, i, f);
	}
}

/* -- checks ------------------------------------------------------------------------------------ */

long op_find_nonfinite(const struct mat *x)
{
	size_t found = SIZE_MAX;

#pragma omp parallel for schedule(static) num_threads(cpu_threads) reduction(min : found)
	for (size_t i = 0; i < x->rows; i++) {
		float *f = cpu_scratch(SCRATCH_A, x->cols * 4), sum = 0;

		row_load(f, x, i);
		for (size_t c = 0; c < x->cols; c++)
			sum += f[c] - f[c]; /* 0, or NaN for what is not finite */
		if (sum != 0 && i < found)
			found = i;
	}
	return found == SIZE_MAX ? -1 : (long)found;
}
