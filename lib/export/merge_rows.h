/* merge_rows - the arithmetic of merging: an adapter's product added to rows of f32, and rows as a
 * file has them
 */
#ifndef COPPICE_MERGE_ROWS_H
#define COPPICE_MERGE_ROWS_H

#include "file/tensor.h"

/* Returns a[rank, cols] in the layout that merge_rows_add reads; new. */
float *merge_rows_panels(const float *a, int rank, uint64_t cols);
/* Adds scale B A to w[n, cols]: b[n, rank] is B, panels is A by merge_rows_panels. Each sum is over
 * the rank in order, product and sum rounded separately. */
void merge_rows_add(float *w, const float *b, const float *panels, float scale, uint64_t n,
	int rank, uint64_t cols);
/* Writes the row w[cols] as T_F32, T_F16 or T_BF16 to out, rounded to the nearest, ties to even.
 * Returns -1, or the number of the first value that the type cannot hold. */
int64_t merge_rows_pack(void *out, const float *w, uint64_t cols, enum tensor_type type);

#endif
