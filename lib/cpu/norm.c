/* norm - RMSNorm and LayerNorm over rows
 */
#include "cpu/cpu.h"

#include <assert.h>

void op_norm(struct mat *y, const struct mat *x, const struct mat *weight, const struct mat *bias,
	int kind, float eps)
{
	assert(y->cols == x->cols && y->rows == x->rows && weight->cols == x->cols);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++) {
		float *out = cpu_scratch(SCRATCH_A, x->cols * 4);

		row_load(out, x, i);
		kern->norm(out, out, mat_f32(weight, 0), bias ? mat_f32(bias, 0) : NULL, kind, eps,
			x->cols);
		row_store(y, i, out);
	}
}
