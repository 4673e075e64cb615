/* product - what is made of products: sums with bias and adapters, then rounding, activation,
 * rotation; weight gradients
 *
 * A product gives f32; what follows it goes over that once more. Results that are kept as operands
 * are made of a tile of rows at a time, so that their f32 values need no more memory than that.
 * product() itself is in device_product.cu and emu_product.cu.
 */
#include "cuda/row.h"

#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>

/* -- sums -------------------------------------------------------------------------------------- */

static __global__ void add_bias(struct rows y, struct rows bias)
{
	unsigned col = eights_mine();
	float f[8], b[8];

	if (col >= y.cols)
		return;
	row_load8(f, y, blockIdx.x, col);
	row_load8(b, bias, 0, col);
	for (int i = 0; i < 8; i++)
		f[i] += b[i];
	row_store8(y, blockIdx.x, col, f);
}

/* y[T, n] += x[T, k] w^T or, transposed, x w. */
static void multiply(struct mat *y, const struct mat *x, const struct mat *w, int how)
{
	int transposed = how & PRODUCT_TRANSPOSED;
	size_t n = transposed ? w->cols : w->rows, k = transposed ? w->rows : w->cols;
	const struct mat *whole = weight_whole(w);
	struct part_of left = { x->data, x->ld }, right = { whole->data, whole->ld };

	assert(!y->bf16 && y->cols == n && x->cols == k && x->rows == y->rows &&
		x->bf16 == w->bf16 && w->uses && whole->data);
	cuda_flops += 2.0 * (double)x->rows * (double)n * (double)k;
	product((float *)y->data, y->ld, left, right, x->bf16, x->rows, n, k, how);
}

/* Rows first .. first+n-1, as a matrix. */
static struct mat some_rows(const struct mat *m, size_t first, size_t n)
{
	struct mat v = *m;

	assert(first + n <= m->rows);
	v.data = mat_row(m, first);
	v.rows = n;
	v.cap = m->cap - first;
	v.borrowed = 1;
	return v;
}

/* f32 values [rows, cols] in a scratch that holds whole tiles. */
static struct mat scratch_mat(int slot, size_t rows, size_t cols)
{
	struct mat m = { 0, 0, rows, cols, round_up(cols, 8), rows, cols, NULL, 1, 0 };

	m.data = device_scratch(slot, round_up(rows, PRODUCT_ROWS) * m.ld * 4);
	return m;
}

static void add_lora(struct mat *y, const struct lora_term *lora, const struct segments *s, int how)
{
	struct mat part = *y, x;

	part.cols = how & PRODUCT_TRANSPOSED ? lora->b->cols : lora->b->rows;
	part.data = mat_f32(y, 0) + (size_t)lora->part * part.cols;
	if (!lora->drop) {
		multiply(&part, lora->x, lora->b,
			(how & (PRODUCT_TRANSPOSED | PRODUCT_PADDED)) | PRODUCT_ADD);
		return;
	}
	x = scratch_mat(SCRATCH_LORA, y->rows, part.cols);
	multiply(&x, lora->x, lora->b, (how & PRODUCT_TRANSPOSED) | PRODUCT_PADDED);
	dropped_add(&part, &x, lora->drop, s);
}

/* y (f32) = or, with PRODUCT_ADD, += the product + bias + lora. */
static void sum(struct mat *y, const struct mat *x, const struct mat *w, const struct mat *bias,
	const struct lora_term *lora, const struct segments *s, int how)
{
	multiply(y, x, w, how);
	for (int i = 0; lora && i < 2; i++)
		if (lora[i].x)
			add_lora(y, &lora[i], s, how);
	if (bias)
		LAUNCH(add_bias, eights_grid(y->rows, y->cols), eights_block(y->cols), 0,
			rows_all(y), rows_all(bias));
}

/* -- what goes over a sum, tile by tile -------------------------------------------------------- */

struct over {
	const struct mat *x, *w, *bias;
	const struct lora_term *lora;
	const struct segments *seg;
	int how;
};

/* The sum of rows row .. row+n-1, which holds until the next one. */
static struct mat tile_sum(const struct over *o, size_t row, size_t n)
{
	struct mat y = scratch_mat(SCRATCH_SUM, n,
		o->how & PRODUCT_TRANSPOSED ? o->w->cols : o->w->rows);
	struct mat x = some_rows(o->x, row, n), lora_x[2];
	struct lora_term lora[2] = { { 0 }, { 0 } };

