/* cpu - what the files of this backend share: struct mat, tiles, vectors of eight
 *
 * A matrix lies row-major with its rows padded to whole tiles, so that every product runs on full tiles and a row's
 * bits never depend on how many rows there are. Operands are stored as bf16 where the CPU multiplies bf16, else as f32
 * (rounded to bf16 when that arithmetic was asked for).
 */
#ifndef COPPICE_CPU_H
#define COPPICE_CPU_H

#include "ops.h"

#include <immintrin.h>
#include <string.h>

enum { TILE = 128 };		/* rows of a product: a constant of the kernels (decides bits) */
enum { CHUNK = 128 };		/* rows of one step of a sum over rows */

struct panels;			/* a packed weight: product.c */

struct mat {
	int operand;		/* made as MAT_OPERAND */
	int bf16;		/* elements: 1 bf16, 0 f32 */
	size_t rows, cols;
	size_t ld;		/* elements from row to row: cols, but more for some columns of a wider matrix */
	size_t cap;		/* rows allocated, whole tiles */
	void *data;		/* [cap, ld], aligned to 64 bytes; NULL for a sealed weight */
	int borrowed;		/* data is another matrix's */
	int uses;		/* of a weight: WEIGHT_FORWARD | WEIGHT_BACKWARD */
	struct panels *fwd, *back;
};

/* How operands are kept: cpu_bf16: as bf16; cpu_round: as f32 rounded to bf16. */
extern int cpu_threads, cpu_bf16, cpu_round;

static inline void *mat_row(const struct mat *m, size_t row)
{
	return (char *)m->data + row * m->ld * (m->bf16 ? 2 : 4);
}

static inline float *mat_f32(const struct mat *m, size_t row)
{
	return (float *)m->data + row * m->ld;
}

/* One row in and out as f32, whatever it is stored as. */
void row_load(float *out, const struct mat *m, size_t row);
void row_store(struct mat *m, size_t row, const float *in);
/* n values between f32 and how operands are stored; part of a row. */
void operand_load(float *out, const struct mat *m, size_t row, size_t col, size_t n);
void operand_store(struct mat *m, size_t row, size_t col, const float *in, size_t n);
void f32_from_bf16(float *out, const uint16_t *in, size_t n);
void bf16_from_f32(uint16_t *out, const float *in, size_t n);	/* to nearest even, NaN kept */
void round_to_bf16(float *out, const float *in, size_t n);

void *cpu_alloc(size_t bytes);	/* aligned to 64, dies; freed with free */
/* Scratch of the calling thread, at least so large; contents undefined; a slot holds one thing at a time. */
enum { SCRATCH_A, SCRATCH_B, SCRATCH_C, SCRATCH_BLOCK, SCRATCH_DENSE, SCRATCH_PRODUCT, SCRATCH_SLOTS };
void *cpu_scratch(int slot, size_t bytes);

/* -- products: product.c, the only file that knows oneDNN ---------------------------------------------------------- */

/* A weight w[n, k], element (i, j) at i * stride_n + j * stride_k, in panels of columns of w^T. */
struct panels *panels_pack(const void *w, size_t n, size_t k, size_t stride_n, size_t stride_k);
/* The same panel by panel, from any threads: w at the panel's first column of w^T. */
struct panels *panels_new(size_t n, size_t k);
void panels_put(struct panels *p, int panel, const void *w, size_t stride_n, size_t stride_k);
void panels_free(struct panels *p);
size_t panels_bytes(size_t n, size_t k);
int panels_count(const struct panels *p);
void panels_range(const struct panels *p, int panel, size_t *first, size_t *width);
/* y[TILE, width] f32, dense = x[TILE, k] w(panel)^T. From a parallel region. */
void panels_tile(float *y, const void *x, size_t ldx, const struct panels *p, int panel);
/* The same to rows of ldy values, with a bias (the panel's part of it, or NULL). */
void panels_tile_to(float *y, size_t ldy, const void *x, size_t ldx, const struct panels *p, int panel, const float *bias);
/* c[m, n] f32, dense = a[m, k] b[k, n], operands in any strides. From a parallel region. */
void product_plain(float *c, const void *a, size_t a_row, size_t a_col, const void *b, size_t b_row, size_t b_col,
	size_t m, size_t n, size_t k);
extern double cpu_flops;	/* of the products asked for, padding not counted; added to by the main thread */

/* -- vectors of eight ---------------------------------------------------------------------------------------------- */

typedef float v8 __attribute__((vector_size(32)));

static inline v8 v8_load(const float *p)
{
	v8 v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void v8_store(float *p, v8 v)
{
	memcpy(p, &v, sizeof v);
}

static inline v8 v8_set(float f)
{
	return (v8){ f, f, f, f, f, f, f, f };
}

static inline v8 v8_fma(v8 a, v8 b, v8 c)
{
	return (v8)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

static inline v8 v8_max(v8 a, v8 b)
{
	return (v8)_mm256_max_ps((__m256)a, (__m256)b);
}

/* Sum and maximum across the lanes, always in this order. */
static inline float v8_sum(v8 v)
{
	return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

static inline float v8_top(v8 v)
{
	float m = v[0];

	for (int i = 1; i < 8; i++)
		m = v[i] > m ? v[i] : m;
	return m;
}

/* 2^k of whole numbers -126 .. 127 */
static inline v8 v8_exp2i(__m256i k)
{
	return (v8)_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(k, _mm256_set1_epi32(127)), 23));
}

/* e^x to about an ulp: x = k ln 2 + r, |r| <= ln 2 / 2, a polynomial in r, then 2^k in two factors so that neither
 * overflows. Below -87.3: 0; above 88.7: infinity; NaN stays NaN. */
static inline v8 v8_exp(v8 x)
{
	v8 low = (v8)_mm256_cmp_ps((__m256)x, _mm256_set1_ps(-87.33654f), _CMP_LT_OQ);
	v8 high = (v8)_mm256_cmp_ps((__m256)x, _mm256_set1_ps(88.72283f), _CMP_GT_OQ);
	v8 k = (v8)_mm256_round_ps((__m256)(x * v8_set(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
	v8 r = v8_fma(k, v8_set(2.12194440e-4f), v8_fma(k, v8_set(-0.693359375f), x));
	v8 p = v8_set(1.9875691500e-4f);
	__m256i e = _mm256_cvtps_epi32((__m256)k), half = _mm256_srai_epi32(e, 1);

	p = v8_fma(p, r, v8_set(1.3981999507e-3f));
	p = v8_fma(p, r, v8_set(8.3334519073e-3f));
	p = v8_fma(p, r, v8_set(4.1665795894e-2f));
	p = v8_fma(p, r, v8_set(1.6666665459e-1f));
	p = v8_fma(p, r, v8_set(5.0000001201e-1f));
	p = v8_fma(p, r * r, r) + v8_set(1.0f);
	p = p * v8_exp2i(half) * v8_exp2i(_mm256_sub_epi32(e, half));
	p = (v8)_mm256_blendv_ps((__m256)p, _mm256_setzero_ps(), (__m256)low);
	p = (v8)_mm256_blendv_ps((__m256)p, _mm256_set1_ps(__builtin_inff()), (__m256)high);
	return (v8)_mm256_blendv_ps((__m256)p, (__m256)x, _mm256_cmp_ps((__m256)x, (__m256)x, _CMP_UNORD_Q));
}

/* 1 / (1 + e^-x) */
static inline v8 v8_sigmoid(v8 x)
{
	return v8_set(1.0f) / (v8_set(1.0f) + v8_exp(-x));
}

#endif
