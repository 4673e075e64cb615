/* rope - heads normed (where the family does) and rotated at their positions, and the way back
 *
 * A block takes a row, its warps the heads. The angle is a product of f32 values, as torch computes
 * it (coppice-method(7), ROTARY EMBEDDING); its cosine and sine are taken in f64 on the host and
 * rounded, once for all rows and layers.
 */
#include "cuda/row.h"

#include "sys/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* cos | sin of each position, for the last frequencies asked for. Layers of a model ask for the
 * same ones. */
static struct {
	float *table; /* [n][2][half], on the host */
	const float *device;
	float *inv_freq;
	size_t n, half;
} rope;

static const float *rope_table(const struct heads *h, size_t n)
{
	size_t half = (size_t)h->rotary / 2, from = rope.n, bytes;

	if (rope.half != half || (half && memcmp(rope.inv_freq, h->inv_freq, half * 4))) {
		rope.half = half;
		rope.inv_freq = (float *)xrealloc(rope.inv_freq, half, 4);
		memcpy(rope.inv_freq, h->inv_freq, half * 4);
		from = rope.n = 0;
	}
	if (n <= rope.n)
		return rope.device;
	rope.n = n + n / 2;
	rope.table = (float *)xrealloc(rope.table, rope.n, 2 * half * 4);
	for (size_t p = from; p < rope.n; p++)
		for (size_t i = 0; i < half; i++) {
			float angle = (float)p * h->inv_freq[i];

			rope.table[p * 2 * half + i] = (float)cos((double)angle);
			rope.table[p * 2 * half + half + i] = (float)sin((double)angle);
		}
	bytes = rope.n * 2 * half * 4;
	rope.device = (const float *)device_scratch(SCRATCH_ROPE_A, bytes);
	device_put((void *)rope.device, rope.table, bytes);
	return rope.device;
}

static size_t positions(const struct segments *s)
{
	size_t n = 0;

	for (int i = 0; i < s->n; i++)
		if (s->seg[i].pos + s->seg[i].len > n)
			n = s->seg[i].pos + s->seg[i].len;
	return n;
}

/* What a kernel has to know of a row's heads. */
struct rotation {
	/* first query heads, then key heads, then those that stay as they are */
	unsigned queries, rotated, heads;
	unsigned hd, half;
	float eps;
	const float *table;            /* [positions][2][half] */
	const struct row_place *place; /* [rows] */
	const float *q_norm, *k_norm;  /* [hd] or NULL */
};

static struct rotation rotation_of(const struct heads *h, const struct segments *s)
{
	struct rotation t;

	t.queries = (unsigned)h->n_heads;
	t.rotated = t.queries + (unsigned)h->n_kv;
	t.heads = t.rotated + (unsigned)h->n_kv;
	t.hd = (unsigned)h->head_dim;
	t.half = (unsigned)h->rotary / 2;
	t.eps = h->eps;
	t.table = rope_table(h, positions(s));
	t.place = places(s, NULL);
	t.q_norm = h->q_norm ? mat_f32(h->q_norm, 0) : NULL;
	t.k_norm = h->k_norm ? mat_f32(h->k_norm, 0) : NULL;
	return t;
}

/* One element of a head, normed. */
__device__ __forceinline__ float normed(const struct rows &x, size_t row, unsigned at, unsigned i,
	float scale, const float *w)
{
	float v = row_load1(x, row, at + i);

	return w ? v * scale * w[i] : v;
}

