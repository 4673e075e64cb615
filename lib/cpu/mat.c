/* mat - matrices of the CPU backend: memory, conversions, rows in and out
 */
#include "cpu/cpu.h"

#include "file/nf4.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>

int cpu_threads = 1, cpu_bf16, cpu_round;

/* -- memory ------------------------------------------------------------------------------------ */

void *cpu_alloc(size_t bytes)
{
	void *p = aligned_alloc(64, bytes / 64 * 64 + 64);

	if (!p)
		out_of_memory(bytes);
	return p;
}

void *cpu_scratch(int slot, size_t bytes)
{
	static _Thread_local struct {
		void *p;
		size_t bytes;
	} have[SCRATCH_SLOTS];

	if (have[slot].bytes < bytes) {
		free(have[slot].p);
		have[slot].p = cpu_alloc(bytes);
		have[slot].bytes = bytes;
	}
	return have[slot].p;
}

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

/* -- weights ----------------------------------------------------------------------------------- */

static struct mat *weight_make(size_t out, size_t in, int uses, size_t width, int parts)
{
	struct mat *m = xcalloc(1, sizeof *m);

	*m = (struct mat){ .operand = 1,
		.bf16 = cpu_bf16,
		.rows = out,
		.cols = in,
		.ld = in,
		.cap = out,
		.uses = uses,
		.width = width,
		.parts = parts,
		.back_width = panel_width(in, out, GRAIN) };
	return m;
}

/* Panels of out columns: whole heads, where there are heads. */
static size_t layout_width(size_t out, size_t in, size_t head_dim)
{
	size_t grain = GRAIN;

	while (head_dim && grain % head_dim)
		grain += GRAIN;
	return panel_width(out, in, grain);
}

/* A weight, its values still to be laid out. */
static struct mat *weight_of_layout(size_t out, size_t in, int uses, struct weight_layout layout)
{
	size_t parts = layout.gated ? 2 : 1;

	return weight_make(out, in, uses, layout_width(out / parts, in, layout.head_dim),
		(int)parts);
}

static struct mat *weight_alloc(struct mat *m)
{
	size_t size;

	if (__builtin_mul_overflow(m->rows, m->cols, &size) || size > SIZE_MAX / 8)
		die("a matrix of %zu x %zu is too large", m->rows, m->cols);
	m->data = cpu_alloc(mat_bytes(m));
	return m;
}

struct mat *weight_new(size_t out, size_t in, int uses, struct weight_layout layout)
{
	return weight_alloc(weight_of_layout(out, in, uses, layout));
}

struct mat *weight_new_b(size_t out, size_t rank, int uses, size_t in, size_t head_dim)
{
	return weight_make(out, rank, uses, layout_width(out, in, head_dim), 1);
}

struct mat *weight_new_a(size_t rank, size_t in, int uses, size_t out)
{
	struct mat *m = weight_make(rank, in, uses, panel_width(rank, in, GRAIN), 1);

	m->back_width = panel_width(in, out, GRAIN);
	return m;
}

struct mat *weight_new_transposed(size_t out, size_t in)
{
	struct mat *m = weight_make(out, in, WEIGHT_BACKWARD, 0, 1);

	m->back = panels_new(in, out, m->back_width, 1);
	return m;
}

struct mat *weight_new_packed(size_t out, size_t in, struct weight_layout layout)
{
	struct mat *m = weight_of_layout(out, in, WEIGHT_FORWARD, layout);

	m->fwd = panels_new(out, in, m->width, m->parts);
	return m;
}

void weight_put(struct mat *w, size_t row, size_t n, const float *rows)
{
	assert(w->uses && w->data);
	mat_put(w, row, n, rows);
}

void weight_put_nf4(struct mat *w, size_t row, size_t n, float *rows)
{
	nf4_round_trip(rows, n * w->cols);
	weight_put(w, row, n, rows);
}

/* From the plain values [rows, cols] to the panels; from a parallel region. */
static void panels_fill(struct panels *p, const char *plain, size_t stride_n, size_t stride_k)
{
	size_t first, width, element = cpu_bf16 ? 2 : 4;

#pragma omp for schedule(dynamic)
	for (int i = 0; i < panels_count(p); i++) {
		panels_range(p, i, &first, &width);
		panels_put(p, i, plain + first * stride_n * element, stride_n, stride_k);
	}
}

