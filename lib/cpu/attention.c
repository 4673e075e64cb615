/* attention - causal attention over a forest of segments: the work divided among the threads
 *
 * A unit of work is some queries of one segment and one key/value head, with the keys and values on
 * the segment's path (its ancestors' rows, then its own). kernels.inc does it.
 */
#include "cpu/cpu.h"

#include <assert.h>
#include <stdlib.h>

enum { MAX_DEPTH = 64 }; /* generations of segments */

struct unit {
	int seg, kv;
	size_t first, n;
}; /* queries first .. first+n-1 of the segment */

/* row[pos + len]: the rows of a segment's path, in order. */
static void path_rows(size_t *row, const struct segments *s, int seg)
{
	int chain[MAX_DEPTH], n = 0;
	size_t at = 0;

	for (int i = seg; i >= 0; i = s->seg[i].parent) {
		assert(n < MAX_DEPTH && s->seg[i].parent < i);
		chain[n++] = i;
	}
	while (n--)
		for (size_t j = 0; j < s->seg[chain[n]].len; j++)
			row[at++] = s->seg[chain[n]].first + j;
	assert(at == s->seg[seg].pos + s->seg[seg].len);
}

static struct unit *units_make(size_t *n, const struct segments *s, const struct heads *h)
{
	struct unit *unit;

	*n = 0;
	for (int i = 0; i < s->n; i++)
		*n += (s->seg[i].len + SPAN - 1) / SPAN * (size_t)h->n_kv;
	unit = cpu_alloc(*n * sizeof *unit);
	*n = 0;
	for (int i = 0; i < s->n; i++)
		for (size_t t = 0; t < s->seg[i].len; t += SPAN)
			for (int kv = 0; kv < h->n_kv; kv++)
				unit[(*n)++] = (struct unit){ i, kv, t,
					s->seg[i].len - t < SPAN ? s->seg[i].len - t : SPAN };
	return unit;
}

double attention_flops(const struct segments *s, const struct heads *h)
{
	double keys = 0;

	for (int i = 0; i < s->n; i++)
		for (size_t t = s->seg[i].pos + 1; t <= s->seg[i].pos + s->seg[i].len; t++)
			keys += h->window && t > (size_t)h->window ? h->window : (double)t;
	return 4.0 * keys * h->n_heads * h->head_dim;
}

void op_attention(struct mat *o, struct mat *lse, const struct mat *qkv, const struct heads *h,
	const struct segments *s)
{
	size_t n;
	struct unit *unit = units_make(&n, s, h);

	assert(s->rows == qkv->rows && o->rows == qkv->rows &&
		o->cols == (size_t)(h->n_heads * h->head_dim));
	cpu_flops += attention_flops(s, h);
#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (size_t i = 0; i < n; i++) {
		const struct segment *seg = &s->seg[unit[i].seg];
		size_t *row = cpu_scratch(SCRATCH_C, (seg->pos + seg->len) * sizeof *row);

		path_rows(row, s, unit[i].seg);
		kern->attend(&(struct attend){
			o, lse, qkv, h, seg, row, unit[i].first, unit[i].n, unit[i].kv });
	}
	free(unit);
}
