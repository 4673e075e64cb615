/* attention - packing and inner loops that the forward and the backward pass share
 *
 * Positions count along a segment's path: its ancestors' rows, then its own. Tiles of keys begin at multiples of KEYS.
 */
#ifndef COPPICE_CPU_ATTENTION_H
#define COPPICE_CPU_ATTENTION_H

#include "cpu.h"

enum {
	KEYS = 64,		/* keys of a tile */
	QUERIES = 32,		/* queries of a block; times the heads that share a key head */
	SPAN = 256,		/* queries of a unit of work: what one packing of keys serves */
	MAX_DEPTH = 64,		/* generations of segments */
};

static inline size_t tiles_end(size_t n)
{
	return (n + KEYS - 1) / KEYS * KEYS;
}

/* First position of the first tile that a query at t0 or later can see. */
static inline size_t window_start(int window, size_t t0)
{
	return window && t0 + 1 > (size_t)window ? (t0 + 1 - (size_t)window) / KEYS * KEYS : 0;
}

/* row[pos + len]: the rows of a segment's path, in order. */
void path_rows(size_t *row, const struct segments *s, int seg);
/* Columns col .. col+hd-1 of the rows of positions from .. to-1 (from at a tile's start), zeros to the end of the last
 * tile. Keys: out[n / 16][hd][16]; values: out[n / KEYS][wide / 16][KEYS][16], wide = hd rounded up to 16. Both use
 * SCRATCH_B. */
void pack_keys(float *out, const struct mat *qkv, size_t col, const size_t *row, size_t from, size_t to, size_t hd);
void pack_values(float *out, const struct mat *qkv, size_t col, const size_t *row, size_t from, size_t to, size_t hd);
/* y[rows, 16] (ldy) = or += x[rows, n] (ldx) b[n][16]; each row's sums in order of n. */
void panel_product(float *y, size_t ldy, const float *x, size_t ldx, const float *b, size_t n, size_t rows, int add);

#endif