static void weight_pack(struct mat *w, const void *plain)
{
	if ((w->uses & WEIGHT_FORWARD) && !w->fwd)
		w->fwd = panels_new(w->rows, w->cols, w->width, w->parts);
	if ((w->uses & WEIGHT_BACKWARD) && !w->back)
		w->back = panels_new(w->cols, w->rows, w->back_width, 1);
#pragma omp parallel num_threads(cpu_threads)
	{
		if (w->fwd)
			panels_fill(w->fwd, plain, w->cols, 1);
		if (w->back)
			panels_fill(w->back, plain, 1, w->cols);
	}
}

void weight_unseal(struct mat *w)
{
	assert(w->fwd);
	(void)w;
}

void weight_seal(struct mat *w)
{
	assert(w->uses && (w->data || w->fwd));
	if (!w->data) /* packed block by block */
		return;
	weight_pack(w, w->data);
	free(w->data);
	w->data = NULL;
}

void weight_refill(struct mat *w, const struct mat *from, float scale)
{
	struct mat plain = { .operand = 1,
		.bf16 = cpu_bf16,
		.rows = w->rows,
		.cols = w->cols,
		.ld = w->cols,
		.data = cpu_scratch(SCRATCH_TRANSPOSE, w->rows * w->cols * 4) };

	assert(w->uses && !w->data && from->rows == w->rows && from->cols == w->cols &&
		!from->operand);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < w->rows; i++) {
		const float *f = mat_f32(from, i);
		float *scaled = cpu_scratch(SCRATCH_A, w->cols * 4);

		for (size_t j = 0; j < w->cols; j++)
			scaled[j] = f[j] * scale;
		row_store(&plain, i, scaled);
	}
	weight_pack(w, plain.data);
}

/* Panels of the one are strips of all panels of the other: the whole matrix lies plain in
 * between. */
void weight_transpose(struct mat *to, const struct mat *w)
{
	size_t element = cpu_bf16 ? 2 : 4;
	char *plain = cpu_scratch(SCRATCH_TRANSPOSE, w->rows * w->cols * element);

	assert(w->fwd && to->back && to->rows == w->rows && to->cols == w->cols);
#pragma omp parallel num_threads(cpu_threads)
	{
		size_t first, width;

#pragma omp for schedule(dynamic)
		for (int i = 0; i < panels_count(w->fwd); i++) {
			panels_range(w->fwd, i, &first, &width);
			panels_get(w->fwd, i, plain + first * w->cols * element, w->cols, 1);
		}
		panels_fill(to->back, plain, 1, w->cols);
	}
}

int weight_blocks(const struct mat *w)
{
	return panels_count(w->fwd);
}

void weight_block_rows(const struct mat *w, int block, size_t *row, size_t *n)
{
	panels_range(w->fwd, block, row, n);
}

void weight_put_block(struct mat *w, int block, const void *rows, enum dtype type)
{
	size_t first, n, size;
	void *as;

	panels_range(w->fwd, block, &first, &n);
	size = n * w->cols;
	if (cpu_bf16 ? type == DTYPE_F32 : type == DTYPE_BF16 || cpu_round) {
		as = cpu_scratch(SCRATCH_BLOCK, size * 4);
		if (cpu_bf16)
			kern->bf16_from_f32(as, rows, size);
		else if (type == DTYPE_BF16)
			kern->f32_from_bf16(as, rows, size);
		else
			round_to_bf16(as, rows, size);
		rows = as;
	}
	panels_put(w->fwd, block, rows, w->cols, 1);
}

size_t weight_bytes(size_t out, size_t in, int uses)
{
	return (uses & WEIGHT_FORWARD ? panels_bytes(out, in) : 0) +
		(uses & WEIGHT_BACKWARD ? panels_bytes(in, out) : 0);
}

size_t weight_transposed_bytes(size_t out, size_t in)
{
	return panels_bytes(in, out);
}

size_t weight_scratch_bytes(size_t out, size_t in, int uses)
{
	(void)out;
	(void)in;
	(void)uses;
	return 0;
}

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
