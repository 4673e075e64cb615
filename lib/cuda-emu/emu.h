/* emu - CUDA's kernels on the processor: each thread of a block is a fiber, one of them running at
 * a time
 *
 * What a missing barrier would show on a device shows here in one of three orders
 * (COPPICE_EMU_ORDER 0, 1, 2): threads of a block and blocks of a grid forwards, backwards, or
 * shuffled. Shared memory holds NaNs when a block begins. A warp's operation takes place once all
 * its lanes have come to it. Device memory is malloc's, so that AddressSanitizer sees it. What a
 * device would leave undefined (barriers that not all threads reach, lanes that exchange with
 * absent ones) aborts.
 */
#ifndef COPPICE_CUDA_EMU_H
#define COPPICE_CUDA_EMU_H

#include <math.h>
#include <stdint.h>

#define __global__
#define __device__
#define __host__
#define __constant__
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

struct uint3 {
	unsigned x, y, z;
};
struct dim3 {
	unsigned x, y, z;
	dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_)
	{
	}
};
struct __align__(8) float2
{
	float x, y;
};
struct __align__(16) float4
{
	float x, y, z, w;
};
struct __align__(8) uint2
{
	unsigned x, y;
};
struct __align__(16) uint4
{
	unsigned x, y, z, w;
};
struct __align__(8) int2
{
	int x, y;
};
struct __align__(16) int4
{
	int x, y, z, w;
};

static inline float2 make_float2(float x, float y)
{
	return { x, y };
}
static inline float4 make_float4(float x, float y, float z, float w)
{
	return { x, y, z, w };
}
static inline uint2 make_uint2(unsigned x, unsigned y)
{
	return { x, y };
}
static inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w)
{
	return { x, y, z, w };
}
static inline int2 make_int2(int x, int y)
{
	return { x, y };
}
static inline int4 make_int4(int x, int y, int z, int w)
{
	return { x, y, z, w };
}

/* Of the thread that runs. */
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;

/* -- launching --------------------------------------------------------------------------------- */

/* body(kernel_call) as every thread of the grid. */
void emu_launch(const char *what, dim3 grid, dim3 block, size_t shared, void (*body)(void *),
	void *call);
/* Static shared memory of the running block: the same for the same key, a pointer to something of
 * its own. */
void *emu_shared(const void *key, size_t bytes);
void *emu_dynamic_shared(void);
[[noreturn]] void emu_die(const char *why);
/* Dies where so many bytes are not of the block's shared memory, or not aligned to 16. */
void emu_must_be_shared(const void *p, size_t bytes);
enum { EMU_LANES = 32, EMU_NAN = 0xff }; /* EMU_NAN: bytes of what nobody has written */

