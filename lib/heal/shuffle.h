/* shuffle - in which order the sequences are trained on (coppice-method(7), RANDOM NUMBERS)
 *
 * Training has places 0, 1, 2 and so on, and each of n sequences is at one place of every n: an
 * epoch. What is at a place is a function of the place, n and the seed alone, so that a run that
 * goes on, or looks ahead, needs no memory of what was before.
 */
#ifndef COPPICE_SHUFFLE_H
#define COPPICE_SHUFFLE_H

#include <stdint.h>

/* Zero-initialised: as they stand. */
struct shuffle {
	int on; /* 1: each epoch is a permutation of its own, by the seed; 0: as they stand */
	uint64_t seed; /* of the permutations */
};

/* Returns the number, below n, of the sequence at a place; n is not 0. */
uint64_t shuffle_at(const struct shuffle *o, uint64_t n, uint64_t place);

#endif
