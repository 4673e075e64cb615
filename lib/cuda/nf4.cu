/* nf4 - 4-bit weights with their block maxima quantised once more (lib/nf4.h) back to operands
 *
 * The same values as nf4_dequantise, rounded as operands are: nothing here is contracted or reordered.
 */
#include "row.h"

#include "nf4.h"

#include <assert.h>

struct values16 { float of[16]; };

/* Eight values a thread, which share a block's maximum unless rows are of other widths. */
__global__ void __launch_bounds__(ROW_BLOCK) expand_rows(struct rows w, struct nf4_codes q, struct values16 values)
{
	SHARED(float, code, 16);
	unsigned c = eights_mine();
	size_t row = blockIdx.x, at = row * w.cols + c;
	float v[8];

	if (threadIdx.x < 16)
		code[threadIdx.x] = values.of[threadIdx.x];
	__syncthreads();
	if (c >= w.cols)
		return;
	if (w.cols % 8 == 0) {
		size_t block = at / NF4_BLOCK;
		float top = q.nested_code[q.top8[block]] * q.nested[block / NF4_NESTED_BLOCK] + q.offset;
		uint32_t codes = *(const uint32_t *)(q.packed + at / 2);

		#pragma unroll
		for (int i = 0; i < 8; i++)
			v[i] = code[codes >> (8 * (i / 2) + (i & 1 ? 0 : 4)) & 15] * top;
	} else {
		for (unsigned i = 0; i < 8; i++, at++) {
			size_t block = at / NF4_BLOCK;

			v[i] = 0;
			if (c + i < w.cols)
				v[i] = code[q.packed[at / 2] >> (at & 1 ? 0 : 4) & 15]
					* (q.nested_code[q.top8[block]] * q.nested[block / NF4_NESTED_BLOCK] + q.offset);
		}
	}
	row_store8(w, row, c, v);
}

void nf4_expand(struct mat *w, const struct nf4_codes *q)
{
	struct values16 values;

	assert(w->operand);
	memcpy(values.of, nf4_code, sizeof values.of);
	LAUNCH(expand_rows, eights_grid(w->rows, w->cols), eights_block(w->cols), 0, rows_all(w), *q, values);
}
