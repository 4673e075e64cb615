/* rotary - the frequencies that the dims of a head are rotated with, as torch computes them
 * (coppice-method(7), ROTARY EMBEDDING)
 */
#ifndef COPPICE_ROTARY_H
#define COPPICE_ROTARY_H

#include "sys/fault.h"

#include <stddef.h>

enum rotary_type { ROTARY_PLAIN, ROTARY_LINEAR, ROTARY_LLAMA3 };

struct rotary {
	enum rotary_type type;
	double theta;
	double factor;              /* LINEAR, LLAMA3 */
	double low_freq, high_freq; /* LLAMA3: frequency factors a and b */
	double old_context;         /* LLAMA3 */
};

/* Computes the frequencies of r, scaling applied, into inv_freq[rotary / 2]; rotary: the rotated
 * dims of a head. 0, or -1 with err where a number makes no sense. */
int rotary_inv_freq(float *inv_freq, int rotary, const struct rotary *r, struct fault *err);

#endif
