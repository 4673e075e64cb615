/* dropout - masks from a counter (coppice-method(7), RANDOM NUMBERS), made anew wherever they are
 * needed, and where rows stand
 *
 * Bit for bit the mask of lib/philox.c: the word of an element depends on its place alone.
 */
#include "cuda/row.h"

#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>

/* -- places ------------------------------------------------------------------------------------ */

/* Layer after layer asks for the same ones: what is there already is not sent again. */
struct sent {
	struct row_place *host;
	size_t rows;
	const struct row_place *device;
};

static void place_rows(struct row_place *at, const struct segments *s, const uint32_t *sequence)
{
	for (int i = 0; i < s->n; i++)
		for (size_t t = 0; t < s->seg[i].len; t++) {
			struct row_place *p = &at[s->seg[i].first + t];

			p->sequence = sequence ? sequence[i] : 0;
			p->pos = (uint32_t)(s->seg[i].pos + t);
		}
}

const struct row_place *places(const struct segments *s, const uint32_t *sequence)
{
	static struct sent without, with;
	struct sent *sent = sequence ? &with : &without;
	size_t bytes = s->rows * sizeof(struct row_place);
	struct row_place *at = (struct row_place *)xcalloc(s->rows, sizeof *at);

	place_rows(at, s, sequence);
	if (sent->rows == s->rows && sent->host && !memcmp(sent->host, at, bytes)) {
		free(at);
		return sent->device;
	}
	free(sent->host);
	sent->host = at;
	sent->rows = s->rows;
	sent->device = (const struct row_place *)device_scratch(sequence ? SCRATCH_PLACES
									 : SCRATCH_ROPE_B,
		bytes);
	device_put((void *)sent->device, at, bytes);
	return sent->device;
}

/* -- masks ------------------------------------------------------------------------------------- */

struct mask {
	uint64_t seed;
	uint32_t step, target, threshold;
	float keep_scale;
	const struct row_place *place;
};

static struct mask mask_of(const struct dropout *d, const struct segments *s)
{
	struct mask m;

	m.seed = d->seed;
	m.step = d->step;
	m.target = d->target;
	m.threshold = d->threshold;
	m.keep_scale = d->keep_scale;
	m.place = places(s, d->sequence);
	return m;
}

/* Philox4x32-10: the four words of a counter. */
__device__ __forceinline__ void philox_words(uint32_t c[4], uint32_t first, uint32_t sequence,
	const struct mask &m)
{
	uint32_t k0 = (uint32_t)m.seed, k1 = (uint32_t)(m.seed >> 32);

	c[0] = first;
	c[1] = sequence;
	c[2] = m.step;
	c[3] = m.target;
#pragma unroll
	for (int r = 0; r < 10; r++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
		uint64_t p0 = (uint64_t)0xD2511F53u * c[0], p1 = (uint64_t)0xCD9E8D57u * c[2];

		c[0] = (uint32_t)(p1 >> 32) ^ c[1] ^ k0;
		c[1] = (uint32_t)p1;
		c[2] = (uint32_t)(p0 >> 32) ^ c[3] ^ k1;
		c[3] = (uint32_t)p0;
	}
}

/* x[8], which begin at column col of a row of width elements, dropped. */
__device__ __forceinline__ void drop8(float x[8], const struct mask &m, size_t row, unsigned col,
	unsigned width)
{
	struct row_place at = m.place[row];
	uint64_t e = (uint64_t)at.pos * width + col;
	unsigned skip = (unsigned)e & 3;
	uint32_t word[12];

	philox_words(word, (uint32_t)(e >> 2), at.sequence, m);
	philox_words(word + 4, (uint32_t)(e >> 2) + 1, at.sequence, m);
	if (skip) { /* rows whose width is no multiple of 4 */
		philox_words(word + 8, (uint32_t)(e >> 2) + 2, at.sequence, m);
#pragma unroll
		for (int i = 0; i < 8; i++)
			word[i] = skip == 1 ? word[i + 1] : skip == 2 ? word[i + 2] : word[i + 3];
	}
#pragma unroll
	for (int i = 0; i < 8; i++)
		x[i] = word[i] < m.threshold ? 0.0f : x[i] * m.keep_scale;
}

/* y = or += x dropped. */
__global__ void __launch_bounds__(ROW_BLOCK)
	drop_rows(struct rows y, struct rows x, struct mask m, int add)
{
	unsigned c = eights_mine();
	size_t row = blockIdx.x;
	float v[8], old[8];

	if (c >= x.cols)
		return;
	row_load8(v, x, row, c);
	if (m.threshold)
		drop8(v, m, row, c, x.cols);
	if (add) {
		row_load8(old, y, row, c);
#pragma unroll
		for (int i = 0; i < 8; i++)
			v[i] += old[i];
	}
	row_store8(y, row, c, v);
}

static void drop(struct mat *y, const struct mat *x, struct mask m, int add)
{
	if (x->rows)
		LAUNCH(drop_rows, eights_grid(x->rows, x->cols), eights_block(x->cols), 0,
			rows_all(y), rows_all(x), m, add);
}

void op_dropout(struct mat *y, const struct mat *x, const struct dropout *d,
	const struct segments *s)
{
	assert(y->rows == x->rows && y->cols == x->cols && s->rows == x->rows);
	drop(y, x, mask_of(d, s), 0);
}

void dropped_add(struct mat *y, const struct mat *x, const struct dropout *d,
	const struct segments *s, size_t row)
{
	struct mask m = { 0 };

	assert(y->rows == x->rows && y->cols == x->cols && !y->operand && !x->operand);
	if (d) {
		assert(row + y->rows <= s->rows);
		m = mask_of(d, s);
		m.place += row;
	}
	drop(y, x, m, 1);
}

const struct mat *dropped(const struct mat *x, const struct dropout *d, const struct segments *s)
{
	static struct mat copy;

	assert(x->operand);
	if (!d || !d->threshold)
		return x;
	assert(s->rows == x->rows);
	copy.operand = 1;
	copy.bf16 = x->bf16;
	copy.rows = x->rows;
	copy.cols = copy.most = x->cols;
	copy.ld = round_up(x->cols, 8);
	copy.cap = round_up(x->rows, 128);
	copy.data = device_scratch(SCRATCH_DROPPED, copy.cap * copy.ld * (x->bf16 ? 2 : 4));
	drop(&copy, x, mask_of(d, s), 0);
	return &copy;
}
