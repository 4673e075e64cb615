/* mat - matrices of the CUDA backend: memory, rows in and out, weights
 *
 * Values are converted on the host, where they come from any thread: kernels are launched by the
 * main thread alone.
 */
#include "cuda/row.h"

#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"
#include "sys/threads.h"

#include <assert.h>
#include <limits.h>
#include <omp.h>
#include <stdlib.h>

int cuda_bf16;
double cuda_flops;

/* -- start ------------------------------------------------------------------------------------- */

void ops_init(int threads, const char *dtype)
{
	if (dtype && strcmp(dtype, "f32") && strcmp(dtype, "bf16"))
		misuse("%s: %s: f32 or bf16", setting(SETTING_DTYPE), dtype);
	threads_hold(threads);
	cuda_bf16 = !(dtype && !strcmp(dtype, "f32"));
	device_init();
}

enum dtype ops_dtype(void)
{
	return cuda_bf16 ? DTYPE_BF16 : DTYPE_F32;
}

const char *ops_dtype_name(void)
{
	return cuda_bf16 ? "bf16" : "f32";
}

const char *ops_kernel(void)
{
	return device_name();
}

double ops_flops(void)
{
	return cuda_flops;
}

/* -- memory ------------------------------------------------------------------------------------ */

static size_t element(const struct mat *m)
{
	return m->bf16 ? 2 : 4;
}

static struct mat *mat_make(int operand, size_t rows, size_t cols, size_t cap)
{
	struct mat *m = (struct mat *)xcalloc(1, sizeof *m);
	size_t size;

	m->operand = operand;
	m->bf16 = operand && cuda_bf16;
	m->rows = rows;
	m->cols = m->most = cols;
	m->ld = round_up(cols, 8);
	m->cap = cap;
	if (__builtin_mul_overflow(m->cap, m->ld, &size) || size > SIZE_MAX / 8)
		die("a matrix of %zu x %zu is too large", rows, cols);
	return m;
}

struct mat *mat_new(enum mat_type type, size_t rows, size_t cols)
{
	struct mat *m = mat_make(type == MAT_OPERAND, rows, cols, rows);

	m->data = device_alloc(mat_bytes(m));
	device_zero(m->data, mat_bytes(m));
	return m;
}

void mat_free(struct mat *m)
{
	if (!m)
		return;
	if (!m->borrowed) {
		device_free(m->data);
		coded_free(m->coded);
	}
	free(m);
}

struct mat *mat_columns(const struct mat *m, size_t col, size_t n)
{
	struct mat *v = (struct mat *)xcalloc(1, sizeof *v);

	assert(!m->uses && col + n <= m->cols);
	*v = *m;
	v->cols = n;
	v->data = (char *)m->data + col * element(m);
	v->borrowed = 1;
	return v;
}

size_t mat_rows(const struct mat *m)
{
	return m->rows;
}

size_t mat_cols(const struct mat *m)
{
	return m->cols;
}

size_t mat_bytes(const struct mat *m)
{
	return m->cap * m->ld * element(m);
}

void mat_resize(struct mat *m, size_t rows)
{
	assert(rows <= m->cap);
	m->rows = rows;
}

void mat_reshape(struct mat *m, size_t cols)
{
	assert(!m->uses && !m->borrowed && cols <= m->most);
	m->cols = cols;
	m->ld = round_up(cols, 8);
}

/* -- rows in and out --------------------------------------------------------------------------- */

static float up(uint16_t b)
{
	uint32_t u = (uint32_t)b << 16;
	float f;

	memcpy(&f, &u, sizeof f);
	return f;
}

static uint16_t down(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof u);
	if (f != f)
		return (uint16_t)(u >> 16 | 0x40);
	return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

/* Values of one type or the other as those of the other. */
static void convert(void *to, int to_bf16, const void *from, int from_bf16, size_t n)
{
	if (to_bf16 == from_bf16)
		memcpy(to, from, n * (to_bf16 ? 2 : 4));
	else if (to_bf16)
		for (size_t i = 0; i < n; i++)
			((uint16_t *)to)[i] = down(((const float *)from)[i]);
	else
		for (size_t i = 0; i < n; i++)
			((float *)to)[i] = up(((const uint16_t *)from)[i]);
}