#define SHARED(type, name, count) \
	static const char name##_key = 0; \
	type(&name)[count] = *(type(*)[count])emu_shared(&name##_key, sizeof(type[count]))
#define DYNAMIC_SHARED(type, name) type *name = (type *)emu_dynamic_shared()
#define LAUNCH(...) launch(#__VA_ARGS__, __VA_ARGS__)

template <typename T> struct as {
	typedef T type;
};

template <typename... P>
static inline void launch(const char *what, void (*kernel)(P...), dim3 grid, dim3 block,
	size_t shared, typename as<P>::type... args)
{
	auto call = [=]() { kernel(args...); };

	emu_launch(
		what, grid, block, shared, [](void *c) { (*(decltype(call) *)c)(); }, &call);
}

/* -- barriers and warps ------------------------------------------------------------------------ */

void emu_barrier(const char *where);
#define EMU_TEXT_(x) #x
#define EMU_TEXT(x) EMU_TEXT_(x)
#define __syncthreads() emu_barrier(__FILE__ ":" EMU_TEXT(__LINE__))

/* What a warp does together. all(arg, mask) runs once every live lane of the mask has come to the
 * same: arg[lane] is what that lane passed, or NULL. */
void emu_warp(unsigned mask, void (*all)(void *const arg[32], unsigned mask), void *arg);
int emu_lane(void);

void __syncwarp(unsigned mask = 0xffffffffu);

uint64_t emu_exchange_bits(unsigned mask, uint64_t value, int from);

template <typename T> static inline T emu_exchange(unsigned mask, T value, int from)
{
	uint64_t bits = 0;

	static_assert(sizeof value <= sizeof bits, "exchanged values are of up to 8 bytes");
	memcpy(&bits, &value, sizeof value);
	bits = emu_exchange_bits(mask, bits, from);
	memcpy(&value, &bits, sizeof value);
	return value;
}

template <typename T> static inline T __shfl_sync(unsigned mask, T v, int from, int width = 32)
{
	return emu_exchange(mask, v, (emu_lane() & ~(width - 1)) | (from & (width - 1)));
}

template <typename T> static inline T __shfl_xor_sync(unsigned mask, T v, int with, int width = 32)
{
	int lane = emu_lane(), from = lane ^ with;

	return emu_exchange(mask, v, from / width > lane / width ? lane : from);
}

template <typename T>
static inline T __shfl_down_sync(unsigned mask, T v, unsigned by, int width = 32)
{
	int lane = emu_lane(), from = lane + (int)by;

	return emu_exchange(mask, v, from / width != lane / width ? lane : from);
}

template <typename T>
static inline T __shfl_up_sync(unsigned mask, T v, unsigned by, int width = 32)
{
	int lane = emu_lane(), from = lane - (int)by;

	return emu_exchange(mask, v, from < (lane & ~(width - 1)) ? lane : from);
}

unsigned __ballot_sync(unsigned mask, int yes);
static inline int __any_sync(unsigned mask, int yes)
{
	return __ballot_sync(mask, yes) != 0;
}
int __all_sync(unsigned mask, int yes);

/* -- arithmetic -------------------------------------------------------------------------------- */

template <typename To, typename From> static inline To emu_bits(From f)
{
	To t;

	static_assert(sizeof t == sizeof f, "as many bits");
	memcpy(&t, &f, sizeof t);
	return t;
}

static inline float __uint_as_float(unsigned u)
{
	return emu_bits<float>(u);
}
static inline unsigned __float_as_uint(float f)
{
	return emu_bits<unsigned>(f);
}
static inline float __int_as_float(int i)
{
	return emu_bits<float>(i);
}
static inline int __float_as_int(float f)
{
	return emu_bits<int>(f);
}
static inline unsigned __umulhi(unsigned a, unsigned b)
{
	return (unsigned)((uint64_t)a * b >> 32);
}
static inline float rsqrtf(float x)
{
	return 1.0f / sqrtf(x);
}
static inline float __fmaf_rn(float a, float b, float c)
{
	return fmaf(a, b, c);
}
static inline float __fmul_rn(float a, float b)
{
	return a * b;
}
static inline float __fadd_rn(float a, float b)
{
	return a + b;
}
static inline float __fsub_rn(float a, float b)
{
	return a - b;
}
static inline float __fdiv_rn(float a, float b)
{
	return a / b;
}
static inline int __popc(unsigned u)
{
	return __builtin_popcount(u);
}
static inline int __ffs(int u)
{
	return __builtin_ffs(u);
}
static inline int __clz(int u)
{
	return u ? __builtin_clz((unsigned)u) : 32;
}
template <typename T> static inline T __ldg(const T *p)
{
	return *p;
}
static inline int min(int a, int b)
{
	return b < a ? b : a;
}
static inline int max(int a, int b)
{
	return a < b ? b : a;
}
static inline unsigned min(unsigned a, unsigned b)
{
	return b < a ? b : a;
}
static inline unsigned max(unsigned a, unsigned b)
{
	return a < b ? b : a;
}
static inline unsigned long min(unsigned long a, unsigned long b)
{
	return b < a ? b : a;
}
static inline unsigned long max(unsigned long a, unsigned long b)
{
	return a < b ? b : a;
}
static inline long min(long a, long b)
{
	return b < a ? b : a;
}
static inline long max(long a, long b)
{
	return a < b ? b : a;
}

template <typename T> static inline T atomicAdd(T *p, T v)
{
	T old = *p;
	*p = old + v;
	return old;
}
template <typename T> static inline T atomicMin(T *p, T v)
{
	T old = *p;
	if (v < old)
		*p = v;
	return old;
}
template <typename T> static inline T atomicMax(T *p, T v)
{
	T old = *p;
	if (old < v)
		*p = v;
	return old;
}

static inline float bf16_up(uint16_t b)
{
	return __uint_as_float((uint32_t)b << 16);
}

/* To nearest even; what is no number stays none. */
static inline uint16_t bf16_down(float f)
{
	uint32_t u = __float_as_uint(f);

	if (f != f)
		return 0x7fff;
	return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

static inline uint32_t bf16_pair(float low, float high)
{
	return bf16_down(low) | (uint32_t)bf16_down(high) << 16;
}

/* -- tensor cores and copies: as device.h says ------------------------------------------------- */

void mma_bf16(float d[4], const uint32_t a[4], const uint32_t b[2]);
void emu_ldmatrix(uint32_t *r, const void *row, int n, int transposed);
static inline void ldmatrix_x4(uint32_t r[4], const void *row)
{
	emu_ldmatrix(r, row, 4, 0);
}
static inline void ldmatrix_x4_trans(uint32_t r[4], const void *row)
{
	emu_ldmatrix(r, row, 4, 1);
}
static inline void ldmatrix_x2(uint32_t r[2], const void *row)
{
	emu_ldmatrix(r, row, 2, 0);
}
static inline void ldmatrix_x2_trans(uint32_t r[2], const void *row)
{
	emu_ldmatrix(r, row, 2, 1);
}

/* The bytes arrive at the wait, and not before: until then there are NaNs. */
void copy_async16(void *shared, const void *global, int valid);
void copy_async_commit(void);
void emu_copy_wait(int groups);
template <int n> static inline void copy_async_wait(void)
{
	emu_copy_wait(n);
}

#endif
