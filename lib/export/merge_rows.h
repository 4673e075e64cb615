/* merge_rows - the arithmetic of merging: an adapter's product added to rows of f32, and rows as a
 * file has them
 */
#ifndef COPPICE_MERGE_ROWS_H
#define COPPICE_MERGE_ROWS_H

#include "file/tensor.h"

/* A[rank, cols] as merge_rows_add takes it; new. */
float *merge_rows_panels(const float *a, int rank, uint64_t cols);
/* w[n, cols] += scale B[n, rank] A. Each sum goes over the rank in order, product and sum rounded
 * apart. */
void merge_rows_add(float *w, const float *b, const float *panels, float scale, uint64_t n,
	int rank, uint64_t cols);
/* A row as T_F32, T_F16 or T_BF16 into out, rounded to nearest even. -1, or the first value that
 * the type can't hold. */
int64_t merge_rows_pack(void *out, const float *w, uint64_t cols, enum tensor_type type);

#endif
