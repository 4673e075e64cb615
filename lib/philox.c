/* philox - random words from a counter; see philox.h
 */
#include "philox.h"

#include <string.h>

enum { LANES = 16 }; /* counters at once, in vectors */

/* Ten rounds on LANES consecutive counters; lane i's words are c[0..3][i]. */
static void rounds(uint32_t c[4][LANES], uint64_t seed)
{
	uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);

	for (int r = 0; r < 10; r++, k0 += 0x9E3779B9, k1 += 0xBB67AE85)
#pragma omp simd
		for (int i = 0; i < LANES; i++) {
			uint64_t p0 = (uint64_t)0xD2511F53 * c[0][i],
				 p1 = (uint64_t)0xCD9E8D57 * c[2][i];
			c[0][i] = (uint32_t)(p1 >> 32) ^ c[1][i] ^ k0;
			c[1][i] = (uint32_t)p1;
			c[2][i] = (uint32_t)(p0 >> 32) ^ c[3][i] ^ k1;
			c[3][i] = (uint32_t)p0;
		}
}

void philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
	uint32_t c[4][LANES] = { 0 };

	for (int j = 0; j < 4; j++)
		c[j][0] = counter[j];
	rounds(c, key[0] | (uint64_t)key[1] << 32);
	for (int j = 0; j < 4; j++)
		out[j] = c[j][0];
}

void philox_words(uint32_t *out, uint64_t e, size_t n, uint32_t c1, uint32_t c2, uint32_t c3,
	uint64_t seed)
{
	uint32_t c[4][LANES], word[4 * LANES];
	size_t skip = e & 3;

	for (uint64_t counter = e >> 2; n > 0; counter += LANES, skip = 0) {
		for (uint32_t i = 0; i < LANES; i++) {
			c[0][i] = (uint32_t)counter + i;
			c[1][i] = c1;
			c[2][i] = c2;
			c[3][i] = c3;
		}
		rounds(c, seed);
		for (int i = 0; i < LANES; i++)
			for (int j = 0; j < 4; j++)
				word[4 * i + j] = c[j][i];
		size_t m = 4 * LANES - skip < n ? 4 * LANES - skip : n;
		memcpy(out, word + skip, m * sizeof *out);
		out += m;
		n -= m;
	}
}
