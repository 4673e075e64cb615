/* resample - sums of a measurement in fixed random resamples of its documents, which say how sure
 * a choice between such sums is
 *
 * The Poisson bootstrap: resample k draws document i as often as a Poisson variable of mean 1 says,
 * whose value is a hash of i and k. So a document is drawn alike wherever it is measured, and the
 * sums of parts add up to those of one run, to the bit. coppice-method(7), CERTAINTY OF A CHOICE,
 * has the numbers.
 */
#ifndef COPPICE_RESAMPLE_H
#define COPPICE_RESAMPLE_H

#include "stream/kinds.h"

#include <stdint.h>

/* Writes how often each resample draws this document: whole numbers from 0 to 12. */
void resample_draws(double draws[RESAMPLES], uint64_t doc);
/* Adds a value of the document, at most 2^40, to the sums of all resamples. */
void resample_add(uint64_t sum[RESAMPLES], const double draws[RESAMPLES], uint64_t value);
/* Adds the sums of one part to those of another. Returns 0, or -1 where 64 bits do not hold them,
 * and sum is then of no use. */
int resample_merge(uint64_t sum[RESAMPLES], const uint64_t part[RESAMPLES]);

#endif
