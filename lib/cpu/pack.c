/* pack - a weight in the order in which bf16 products take it, as fast as it can be read
 *
 * oneDNN's own reordering of transposed bf16 runs at a gigabyte a second, which is most of a small
 * job's start. This is its layout BA16a64b2a: for 64 columns of w^T at a time, 32 of their values
 * at a time, [16 pairs][64 columns][2].
 */
#include "cpu/cpu.h"

#include <immintrin.h>

enum { COLUMNS = 64, PAIRS = 16 };

/* out[c * COLUMNS + r] = w[r][c] of eight rows of eight pairs */
static inline void transpose8(uint32_t *out, const uint16_t *w, size_t ld)
{
	__m256i r[8], t[8];

	for (int i = 0; i < 8; i++)
		r[i] = _mm256_loadu_si256((const __m256i *)(const void *)(w + (size_t)i * ld));
	for (int i = 0; i < 8; i += 2) {
		t[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
		t[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
	}
	for (int i = 0; i < 8; i += 4) {
		r[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
		r[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
		r[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
		r[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
	}
	for (int i = 0; i < 4; i++) {
		_mm256_storeu_si256((__m256i *)(void *)(out + i * COLUMNS),
			_mm256_permute2x128_si256(r[i], r[i + 4], 0x20));
		_mm256_storeu_si256((__m256i *)(void *)(out + (i + 4) * COLUMNS),
			_mm256_permute2x128_si256(r[i], r[i + 4], 0x31));
	}
}

/* A block that is not full: zeros where w has nothing. */
static void transpose_some(uint16_t *out, const uint16_t *w, size_t ld, size_t n, size_t k)
{
	memset(out, 0, 2 * COLUMNS * PAIRS * sizeof *out);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < k; j++)
			memcpy(&out[(j / 2 * COLUMNS + i) * 2 + j % 2], w + i * ld + j,
				sizeof *out);
}

void pack_pairs(void *out, const uint16_t *w, size_t n, size_t k, size_t ld)
{
	uint16_t *to = out;

	for (size_t i = 0; i < n; i += COLUMNS)
		for (size_t j = 0; j < k; j += 2 * PAIRS, to += 2 * COLUMNS * PAIRS) {
			const uint16_t *from = w + i * ld + j;

			if (i + COLUMNS > n || j + 2 * PAIRS > k) {
				transpose_some(to, from, ld, n - i < COLUMNS ? n - i : COLUMNS,
					k - j < 2 * PAIRS ? k - j : 2 * PAIRS);
				continue;
			}
			for (size_t r = 0; r < COLUMNS; r += 8, from += 8 * ld) {
				for (size_t p = 0; p < 8; p++)
					_mm_prefetch((const char *)(from + p * ld + 4 * PAIRS),
						_MM_HINT_T0);
				transpose8((uint32_t *)(void *)to + r, from, ld);
				transpose8((uint32_t *)(void *)to + 8 * COLUMNS + r, from + PAIRS,
					ld);
			}
		}
}
