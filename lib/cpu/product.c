/* product - matrix products, tile of rows by panel
 *
 * What belongs to a block of results, bias, sums, rounding, is done on its way from the dense block
 * that a panel's product gives.
 */
#include "cpu/cpu.h"

#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>

/* a weight that stays in the cache of all cores: a tile of rows goes by it whole */
enum { CACHED_BYTES = 8 << 20 };

const struct lora_panels *lora_panels_from(struct lora_panels to[2], const struct lora_term *lora,
	int back)
{
	for (int i = 0; lora && i < 2; i++)
		to[i] = (struct lora_panels){ lora[i].x,
			lora[i].x ? back ? lora[i].b->back : lora[i].b->fwd : NULL, lora[i].part,
			lora[i].drop };
	return lora ? to : NULL;
}

/* Columns first .. first+width-1, the panel's, of what is added to a tile of rows. */
static void add_panel(const struct product_block *b, const struct lora_panels *a, int panel,
	size_t first, const struct row_place *place)
{
	const void *x = mat_row(a->x, b->row);
	float *f;

	assert(a->x->ld == a->p->k && a->x->cols == a->p->k);
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
static void make_block(struct product_block *b, const struct mat *x, const struct panels *p,
	int panel, const struct mat *bias, const struct lora_panels *added,
	const struct row_place *place)
{
	size_t first;

	for (int part = 0; part < p->parts; part++) {
		int i = panel + part * (int)panels_of_part(p);

		panels_range(p, i, &b->first[part], &b->width);
		panels_tile(b->data[part], mat_row(x, b->row), x->ld, p, i);
		for (size_t r = 0; bias && r < b->rows; r++)
			kern->add(b->data[part] + r * b->width, mat_f32(bias, 0) + b->first[part],
				b->width);
	}
	for (int i = 0; added && i < 2; i++) {
		if (!added[i].x)
			continue;
		first = b->first[added[i].part] - (size_t)added[i].part * p->n / (size_t)p->parts;
		assert(added[i].p->width == p->width);
		add_panel(b, &added[i], panel, first, place);
	}
}

void panels_each(const struct mat *x, const struct panels *p, const struct mat *bias,
	const struct lora_panels *added, const struct segments *seg,
	void (*finish)(const void *ctx, const struct product_block *b), const void *ctx)
{
	int n_tiles = (int)((x->rows + TILE - 1) / TILE), n_panels = (int)panels_of_part(p),
	    drop = 0;
	int by_tile = p->stride * (size_t)panels_count(p) <= CACHED_BYTES;
	struct row_place *place = NULL;

	assert(x->operand && x->data && x->cols == p->k && p->parts <= 2);
	cpu_flops += 2.0 * (double)x->rows * (double)p->k * (double)p->n;
	for (int i = 0; added && i < 2; i++)
		if (added[i].x) {
			cpu_flops += 2.0 * (double)x->rows * (double)added[i].p->k *
				(double)added[i].p->n;
			drop = added[i].drop ? i + 1 : drop;
		}
	if (drop)
		place = places_new(added[drop - 1].drop, seg);
#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (int i = 0; i < n_tiles * n_panels; i++) {
		float *f = cpu_scratch(SCRATCH_BLOCK, (size_t)p->parts * TILE * p->width * 4);
		int tile = by_tile ? i / n_panels : i % n_tiles,
		    panel = by_tile ? i % n_panels : i / n_tiles;
		size_t row = (size_t)tile * TILE;
		struct product_block b = { row, min_size(TILE, x->rows - row),
			.data = { f, f + TILE * p->width } };

		make_block(&b, x, p, panel, bias, added, place);
		finish(ctx, &b);
	}
	free(place);
}

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

static void matmul(struct mat *y, const struct mat *x, const struct panels *p,
	const struct mat *bias, int accumulate, const struct lora_panels *added,
	const struct segments *seg)
{
	struct matmul m = { y, accumulate, p->parts };

	assert(y->data && y->cols == p->n && y->rows == x->rows && !(accumulate && y->operand));
	panels_each(x, p, bias, added, seg, put, &m);
}

void op_matmul(struct mat *y, const struct mat *x, const struct mat *w, const struct mat *bias,
	int accumulate, const struct lora_term *lora)
{
	struct lora_panels added[2];

	matmul(y, x, w->fwd, bias, accumulate, lora_panels_from(added, lora, 0), NULL);
}

void op_matmul_back(struct mat *y, const struct mat *g, const struct mat *w, int accumulate,
	const struct lora_term *lora, const struct segments *s)
{
	struct lora_panels added[2];

	matmul(y, g, w->back, NULL, accumulate, lora_panels_from(added, lora, 1), s);
}

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
