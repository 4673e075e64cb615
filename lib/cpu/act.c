/* act - the FFN's activation, gated or plain
 */
#include "cpu.h"

#include <assert.h>

void op_act(struct mat *y, const struct mat *x, int kind, int gated)
{
	size_t n = y->cols;

	assert(y->rows == x->rows && x->cols == (gated ? 2 * n : n));
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++) {
		float *out = cpu_scratch(SCRATCH_A, n * 4), *g = cpu_scratch(SCRATCH_B, 2 * n * 4), *u = g + n;

		operand_load(g, x, i, 0, n);
		if (gated)
			operand_load(u, x, i, n, n);
		kern->act(out, g, gated ? u : NULL, kind, n);
		row_store(y, i, out);
	}
}
