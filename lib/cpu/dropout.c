/* dropout - masks from a counter, made anew wherever they are needed
 *
 * coppice-method(7), RANDOM NUMBERS.
 *
 * The generic twin of the kernels' is lib/philox.c: it does what is left over.
 */
#include "cpu/cpu.h"

#include "philox.h"
#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>

enum { RUN = 32 }; /* elements that kernels take together */

/* What no run holds: element by element. */
static void drop_rest(float *x, const struct dropout *d, uint32_t sequence, uint64_t e, size_t n)
{
	for (size_t i = 0; i < n; i += RUN) {
		size_t m = n - i < RUN ? n - i : RUN;
		uint32_t word[RUN];

		philox_words(word, e + i, m, sequence, d->step, d->target, d->seed);
		for (size_t j = 0; j < m; j++)
			x[i + j] = word[j] < d->threshold ? 0.0f : x[i + j] * d->keep_scale;
	}
}

void drop_part(float *x, const struct dropout *d, struct row_place at, size_t width, size_t col,
	size_t n)
{
	uint64_t e = at.pos * width + col;
	size_t runs = e % 4 == 0 ? n / RUN * RUN : 0;

	if (!d->threshold)
		return;
	kern->drop(x, x, e, runs, d, at.sequence);
	drop_rest(x + runs, d, at.sequence, e + runs, n - runs);
}

void drop_operands(struct mat *y, size_t y_row, const struct mat *x, size_t row, size_t col,
	size_t n, const struct dropout *d, struct row_place at)
{
	uint64_t e = at.pos * x->cols + col;
	float *f;

	if (x->bf16 && d->threshold && e % 4 == 0 && n % RUN == 0) {
		kern->drop_bf16(mat_row(y, y_row), (const uint16_t *)mat_row(x, row) + col, e, n, d,
			at.sequence);
		return;
	}
	f = cpu_scratch(SCRATCH_ROW, n * 4);
	operand_load(f, x, row, col, n);
	drop_part(f, d, at, x->cols, col, n);
	operand_store(y, y_row, 0, f, n);
}

struct row_place *places_new(const struct dropout *d, const struct segments *s)
{
	struct row_place *at = xmalloc(s->rows * sizeof *at);

	for (int i = 0; i < s->n; i++)
		for (size_t t = 0; t < s->seg[i].len; t++)
			at[s->seg[i].first + t] = (struct row_place){ d->sequence[i],
				s->seg[i].pos + t };
	return at;
}

void op_dropout(struct mat *y, const struct mat *x, const struct dropout *d,
	const struct segments *s)
{
	struct row_place *at = places_new(d, s);

	assert(y->rows == x->rows && y->cols == x->cols && s->rows == x->rows);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++) {
		float *row = cpu_scratch(SCRATCH_A, x->cols * 4);

		row_load(row, x, i);
		drop_part(row, d, at[i], x->cols, 0, x->cols);
		row_store(y, i, row);
	}
	free(at);
}