void mat_put(struct mat *m, size_t row, size_t n, const float *rows)
{
	size_t count = n * m->cols, width = m->cols * element(m);
	void *as = m->bf16 ? xmalloc(count * 2) : NULL;

	assert(row + n <= m->rows);
	if (as)
		convert(as, 1, rows, 0, count);
	device_put_rows(mat_row(m, row), m->ld * element(m), as ? as : rows, width, width, n);
	free(as);
}

void mat_get(const struct mat *m, size_t row, size_t n, float *rows)
{
	size_t width = m->cols * element(m), count = n * m->cols;
	uint16_t *b = m->bf16 ? (uint16_t *)xmalloc(count * 2) : NULL;

	assert(row + n <= m->rows);
	device_get_rows(b ? (void *)b : rows, width, mat_row(m, row), m->ld * element(m), width, n);
	for (size_t i = 0; b && i < count; i++)
		rows[i] = up(b[i]);
	free(b);
}

/* y = scale x, a row where row says (NULL: its own). */
static __global__ void copy_rows(struct rows y, struct rows x, const uint64_t *row, float scale)
{
	size_t to = blockIdx.x, from = row ? row[to] : to;
	unsigned col = eights_mine();
	float f[8];

	if (col >= y.cols)
		return;
	row_load8(f, x, from, col);
	for (int i = 0; i < 8; i++)
		f[i] *= scale;
	row_store8(y, to, col, f);
}

static __global__ void zero_rows(struct rows y)
{
	const float zero[8] = { 0 };
	unsigned col = eights_mine();

	if (col < y.cols)
		row_store8(y, blockIdx.x, col, zero);
}

static void copy(struct mat *y, const struct mat *x, const uint64_t *row, size_t n, float scale)
{
	assert(y->cols == x->cols);
	LAUNCH(copy_rows, eights_grid(n, y->cols), eights_block(y->cols), 0, rows_all(y),
		rows_all(x), row, scale);
}

void op_zero(struct mat *y)
{
	LAUNCH(zero_rows, eights_grid(y->rows, y->cols), eights_block(y->cols), 0, rows_all(y));
}

void op_copy(struct mat *y, const struct mat *x)
{
	assert(y->rows == x->rows);
	op_copy_rows(y, 0, x, 0, x->rows);
}

void op_copy_rows(struct mat *y, size_t y_row, const struct mat *x, size_t x_row, size_t n)
{
	size_t size = element(x);

	assert(y->cols == x->cols && y->bf16 == x->bf16 && y_row + n <= y->rows &&
		x_row + n <= x->rows);
	device_copy_rows(mat_row(y, y_row), y->ld * size, mat_row(x, x_row), x->ld * size,
		x->cols * size, n);
}

void op_gather(struct mat *y, const struct mat *x, const size_t *row, size_t n)
{
	uint64_t *at = (uint64_t *)device_scratch(SCRATCH_ROWS, n * sizeof *at);

	static_assert(sizeof *row == sizeof *at, "rows are numbered with 64 bits");
	assert(n <= y->cap);
	y->rows = n;
	device_put(at, row, n * sizeof *at);
	copy(y, x, at, n, 1.0f);
}

void op_round(struct mat *y, const struct mat *x)
{
	assert(y->operand && !x->operand && y->rows == x->rows);
	copy(y, x, NULL, x->rows, 1.0f);
}

void op_scale(struct mat *y, float scale)
{
	assert(!y->operand);
	copy(y, y, NULL, y->rows, scale);
}

/* -- weights: [out, in], whatever they are for ------------------------------------------------- */

/* Rows that come from the host together, in bytes. */
enum { BLOCK_BYTES = 4 << 20 };

static struct mat *weight_make(size_t out, size_t in, int uses)
{
	struct mat *m = mat_make(1, out, in, out);

	m->uses = uses;
	if (uses & WEIGHT_NF4) {
		m->coded = coded_new();
		return m;
	}
	m->data = device_alloc(mat_bytes(m));
	if (m->ld != m->cols)
		device_zero(m->data, mat_bytes(m));
	return m;
}

struct mat *weight_new(size_t out, size_t in, int uses, struct weight_layout layout)
{
	(void)layout;
	return weight_make(out, in, uses);
}

struct mat *weight_new_b(size_t out, size_t rank, int uses, size_t in, size_t head_dim)
{
	(void)in;
	(void)head_dim;
	return weight_make(out, rank, uses);
}

