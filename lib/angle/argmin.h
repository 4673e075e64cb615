/* argmin - which block of n layers to drop
 *
 *   similarity  l*(n) = argmin over l of d(x(l), x(l+n)), the smallest l of equals (the paper's
 *               eq. 6): drops layers l* .. l*+n-1
 *   simple      drops layers L-1-n .. L-2: the deepest n but for the last, which always stays
 *   every       no choice: each block of the width, for what is measured of all of them
 */
#ifndef COPPICE_ARGMIN_H
#define COPPICE_ARGMIN_H

#include "angle/angle.h"
#include "sys/fault.h"

/* The widths n of the blocks to choose. */
struct widths {
	int all;               /* 1: every n from 1 to L-1 */
	int n[MAX_LAYERS + 1]; /* else these, in the order given; 0 is the base itself */
	int count;
};
/* Parses "8", "1-12", "0,2,4" or "all" into *w. Returns 0, or -1 with err. */
int widths_parse(struct widths *w, const char *text, struct fault *err);
/* Replaces "all" by the numbers, and checks all of them against a model of this many layers.
 * Returns 0, or -1 with err. */
int widths_resolve(struct widths *w, int layers, struct fault *err);

/* Return the block of width n that the rule drops; n 0: an empty block. n is less than the number
 * of layers, and for similarity the pairs of width n are in a. */
struct block argmin_similarity(const struct angles *a, int n);
struct block argmin_simple(int layers, int n);
/* Returns the block of width n that begins at layer l, as one of every such block. */
struct block argmin_every(const struct angles *a, int n, int l);
/* Returns how many blocks of width n a model of this many layers has: one of n = 0. */
int argmin_places(int layers, int n);

#endif