/* (a, b) -> (a cos - b sin, b cos + a sin) for dims i and i + half of each head */
__global__ void __launch_bounds__(ROW_BLOCK)
	rotate_rows(struct rows y, struct rows x, struct rotation t)
{
	size_t row = blockIdx.x;
	unsigned lane = threadIdx.x % 32;
	const float *cs = t.table + (size_t)t.place[row].pos * 2 * t.half;

	for (unsigned head = threadIdx.x / 32; head < t.heads; head += ROW_BLOCK / 32) {
		const float *w = head < t.queries ? t.q_norm : head < t.rotated ? t.k_norm : NULL;
		unsigned at = head * t.hd, half = head < t.rotated ? t.half : 0;
		float sum = 0, scale = 1;

		if (w) {
			for (unsigned i = lane; i < t.hd; i += 32)
				sum += row_load1(x, row, at + i) * row_load1(x, row, at + i);
			scale = 1.0f / sqrtf(row_sum<1>(sum, &sum) / (float)t.hd + t.eps);
		}
		for (unsigned i = lane; i < half; i += 32) {
			float a = normed(x, row, at, i, scale, w),
			      b = normed(x, row, at, i + half, scale, w);

			row_store1(y, row, at + i, a * cs[i] - b * cs[half + i]);
			row_store1(y, row, at + i + half, b * cs[i] + a * cs[half + i]);
		}
		for (unsigned i = 2 * half + lane; i < t.hd; i += 32)
			row_store1(y, row, at + i, normed(x, row, at, i, scale, w));
	}
}

void rope_forward(struct mat *y, const struct mat *x, const struct heads *h,
	const struct segments *s)
{
	assert(y->rows == x->rows && y->cols == x->cols && s->rows == x->rows);
	assert(y->cols == (size_t)((h->n_heads + 2 * h->n_kv) * h->head_dim));
	if (y->rows)
		LAUNCH(rotate_rows, (unsigned)y->rows, ROW_BLOCK, 0, rows_all(y), rows_all(x),
			rotation_of(h, s));
}

/* Dim i of a head's gradient rotated back: (a, b) -> (a cos + b sin, b cos - a sin) */
__device__ __forceinline__ float rotated_back(const struct rows &dy, size_t row, unsigned at,
	unsigned i, const float *cs, unsigned half)
{
	float a = row_load1(dy, row, at + i);

	if (i < half)
		return a * cs[i] + row_load1(dy, row, at + i + half) * cs[half + i];
	if (i < 2 * half)
		return a * cs[i - half] - row_load1(dy, row, at + i - half) * cs[i];
	return a;
}

/* The norm's part as norm_rows_back has it for RMS. x: what was normed. */
__global__ void __launch_bounds__(ROW_BLOCK)
	rotate_rows_back(struct rows dx, struct rows dy, struct rows x, struct rotation t)
{
	size_t row = blockIdx.x;
	unsigned lane = threadIdx.x % 32;
	const float *cs = t.table + (size_t)t.place[row].pos * 2 * t.half;

	for (unsigned head = threadIdx.x / 32; head < t.heads; head += ROW_BLOCK / 32) {
		const float *w = head < t.queries ? t.q_norm : head < t.rotated ? t.k_norm : NULL;
		unsigned at = head * t.hd, half = head < t.rotated ? t.half : 0;
		float scale = 1, slope = 0;

		if (w) {
			double sumsq = 0, gz = 0, n = (double)t.hd;

			for (unsigned i = lane; i < t.hd; i += 32) {
				double z = (double)row_load1(x, row, at + i);

				sumsq += z * z;
				gz += (double)(w[i] * rotated_back(dy, row, at, i, cs, half)) * z;
			}
			sumsq = row_sum<1>(sumsq, &sumsq);
			gz = row_sum<1>(gz, &gz);
			double r = 1.0 / sqrt(sumsq / n + (double)t.eps);
			scale = (float)r;
			slope = (float)(gz * r * r / n);
		}
		for (unsigned i = lane; i < t.hd; i += 32) {
			float d = rotated_back(dy, row, at, i, cs, half);

			row_store1(dx, row, at + i,
				w ? scale * (w[i] * d - row_load1(x, row, at + i) * slope) : d);
		}
	}
}

void op_rope_back(struct mat *dx, const struct mat *dy, const struct mat *x, const struct heads *h,
	const struct segments *s)
{
	assert(dx->rows == dy->rows && dx->cols == dy->cols && s->rows == dy->rows);
	assert(!h->q_norm || (x && x->rows == dy->rows && x->cols == dy->cols));
	if (dy->rows)
		LAUNCH(rotate_rows_back, (unsigned)dy->rows, ROW_BLOCK, 0, rows_all(dx),
			rows_all(dy), rows_all(x), rotation_of(h, s));
}