	for (int i = 0; o->lora && i < 2; i++) {
		lora[i] = o->lora[i];
		if (lora[i].x) {
			lora_x[i] = some_rows(lora[i].x, row, n);
			lora[i].x = &lora_x[i];
		}
	}
	sum(&y, &x, o->w, o->bias, lora, o->seg, o->how | PRODUCT_PADDED);
	return y;
}

/* Rows of a tile: all of them where a mask needs to know where rows stand. */
static size_t tile_rows(const struct over *o)
{
	for (int i = 0; o->lora && i < 2; i++)
		if (o->lora[i].x && o->lora[i].drop)
			return o->x->rows ? o->x->rows : 1;
	return PRODUCT_ROWS;
}

static void matmul(struct mat *y, const struct over *o, int accumulate)
{
	size_t step = tile_rows(o);

	assert(y->rows == o->x->rows && !(accumulate && y->operand));
	if (!y->operand) {
		sum(y, o->x, o->w, o->bias, o->lora, o->seg,
			o->how | (accumulate ? PRODUCT_ADD : 0));
		return;
	}
	for (size_t row = 0; row < y->rows; row += step) {
		size_t n = min_size(step, y->rows - row);
		struct mat u = tile_sum(o, row, n), to = some_rows(y, row, n);

		op_round(&to, &u);
	}
}

void op_matmul(struct mat *y, const struct mat *x, const struct mat *w, const struct mat *bias,
	int accumulate, const struct lora_term *lora)
{
	struct over o = { x, w, bias, lora, NULL, 0 };

	matmul(y, &o, accumulate);
}

void op_matmul_back(struct mat *y, const struct mat *g, const struct mat *w, int accumulate,
	const struct lora_term *lora, const struct segments *s)
{
	struct over o = { g, w, NULL, lora, s, PRODUCT_TRANSPOSED };

	matmul(y, &o, accumulate);
}

void op_matmul_dropped(struct mat *y, const struct mat *x, const struct dropout *drop,
	const struct segments *s, const struct mat *w)
{
	assert(x->operand && y->operand);
	op_matmul(y, dropped(x, drop, s), w, NULL, 0, NULL);
}

void op_matmul_rope(struct mat *y, struct mat *plain, const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora, const struct heads *h,
	const struct segments *s)
{
	struct mat u = plain ? *plain : scratch_mat(SCRATCH_SUM, x->rows, w->rows);

	assert(y->rows == x->rows && y->cols == w->rows && s->rows == x->rows && !u.operand &&
		u.rows == x->rows);
	sum(&u, x, w, bias, lora, s, plain ? 0 : PRODUCT_PADDED);
	rope_forward(y, &u, h, s);
}

void op_matmul_act(struct mat *y, struct mat *up, const struct mat *x, const struct mat *w,
	const struct mat *bias, const struct lora_term *lora, int kind, int gated)
{
	struct over o = { x, w, bias, lora, NULL, 0 };

	assert(y->rows == x->rows && y->cols * (gated ? 2 : 1) == w->rows);
	assert(!up || (up->rows == x->rows && up->cols == w->rows));
	for (size_t row = 0; row < x->rows; row += PRODUCT_ROWS) {
		size_t n = min_size(PRODUCT_ROWS, x->rows - row);
		struct mat u = tile_sum(&o, row, n), to = some_rows(y, row, n);

		if (up) {
			struct mat kept = some_rows(up, row, n);

			op_round(&kept, &u);
			act_forward(&to, &kept, kind, gated);
		} else {
			act_forward(&to, &u, kind, gated);
		}
	}
}

void op_matmul_act_back(struct mat *dx, struct mat *act, const struct mat *x, const struct mat *g,
	const struct mat *w, const struct lora_term *lora, const struct segments *s, int kind,
	int gated)
{
	struct over o = { g, w, NULL, lora, s, PRODUCT_TRANSPOSED };
	size_t step = tile_rows(&o);

	assert(dx->rows == g->rows && x->rows == g->rows && act->rows == g->rows &&
		act->cols == w->cols);
	assert(dx->cols == x->cols && x->cols == (gated ? 2 : 1) * act->cols);
	for (size_t row = 0; row < g->rows; row += step) {
		size_t n = min_size(step, g->rows - row);
		struct mat dy = tile_sum(&o, row, n), to = some_rows(dx, row, n),
			   y = some_rows(act, row, n);
		struct mat u = some_rows(x, row, n);

		act_backward(&to, &y, &u, &dy, kind, gated);
	}
}

