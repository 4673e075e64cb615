/* device_product - products through cuBLASLt: the only file that knows it
 *
 * Every call has PRODUCT_ROWS rows, and the algorithm of a shape is chosen once, for matrices
 * aligned to 16 bytes, without splitting k: a row's bits then don't depend on how many rows there
 * are, nor on where they lie. Rows that fill no tile, or are not aligned, go by way of a scratch.
 * f32 is f32: COMPUTE_32F never takes TF32. cuBLASLt thinks in columns: our y = x w^T is its D =
 * op(A) B with A = w, B = x, D = y, and n, PRODUCT_ROWS, k as its m, n, k.
 */
#include "cuda/cuda.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <cublasLt.h>

enum { WORKSPACE = 32 << 20, CHOICES = 16 };

static cublasLtHandle_t handle;
static void *workspace;

static void check(cublasStatus_t s, const char *what)
{
	if (s != CUBLAS_STATUS_SUCCESS)
		die("cuBLASLt: %s: %s", what, cublasLtGetStatusString(s));
}

/* -- a shape, set up --------------------------------------------------------------------------- */

struct plan {
	size_t n, k;
	int bf16, how;
	cublasLtMatmulDesc_t desc;
	cublasLtMatmulAlgo_t algo;
	struct plan *next;
};

static cudaDataType_t type_of(int bf16)
{
	return bf16 ? CUDA_R_16BF : CUDA_R_32F;
}

/* The three matrices; row-major, so that their columns are our rows. */
struct layouts {
	cublasLtMatrixLayoutOpaque_t w, x, y;
};

static void layout(cublasLtMatrixLayoutOpaque_t *l, cudaDataType_t type, size_t rows, size_t cols,
	size_t ld)
{
	check(cublasLtMatrixLayoutInit(l, type, rows, cols, (int64_t)ld), "layout");
}

static void layouts_of(struct layouts *l, const struct plan *p, size_t ldw, size_t ldx, size_t ldy)
{
	if (p->how & PRODUCT_TRANSPOSED)
		layout(&l->w, type_of(p->bf16), p->n, p->k, ldw);
	else
		layout(&l->w, type_of(p->bf16), p->k, p->n, ldw);
	layout(&l->x, type_of(p->bf16), p->k, PRODUCT_ROWS, ldx);
	layout(&l->y, CUDA_R_32F, p->n, PRODUCT_ROWS, ldy);
}

static void prefer(cublasLtMatmulPreference_t p, cublasLtMatmulPreferenceAttributes_t what,
	const void *value, size_t bytes)
{
	check(cublasLtMatmulPreferenceSetAttribute(p, what, value, bytes), "preference");
}

static cublasLtMatmulPreference_t preference(void)
{
	cublasLtMatmulPreference_t p;
	uint32_t none = CUBLASLT_REDUCTION_SCHEME_NONE;
	uint32_t align = 16;
	size_t bytes = WORKSPACE;

	check(cublasLtMatmulPreferenceCreate(&p), "preference");
	prefer(p, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &bytes, sizeof bytes);
	prefer(p, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &none, sizeof none);
	prefer(p, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, &align, sizeof align);
	prefer(p, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, &align, sizeof align);
	prefer(p, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, &align, sizeof align);
	prefer(p, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, &align, sizeof align);
	return p;
}

/* Those that don't know the word don't split. */
static int splits(const cublasLtMatmulAlgo_t *a)
{
	int32_t n = 1;
	size_t written;

	return cublasLtMatmulAlgoConfigGetAttribute(a, CUBLASLT_ALGO_CONFIG_SPLITK_NUM, &n,
		       sizeof n, &written) == CUBLAS_STATUS_SUCCESS &&
		n > 1;
}

/* The first one that the library advises and that does not split k. */
static void choose(struct plan *p)
{
	size_t ldn = round_up(p->n, 8), ldk = round_up(p->k, 8);
	struct layouts l;
	cublasLtMatmulPreference_t options = preference();
	cublasLtMatmulHeuristicResult_t r[CHOICES];
	int n = 0, i;

	layouts_of(&l, p, p->how & PRODUCT_TRANSPOSED ? ldn : ldk, ldk, ldn);
	check(cublasLtMatmulAlgoGetHeuristic(handle, p->desc, &l.w, &l.x, &l.y, &l.y, options,
		      CHOICES, r, &n),
		"algorithm");
	for (i = 0; i < n && (r[i].state != CUBLAS_STATUS_SUCCESS || splits(&r[i].algo)); i++)
		;
	if (i == n)
		die("cuBLASLt: no algorithm for a product of %zu x %zu", p->n, p->k);
	p->algo = r[i].algo;
	cublasLtMatmulPreferenceDestroy(options);
}

