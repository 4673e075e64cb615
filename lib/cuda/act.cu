/* act - the FFN's activation, gated or plain, and its gradient, element by element
 */
#include "cuda/row.h"

#include <assert.h>
#include <math.h>

/* sqrt(2/pi) (z + 0.044715 z^3): gelu_new(z) = z/2 (1 + tanh of it) */
__device__ __forceinline__ float gelu_inner(float z)
{
	return 0.7978845608f * (z + 0.044715f * z * z * z);
}

__device__ __forceinline__ float act_of(float z, int kind)
{
	if (kind == ACT_KIND_SILU)
		return z * (1.0f / (1.0f + expf(-z)));
	return 0.5f * z * (1.0f + tanhf(gelu_inner(z)));
}

/* The activation and its derivative. */
__device__ __forceinline__ float act_slope(float z, int kind, float *slope)
{
	if (kind == ACT_KIND_SILU) {
		float s = 1.0f / (1.0f + expf(-z));

		*slope = s * (1.0f + z * (1.0f - s));
		return z * s;
	}
	float t = tanhf(gelu_inner(z)), inner = 0.7978845608f * (1.0f + 3.0f * 0.044715f * z * z);

	*slope = 0.5f * (1.0f + t) + 0.5f * z * (1.0f - t * t) * inner;
	return 0.5f * z * (1.0f + t);
}

/* up.data NULL: not gated. */
__global__ void __launch_bounds__(ROW_BLOCK)
	act_rows(struct rows y, struct rows gate, struct rows up, int kind)
{
	unsigned c = eights_mine();
	size_t row = blockIdx.x;
	float g[8], u[8];

	if (c >= y.cols)
		return;
	row_load8(g, gate, row, c);
	if (up.data)
		row_load8(u, up, row, c);
#pragma unroll
	for (int i = 0; i < 8; i++) {
		g[i] = act_of(g[i], kind);
		if (up.data)
			g[i] *= u[i];
	}
	row_store8(y, row, c, g);
}

void act_forward(struct mat *y, const struct mat *u, int kind, int gated)
{
	size_t n = y->cols;

	assert(y->rows == u->rows && u->cols == (gated ? 2 * n : n));
	if (y->rows)
		LAUNCH(act_rows, eights_grid(y->rows, n), eights_block(n), 0, rows_all(y),
			rows_of(u, 0, n), rows_of(gated ? u : NULL, n, n), kind);
}

void op_act(struct mat *y, const struct mat *x, int kind, int gated)
{
	act_forward(y, x, kind, gated);
}

/* up.data, dup.data NULL: not gated. */
__global__ void __launch_bounds__(ROW_BLOCK) act_rows_back(struct rows dgate, struct rows dup,
	struct rows act, struct rows gate, struct rows up, struct rows dy, int kind)
{
	unsigned c = eights_mine();
	size_t row = blockIdx.x;
	float g[8], u[8], d[8];

	if (c >= act.cols)
		return;
	row_load8(g, gate, row, c);
	row_load8(d, dy, row, c);
	if (up.data)
		row_load8(u, up, row, c);
#pragma unroll
	for (int i = 0; i < 8; i++) {
		float slope, a = act_slope(g[i], kind, &slope), v = up.data ? u[i] : 1.0f;

		u[i] = d[i] * a;
		g[i] = a * v;
		d[i] *= slope * v;
	}
	row_store8(dgate, row, c, d);
	if (dup.data)
		row_store8(dup, row, c, u);
	row_store8(act, row, c, g);
}

void act_backward(struct mat *dx, struct mat *act, const struct mat *x, const struct mat *dy,
	int kind, int gated)
{
	size_t n = act->cols;

	assert(dx->rows == dy->rows && x->rows == dy->rows && act->rows == dy->rows &&
		dy->cols == n);
	assert(dx->cols == x->cols && x->cols == (gated ? 2 * n : n));
	if (dy->rows)
		LAUNCH(act_rows_back, eights_grid(dy->rows, n), eights_block(n), 0,
			rows_of(dx, 0, n), rows_of(gated ? dx : NULL, n, n), rows_all(act),
			rows_of(x, 0, n), rows_of(gated ? x : NULL, n, n), rows_all(dy), kind);
}
