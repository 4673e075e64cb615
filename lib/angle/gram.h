/* gram - all dot products of the rows of a matrix, in f64
 *
 * Each has four partial sums (columns c mod 4), added up every 512 columns: one order for every
 * pair, whatever is computed beside it. A product of two f32 is exact in f64, so that a fused
 * multiply-add rounds as the two steps do.
 */
#ifndef COPPICE_GRAM_H
#define COPPICE_GRAM_H

#include <stddef.h>

/* Makes the memory of one thread for at most this many rows. Dies when memory is out. gram_free
 * frees it. */
struct gram;
struct gram *gram_new(size_t rows);
void gram_free(struct gram *g);

/* Computes the products of the rows of x[rows, d] with themselves, and those of all pairs of rows
 * i, i + width; width 0: of all pairs. */
void gram_compute(struct gram *g, const float *x, size_t rows, size_t d, size_t width);
/* Returns the product of rows i <= j, one of those that were computed. */
double gram_at(const struct gram *g, size_t i, size_t j);

#endif
