/* argmin - which block of n layers to drop
 *
 *   similarity  l*(n) = argmin over l of d(x(l), x(l+n)), the smallest l of equals;
 *               drops layers l* .. l*+n-1
 *   simple      drops layers L-1-n .. L-2: the deepest n but for the last, which always stays
 */
#ifndef COPPICE_ARGMIN_H
#define COPPICE_ARGMIN_H

#include "angle/angle.h"
#include "sys/fault.h"

struct widths {                /* what -n asks for */
	int all;               /* every n from 1 to L-1 */
	int n[MAX_LAYERS + 1]; /* else these, in the order given; 0 is the base itself */
	int count;
};
/* "8", "1-12", "0,2,4", "all": 0, or -1 with err. */
int widths_parse(struct widths *w, const char *text, struct fault *err);
/* Puts the numbers in for all, and checks them against L: 0, or -1 with err. */
int widths_resolve(struct widths *w, int layers, struct fault *err);

/* n = 0: an empty block. n < layers; the pairs of width n must be there. */
struct block argmin_similarity(const struct angles *a, int n);
struct block argmin_simple(int layers, int n);

#endif
