/* dropout - masks from a counter (specs.md 8.4), eight counters at once
 *
 * The generic twin is lib/philox.c; here the words never go through memory.
 */
#include "cpu.h"

#include "philox.h"

#include <assert.h>
#include <immintrin.h>

enum { RUN = 32 };		/* elements of eight counters */

/* Both halves of eight products. */
static inline void multiply(__m256i a, __m256i m, __m256i *hi, __m256i *lo)
{
	__m256i even = _mm256_mul_epu32(a, m), odd = _mm256_mul_epu32(_mm256_srli_epi64(a, 32), m);

	*lo = _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xaa);
	*hi = _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
}

static inline void rounds(__m256i c[4], uint64_t seed)
{
	const __m256i m0 = _mm256_set1_epi32((int)0xD2511F53), m1 = _mm256_set1_epi32((int)0xCD9E8D57);
	uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);

	for (int r = 0; r < 10; r++, k0 += 0x9E3779B9, k1 += 0xBB67AE85) {
		__m256i hi0, lo0, hi1, lo1;

		multiply(c[0], m0, &hi0, &lo0);
		multiply(c[2], m1, &hi1, &lo1);
		c[0] = _mm256_xor_si256(_mm256_xor_si256(hi1, c[1]), _mm256_set1_epi32((int)k0));
		c[1] = lo1;
		c[2] = _mm256_xor_si256(_mm256_xor_si256(hi0, c[3]), _mm256_set1_epi32((int)k1));
		c[3] = lo0;
	}
}

/* w[4][8] = the 32 words in the order of their elements. */
static inline void in_order(__m256i w[4], const __m256i c[4])
{
	__m256i a = _mm256_unpacklo_epi32(c[0], c[1]), b = _mm256_unpacklo_epi32(c[2], c[3]);
	__m256i d = _mm256_unpackhi_epi32(c[0], c[1]), e = _mm256_unpackhi_epi32(c[2], c[3]);
	__m256i n0 = _mm256_unpacklo_epi64(a, b), n1 = _mm256_unpackhi_epi64(a, b);
	__m256i n2 = _mm256_unpacklo_epi64(d, e), n3 = _mm256_unpackhi_epi64(d, e);

	w[0] = _mm256_permute2x128_si256(n0, n1, 0x20);
	w[1] = _mm256_permute2x128_si256(n2, n3, 0x20);
	w[2] = _mm256_permute2x128_si256(n0, n1, 0x31);
	w[3] = _mm256_permute2x128_si256(n2, n3, 0x31);
}

/* 32 elements from number e, a multiple of 4, on. */
static inline void drop_run(float *x, uint64_t e, const struct dropout *d, uint32_t sequence)
{
	const __m256i sign = _mm256_set1_epi32((int)0x80000000);
	__m256i threshold = _mm256_xor_si256(_mm256_set1_epi32((int)d->threshold), sign);
	__m256i first = _mm256_set1_epi32((int)(uint32_t)(e >> 2)), w[4];
	__m256i c[4] = { _mm256_add_epi32(first, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)),
		_mm256_set1_epi32((int)sequence), _mm256_set1_epi32((int)d->step), _mm256_set1_epi32((int)d->target) };

	rounds(c, d->seed);
	in_order(w, c);
	for (int i = 0; i < 4; i++) {
		__m256i drop = _mm256_cmpgt_epi32(threshold, _mm256_xor_si256(w[i], sign));
		__m256 y = _mm256_mul_ps(_mm256_loadu_ps(x + 8 * i), _mm256_set1_ps(d->keep_scale));

		_mm256_storeu_ps(x + 8 * i, _mm256_andnot_ps(_mm256_castsi256_ps(drop), y));
	}
}

static void drop_row(float *x, const struct dropout *d, uint32_t sequence, size_t pos, size_t n)
{
	uint64_t e = (uint64_t)pos * n;
	size_t i = 0;

	for (; e % 4 == 0 && i + RUN <= n; i += RUN)
		drop_run(x + i, e + i, d, sequence);
	for (; i < n; i += RUN) {
		size_t m = n - i < RUN ? n - i : RUN;
		uint32_t word[RUN];

		philox_words(word, e + i, m, sequence, d->step, d->target, d->seed);
		for (size_t j = 0; j < m; j++)
			x[i + j] = word[j] < d->threshold ? 0.0f : x[i + j] * d->keep_scale;
	}
}

void op_dropout(struct mat *y, const struct mat *x, const struct dropout *d, const struct segments *s, int accumulate)
{
	assert(y->rows == x->rows && y->cols == x->cols && s->rows == x->rows && !(accumulate && y->operand));
	for (int i = 0; i < s->n; i++) {
		const struct segment *g = &s->seg[i];

		#pragma omp parallel for schedule(static) num_threads(cpu_threads)
		for (size_t t = 0; t < g->len; t++) {
			float *row = cpu_scratch(SCRATCH_A, x->cols * 4), *to = mat_f32(y, g->first + t);

			row_load(row, x, g->first + t);
			if (d->threshold)
				drop_row(row, d, d->sequence[i], g->pos + t, x->cols);
			if (!accumulate) {
				row_store(y, g->first + t, row);
				continue;
			}
			#pragma omp simd
			for (size_t j = 0; j < x->cols; j++)
				to[j] += row[j];
		}
	}
}
