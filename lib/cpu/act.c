/* act - the FFN's activation, gated or plain
 */
#include "cpu/cpu.h"

#include <assert.h>

void op_act(struct mat *y, const struct mat *x, int kind, int gated)
{
	size_t n = y->cols;

	assert(y->rows == x->rows && x->cols == (gated ? 2 * n : n));
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++) {
		float *g = cpu_scratch(SCRATCH_A, 2 * n * 4), *u = gated ? g + n : NULL;

		operand_load(g, x, i, 0, gated ? 2 * n : n);
		kern->act(g, g, u, kind, n);
		operand_store(y, i, 0, g, n);
	}
}

struct act {
	struct mat *y, *up;
	int kind, gated;
};

/* A row of a block to up, and back as it is stored there. */
static void keep_row(struct mat *up, size_t row, size_t first, float *f, size_t n)
{
	operand_store(up, row, first, f, n);
	operand_load(f, up, row, first, n);
}

static void finish(const void *ctx, const struct product_block *b)
{
	const struct act *a = ctx;

	for (size_t r = 0; r < b->rows; r++) {
		float *g = b->data[0] + r * b->width,
		      *u = a->gated ? b->data[1] + r * b->width : NULL;

		if (a->up) {
			keep_row(a->up, b->row + r, b->first[0], g, b->width);
			if (u)
				keep_row(a->up, b->row + r, b->first[1], u, b->width);
		}
		kern->act(g, g, u, a->kind, b->width);
		operand_store(a->y, b->row + r, b->first[0], g, b->width);
	}
}

void op_matmul_act(struct mat *y, struct mat *up, const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora, int kind, int gated)
{
	struct panel_product c = product_forward(x, w, bias, lora);
	struct act a = { y, up, kind, gated };

	assert(w->parts == (gated ? 2 : 1) && y->rows == x->rows &&
		y->cols * (gated ? 2 : 1) == w->rows);
	assert(!up || (up->rows == x->rows && up->cols == w->rows));
	panel_product_run(&c, finish, &a);
}
