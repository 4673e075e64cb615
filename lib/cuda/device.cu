/* device - one CUDA device: its stream, its memory
 */
#include "cuda/cuda.h"

#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <pthread.h>
#include <stdio.h>

cudaStream_t device_stream;
static char name[32];
static int processors;
static cudaMemPool_t pool;
static struct cudaDeviceProp prop;

void device_check(cudaError_t e, const char *what)
{
	if (e == cudaErrorMemoryAllocation)
		die("the device's memory is full: use a smaller %s", setting(SETTING_MEMORY));
	if (e != cudaSuccess)
		die("cuda: %.60s: %s", what, cudaGetErrorString(e));
}

/* Why a device cannot be had. CUDA calls the driver insufficient where there is none at all,
 * too. */
static const char *why_not(cudaError_t e)
{
	static char text[128];
	int has = 0, needs = 0;

	switch (e) {
	case cudaErrorInsufficientDriver:
		cudaDriverGetVersion(&has);
		cudaRuntimeGetVersion(&needs);
		if (!has)
			return "no NVIDIA driver is installed, or this container has no access to "
			       "it";
		snprintf(text, sizeof text,
			"the NVIDIA driver is for CUDA %d.%d and this program needs %d.%d: install "
			"a newer one",
			has / 1000, has % 1000 / 10, needs / 1000, needs % 1000 / 10);
		return text;
	case cudaErrorNoDevice:
		return "none found: there is none in this machine, or CUDA_VISIBLE_DEVICES hides "
		       "it";
	case cudaErrorSystemDriverMismatch:
		return "the NVIDIA driver in the kernel and its library differ: reboot, or install "
		       "one of them anew";
	case cudaErrorDevicesUnavailable: return "another program has it for itself";
	case cudaErrorMemoryAllocation: return "its memory is full: other programs use it";
	default: return cudaGetErrorString(e);
	}
}

const char *device_absent(void)
{
	int n;
	cudaError_t e = cudaGetDeviceCount(&n);

	return e != cudaSuccess ? why_not(e) : n ? NULL : why_not(cudaErrorNoDevice);
}

void device_init(void)
{
	uint64_t keep = UINT64_MAX;
	cudaError_t e = cudaSetDevice(0);

	if (e != cudaSuccess)
		die("cuda: no device to run on: %s", why_not(e));
	device_check(cudaGetDeviceProperties(&prop, 0), "properties");
	if (prop.major < 8)
		die("cuda: %s: compute capability %d.%d, and 8.0 is the least", prop.name,
			prop.major, prop.minor);
	snprintf(name, sizeof name, "cuda_sm%d%d", prop.major, prop.minor);
	processors = prop.multiProcessorCount;
	device_check(cudaStreamCreateWithFlags(&device_stream, cudaStreamNonBlocking), "stream");
	device_check(cudaDeviceGetDefaultMemPool(&pool, 0), "memory");
	device_check(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &keep),
		"memory");
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
	static struct {
		void *p;
		size_t bytes;
	} have[SCRATCH_SLOTS];

	if (!have[slot].p || have[slot].bytes < bytes) {
		device_free(have[slot].p);
		have[slot].p = device_alloc(bytes);
		have[slot].bytes = bytes;
	}
	return have[slot].p;
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

static void copy(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
	size_t rows, enum cudaMemcpyKind kind)
{
	if (!width || !rows)
		return;
	if (rows == 1 || (to_pitch == width && from_pitch == width))
		device_check(cudaMemcpyAsync(to, from, width * rows, kind, device_stream), "copy");
	else
		device_check(cudaMemcpy2DAsync(to, to_pitch, from, from_pitch, width, rows, kind,
				     device_stream),
			"copy");
}

void device_get_rows(void *host, size_t host_pitch, const void *from, size_t from_pitch,
	size_t width, size_t rows)
{
	copy(host, host_pitch, from, from_pitch, width, rows, cudaMemcpyDeviceToHost);
	device_sync();
}

void device_copy_rows(void *to, size_t to_pitch, const void *from, size_t from_pitch, size_t width,
	size_t rows)
{
	copy(to, to_pitch, from, from_pitch, width, rows, cudaMemcpyDeviceToDevice);
}

void device_sync(void)
{
	device_check(cudaStreamSynchronize(device_stream), "sync");
}

/* -- from the host, by way of pinned memory: the stream is not waited for ---------------------- */

enum { STAGES = 8, STAGE_BYTES = 4 << 20, PUT_BYTES = 1 << 20 };

struct staged {
	void *host; /* pinned */
	size_t bytes;
	cudaEvent_t sent;
	int taken;
};

/* Of the main thread's copies in the stream, and of weights on their way beside it. */
struct stages {
	struct staged stage[STAGES];
	int next;
};
static struct stages in_stream, beside;

static cudaStream_t aside;
static cudaEvent_t given, sent;
static cudaError_t failed; /* the first error of any thread */
static pthread_mutex_t staging = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t stage_free = PTHREAD_COND_INITIALIZER;

static int well(cudaError_t e)
{
	cudaError_t none = cudaSuccess;

	if (e != cudaSuccess)
		__atomic_compare_exchange_n(&failed, &none, e, 0, __ATOMIC_RELAXED,
			__ATOMIC_RELAXED);
	return e == cudaSuccess;
}

static void die_if_failed(void)
{
	device_check(__atomic_load_n(&failed, __ATOMIC_RELAXED), "copy");
}

