/* emu-faults CASE - a kernel with one mistake, in the emulation: says right or wrong by its result,
 * or dies by itself
 *
 * The case `none` is everything that kernels do, without a mistake: it is to be right in every
 * order. For 43-cuda.t.
 */
#include "cuda/cuda.h"

#include <stdio.h>
#include <stdlib.h>

enum { N = 96 };

static const char *fault;

static int is(const char *name)
{
	return !strcmp(fault, name);
}

/* y = x backwards, by way of shared memory. */
static __global__ void transpose(float *y, const float *x, int barrier)
{
	SHARED(float, all, N);

	all[threadIdx.x] = x[threadIdx.x];
	if (barrier)
		__syncthreads();
	y[threadIdx.x] = all[N - 1 - threadIdx.x];
}

/* Each warp transposes its own. */
static __global__ void transpose_warp(float *y, const float *x, int barrier)
{
	DYNAMIC_SHARED(float, all);
	int warp = threadIdx.x / 32 * 32;

	all[threadIdx.x] = x[threadIdx.x];
	if (barrier)
		__syncwarp();
	y[threadIdx.x] = all[2 * warp + 31 - threadIdx.x];
}

/* The same with copies of 16 bytes, which others read. */
static __global__ void transpose_copied(float *y, const float *x, int wait, int barrier)
{
	SHARED(float, all, N);

	if (threadIdx.x < N / 4)
		copy_async16(all + 4 * threadIdx.x, x + 4 * threadIdx.x, 1);
	copy_async_commit();
	if (wait)
		copy_async_wait<0>();
	if (barrier)
		__syncthreads();
	y[threadIdx.x] = all[N - 1 - threadIdx.x];
}

/* A warp's own sum, by exchange. */
static __global__ void warp_sum(float *y, const float *x)
{
	float sum = x[threadIdx.x];

	for (int i = 16; i; i /= 2)
		sum += __shfl_xor_sync(0xffffffff, sum, i);
	y[threadIdx.x] = sum + (float)__popc(__ballot_sync(0xffffffff, threadIdx.x % 2));
}