struct mat *weight_new_a(size_t rank, size_t in, int uses, size_t out)
{
	(void)out;
	return weight_make(rank, in, uses);
}

struct mat *weight_new_packed(size_t out, size_t in, struct weight_layout layout)
{
	return weight_new(out, in, WEIGHT_FORWARD, layout);
}

void weight_put(struct mat *w, size_t row, size_t n, const float *rows)
{
	assert(w->uses && !w->coded);
	mat_put(w, row, n, rows);
}

void weight_put_nf4(struct mat *w, size_t row, size_t n, float *rows)
{
	assert(w->coded && row + n <= w->rows);
	coded_put(w->coded, row, n, w->cols, rows);
}

/* The stream comes to the weight's own memory before blocks do. */
void weight_unseal(struct mat *w)
{
	assert(w->uses);
	(void)w;
	device_send_after();
}

void weight_seal(struct mat *w)
{
	assert(w->uses);
	(void)w;
	device_sent_before();
}

void weight_refill(struct mat *w, const struct mat *from, float scale)
{
	assert(w->uses && !w->coded && from->rows == w->rows && !from->operand);
	copy(w, from, NULL, w->rows, scale);
}

/* Both products take a weight as it lies: no memory is needed, and transposing it is pointing at
 * it. */
struct mat *weight_new_transposed(size_t out, size_t in)
{
	struct mat *m = mat_make(1, out, in, out);

	m->uses = WEIGHT_BACKWARD;
	m->borrowed = 1;
	return m;
}

void weight_transpose(struct mat *to, const struct mat *w)
{
	assert(to->borrowed && w->uses && to->rows == w->rows && to->cols == w->cols);
	to->data = w->data;
	to->coded = w->coded;
}

static size_t block_rows(const struct mat *w)
{
	size_t n = BLOCK_BYTES / 4 / (w->cols ? w->cols : 1);

	return n ? n : 1;
}

int weight_blocks(const struct mat *w)
{
	return (int)((w->rows + block_rows(w) - 1) / block_rows(w));
}

void weight_block_rows(const struct mat *w, int block, size_t *row, size_t *n)
{
	*row = (size_t)block * block_rows(w);
	*n = min_size(block_rows(w), w->rows - *row);
}

void weight_put_block(struct mat *w, int block, const void *rows, enum dtype type)
{
	size_t first, n, width = w->cols * element(w);
	struct staged *s;

	weight_block_rows(w, block, &first, &n);
	s = device_stage(n * width);
	convert(device_staged(s), w->bf16, rows, type == DTYPE_BF16, n * w->cols);
	device_send(mat_row(w, first), w->ld * element(w), s, width, n);
}

size_t weight_bytes(size_t out, size_t in, int uses)
{
	if (uses & WEIGHT_NF4)
		return coded_bytes(out * in);
	return uses ? out * round_up(in, 8) * (cuda_bf16 ? 2 : 4) : 0;
}

/* One of them at a time is expanded: the stream multiplies by it before it expands another. */
size_t weight_scratch_bytes(size_t out, size_t in, int uses)
{
	return uses & WEIGHT_NF4 ? weight_bytes(out, in, WEIGHT_FORWARD) : 0;
}

size_t weight_transposed_bytes(size_t out, size_t in)
{
	(void)out;
	(void)in;
	return 0;
}

/* -- checks ------------------------------------------------------------------------------------ */

static __global__ void find_nonfinite(int *found, struct rows x)
{
	unsigned col = eights_mine();
	float f[8], sum = 0;

	if (col >= x.cols)
		return;
	row_load8(f, x, blockIdx.x, col);
	for (int i = 0; i < 8; i++)
		sum += __fsub_rn(f[i], f[i]); /* 0, or NaN for what is not finite */
	if (sum != 0)
		atomicMin(found, (int)blockIdx.x);
}

long op_find_nonfinite(const struct mat *x)
{
	int *at = (int *)device_scratch(SCRATCH_ROWS, sizeof *at), found = INT_MAX;

	device_put(at, &found, sizeof found);
	LAUNCH(find_nonfinite, eights_grid(x->rows, x->cols), eights_block(x->cols), 0, at,
		rows_all(x));
	device_get(&found, at, sizeof found);
	return found == INT_MAX ? -1 : found;
}
