/* act - the FFN's activation, gated or plain
 */
#include "act.h"

#include <assert.h>

/* n values, n a multiple of 8 or padded to one */
static void act_row(float *y, const float *g, const float *u, int kind, size_t n)
{
	for (size_t i = 0; i < n; i += 8) {
		v8 a = act_v8(v8_load(g + i), kind);

		v8_store(y + i, u ? a * v8_load(u + i) : a);
	}
}

void op_act(struct mat *y, const struct mat *x, int kind, int gated)
{
	size_t n = y->cols, pad = (n + 7) / 8 * 8;

	assert(y->rows == x->rows && x->cols == (gated ? 2 * n : n));
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++) {
		float *out = cpu_scratch(SCRATCH_A, pad * 4), *g = cpu_scratch(SCRATCH_B, 2 * pad * 4), *u = g + pad;

		memset(g, 0, 2 * pad * 4);
		operand_load(g, x, i, 0, n);
		if (gated)
			operand_load(u, x, i, n, n);
		act_row(out, g, gated ? u : NULL, kind, n);
		row_store(y, i, out);
	}
}