/* d[16, 8] = a[16, 16] b^T, b[8, 16]; transposed: a and b lie transposed. */
static __global__ void multiply(float *d, const uint16_t *a, const uint16_t *b, int transposed)
{
	SHARED(uint16_t, left, 256);
	SHARED(uint16_t, right, 128);
	int lane = threadIdx.x;
	uint32_t fa[4], fb[2];
	float sum[4] = { 0 };

	copy_async16(left + 8 * lane, a + 8 * lane, 1);
	if (lane < 16)
		copy_async16(right + 8 * lane, b + 8 * lane, 1);
	copy_async_commit();
	copy_async_wait<0>();
	__syncthreads();
	if (transposed) {
		ldmatrix_x4_trans(fa, left + (lane % 8 + lane / 16 * 8) * 16 + lane / 8 % 2 * 8);
		ldmatrix_x2_trans(fb, right + lane % 16 * 8);
	} else {
		ldmatrix_x4(fa, left + lane % 16 * 16 + lane / 16 * 8);
		ldmatrix_x2(fb, right + lane % 8 * 16 + lane / 8 % 2 * 8);
	}
	mma_bf16(sum, fa, fb);
	for (int i = 0; i < 4; i++)
		d[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = sum[i];
}

/* Each block adds to what it takes for the sum of those before. */
static __global__ void chain(float *y)
{
	if (!threadIdx.x)
		y[0] = 2 * y[0] + (float)blockIdx.x;
}

static __global__ void leave(float *y, int early)
{
	if ((int)threadIdx.x < early)
		return;
	__syncthreads();
	y[threadIdx.x] = 0;
}

static __global__ void part(float *y)
{
	if (threadIdx.x < 32)
		__syncthreads();
	else
		__syncthreads();
	y[threadIdx.x] = 0;
}

static __global__ void absent(float *y)
{
	float f = 1;

	if (threadIdx.x < 16)
		f = __shfl_down_sync(0x0000ffff, f, 8);
	y[threadIdx.x] = f;
}

static __global__ void behind(float *y, int n)
{
	SHARED(float, a, 8);
	float *p = a;

	if (!threadIdx.x)
		for (int i = 0; i < n; i++)
			p[i] = 0;
	__syncthreads();
	y[threadIdx.x] = a[0];
}

static __global__ void stray(float *y, int n)
{
	y[threadIdx.x + (unsigned)n] = 0;
}

static int backwards(const float *y, const float *x, int n)
{
	int same = 1;

	for (int i = 0; i < N; i++)
		same &= y[i] == x[i / n * n + n - 1 - i % n];
	return same;
}

static int sums(float *y, const float *x)
{
	int same = 1;

	LAUNCH(warp_sum, 1, N, 0, y, x);
	for (int i = 0; i < N; i++) {
		float sum = 16;

		for (int j = i / 32 * 32; j < i / 32 * 32 + 32; j++)
			sum += x[j];
		same &= fabsf(y[i] - sum) < 1e-4f;
	}
	return same;
}

static int product_right(float *y, int transposed)
{
	uint16_t *a = (uint16_t *)device_alloc(512), *b = (uint16_t *)device_alloc(256);
	int same = 1;

	for (int i = 0; i < 16; i++)
		for (int k = 0; k < 16; k++)
			a[transposed ? k * 16 + i : i * 16 + k] = bf16_down((float)(i * 3 +
				k * k % 7));
	for (int j = 0; j < 8; j++)
		for (int k = 0; k < 16; k++)
			b[transposed ? k * 8 + j : j * 16 + k] = bf16_down((float)(j - k * 5 % 11));
	LAUNCH(multiply, 1, 32, 0, y, a, b, transposed);
	for (int i = 0; i < 16; i++)
		for (int j = 0; j < 8; j++) {
			int want = 0;

			for (int k = 0; k < 16; k++)
				want += (i * 3 + k * k % 7) * (j - k * 5 % 11);
			same &= y[8 * i + j] == (float)want;
		}
	device_free(a);
	device_free(b);
	return same;
}

/* Without a fault, and with those that show in the result. */
static int result(float *y, const float *x)
{
	int right;

	LAUNCH(transpose, 1, N, 0, y, x, !is("barrier"));
	right = backwards(y, x, N);
	LAUNCH(transpose_warp, 1, N, N * 4, y, x, !is("syncwarp"));
	right &= backwards(y, x, 32);
	LAUNCH(transpose_copied, 1, N, 0, y, x, !is("wait"), !is("copied"));
	right &= backwards(y, x, N) & sums(y, x) & product_right(y, 0) & product_right(y, 1);
	if (is("blocks")) {
		y[0] = 0;
		LAUNCH(chain, 4, 32, 0, y);
		right &= y[0] == 11;
	}
	return right;
}

int main(int argc, char *argv[])
{
	float *x = (float *)device_alloc(N * 4), *y = (float *)device_alloc(128 * 4);

	fault = argc > 1 ? argv[1] : "none";
	device_init();
	for (int i = 0; i < N; i++)
		x[i] = (float)(i * 37 % 101);
	if (is("exit"))
		LAUNCH(leave, 1, 64, 0, y, 3);
	else if (is("divergent"))
		LAUNCH(part, 1, 64, 0, y);
	else if (is("absent"))
		LAUNCH(absent, 1, 32, 0, y);
	else if (is("behind"))
		LAUNCH(behind, 1, 32, 0, y, 9);
	else if (is("stray"))
		LAUNCH(stray, 1, 32, 0, y, 120);
	else if (is("large"))
		LAUNCH(transpose_warp, 1, N, 228 << 10, y, x, 1);
	puts(result(y, x) ? "right" : "wrong");
	device_free(x);
	device_free(y);
	return 0;
}
