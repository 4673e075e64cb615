/* device - one CUDA device: its stream, its memory
 */
#include "cuda.h"

#include "cli.h"

#include <pthread.h>
#include <stdio.h>

cudaStream_t device_stream;
static char name[32];
static int processors;
static pthread_mutex_t copying = PTHREAD_MUTEX_INITIALIZER;	/* weights are loaded by any thread */

void device_check(cudaError_t e, const char *what)
{
	if (e == cudaErrorMemoryAllocation)
		die("the device's memory is full: use a smaller --memory");
	if (e != cudaSuccess)
		die("cuda: %.60s: %s", what, cudaGetErrorString(e));
}

void device_init(void)
{
	struct cudaDeviceProp prop;
	uint64_t keep = UINT64_MAX;
	cudaMemPool_t pool;
	cudaError_t e = cudaSetDevice(0);

	if (e != cudaSuccess)
		die("cuda: no device to run on: %s", cudaGetErrorString(e));
	device_check(cudaGetDeviceProperties(&prop, 0), "properties");
	if (prop.major < 8)
		die("cuda: %s: compute capability %d.%d, and 8.0 is the least", prop.name, prop.major, prop.minor);
	snprintf(name, sizeof name, "cuda_sm%d%d", prop.major, prop.minor);
	processors = prop.multiProcessorCount;
	device_check(cudaStreamCreateWithFlags(&device_stream, cudaStreamNonBlocking), "stream");
	device_check(cudaDeviceGetDefaultMemPool(&pool, 0), "memory");
	device_check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep), "memory");
}

const char *device_name(void)
{
	return name;
}

int device_processors(void)
{
	return processors;
}

void *device_alloc(size_t bytes)
{
	void *p;

	device_check(cudaMallocAsync(&p, bytes ? bytes : 1, device_stream), "memory");
	return p;
}

void device_free(void *p)
{
	if (p)
		device_check(cudaFreeAsync(p, device_stream), "memory");
}

void *device_scratch(int slot, size_t bytes)
{
	static struct { void *p; size_t bytes; } have[SCRATCH_SLOTS];

	if (!have[slot].p || have[slot].bytes < bytes) {
		device_free(have[slot].p);
		have[slot].p = device_alloc(bytes);
		have[slot].bytes = bytes;
	}
	return have[slot].p;
}

void device_put(void *to, const void *host, size_t bytes)
{
	device_put_rows(to, bytes, host, bytes, bytes, 1);
}

void device_get(void *host, const void *from, size_t bytes)
{
	device_get_rows(host, bytes, from, bytes, bytes, 1);
}

void device_zero(void *to, size_t bytes)
{
	device_check(cudaMemsetAsync(to, 0, bytes, device_stream), "memory");
}

void device_copy(void *to, const void *from, size_t bytes)
{
	device_copy_rows(to, bytes, from, bytes, bytes, 1);
}

static void copy(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t rows,
	enum cudaMemcpyKind kind)
{
	if (!width || !rows)
		return;
	if (rows == 1 || (to_pitch == width && from_pitch == width))
		device_check(cudaMemcpyAsync(to, from, width * rows, kind, device_stream), "copy");
	else
		device_check(cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, rows, kind, device_stream), "copy");
}

/* A copy from the host's ordinary memory returns when that has been read, and need not wait for the stream. */
void device_put_rows(void *to, size_t to_pitch, const void *host, size_t host_pitch, size_t width, size_t rows)
{
	pthread_mutex_lock(&copying);
	copy(to, to_pitch, host, host_pitch, width, rows, cudaMemcpyHostToDevice);
	pthread_mutex_unlock(&copying);
}

void device_get_rows(void *host, size_t host_pitch, const void *from, size_t from_pitch, size_t width, size_t rows)
{
	copy(host, host_pitch, from, from_pitch, width, rows, cudaMemcpyDeviceToHost);
	device_sync();
}

void device_copy_rows(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width, size_t rows)
{
	copy(to, to_pitch, from, from_pitch, width, rows, cudaMemcpyDeviceToDevice);
}

void device_sync(void)
{
	device_check(cudaStreamSynchronize(device_stream), "sync");
}
