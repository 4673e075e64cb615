/* rope - heads normed (where the family does) and rotated at their positions
 *
 * The angle is a product of f32 values, as torch computes it (specs.md 3.1); its cosine and sine are taken in f64 and
 * rounded, once for all rows and layers.
 */
#include "rope.h"

#include "cli.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* cos | sin of each position, for the last frequencies asked for. Layers of a model ask for the same ones. */
static struct {
	float *table;		/* [n][2][half] */
	float *inv_freq;
	size_t n, half;
} turn;

const float *rope_table(const struct heads *h, size_t n)
{
	size_t half = (size_t)h->rotary / 2, from = turn.n;

	if (turn.half != half || memcmp(turn.inv_freq, h->inv_freq, half * 4)) {
		turn.half = half;
		turn.inv_freq = xrealloc(turn.inv_freq, half, 4);
		memcpy(turn.inv_freq, h->inv_freq, half * 4);
		from = turn.n = 0;
	}
	if (n <= turn.n)
		return turn.table;
	turn.n = n + n / 2;
	turn.table = xrealloc(turn.table, turn.n, 2 * half * 4);
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t p = from; p < turn.n; p++) {
		for (size_t i = 0; i < half; i++) {
			float angle = (float)p * h->inv_freq[i];

			turn.table[p * 2 * half + i] = (float)cos((double)angle);
			turn.table[p * 2 * half + half + i] = (float)sin((double)angle);
		}
	}
	return turn.table;
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

void op_rope(struct mat *y, const struct mat *x, const struct heads *h, const struct segments *s)
{
	size_t half = (size_t)h->rotary / 2, hd = (size_t)h->head_dim;
	int turned = h->n_heads + h->n_kv;
	const float *table = rope_table(h, segments_longest(s));
	size_t *pos = xmalloc(x->rows * sizeof *pos);

	assert(y->rows == x->rows && y->cols == x->cols && s->rows == x->rows);
	assert(x->cols == (size_t)(turned + h->n_kv) * hd);
	segments_positions(pos, s);
	#pragma omp parallel for schedule(static) num_threads(cpu_threads)
	for (size_t i = 0; i < x->rows; i++) {
		float *row = cpu_scratch(SCRATCH_A, x->cols * 4);

		row_load(row, x, i);
		for (int j = 0; j < turned; j++) {
			const struct mat *norm = j < h->n_heads ? h->q_norm : h->k_norm;

			if (norm)
				head_norm(row + (size_t)j * hd, norm, h->eps, hd);
			rotate(row + (size_t)j * hd, table + pos[i] * 2 * half, half);
		}
		row_store(y, i, row);
	}
	free(pos);
}
