/* rope - heads normed (where the family does) and rotated at their positions
 *
 * The angle is a product of f32 values, as torch computes it (coppice-method(7), ROTARY EMBEDDING);
 * its cosine and sine are taken in f64 and rounded, once for all rows and layers.
 */
#include "cpu/rope.h"

#include "sys/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* cos | sin of each position, for the last frequencies asked for. Layers of a model ask for the
 * same ones. */
static struct {
	float *table; /* [n][2][half] */
	float *inv_freq;
	size_t n, half;
} rope;

const float *rope_table(const struct heads *h, size_t n)
{
	size_t half = (size_t)h->rotary / 2, from = rope.n;

	if (rope.half != half || memcmp(rope.inv_freq, h->inv_freq, half * 4)) {
		rope.half = half;
		rope.inv_freq = xrealloc(rope.inv_freq, half, 4);
		memcpy(rope.inv_freq, h->inv_freq, half * 4);
		from = rope.n = 0;
	}
	if (n <= rope.n)
		return rope.table;
	rope.n = n + n / 2;
	rope.table = xrealloc(rope.table, rope.n, 2 * half * 4);
#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t p = from; p < rope.n; p++) {
		for (size_t i = 0; i < half; i++) {
			float angle = (float)p * h->inv_freq[i];

			rope.table[p * 2 * half + i] = (float)cos((double)angle);
			rope.table[p * 2 * half + half + i] = (float)sin((double)angle);
		}
	}
	return rope.table;
}

size_t segments_longest(const struct segments *s)
{
	size_t n = 0;

	for (int i = 0; i < s->n; i++)
		if (s->seg[i].pos + s->seg[i].len > n)
			n = s->seg[i].pos + s->seg[i].len;
	return n;
}

void segments_positions(size_t *pos, const struct segments *s)
{
	for (int i = 0; i < s->n; i++)
		for (size_t j = 0; j < s->seg[i].len; j++)
			pos[s->seg[i].first + j] = s->seg[i].pos + j;
}

static void head_norm(float *x, const struct mat *weight, float eps, size_t n)
{
	const float *w = mat_f32(weight, 0);
	float sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += x[i] * x[i];
	sum = 1.0f / sqrtf(sum / (float)n + eps);
	for (size_t i = 0; i < n; i++)
		x[i] = x[i] * sum * w[i];
}

/* (a, b) -> (a cos - b sin, b cos + a sin) for dims i and i + half */
static void rotate(float *x, const float *cs, size_t half)
{
	const float *c = cs, *s = cs + half;

	for (size_t i = 0; i < half; i++) {
		float a = x[i], b = x[i + half];

		x[i] = a * c[i] - b * s[i];
		x[i + half] = b * c[i] + a * s[i];
	}
}

struct rotation {
	struct mat *y, *plain;
	const struct heads *h;
	const float *table;
	const size_t *pos; /* [T] */
};

/* Whole heads of each row of a block. */
static void finish(const void *ctx, const struct product_block *b)
{
	const struct rotation *t = ctx;
	const struct heads *h = t->h;
	size_t half = (size_t)h->rotary / 2, hd = (size_t)h->head_dim;

	for (size_t r = 0; r < b->rows; r++) {
		float *row = b->data[0] + r * b->width;
		const float *cs = t->table + t->pos[b->row + r] * 2 * half;

		if (t->plain)
			operand_store(t->plain, b->row + r, b->first[0], row, b->width);
		for (size_t c = 0; c < b->width; c += hd) {
			int head = (int)((b->first[0] + c) / hd);
			const struct mat *norm = head < h->n_heads ? h->q_norm : h->k_norm;

			if (head >= h->n_heads + h->n_kv)
				break;
			if (norm)
				head_norm(row + c, norm, h->eps, hd);
			rotate(row + c, cs, half);
		}
		operand_store(t->y, b->row + r, b->first[0], row, b->width);
	}
}

void op_matmul_rope(struct mat *y, struct mat *plain, const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora, const struct heads *h,
	const struct segments *s)
{
	struct panel_product c = product_forward(x, w, bias, lora);
	size_t *pos = xmalloc(x->rows * sizeof *pos);
	struct rotation t = { y, plain, h, rope_table(h, segments_longest(s)), pos };

	assert(y->rows == x->rows && y->cols == w->rows && s->rows == x->rows);
	assert(w->width % (size_t)h->head_dim == 0);
	assert(w->rows == (size_t)((h->n_heads + 2 * h->n_kv) * h->head_dim));
	assert(!plain || (plain->rows == x->rows && plain->cols == w->rows));
	segments_positions(pos, s);
	panel_product_run(&c, finish, &t);
	free(pos);
}
