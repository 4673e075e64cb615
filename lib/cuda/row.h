/* row - rows of matrices inside kernels: eight elements at a time, of either type, and sums across
 * a row's threads
 *
 * What kernels over rows share. A row is read by as many threads as its width alone decides, and
 * its sums go in an order that this decides too: so its bits don't depend on the rows around it.
 */
#ifndef COPPICE_CUDA_ROW_H
#define COPPICE_CUDA_ROW_H

#include "cuda/cuda.h"
#include "cuda/device.h"

enum {
	ROW_BLOCK = 256,   /* threads of a block */
	ROW_NARROW = 1024, /* columns that one warp reads alone; wider rows take a block each */
};
static const unsigned ALL_LANES = 0xffffffff;

/* Some columns of a matrix as kernels take them. */
struct rows {
	void *data; /* NULL: none */
	size_t ld;
	unsigned cols;
	int bf16;
	int wide; /* every eighth element lies at 16 bytes */
};

static inline struct rows rows_of(const struct mat *m, size_t col, size_t n)
{
	struct rows r = { 0 };

	if (m) {
		size_t size = m->bf16 ? 2 : 4;

		r.data = (char *)m->data + col * size;
		r.ld = m->ld;
		r.cols = (unsigned)n;
		r.bf16 = m->bf16;
		r.wide = ((uintptr_t)r.data | m->ld * size) % 16 == 0;
	}
	return r;
}

static inline struct rows rows_all(const struct mat *m)
{
	return rows_of(m, 0, m ? m->cols : 0);
}

struct alignas(16) four_floats {
	float f[4];
};
struct alignas(16) four_words {
	uint32_t w[4];
};

__device__ __forceinline__ float row_load1(const struct rows &m, size_t row, unsigned col)
{
	size_t at = row * m.ld + col;

	return m.bf16 ? bf16_up(((const uint16_t *)m.data)[at]) : ((const float *)m.data)[at];
}

__device__ __forceinline__ void row_store1(const struct rows &m, size_t row, unsigned col, float x)
{
	size_t at = row * m.ld + col;

	if (m.bf16)
		((uint16_t *)m.data)[at] = bf16_down(x);
	else
		((float *)m.data)[at] = x;
}

/* Elements col .. col+7, col a multiple of 8; 0 where there are none. */
__device__ __forceinline__ void row_load8(float x[8], const struct rows &m, size_t row,
	unsigned col)
{
	size_t at = row * m.ld + col;

	if (!m.wide || col + 8 > m.cols) {
#pragma unroll
		for (unsigned i = 0; i < 8; i++)
			x[i] = col + i < m.cols ? row_load1(m, row, col + i) : 0.0f;
	} else if (m.bf16) {
		four_words v = *(const four_words *)((const uint16_t *)m.data + at);

#pragma unroll
		for (int i = 0; i < 4; i++) {
			x[2 * i] = bf16_up((uint16_t)v.w[i]);
			x[2 * i + 1] = bf16_up((uint16_t)(v.w[i] >> 16));
		}
	} else {
#pragma unroll
		for (int j = 0; j < 2; j++) {
			four_floats v = ((const four_floats *)((const float *)m.data + at))[j];

#pragma unroll
			for (int i = 0; i < 4; i++)
				x[4 * j + i] = v.f[i];
		}
	}
}

__device__ __forceinline__ void row_store8(const struct rows &m, size_t row, unsigned col,
	const float x[8])
{
	size_t at = row * m.ld + col;

	if (!m.wide || col + 8 > m.cols) {
#pragma unroll
		for (unsigned i = 0; i < 8; i++)
			if (col + i < m.cols)
				row_store1(m, row, col + i, x[i]);
	} else if (m.bf16) {
		four_words v;

#pragma unroll
		for (int i = 0; i < 4; i++)
			v.w[i] = bf16_pair(x[2 * i], x[2 * i + 1]);
		*(four_words *)((uint16_t *)m.data + at) = v;
	} else {
#pragma unroll
		for (int j = 0; j < 2; j++) {
			four_floats v;

#pragma unroll
			for (int i = 0; i < 4; i++)
				v.f[i] = x[4 * j + i];
			((four_floats *)((float *)m.data + at))[j] = v;
		}
	}
}

/* Elements col .. col+3 of x[n] f32, aligned to 16 bytes, col a multiple of 4; none where there are
 * none. */
__device__ __forceinline__ void load4(float v[4], const float *x, unsigned col, unsigned n,
	float none)
{
	if (col + 4 <= n) {
		four_floats f = *(const four_floats *)(x + col);

#pragma unroll
		for (int i = 0; i < 4; i++)
			v[i] = f.f[i];
	} else {
#pragma unroll
		for (unsigned i = 0; i < 4; i++)
			v[i] = col + i < n ? x[col + i] : none;
	}
}

/* The sum over the WARPS warps that read a row, for all their threads; part: shared [WARPS], free
 * again afterwards. */
template <int WARPS, class T> __device__ __forceinline__ T row_sum(T sum, T *part)
{
#pragma unroll
	for (int i = 16; i; i /= 2)
		sum += __shfl_xor_sync(ALL_LANES, sum, i);
	if (WARPS > 1) {
		if (threadIdx.x % 32 == 0)
			part[threadIdx.x / 32] = sum;
		__syncthreads();
		sum = 0;
#pragma unroll
		for (int i = 0; i < WARPS; i++)
			sum += part[i];
		__syncthreads();
	}
	return sum;
}

/* Which row a thread reads, and which of its eights first: the first of ROW_BLOCK / 32 / WARPS rows
 * of a block on. */
template <int WARPS> __device__ __forceinline__ size_t row_mine(unsigned *first)
{
	*first = threadIdx.x % (32 * WARPS) * 8;
	return (size_t)blockIdx.x * (ROW_BLOCK / 32 / WARPS) + threadIdx.x / (32 * WARPS);
}

/* Blocks for a kernel of so many warps a row. */
static inline unsigned row_blocks(size_t rows, int warps)
{
	size_t each = (size_t)(ROW_BLOCK / 32 / warps);

	return (unsigned)((rows + each - 1) / each);
}

/* Element by element: a block of so many threads takes eights of row blockIdx.x, from blockIdx.y
 * on. */
static inline unsigned eights_block(size_t cols)
{
	return (unsigned)min_size(ROW_BLOCK, round_up((cols + 7) / 8, 32));
}

static inline dim3 eights_grid(size_t rows, size_t cols)
{
	size_t each = 8 * (size_t)eights_block(cols);

	return dim3((unsigned)rows, (unsigned)((cols + each - 1) / each));
}

__device__ __forceinline__ unsigned eights_mine(void)
{
	return (blockIdx.y * blockDim.x + threadIdx.x) * 8;
}

#endif
