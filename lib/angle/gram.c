/* gram - see gram.h
 *
 * Rows go to f64 a few columns at a time, so that all of them fit the first cache; a tile of 3 x 4
 * pairs runs through them in registers, and keeps its partial sums in memory between two such
 * steps.
 */
#include "angle/gram.h"

#include "sys/hugepage.h"
#include "sys/memory.h"
#include "sys/simd.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 512, STEP = 64, TILE_I = 3, TILE_J = 4, LANES = 4 };

struct gram {
	size_t rows, n_tiles;
	double *x;    /* [padded rows, STEP] */
	double *part; /* [tiles wanted, TILE_I * TILE_J, LANES] */
	double *dot;  /* [padded rows, padded rows], upper half */
	struct gram_tile {
		size_t i, j;
	} * tile; /* [n_tiles] those with a pair that is wanted */
	size_t padded, width;
};

/* A multiple of both sides of a tile, so that a tile never ends beyond it. */
static size_t padded(size_t rows)
{
	return (rows + TILE_I * TILE_J - 1) / (TILE_I * TILE_J) * (TILE_I * TILE_J);
}

struct gram *gram_new(size_t rows)
{
	struct gram *g = xcalloc(1, sizeof *g);
	size_t p = padded(rows), tiles = p / TILE_I * (p / TILE_J);

	g->x = hugepage_new(p * STEP * sizeof *g->x);
	g->part = hugepage_new(tiles * TILE_I * TILE_J * LANES * sizeof *g->part);
	g->dot = hugepage_new(p * p * sizeof *g->dot);
	g->tile = xcalloc(tiles, sizeof *g->tile);
	return g;
}

void gram_free(struct gram *g)
{
	free(g->x);
	free(g->part);
	free(g->dot);
	free(g->tile);
	free(g);
}

static int is_wanted(const struct gram *g, const struct gram_tile *t)
{
	for (size_t i = t->i; i < t->i + TILE_I && i < g->rows; i++)
		for (size_t j = t->j; j < t->j + TILE_J && j < g->rows; j++)
			if (i == j || (j > i && (!g->width || j - i == g->width)))
				return 1;
	return 0;
}

/* The shape of what is to be computed; most often it is that of the time before. */
static void set_shape(struct gram *g, size_t rows, size_t width)
{
	struct gram_tile t;

	if (g->rows == rows && g->width == width)
		return;
	g->rows = rows;
	g->width = width;
	g->padded = padded(rows);
	g->n_tiles = 0;
	memset(g->x, 0, g->padded * STEP * sizeof *g->x);
	for (t.i = 0; t.i < rows; t.i += TILE_I)
		for (t.j = 0; t.j < rows; t.j += TILE_J)
			if (is_wanted(g, &t))
				g->tile[g->n_tiles++] = t;
}

/* Columns [c, c + n) of all rows, then zeros up to a multiple of LANES, which is the result. */
static size_t load(struct gram *g, const float *x, size_t d, size_t c, size_t n)
{
	size_t len = (n + LANES - 1) / LANES * LANES;

	for (size_t r = 0; r < g->rows; r++) {
		for (size_t k = 0; k < n; k++)
			g->x[r * STEP + k] = x[r * d + c + k];
		for (size_t k = n; k < len; k++)
			g->x[r * STEP + k] = 0;
	}
	return len;
}

/* part[a][b] += products of rows x + a and y + b, each lane by itself. */
static void tile_add(double *part, const double *x, const double *y, size_t len)
{
	doubles4 sum[TILE_I][TILE_J], row[TILE_I], other;

#pragma GCC unroll 3
	for (int a = 0; a < TILE_I; a++)
#pragma GCC unroll 4
		for (int b = 0; b < TILE_J; b++)
			sum[a][b] = doubles4_load(part + (a * TILE_J + b) * LANES);
	for (size_t c = 0; c < len; c += LANES) {
#pragma GCC unroll 3
		for (int a = 0; a < TILE_I; a++)
			row[a] = doubles4_load(x + a * STEP + c);
#pragma GCC unroll 4
		for (int b = 0; b < TILE_J; b++) {
			other = doubles4_load(y + b * STEP + c);
#pragma GCC unroll 3
			for (int a = 0; a < TILE_I; a++)
				sum[a][b] = doubles4_fma(row[a], other, sum[a][b]);
		}
	}
#pragma GCC unroll 3
	for (int a = 0; a < TILE_I; a++)
#pragma GCC unroll 4
		for (int b = 0; b < TILE_J; b++)
			doubles4_store(part + (a * TILE_J + b) * LANES, sum[a][b]);
}

/* The partial sums of a tile into its dot products. */
static void tile_end(struct gram *g, const struct gram_tile *t, const double *part)
{
	for (size_t a = 0; a < TILE_I; a++)
		for (size_t b = 0; b < TILE_J; b++, part += LANES)
			g->dot[(t->i + a) * g->padded + t->j + b] += (part[0] + part[1]) +
				(part[2] + part[3]);
}

static void add_chunk(struct gram *g, const float *x, size_t d, size_t c, size_t end)
{
	const size_t n_part = TILE_I * TILE_J * LANES;
	size_t len;

	memset(g->part, 0, g->n_tiles * n_part * sizeof *g->part);
	for (; c < end; c += STEP) {
		len = load(g, x, d, c, end - c < STEP ? end - c : STEP);
		for (size_t t = 0; t < g->n_tiles; t++)
			tile_add(g->part + t * n_part, g->x + g->tile[t].i * STEP,
				g->x + g->tile[t].j * STEP, len);
	}
	for (size_t t = 0; t < g->n_tiles; t++)
		tile_end(g, &g->tile[t], g->part + t * n_part);
}

void gram_compute(struct gram *g, const float *x, size_t rows, size_t d, size_t width)
{
	set_shape(g, rows, width);
	memset(g->dot, 0, g->padded * g->padded * sizeof *g->dot);
	for (size_t c = 0; c < d; c += CHUNK)
		add_chunk(g, x, d, c, d - c < CHUNK ? d : c + CHUNK);
}

double gram_at(const struct gram *g, size_t i, size_t j)
{
	return g->dot[i * g->padded + j];
}