void op_logits(float *logits, const struct mat *h, const struct mat *w, const struct mat *bias)
{
	struct mat *y = mat_new(MAT_F32, h->rows, w->rows);

	op_matmul(y, h, w, bias, 0, NULL);
	mat_get(y, 0, h->rows, logits);
	mat_free(y);
}

/* -- weight gradients -------------------------------------------------------------------------- */

/* dw[M, N] += g[T, M]^T x[T, N]: each block a tile of dw, through all rows in steps that begin with
 * their sequence, sums going on from what is there. A step's rows are copied while earlier ones are
 * multiplied. */
enum {
	STEP = 32,
	STAGES = 4,
	TILE_M = 32,
	TILE_N = 64,
	PITCH_M = TILE_M + 8,
	PITCH_N = TILE_N + 8,
	WEIGHT_BLOCK = 128
};

struct step {
	uint32_t first, len;
}; /* rows */

/* Columns col .. col+width-1 of a step's rows to shared memory, zeros where there are none. */
static __device__ __forceinline__ void step_copy(uint16_t *to, int pitch, int width,
	const struct rows &m, struct step s, unsigned col)
{
	for (int i = threadIdx.x; i < STEP * width / 8; i += WEIGHT_BLOCK) {
		int row = i / (width / 8), c = i % (width / 8) * 8;
		int valid = row < (int)s.len && col + (unsigned)c < m.cols;
		const uint16_t *from = (const uint16_t *)m.data +
			((size_t)s.first + (size_t)row) * m.ld + col + (unsigned)c;

		if (m.wide) {
			copy_async16(to + row * pitch + c, valid ? from : (const uint16_t *)m.data,
				valid);
			continue;
		}
		for (int j = 0; j < 8; j++)
			to[row * pitch + c + j] = valid && col + (unsigned)(c + j) < m.cols
				? from[j]
				: 0;
	}
}

/* The warp's part of the tile, 16 x 32: acc += over one step. */
static __device__ __forceinline__ void step_multiply(float acc[4][4], const uint16_t *g,
	const uint16_t *x)
{
	int lane = threadIdx.x % 32, m = threadIdx.x / 64 * 16, n = threadIdx.x / 32 % 2 * 32;

#pragma unroll
	for (int k = 0; k < STEP; k += 16) {
		uint32_t a[4], b[4];

		ldmatrix_x4_trans(a,
			g + (k + lane % 8 + lane / 16 * 8) * PITCH_M + m + lane / 8 % 2 * 8);
#pragma unroll
		for (int j = 0; j < 4; j += 2) {
			ldmatrix_x4_trans(b,
				x + (k + lane % 16) * PITCH_N + n + j * 8 + lane / 16 * 8);
			mma_bf16(acc[j], a, b);
			mma_bf16(acc[j + 1], a, b + 2);
		}
	}
}

/* The warp's part of dw in or out. */
static __device__ __forceinline__ void tile_move(float acc[4][4], float *dw, size_t ld,
	unsigned rows, unsigned cols, int store)
{
	unsigned lane = threadIdx.x % 32,
		 row = blockIdx.y * TILE_M + threadIdx.x / 64 * 16 + lane / 4;
	unsigned col = blockIdx.x * TILE_N + threadIdx.x / 32 % 2 * 32 + lane % 4 * 2;

#pragma unroll
	for (unsigned j = 0; j < 4; j++)
#pragma unroll
		for (unsigned i = 0; i < 4; i++) {
			unsigned r = row + i / 2 * 8, c = col + j * 8 + i % 2;

			if (r >= rows || c >= cols)
				continue;
			if (store)
				dw[r * ld + c] = acc[j][i];
			else
				acc[j][i] = dw[r * ld + c];
		}
}

static __global__ void __launch_bounds__(WEIGHT_BLOCK) weight_bf16(float *dw, size_t ld,
	struct rows g, struct rows x, const struct step *step, int steps)
{
	SHARED(uint16_t, left, STAGES * STEP * PITCH_M);
	SHARED(uint16_t, right, STAGES * STEP * PITCH_N);
	float acc[4][4] = { { 0 } };

