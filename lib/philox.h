/* philox - Philox4x32-10: random words from a counter, so that a dropout mask needs no memory and
 * no order
 *
 * coppice-method(7), RANDOM NUMBERS. The word of an element depends on its place alone: not on
 * threads, micro-batches or the device.
 */
#ifndef COPPICE_PHILOX_H
#define COPPICE_PHILOX_H

#include <stddef.h>
#include <stdint.h>

void philox(uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/* Writes the words of elements e .. e+n-1 to out[n]: out[i] is word (e + i) & 3 for the counter ((e
 * + i) >> 2, c1, c2, c3) and the key seed. */
void philox_words(uint32_t *out, uint64_t e, size_t n, uint32_t c1, uint32_t c2, uint32_t c3,
	uint64_t seed);

#endif
