/* resample - see resample.h
 */
#include "angle/resample.h"

#include "philox.h"

#include <string.h>

enum { STREAM = 0x7265736d }; /* apart from other uses of the generator */

/* floor(2^32 P(X <= j)) for a Poisson variable X of mean 1, j = 0, 1 and so on. */
static const uint32_t below[] = { 0x5e2d58d8, 0xbc5ab1b1, 0xeb715e1d, 0xfb239797, 0xff1025f5,
	0xffd90f3b, 0xfffa8b71, 0xffff540c, 0xffffed1f, 0xfffffe21, 0xffffffd4, 0xfffffffc };

void resample_draws(double draws[RESAMPLES], uint64_t doc)
{
	uint32_t word[RESAMPLES];

	philox_words(word, 0, RESAMPLES, (uint32_t)doc, (uint32_t)(doc >> 32), STREAM, 0);
	for (int k = 0; k < RESAMPLES; k++) {
		draws[k] = 0;
		for (size_t j = 0; j < sizeof below / sizeof *below; j++)
			draws[k] += word[k] >= below[j];
	}
}

/* The product is less than 2^52, so that adding 2^52 leaves it, whole, in the low bits of a double;
 * processors multiply doubles faster than integers of 64 bits. */
void resample_add(uint64_t sum[RESAMPLES], const double draws[RESAMPLES], uint64_t value)
{
	const double v = (double)value, unit = 0x1p52;
	uint64_t zero, bits;

	memcpy(&zero, &unit, sizeof zero);
	for (int k = 0; k < RESAMPLES; k++) {
		double product = draws[k] * v + unit;

		memcpy(&bits, &product, sizeof bits);
		sum[k] += bits - zero;
	}
}

int resample_merge(uint64_t sum[RESAMPLES], const uint64_t part[RESAMPLES])
{
	int over = 0;

	for (int k = 0; k < RESAMPLES; k++)
		over |= __builtin_add_overflow(sum[k], part[k], &sum[k]);
	return over ? -1 : 0;
}
