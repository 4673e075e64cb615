/* matmul - products of whole matrices: tiles of rows times the panels of a weight, and what belongs
 * to each block of the result
 *
 * The tiles and panels are divided among the threads; each block is made in one thread, in one
 * order: the base's product, the bias, the adapters.
 */
#include "cpu/cpu.h"

#include <assert.h>
#include <stdlib.h>

/* a weight that stays in the cache of all cores: a tile of rows goes by it whole */
enum { CACHED_BYTES = 8 << 20 };

static void set_lora(struct panel_product *c, const struct lora_term *lora, int back)
{
	for (int i = 0; lora && i < 2; i++)
		if (lora[i].x)
			c->lora[i] = (struct lora_panels){ lora[i].x,
				back ? lora[i].b->back : lora[i].b->fwd, lora[i].part,
				lora[i].drop };
}

struct panel_product product_forward(const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora)
{
	struct panel_product c = { .x = x, .p = w->fwd, .bias = bias };

	set_lora(&c, lora, 0);
	return c;
}

struct panel_product product_back(const struct mat *g, const struct mat *w,
	const struct lora_term *lora, const struct segments *seg)
{
	struct panel_product c = { .x = g, .p = w->back, .seg = seg };

	set_lora(&c, lora, 1);
	return c;
}

/* The panel's columns of what an adapter adds to a tile of rows. */
static void add_lora(const struct product_block *b, const struct panel_product *c,
	const struct lora_panels *a, int panel, const struct row_place *place)
{
	size_t first = b->first[a->part] - (size_t)a->part * c->p->n / (size_t)c->p->parts;
	const void *x = mat_row(a->x, b->row);
	float *f;

	assert(a->p->width == c->p->width && a->x->ld == a->p->k && a->x->cols == a->p->k);
	if (!a->drop) {
		panels_tile_add(b->data[a->part], x, a->p, panel);
		return;
	}
	f = cpu_scratch(SCRATCH_DROPPED, TILE * b->width * 4);
	panels_tile(f, x, a->p->k, a->p, panel);
	for (size_t r = 0; r < b->rows; r++) {
		drop_part(f + r * b->width, a->drop, place[b->row + r], a->p->n, first, b->width);
		kern->add(b->data[a->part] + r * b->width, f + r * b->width, b->width);
	}
}

/* One place of all parts: their products with a tile of rows, and what belongs to them. */
static void make_block(struct product_block *b, const struct panel_product *c, int panel,
	const struct row_place *place)
{
	const struct panels *p = c->p;

	for (int part = 0; part < p->parts; part++) {
		int i = panel + part * panels_count(p) / p->parts;

		panels_range(p, i, &b->first[part], &b->width);
		panels_tile(b->data[part], mat_row(c->x, b->row), c->x->ld, p, i);
		for (size_t r = 0; c->bias && r < b->rows; r++)
			kern->add(b->data[part] + r * b->width,
				mat_f32(c->bias, 0) + b->first[part], b->width);
	}
	for (int i = 0; i < 2; i++)
		if (c->lora[i].x)
			add_lora(b, c, &c->lora[i], panel, place);
}

static double product_flops(const struct panel_product *c)
{
	double flops = 2.0 * (double)c->x->rows * (double)c->p->k * (double)c->p->n;

	for (int i = 0; i < 2; i++)
		if (c->lora[i].x)
			flops += 2.0 * (double)c->x->rows * (double)c->lora[i].p->k *
				(double)c->lora[i].p->n;
	return flops;
}

/* Where rows stand, if some adapter drops; else NULL. */
static struct row_place *product_places(const struct panel_product *c)
{
	for (int i = 0; i < 2; i++)
		if (c->lora[i].x && c->lora[i].drop)
			return places_new(c->lora[i].drop, c->seg);
	return NULL;
}

