/* sums - what a record of values d over samples says of them: count, mean, standard error, sums of
 * d and d^2
 *
 * Sums are counted in units of 2^-40, as whole numbers where these do (a distance in units of pi),
 * so that parts add up to the same bits in any order; a stage that measures something else may give
 * floats, of any size. They are added as long double, which holds every integer of 64 bits.
 */
#ifndef COPPICE_SUMS_H
#define COPPICE_SUMS_H

#include <stdint.h>

#define SUMS_MAX_COUNT ((uint64_t)1 << 53) /* as far as a double counts */

struct sums {
	uint64_t count;
	double mean, sem;       /* sem NAN: not known */
	long double sum, sumsq; /* of 2^40 d, of 2^40 d^2 */
};

double sums_mean(const struct sums *s); /* the mean, from sum and count */
/* Returns the standard error of the mean, from sum, sumsq and count; 0 of one sample. */
double sums_sem(const struct sums *s);
/* Checks that some values have these numbers. Returns NULL, or why none do, a static text: "key
 * 'mean': ...". */
const char *sums_check(const struct sums *s);

#endif
