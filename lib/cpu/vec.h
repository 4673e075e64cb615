/* vec - vectors of VEC floats, for the kernels that are built once for each instruction set
 *
 * The kernels_*.c define VEC (8 or 16) and the target before they include this. Sums across lanes
 * have a fixed order, so that a kernel's bits depend on its instruction set alone.
 */
#ifndef COPPICE_CPU_VEC_H
#define COPPICE_CPU_VEC_H

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef float vf __attribute__((vector_size(VEC * 4)));

static inline vf vf_load(const float *p)
{
	vf v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void vf_store(float *p, vf v)
{
	memcpy(p, &v, sizeof v);
}

/* The first n < VEC lanes; the others are 0. */
static inline vf vf_load_some(const float *p, size_t n)
{
	vf v = { 0 };

	memcpy(&v, p, n * sizeof *p);
	return v;
}

static inline void vf_store_some(float *p, vf v, size_t n)
{
	memcpy(p, &v, n * sizeof *p);
}

#if VEC == 16

static inline vf vf_set(float f)
{
	return (vf)_mm512_set1_ps(f);
}

static inline vf vf_fma(vf a, vf b, vf c)
{
	return (vf)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

/* Of a NaN and a number: b. */
static inline vf vf_max(vf a, vf b)
{
	return (vf)_mm512_max_ps((__m512)a, (__m512)b);
}

static inline vf vf_min(vf a, vf b)
{
	return (vf)_mm512_min_ps((__m512)a, (__m512)b);
}

static inline vf vf_round(vf a)
{
	return (vf)_mm512_roundscale_ps((__m512)a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* p 2^k, k whole */
static inline vf vf_scale(vf p, vf k)
{
	return (vf)_mm512_scalef_ps((__m512)p, (__m512)k);
}

/* Lanes from .. to-1 of v, the others of w. */
static inline vf vf_within(vf v, vf w, int from, int to)
{
	__mmask16 below = (__mmask16)((1u << (to < 0 ? 0 : to > 16 ? 16 : to)) - 1);
	__mmask16 low = (__mmask16)((1u << (from < 0 ? 0 : from > 16 ? 16 : from)) - 1);

	return (vf)_mm512_mask_blend_ps((__mmask16)(below & ~low), (__m512)w, (__m512)v);
}

static inline float vf_sum(vf v)
{
	return _mm512_reduce_add_ps((__m512)v);
}

static inline float vf_top(vf v)
{
	return _mm512_reduce_max_ps((__m512)v);
}

#else

static inline vf vf_set(float f)
{
	return (vf)_mm256_set1_ps(f);
}

static inline vf vf_fma(vf a, vf b, vf c)
{
	return (vf)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

static inline vf vf_max(vf a, vf b)
{
	return (vf)_mm256_max_ps((__m256)a, (__m256)b);
}

static inline vf vf_min(vf a, vf b)
{
	return (vf)_mm256_min_ps((__m256)a, (__m256)b);
}

static inline vf vf_round(vf a)
{
	return (vf)_mm256_round_ps((__m256)a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* 2^k of whole numbers -126 .. 127 */
static inline __m256 vf_exp2i(__m256i k)
{
	return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(k, _mm256_set1_epi32(127)),
		23));
}

/* In two factors, neither of which overflows for |k| <= 252. */
static inline vf vf_scale(vf p, vf k)
{
	__m256i e = _mm256_cvtps_epi32((__m256)k), half = _mm256_srai_epi32(e, 1);

	return p * (vf)vf_exp2i(half) * (vf)vf_exp2i(_mm256_sub_epi32(e, half));
}

static inline vf vf_within(vf v, vf w, int from, int to)
{
	__m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
	__m256i in = _mm256_and_si256(_mm256_cmpgt_epi32(lane, _mm256_set1_epi32(from - 1)),
		_mm256_cmpgt_epi32(_mm256_set1_epi32(to), lane));

	return (vf)_mm256_blendv_ps((__m256)w, (__m256)v, _mm256_castsi256_ps(in));
}

static inline float vf_sum(vf v)
{
	return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

static inline float vf_top(vf v)
{
	__m128 m = _mm_max_ps(_mm256_castps256_ps128((__m256)v),
		_mm256_extractf128_ps((__m256)v, 1));

	m = _mm_max_ps(m, _mm_movehl_ps(m, m));
	return _mm_cvtss_f32(_mm_max_ss(m, _mm_movehdup_ps(m)));
}

#endif

/* e^x to about an ulp: x = k ln 2 + r, |r| <= ln 2 / 2, a polynomial in r, then 2^k. Far below: 0
 * (or, next to it, what is no normal number); above 88.73: infinity; NaN stays NaN. */
static inline vf vf_exp(vf x)
{
	x = vf_min(vf_set(100.0f), vf_max(vf_set(-150.0f), x));
	vf k = vf_round(x * vf_set(1.44269504f));
	vf r = vf_fma(k, vf_set(2.12194440e-4f), vf_fma(k, vf_set(-0.693359375f), x));
	vf p = vf_set(1.9875691500e-4f);

	p = vf_fma(p, r, vf_set(1.3981999507e-3f));
	p = vf_fma(p, r, vf_set(8.3334519073e-3f));
	p = vf_fma(p, r, vf_set(4.1665795894e-2f));
	p = vf_fma(p, r, vf_set(1.6666665459e-1f));
	p = vf_fma(p, r, vf_set(5.0000001201e-1f));
	p = vf_fma(p, r * r, r) + vf_set(1.0f);
	return vf_scale(p, k);
}

/* 1 / (1 + e^-x) */
static inline vf vf_sigmoid(vf x)
{
	return vf_set(1.0f) / (vf_set(1.0f) + vf_exp(-x));
}

/* tanh(x) = 1 - 2 / (e^2x + 1) */
static inline vf vf_tanh(vf x)
{
	return vf_set(1.0f) - vf_set(2.0f) / (vf_exp(x + x) + vf_set(1.0f));
}

#endif
