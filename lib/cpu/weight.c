/* weight - weights of the CPU backend: their values packed as the panels that products take
 *
 * A weight has forward panels, of its rows, or backward ones, of its columns, or both. While it is
 * filled by weight_put its values lie plain, and are packed when it is sealed; weight_new_packed's
 * are packed block by block, a block being a panel.
 */
#include "cpu/cpu.h"

#include "file/nf4.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>

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
