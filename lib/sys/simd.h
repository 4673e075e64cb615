/* simd - a few operations on vectors of 16 or 32 bytes, for the code that is no backend's
 *
 * The vectors are GCC's: they are added, compared and masked with C's own operators, lane by lane,
 * on every processor. What has no operator is a function here, in two forms with the same bits: one
 * by the processor's instruction, and NAME_plain in C, which stands for it on other processors.
 * tests/38-simd.c compares the two.
 *
 * Code outside lib/cpu and lib/cuda uses these and no other intrinsics.
 */
#ifndef COPPICE_SIMD_H
#define COPPICE_SIMD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint64_t words2 __attribute__((vector_size(16)));
typedef float floats8 __attribute__((vector_size(32)));
typedef double doubles4 __attribute__((vector_size(32)));

/* 16 bytes at any alignment, and back. */
static inline bytes16 bytes16_load(const void *p)
{
	bytes16 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void bytes16_store(void *p, bytes16 v)
{
	memcpy(p, &v, sizeof v);
}

static inline floats8 floats8_load(const float *p)
{
	floats8 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void floats8_store(float *p, floats8 v)
{
	memcpy(p, &v, sizeof v);
}

static inline doubles4 doubles4_load(const double *p)
{
	doubles4 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void doubles4_store(double *p, doubles4 v)
{
	memcpy(p, &v, sizeof v);
}

/* Bit i is the top bit of byte i: of a comparison's result, where it is true. */
static inline unsigned bytes16_tops_plain(bytes16 v)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < 16; i++)
		bits |= (unsigned)(v[i] >> 7) << i;
	return bits;
}

static inline unsigned bytes16_tops(bytes16 v)
{
#ifdef __SSE2__
	return (unsigned)_mm_movemask_epi8((__m128i)v);
#else
	return bytes16_tops_plain(v);
#endif
}

/* Byte i is table[at[i]]; every byte of at is below 16. */
static inline bytes16 bytes16_pick_plain(bytes16 table, bytes16 at)
{
	bytes16 v;

	for (unsigned i = 0; i < 16; i++)
		v[i] = table[at[i]];
	return v;
}

static inline bytes16 bytes16_pick(bytes16 table, bytes16 at)
{
#ifdef __SSSE3__
	return (bytes16)_mm_shuffle_epi8((__m128i)table, (__m128i)at);
#else
	return bytes16_pick_plain(table, at);
#endif
}

/* a b + c, rounded once. */
static inline doubles4 doubles4_fma_plain(doubles4 a, doubles4 b, doubles4 c)
{
	for (unsigned i = 0; i < 4; i++)
		c[i] = __builtin_fma(a[i], b[i], c[i]);
	return c;
}

static inline doubles4 doubles4_fma(doubles4 a, doubles4 b, doubles4 c)
{
#ifdef __FMA__
	return (doubles4)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
	return doubles4_fma_plain(a, b, c);
#endif
}

#endif
