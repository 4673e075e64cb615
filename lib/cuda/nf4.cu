/* nf4 - 4-bit weights with their block maxima quantised once more (lib/nf4.h) back to operands
 *
 * The same values as nf4_dequantise, rounded as operands are: nothing here is contracted or
 * reordered.
 */
#include "cuda/row.h"

#include "file/nf4.h"
#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>

struct values16 {
	float of[16];
};

/* Eight values a thread, which share a block's maximum unless rows are of other widths. */
__global__ void __launch_bounds__(ROW_BLOCK)
	expand_rows(struct rows w, struct nf4_codes q, struct values16 values)
{
	SHARED(float, code, 16);
	unsigned c = eights_mine();
	size_t row = blockIdx.x, at = row * w.cols + c;
	float v[8];

	if (threadIdx.x < 16)
		code[threadIdx.x] = values.of[threadIdx.x];
	__syncthreads();
	if (c >= w.cols)
		return;
	if (w.cols % 8 == 0) {
		size_t block = at / NF4_BLOCK;
		float top = q.nested_code[q.top8[block]] * q.nested[block / NF4_NESTED_BLOCK] +
			q.offset;
		uint32_t codes = *(const uint32_t *)(q.packed + at / 2);

#pragma unroll
		for (int i = 0; i < 8; i++)
			v[i] = code[codes >> (8 * (i / 2) + (i & 1 ? 0 : 4)) & 15] * top;
	} else {
		for (unsigned i = 0; i < 8; i++, at++) {
			size_t block = at / NF4_BLOCK;

			v[i] = 0;
			if (c + i < w.cols)
				v[i] = code[q.packed[at / 2] >> (at & 1 ? 0 : 4) & 15] *
					(q.nested_code[q.top8[block]] *
							q.nested[block / NF4_NESTED_BLOCK] +
						q.offset);
		}
	}
	row_store8(w, row, c, v);
}

void nf4_expand(struct mat *w, const struct nf4_codes *q)
{
	struct values16 values;

	assert(w->operand);
	memcpy(values.of, nf4_code, sizeof values.of);
	LAUNCH(expand_rows, eights_grid(w->rows, w->cols), eights_block(w->cols), 0, rows_all(w),
		*q, values);
}

/* -- weights kept as codes --------------------------------------------------------------------- */

enum { CODED_PARTS = 3 }; /* q, k, v */

struct coded {
	int n;
	struct {
		size_t row, rows;
		struct nf4_codes q;
		void *memory;
	} part[CODED_PARTS];
};

static const struct coded *whole_of; /* whose values are in the scratch */

struct coded *coded_new(void)
{
	return (struct coded *)xcalloc(1, sizeof(struct coded));
}

static void coded_clear(struct coded *c)
{
	if (whole_of == c)
		whole_of = NULL;
	for (int i = 0; i < c->n; i++)
		device_free(c->part[i].memory);
	c->n = 0;
}

void coded_free(struct coded *c)
{
	if (!c)
		return;
	coded_clear(c);
	free(c);
}

/* The values that the tops' codes stand for, on the device once and for all. */
static const float *nested_table(void)
{
	static void *table;

	if (!table) {
		table = device_alloc(256 * sizeof(float));
		device_put(table, nf4_nested_code(), 256 * sizeof(float));
	}
	return (const float *)table;
}

/* Where the parts of the codes of n values lie: packed, then the tops of blocks of tops, then the
 * tops' codes. */
struct places_of {
	size_t nested, top8, all;
};

static struct places_of places_of(size_t n)
{
	size_t blocks = (n + NF4_BLOCK - 1) / NF4_BLOCK,
	       nested = (blocks + NF4_NESTED_BLOCK - 1) / NF4_NESTED_BLOCK;
	struct places_of p;

	p.nested = round_up((n + 1) / 2, 16);
	p.top8 = p.nested + nested * sizeof(float);
	p.all = p.top8 + blocks;
	return p;
}

size_t coded_bytes(size_t n)
{
	return places_of(n).all + CODED_PARTS * 1024;
}

void coded_put(struct coded *c, size_t row, size_t n, size_t cols, const float *rows)
{
	struct places_of p = places_of(n * cols);
	struct nf4 q;
	char *at;

	if (row == 0)
		coded_clear(c);
	assert(c->n < CODED_PARTS);
	nf4_quantise(&q, rows, n * cols);
	at = (char *)device_alloc(p.all);
	device_put(at, q.packed, (q.n + 1) / 2);
	device_put(at + p.nested, q.nested, p.top8 - p.nested);
	device_put(at + p.top8, q.top8, q.blocks);
	c->part[c->n].row = row;
	c->part[c->n].rows = n;
	c->part[c->n].memory = at;
	c->part[c->n++].q = nf4_codes{ (uint8_t *)at, (uint8_t *)(at + p.top8),
		(float *)(at + p.nested), nested_table(), q.offset };
	nf4_free(&q);
}

const struct mat *weight_whole(const struct mat *w)
{
	static struct mat whole;
	const struct coded *c = w->coded;
	void *data = whole.data;

	if (!c)
		return w;
	if (whole_of != c)
		data = device_scratch(SCRATCH_WHOLE, w->rows * w->ld * (w->bf16 ? 2 : 4));
	whole = *w;
	whole.data = data;
	whole.coded = NULL;
	for (int i = 0; whole_of != c && i < c->n; i++) {
		struct mat part = whole;

		part.rows = c->part[i].rows;
		part.data = mat_row(&whole, c->part[i].row);
		nf4_expand(&part, &c->part[i].q);
	}
	whole_of = c;
	return &whole;
}