void panel_product_run(const struct panel_product *c,
	void (*finish)(const void *ctx, const struct product_block *b), const void *ctx)
{
	const struct mat *x = c->x;
	const struct panels *p = c->p;
	int n_tiles = (int)((x->rows + TILE - 1) / TILE), n_panels = panels_count(p) / p->parts;
	int by_tile = p->stride * (size_t)panels_count(p) <= CACHED_BYTES;
	struct row_place *place = product_places(c);

	assert(x->operand && x->data && x->cols == p->k && p->parts <= 2);
	cpu_flops += product_flops(c);
#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (int i = 0; i < n_tiles * n_panels; i++) {
		float *f = cpu_scratch(SCRATCH_BLOCK, (size_t)p->parts * TILE * p->width * 4);
		int tile = by_tile ? i / n_panels : i % n_tiles,
		    panel = by_tile ? i % n_panels : i / n_tiles;
		size_t row = (size_t)tile * TILE;
		struct product_block b = { row, min_size(TILE, x->rows - row),
			.data = { f, f + TILE * p->width } };

		make_block(&b, c, panel, place);
		finish(ctx, &b);
	}
	free(place);
}

/* -- into a matrix ----------------------------------------------------------------------------- */

struct matmul {
	struct mat *y;
	int accumulate, parts;
};

static void put(const void *ctx, const struct product_block *b)
{
	const struct matmul *m = ctx;

	for (int part = 0; part < m->parts; part++)
		for (size_t r = 0; r < b->rows; r++) {
			const float *f = b->data[part] + r * b->width;

			if (m->accumulate)
				kern->add(mat_f32(m->y, b->row + r) + b->first[part], f, b->width);
			else
				operand_store(m->y, b->row + r, b->first[part], f, b->width);
		}
}

static void matmul(struct mat *y, const struct panel_product *c, int accumulate)
{
	struct matmul m = { y, accumulate, c->p->parts };

	assert(y->data && y->cols == c->p->n && y->rows == c->x->rows &&
		!(accumulate && y->operand));
	panel_product_run(c, put, &m);
}

void op_matmul(struct mat *y, const struct mat *x, const struct mat *w, const struct mat *bias,
	int accumulate, const struct lora_term *lora)
{
	struct panel_product c = product_forward(x, w, bias, lora);

	matmul(y, &c, accumulate);
}

void op_matmul_back(struct mat *y, const struct mat *g, const struct mat *w, int accumulate,
	const struct lora_term *lora, const struct segments *s)
{
	struct panel_product c = product_back(g, w, lora, s);

	matmul(y, &c, accumulate);
}

/* -- of what dropout leaves -------------------------------------------------------------------- */

/* A tile of rows, dropped, as operands; zeros below. */
static void *drop_tile(const struct mat *x, size_t row, const struct dropout *d,
	const struct row_place *at)
{
	size_t element = x->bf16 ? 2 : 4;
	struct mat tile = { .operand = 1,
		.bf16 = x->bf16,
		.rows = TILE,
		.cols = x->cols,
		.ld = x->cols,
		.data = cpu_scratch(SCRATCH_DENSE, TILE * x->cols * element) };
	size_t n = x->rows - row < TILE ? x->rows - row : TILE;

	for (size_t r = 0; r < n; r++)
		drop_operands(&tile, r, x, row + r, 0, x->cols, d, at[row + r]);
	memset(mat_row(&tile, n), 0, (TILE - n) * x->cols * element);
	return tile.data;
}

void op_matmul_dropped(struct mat *y, const struct mat *x, const struct dropout *drop,
	const struct segments *s, const struct mat *w)
{
	const struct panels *p = w->fwd;
	struct row_place *at;

	if (!drop) {
		op_matmul(y, x, w, NULL, 0, NULL);
		return;
	}
	assert(x->operand && y->operand && x->rows == y->rows && x->cols == w->cols &&
		y->cols == w->rows);
	cpu_flops += 2.0 * (double)x->rows * (double)w->rows * (double)w->cols;
	at = places_new(drop, s);
#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (size_t row = 0; row < x->rows; row += TILE) {
		const void *tile = drop_tile(x, row, drop, at);

		for (int i = 0; i < panels_count(p); i++) {
			size_t first, width;
			float *f;

			panels_range(p, i, &first, &width);
			f = cpu_scratch(SCRATCH_BLOCK, TILE * width * 4);
			panels_tile(f, tile, x->cols, p, i);
			for (size_t r = row; r < x->rows && r < row + TILE; r++)
				operand_store(y, r, first, f + (r - row) * width, width);
		}
	}
	free(at);
}