/* The next one in turn, so that the one sent longest ago is waited for. */
static struct staged *stage_take(struct stages *all)
{
	struct staged *s;

	pthread_mutex_lock(&staging);
	s = &all->stage[all->next++ % STAGES];
	while (s->taken)
		pthread_cond_wait(&stage_free, &staging);
	s->taken = 1;
	pthread_mutex_unlock(&staging);
	return s;
}

static struct staged *stage_get(struct stages *all, size_t bytes, size_t usual)
{
	struct staged *s = stage_take(all);

	if (!s->sent)
		well(cudaEventCreateWithFlags(&s->sent, cudaEventDisableTiming));
	else
		well(cudaEventSynchronize(s->sent));
	if (s->bytes >= bytes)
		return s;
	if (s->host)
		well(cudaFreeHost(s->host));
	s->bytes = bytes > usual ? bytes : usual;
	if (!well(cudaMallocHost(&s->host, s->bytes)))
		s->host = xmalloc(s->bytes); /* the main thread dies of the error */
	return s;
}

/* Rows that lie close together, to rows pitch bytes apart; then the stage is free again. */
static void stage_send(void *to, size_t pitch, struct staged *s, size_t width, size_t rows,
	cudaStream_t stream)
{
	if (pitch == width)
		well(cudaMemcpyAsync(to, s->host, width * rows, cudaMemcpyHostToDevice, stream));
	else
		well(cudaMemcpy2DAsync(to, pitch, s->host, width, width, rows,
			cudaMemcpyHostToDevice, stream));
	well(cudaEventRecord(s->sent, stream));
	pthread_mutex_lock(&staging);
	s->taken = 0;
	pthread_cond_broadcast(&stage_free);
	pthread_mutex_unlock(&staging);
}

void device_put(void *to, const void *host, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += PUT_BYTES) {
		size_t n = min_size(PUT_BYTES, bytes - at);
		struct staged *s = stage_get(&in_stream, n, PUT_BYTES);

		memcpy(s->host, (const char *)host + at, n);
		stage_send((char *)to + at, n, s, n, 1, device_stream);
	}
	die_if_failed();
}

void device_put_rows(void *to, size_t to_pitch, const void *host, size_t host_pitch, size_t width,
	size_t rows)
{
	size_t some = width && width < PUT_BYTES ? PUT_BYTES / width : 1;

	if (to_pitch == width && host_pitch == width) {
		device_put(to, host, width * rows);
		return;
	}
	for (size_t row = 0; width && row < rows; row += some) {
		size_t n = min_size(some, rows - row);
		struct staged *s = stage_get(&in_stream, n * width, PUT_BYTES);

		for (size_t i = 0; i < n; i++)
			memcpy((char *)s->host + i * width,
				(const char *)host + (row + i) * host_pitch, width);
		stage_send((char *)to + row * to_pitch, to_pitch, s, width, n, device_stream);
	}
	die_if_failed();
}

struct staged *device_stage(size_t bytes)
{
	return stage_get(&beside, bytes, STAGE_BYTES);
}

void *device_staged(struct staged *s)
{
	return s->host;
}

void device_send(void *to, size_t pitch, struct staged *s, size_t width, size_t rows)
{
	stage_send(to, pitch, s, width, rows, aside);
}

void device_send_after(void)
{
	if (!aside) {
		device_check(cudaStreamCreateWithFlags(&aside, cudaStreamNonBlocking), "stream");
		device_check(cudaEventCreateWithFlags(&given, cudaEventDisableTiming), "event");
		device_check(cudaEventCreateWithFlags(&sent, cudaEventDisableTiming), "event");
	}
	device_check(cudaEventRecord(given, device_stream), "event");
	device_check(cudaStreamWaitEvent(aside, given, 0), "event");
}

void device_sent_before(void)
{
	die_if_failed();
	if (!aside)
		return;
	device_check(cudaEventRecord(sent, aside), "event");
	device_check(cudaStreamWaitEvent(device_stream, sent, 0), "event");
}

/* -- planning ---------------------------------------------------------------------------------- */

int device_apart(void)
{
	return 1;
}

static size_t in_pool(cudaMemPoolAttr what)
{
	uint64_t bytes;

	device_check(cudaMemPoolGetAttribute(pool, what, &bytes), "memory");
	return bytes;
}

size_t device_free_bytes(void)
{
	size_t left, all;

	device_sync(); /* what was freed in the stream's order is free then */
	device_check(cudaMemGetInfo(&left, &all), "memory");
	return left + in_pool(cudaMemPoolAttrReservedMemCurrent) -
		in_pool(cudaMemPoolAttrUsedMemCurrent);
}

size_t device_used_bytes(void)
{
	device_sync();
	return in_pool(cudaMemPoolAttrUsedMemCurrent);
}

double device_peak(int bf16)
{
	static const struct {
		const char *name;
		double bf16, f32;
	} known[] = {
		{ "A100", 312e12, 19.5e12 },
		{ "H100 PCIe", 756e12, 51e12 },
		{ "H100 NVL", 835e12, 60e12 },
		{ "H100", 989e12, 67e12 },
		{ "H200 NVL", 836e12, 60e12 },
		{ "H200", 989e12, 67e12 },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strstr(prop.name, known[i].name))
			return bf16 ? known[i].bf16 : known[i].f32;
	return 0;
}