	tile_move(acc, dw, ld, g.cols, x.cols, 0);
	for (int i = 0; i < steps + STAGES - 1; i++) {
		if (i < steps) {
			int at = i % STAGES;

			step_copy(left + at * STEP * PITCH_M, PITCH_M, TILE_M, g, step[i],
				blockIdx.y * TILE_M);
			step_copy(right + at * STEP * PITCH_N, PITCH_N, TILE_N, x, step[i],
				blockIdx.x * TILE_N);
		}
		copy_async_commit();
		if (i < STAGES - 1)
			continue;
		copy_async_wait<STAGES - 1>();
		__syncthreads();
		step_multiply(acc, left + (i + 1) % STAGES * STEP * PITCH_M,
			right + (i + 1) % STAGES * STEP * PITCH_N);
		__syncthreads();
	}
	tile_move(acc, dw, ld, g.cols, x.cols, 1);
}

/* The same in f32, each thread one column of some rows of the tile. */
static __global__ void __launch_bounds__(256, 4) weight_f32(float *dw, size_t ld, struct rows g,
	struct rows x, const struct step *step, int steps)
{
	SHARED(float, left, STEP *TILE_M);
	SHARED(float, right, STEP *TILE_N);
	unsigned c = threadIdx.x % TILE_N, r0 = threadIdx.x / TILE_N, col = blockIdx.x * TILE_N + c,
		 row = blockIdx.y * TILE_M;
	float acc[TILE_M / 4];

#pragma unroll
	for (unsigned r = 0; r < TILE_M / 4; r++) {
		unsigned at = row + r0 + 4 * r;

		acc[r] = at < g.cols && col < x.cols ? dw[at * ld + col] : 0.0f;
	}
	for (int i = 0; i < steps; i++) {
		struct step s = step[i];

		__syncthreads();
		for (unsigned t = threadIdx.x; t < STEP * TILE_M; t += 256) {
			unsigned k = t / TILE_M, m = row + t % TILE_M;

			left[t] = k < s.len && m < g.cols ? row_load1(g, s.first + k, m) : 0.0f;
		}
		for (unsigned k = r0; k < STEP; k += 4)
			right[k * TILE_N + c] = k < s.len && col < x.cols
				? row_load1(x, s.first + k, col)
				: 0.0f;
		__syncthreads();
		for (unsigned k = 0; k < STEP; k++) {
			float f = right[k * TILE_N + c];

#pragma unroll
			for (unsigned r = 0; r < TILE_M / 4; r++)
				acc[r] = fmaf(left[k * TILE_M + r0 + 4 * r], f, acc[r]);
		}
	}
#pragma unroll
	for (unsigned r = 0; r < TILE_M / 4; r++) {
		unsigned at = row + r0 + 4 * r;

		if (at < g.cols && col < x.cols)
			dw[at * ld + col] = acc[r];
	}
}

/* The steps of all sequences, in the stream's order, in device memory. */
static const struct step *steps_put(int *n, const struct segments *s)
{
	struct step *step = (struct step *)xcalloc(s->rows / STEP + (size_t)s->n + 1, sizeof *step);
	struct step *at;

	*n = 0;
	for (int j = 0; j < s->n; j++)
		for (size_t t = 0; t < s->seg[j].len; t += STEP) {
			step[*n].first = (uint32_t)(s->seg[j].first + t);
			step[(*n)++].len = (uint32_t)min_size(STEP, s->seg[j].len - t);
		}
	at = (struct step *)device_scratch(SCRATCH_SEGMENTS, (size_t)*n * sizeof *step);
	device_put(at, step, (size_t)*n * sizeof *step);
	free(step);
	return at;
}

void op_weight_gradient(struct mat *dw, const struct mat *g, const struct mat *x,
	const struct dropout *drop, const struct segments *s)
{
	dim3 grid((unsigned)((x->cols + TILE_N - 1) / TILE_N),
		(unsigned)((g->cols + TILE_M - 1) / TILE_M));
	const struct step *step;
	int steps;

	assert(!dw->bf16 && dw->rows == g->cols && dw->cols == x->cols && g->rows == x->rows &&
		s->rows == x->rows);
	assert(g->bf16 == x->bf16);
	cuda_flops += 2.0 * (double)g->rows * (double)g->cols * (double)x->cols;
	x = dropped(x, drop, s);
	step = steps_put(&steps, s);
	if (g->bf16)
		LAUNCH(weight_bf16, grid, WEIGHT_BLOCK, 0, (float *)dw->data, dw->ld, rows_all(g),
			rows_all(x), step, steps);
	else
		LAUNCH(weight_f32, grid, 256, 0, (float *)dw->data, dw->ld, rows_all(g),
			rows_all(x), step, steps);
}
