/* device - the part of CUDA that this backend uses, on a device or in the emulation
 *
 * Kernels use CUDA's own names (threadIdx, __syncthreads, __shfl_xor_sync ...) and what follows.
 * Products and sums are not contracted: where fmaf is meant, it is written. nvcc takes
 * cuda_runtime.h, anything else emu.h, which has the same names.
 *
 *   LAUNCH(kernel, grid, block, shared_bytes, args...)   on the one stream; errors die
 *   SHARED(type, name, count)    a static array of the block, aligned to 16 bytes
 *   DYNAMIC_SHARED(type, name)   the launch's shared_bytes, aligned to 16 bytes
 */
#ifndef COPPICE_CUDA_DEVICE_H
#define COPPICE_CUDA_DEVICE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* -- memory ------------------------------------------------------------------------------------ */

/* These are called by the main thread and run in the stream's order. Those that take the host's
 * memory are done with it when they return. Errors die. */

/* Device memory aligned to 256 bytes; freed by device_free, which takes NULL. */
void *device_alloc(size_t bytes);
void device_free(void *p);
void device_put(void *to, const void *host, size_t bytes);
void device_get(void *host, const void *from, size_t bytes);
void device_zero(void *to, size_t bytes);
void device_copy(void *to, const void *from, size_t bytes);
/* The same of rows of width bytes, which begin pitch bytes apart on either side. */
void device_put_rows(void *to, size_t to_pitch, const void *host, size_t host_pitch, size_t width,
	size_t rows);
void device_get_rows(void *host, size_t host_pitch, const void *from, size_t from_pitch,
	size_t width, size_t rows);
void device_copy_rows(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
	size_t rows);
/* Waits until the stream has done all that it was given. */
void device_sync(void);

/* -- weights on their way beside the stream ---------------------------------------------------- */

/* Memory of the host that is filled and then sent, by any thread. device_stage waits until some is
 * free; device_staged is where it lies. */
struct staged;
struct staged *device_stage(size_t bytes);
void *device_staged(struct staged *s);
/* Sends what is staged to the device as rows of width bytes, which begin pitch bytes apart there. s
 * is not the caller's any more. */
void device_send(void *to, size_t pitch, struct staged *s, size_t width, size_t rows);
/* By the main thread: what is sent from now on comes after what the stream has been given. */
void device_send_after(void);
/* By the main thread: what the stream is given from now on comes after what has been sent. Dies of
 * errors on the way. */
void device_sent_before(void);

/* -- planning ---------------------------------------------------------------------------------- */

/* 1: the device's memory is not the host's. */
int device_apart(void);
/* Bytes of the device's memory that are free, those included that this process could take again. */
size_t device_free_bytes(void);
/* Bytes of it that this process has taken. */
size_t device_used_bytes(void);
/* FLOP/s of products without sparsity, of bf16 or f32, as the device's maker gives them; 0: not
 * known. */
double device_peak(int bf16);

/* NULL, or why there is no device. */
const char *device_absent(void);
/* Called once, before anything else. Dies where there is no device. */
void device_init(void);
const char *device_name(void); /* "cuda_sm90", "cuda_emu" */
/* Streaming multiprocessors; a constant in the emulation. */
int device_processors(void);

#ifdef __CUDACC__

#include <cuda_runtime.h>

extern cudaStream_t device_stream;
/* Dies if there was an error; what: what was called. */
void device_check(cudaError_t e, const char *what);

#define SHARED(type, name, count) __shared__ __align__(16) type name[count]
#define DYNAMIC_SHARED(type, name) \
	extern __shared__ __align__(16) unsigned char dynamic_shared[]; \
	type *name = (type *)dynamic_shared
#define LAUNCH(...) launch(#__VA_ARGS__, __VA_ARGS__)

template <typename T> struct as {
	typedef T type;
};

template <typename... P>
static inline void launch(const char *what, void (*kernel)(P...), dim3 grid, dim3 block,
	size_t shared, typename as<P>::type... args)
{
	void *list[] = { (void *)&args... };

	if (!grid.x || !grid.y || !grid.z)
		return;
	if (shared > 48 * 1024)
		device_check(cudaFuncSetAttribute((const void *)kernel,
				     cudaFuncAttributeMaxDynamicSharedMemorySize, (int)shared),
			what);
	device_check(cudaLaunchKernel((const void *)kernel, grid, block, list, shared,
			     device_stream),
		what);
}

static __device__ __forceinline__ float bf16_up(uint16_t b)
{
	return __uint_as_float((uint32_t)b << 16);
}

static __device__ __forceinline__ uint16_t bf16_down(float f)
{
	uint16_t b;

	asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(b) : "f"(f));
	return b;
}

/* Two of them in a word, low in its lower half. */
static __device__ __forceinline__ uint32_t bf16_pair(float low, float high)
{
	uint32_t w;

	asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(w) : "f"(high), "f"(low));
	return w;
}

/* d += a b by the warp: m16n8k16, a by rows, b by columns, bf16 in, f32 out; fragments as PTX lays
 * them out. */
static __device__ __forceinline__ void mma_bf16(float d[4], const uint32_t a[4],
	const uint32_t b[2])
{
	asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, "
		     "%5, %6, %7}, {%8, %9}, "
		     "{%0, %1, %2, %3};"
		     : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
		     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

static __device__ __forceinline__ uint32_t shared_address(const void *p)
{
	return (uint32_t)__cvta_generic_to_shared(p);
}

/* 8x8 matrices of bf16 from shared memory: row i % 8 of matrix i / 8 is where lane i points (16
 * bytes, aligned). */
static __device__ __forceinline__ void ldmatrix_x4(uint32_t r[4], const void *row)
{
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
		     : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
		     : "r"(shared_address(row))
		     : "memory");
}

static __device__ __forceinline__ void ldmatrix_x4_trans(uint32_t r[4], const void *row)
{
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
		     : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
		     : "r"(shared_address(row))
		     : "memory");
}

static __device__ __forceinline__ void ldmatrix_x2(uint32_t r[2], const void *row)
{
	asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];"
		     : "=r"(r[0]), "=r"(r[1])
		     : "r"(shared_address(row))
		     : "memory");
}

static __device__ __forceinline__ void ldmatrix_x2_trans(uint32_t r[2], const void *row)
{
	asm volatile("ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%0, %1}, [%2];"
		     : "=r"(r[0]), "=r"(r[1])
		     : "r"(shared_address(row))
		     : "memory");
}

/* 16 aligned bytes into shared memory, zeros if not valid; there once the group that a commit
 * closed has been waited for: wait<n> leaves the latest n groups under way. Other threads' bytes
 * need a barrier after the wait. */
static __device__ __forceinline__ void copy_async16(void *shared, const void *global, int valid)
{
	asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(shared)),
		     "l"(__cvta_generic_to_global(global)), "r"(valid ? 16 : 0)
		     : "memory");
}

static __device__ __forceinline__ void copy_async_commit(void)
{
	asm volatile("cp.async.commit_group;" ::: "memory");
}

template <int n> static __device__ __forceinline__ void copy_async_wait(void)
{
	asm volatile("cp.async.wait_group %0;" ::"n"(n) : "memory");
}

#else
#include "cuda-emu/emu.h"
#endif

#endif