static const struct plan *plan_get(size_t n, size_t k, int bf16, int how)
{
	static struct plan *all;
	cublasOperation_t transpose = how & PRODUCT_TRANSPOSED ? CUBLAS_OP_N : CUBLAS_OP_T;
	struct plan *p = all;

	if (!handle) {
		check(cublasLtCreate(&handle), "start");
		workspace = device_alloc(WORKSPACE);
	}
	how &= PRODUCT_TRANSPOSED;
	while (p && (p->n != n || p->k != k || p->bf16 != bf16 || p->how != how))
		p = p->next;
	if (p)
		return p;
	p = (struct plan *)xcalloc(1, sizeof *p);
	p->n = n;
	p->k = k;
	p->bf16 = bf16;
	p->how = how;
	check(cublasLtMatmulDescCreate(&p->desc, CUBLAS_COMPUTE_32F, CUDA_R_32F), "product");
	check(cublasLtMatmulDescSetAttribute(p->desc, CUBLASLT_MATMUL_DESC_TRANSA, &transpose,
		      sizeof transpose),
		"product");
	choose(p);
	p->next = all;
	return all = p;
}

/* -- running it -------------------------------------------------------------------------------- */

static cublasStatus_t run(const struct plan *p, float *y, size_t ldy, struct part_of x,
	struct part_of w, int add)
{
	struct layouts l;
	float alpha = 1, beta = add ? 1 : 0;

	layouts_of(&l, p, w.ld, x.ld, ldy);
	return cublasLtMatmul(handle, p->desc, &alpha, w.data, &l.w, x.data, &l.x, &beta, y, &l.y,
		y, &l.y, &p->algo, workspace, WORKSPACE, device_stream);
}

static int aligned(const void *p, size_t ld, size_t size)
{
	return ((uintptr_t)p | ld * size) % 16 == 0;
}

/* The rows in a scratch of a tile's height, as the algorithm was chosen for. */
static struct part_of apart(int slot, struct part_of m, size_t rows, size_t cols, size_t size,
	int copy)
{
	size_t ld = round_up(cols, 8);
	struct part_of to = { device_scratch(slot, PRODUCT_ROWS * ld * size), ld };

	if (copy)
		device_copy_rows((void *)to.data, ld * size, m.data, m.ld * size, cols * size,
			rows);
	return to;
}

/* One tile of up to PRODUCT_ROWS rows. */
static void tile(const struct plan *p, float *y, size_t ldy, struct part_of x, struct part_of w,
	size_t rows, int how)
{
	size_t size = p->bf16 ? 2 : 4;
	struct part_of plain = { y, ldy }, left = x, to = plain;
	int add = how & PRODUCT_ADD;
	int copy_x = rows < PRODUCT_ROWS || !aligned(x.data, x.ld, size);
	int copy_y = (rows < PRODUCT_ROWS && !(how & PRODUCT_PADDED)) || !aligned(y, ldy, 4);
	cublasStatus_t s;

	if (copy_x)
		left = apart(SCRATCH_PAD_X, x, rows, p->k, size, 1);
	if (copy_y)
		to = apart(SCRATCH_PAD_Y, plain, rows, p->n, 4, add);
	s = run(p, (float *)to.data, to.ld, left, w, add);
	/* the algorithm minds the distance of rows */
	if (s == CUBLAS_STATUS_NOT_SUPPORTED && !(copy_x && copy_y)) {
		left = copy_x ? left : apart(SCRATCH_PAD_X, x, rows, p->k, size, 1);
		to = copy_y ? to : apart(SCRATCH_PAD_Y, plain, rows, p->n, 4, add);
		copy_y = 1;
		s = run(p, (float *)to.data, to.ld, left, w, add);
	}
	check(s, "product");
	if (copy_y)
		device_copy_rows(y, ldy * 4, to.data, to.ld * 4, p->n * 4, rows);
}

void product(float *y, size_t ldy, struct part_of x, struct part_of w, int bf16, size_t rows,
	size_t n, size_t k, int how)
{
	const struct plan *p = plan_get(n, k, bf16, how);
	size_t size = bf16 ? 2 : 4;

	for (size_t row = 0; row < rows; row += PRODUCT_ROWS) {
		tile(p, y + row * ldy, ldy, x, w, min_size(PRODUCT_ROWS, rows - row), how);
		x.data = (const char *)x.data + PRODUCT_ROWS * x.ld * size;
	}
}
