/* product - a tile of rows times a packed panel, through oneDNN: the only file that knows it
 *
 * Every call is single-threaded, on one tile of rows and one panel of columns, inside our own
 * parallel loops: a row's bits then depend on its own numbers and the panel alone. Shapes are few,
 * and each is set up once. The blocking is chosen for one thread, so that -j changes nothing.
 * Results go to a dense block first (oneDNN's fast kernels write no other), and what belongs to
 * them, bias, sums, rounding, is done on the way from there. oneDNN 2 has operation descriptors and
 * 3 has not: the few calls that differ stand together at the top.
 */
#include "cpu/cpu.h"

#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"
#include "sys/threads.h"

#include <assert.h>
#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	/* of packed weights: with a block of results, a core's second-level cache */
	PANEL_BYTES = 512 * 1024,
};

static dnnl_engine_t engine;   /* made by ops_init, */
static omp_nest_lock_t making; /* and held while a product is set up */

static void check(dnnl_status_t s, const char *what)
{
	if (s != dnnl_success)
		die("oneDNN: %s failed with status %d", what, (int)s);
}

/* Around what makes or runs a primitive: oneDNN sees one thread. It asks OpenMP whether it is in a
 * parallel region, and a team of one is none; it would divide the work among as many threads as it
 * is told there are, and lose the shares of those that it doesn't get. The count is the calling
 * thread's own, and restored. */
static int alone(void)
{
	int threads = omp_get_max_threads();

	if (threads != 1)
		omp_set_num_threads(1);
	return threads;
}

static void together(int threads)
{
	if (threads != 1)
		omp_set_num_threads(threads);
}

static void execute(dnnl_primitive_t prim, dnnl_stream_t stream, int n, const dnnl_exec_arg_t *args,
	const char *what)
{
	int threads = alone();

	check(dnnl_primitive_execute(prim, stream, n, args), what);
	together(threads);
}

/* -- what differs between oneDNN 2 and 3 ------------------------------------------------------- */

#if DNNL_VERSION_MAJOR >= 3
static void desc_strided(dnnl_memory_desc_t *d, const dnnl_dims_t dims, dnnl_data_type_t t,
	const dnnl_dims_t strides)
{
	check(dnnl_memory_desc_create_with_strides(d, 2, dims, t, strides), "layout");
}

static void desc_any(dnnl_memory_desc_t *d, const dnnl_dims_t dims, dnnl_data_type_t t)
{
	check(dnnl_memory_desc_create_with_tag(d, 2, dims, t, dnnl_format_tag_any), "layout");
}

static void desc_pairs(dnnl_memory_desc_t *d, size_t rows, size_t cols)
{
	const dnnl_dims_t dims = { (dnnl_dim_t)rows, (dnnl_dim_t)cols };

	check(dnnl_memory_desc_create_with_tag(d, 2, dims, dnnl_bf16, dnnl_BA16a64b2a), "layout");
}

static void matmul_desc(dnnl_primitive_desc_t *pd, dnnl_memory_desc_t *x, dnnl_memory_desc_t *w,
	dnnl_memory_desc_t *y, dnnl_primitive_attr_t attr)
{
	check(dnnl_matmul_primitive_desc_create(pd, engine, *x, *w, NULL, *y, attr), "matmul");
}

static dnnl_status_t post_sum(dnnl_post_ops_t ops)
{
	return dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
}

typedef const_dnnl_memory_desc_t layout;
#define LAYOUT(d) (d)
#else
static void desc_strided(dnnl_memory_desc_t *d, const dnnl_dims_t dims, dnnl_data_type_t t,
	const dnnl_dims_t strides)
{
	check(dnnl_memory_desc_init_by_strides(d, 2, dims, t, strides), "layout");
}

static void desc_any(dnnl_memory_desc_t *d, const dnnl_dims_t dims, dnnl_data_type_t t)
{
	check(dnnl_memory_desc_init_by_tag(d, 2, dims, t, dnnl_format_tag_any), "layout");
}

static void desc_pairs(dnnl_memory_desc_t *d, size_t rows, size_t cols)
{
	const dnnl_dims_t dims = { (dnnl_dim_t)rows, (dnnl_dim_t)cols };

	check(dnnl_memory_desc_init_by_tag(d, 2, dims, dnnl_bf16, dnnl_BA16a64b2a), "layout");
}

static void matmul_desc(dnnl_primitive_desc_t *pd, dnnl_memory_desc_t *x, dnnl_memory_desc_t *w,
	dnnl_memory_desc_t *y, dnnl_primitive_attr_t attr)
{
	dnnl_matmul_desc_t op;

	check(dnnl_matmul_desc_init(&op, x, w, NULL, y), "matmul");
	check(dnnl_primitive_desc_create(pd, &op, attr, engine, NULL), "matmul");
}

static dnnl_status_t post_sum(dnnl_post_ops_t ops)
{
	return dnnl_post_ops_append_sum(ops, 1.0f);
}

typedef const dnnl_memory_desc_t *layout;
#define LAYOUT(d) (&(d))
#endif

/* -- one shape, set up ------------------------------------------------------------------------- */

/* x[TILE, k] w, w[k, n] packed as oneDNN likes it. */
struct key { /* compared as bytes */
	size_t n, k;
	size_t add; /* 1: added to what is there */
};

struct product {
	struct key key;
	dnnl_primitive_t prim;
	dnnl_primitive_desc_t pd;
	size_t scratch;
	struct product *next;
};

static dnnl_data_type_t operand_type(void)
{
	return cpu_bf16 ? dnnl_bf16 : dnnl_f32;
}

static struct key key_packed(size_t n, size_t k)
{
	return (struct key){ n, k, 0 };
}

static void strided(dnnl_memory_desc_t *d, size_t rows, size_t cols, size_t row, size_t col,
	dnnl_data_type_t t)
{
	dnnl_dims_t dims = { (dnnl_dim_t)rows, (dnnl_dim_t)cols },
		    strides = { (dnnl_dim_t)row, (dnnl_dim_t)col };

	desc_strided(d, dims, t, strides);
}

static layout query(const struct product *p, dnnl_query_t what, int index)
{
	return dnnl_primitive_desc_query_md(p->pd, what, index);
}

static dnnl_primitive_attr_t attributes(int add)
{
	dnnl_primitive_attr_t attr;
	dnnl_post_ops_t ops;

	check(dnnl_primitive_attr_create(&attr), "attributes");
	check(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user),
		"scratchpad");
	if (add) {
		check(dnnl_post_ops_create(&ops), "attributes");
		check(post_sum(ops), "attributes");
		check(dnnl_primitive_attr_set_post_ops(attr, ops), "attributes");
		dnnl_post_ops_destroy(ops);
	}
	return attr;
}

static struct product *product_make(const struct key *k)
{
	struct product *p = xcalloc(1, sizeof *p);
	dnnl_primitive_attr_t attr = attributes(k->add != 0);
	dnnl_memory_desc_t x, w, y;
	int threads = alone();

	p->key = *k;
	strided(&x, TILE, k->k, k->k, 1, operand_type());
	desc_any(&w, (dnnl_dims_t){ (dnnl_dim_t)k->k, (dnnl_dim_t)k->n }, operand_type());
	strided(&y, TILE, k->n, k->n, 1, dnnl_f32);
	matmul_desc(&p->pd, &x, &w, &y, attr);
	check(dnnl_primitive_create(&p->prim, p->pd), "matmul");
	dnnl_primitive_attr_destroy(attr);
	p->scratch = dnnl_memory_desc_get_size(query(p, dnnl_query_scratchpad_md, 0));
	together(threads);
	return p;
}

/* The product of a shape, made when first met; from any thread. */
static struct product *product_get(const struct key *k)
{
	static struct product *all;
	static _Thread_local struct product *last;
	struct product *p = last;

	if (p && !memcmp(&p->key, k, sizeof *k))
		return p;
	omp_set_nest_lock(&making);
	for (p = all; p && memcmp(&p->key, k, sizeof *k); p = p->next)
		;
	if (!p) {
		p = product_make(k);
		p->next = all;
		all = p;
	}
	omp_unset_nest_lock(&making);
	return last = p;
}

/* -- running one ------------------------------------------------------------------------------- */

static dnnl_memory_t memory(layout l, void *data)
{
	dnnl_memory_t m;

	check(dnnl_memory_create(&m, l, engine, data), "memory");
	return m;
}

/* The memories of one product in one thread: made once, then only pointed elsewhere. */
struct bound {
	const struct product *p;
	dnnl_memory_t x, w, y, scratch;
	struct bound *next;
};

static struct bound *bound_get(const struct product *p)
{
	static _Thread_local struct bound *all;
	struct bound *b = all;

	while (b && b->p != p)
		b = b->next;
	if (b)
		return b;
	b = xcalloc(1, sizeof *b);
	b->p = p;
	b->x = memory(query(p, dnnl_query_src_md, 0), DNNL_MEMORY_NONE);
	b->w = memory(query(p, dnnl_query_weights_md, 0), DNNL_MEMORY_NONE);
	b->y = memory(query(p, dnnl_query_dst_md, 0), DNNL_MEMORY_NONE);
	b->scratch = memory(query(p, dnnl_query_scratchpad_md, 0), DNNL_MEMORY_NONE);
	b->next = all;
	return all = b;
}

static dnnl_stream_t get_stream(void)
{
	static _Thread_local dnnl_stream_t stream;

	if (!stream)
		check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags), "stream");
	return stream;
}

static layout query_layout(dnnl_memory_t m)
{
	layout l;

	check(dnnl_memory_get_memory_desc(m, &l), "memory");
	return l;
}

static void point(dnnl_memory_t m, const void *data)
{
	check(dnnl_memory_set_data_handle(m, (void *)(uintptr_t)data), "memory");
}

static void product_run(const struct product *p, float *y, const void *x, const void *w)
{
	struct bound *b = bound_get(p);
	dnnl_exec_arg_t args[4] = {
		{ DNNL_ARG_SRC, b->x },
		{ DNNL_ARG_WEIGHTS, b->w },
		{ DNNL_ARG_DST, b->y },
		{ DNNL_ARG_SCRATCHPAD, b->scratch },
	};

	point(b->x, x);
	point(b->w, w);
	point(b->y, y);
	point(b->scratch, cpu_scratch(SCRATCH_PRODUCT, p->scratch));
	execute(p->prim, get_stream(), 4, args, "product");
}

/* -- packed weights ---------------------------------------------------------------------------- */

static size_t panels_of_part(const struct panels *p)
{
	return (p->n / (size_t)p->parts + p->width - 1) / p->width;
}

int panels_count(const struct panels *p)
{
	return p->parts * (int)panels_of_part(p);
}

void panels_range(const struct panels *p, int panel, size_t *first, size_t *width)
{
	size_t part = p->n / (size_t)p->parts, at = (size_t)panel % panels_of_part(p) * p->width;

	*first = (size_t)panel / panels_of_part(p) * part + at;
	*width = min_size(p->width, part - at);
}

static size_t packed_bytes(size_t n, size_t k)
{
	struct key key = key_packed(n, k);

	return (dnnl_memory_desc_get_size(query(product_get(&key), dnnl_query_weights_md, 0)) +
		       63) /
		64 * 64;
}

size_t panels_bytes(size_t n, size_t k)
{
	size_t w = panel_width(n, k, GRAIN);

	return (n + w - 1) / w * packed_bytes(w, k);
}

/* How a plain panel becomes a packed one, in one thread: made once for each shape. */
struct packing {
	size_t n, k, stride_n, stride_k;
	int pairs;                   /* 1: pack_pairs does it */
	dnnl_primitive_t prim, back; /* made when first asked for */
	dnnl_memory_t plain, packed;
	struct packing *next;
};

static dnnl_primitive_t reorder(layout from, layout to)
{
	dnnl_primitive_desc_t pd;
	dnnl_primitive_t prim;
	int threads = alone();

	check(dnnl_reorder_primitive_desc_create(&pd, from, engine, to, engine, NULL), "packing");
	check(dnnl_primitive_create(&prim, pd), "packing");
	dnnl_primitive_desc_destroy(pd);
	together(threads);
	return prim;
}

static struct packing *packing_make(size_t n, size_t k, size_t stride_n, size_t stride_k)
{
	struct packing *p = xcalloc(1, sizeof *p);
	struct key key = key_packed(n, k);
	layout packed = query(product_get(&key), dnnl_query_weights_md, 0);
	dnnl_memory_desc_t plain, pairs;

	*p = (struct packing){ .n = n, .k = k, .stride_n = stride_n, .stride_k = stride_k };
	strided(&plain, k, n, stride_k, stride_n, operand_type());
	desc_pairs(&pairs, k, n);
	p->pairs = cpu_bf16 && stride_k == 1 && dnnl_memory_desc_equal(LAYOUT(pairs), packed);
	p->plain = memory(LAYOUT(plain), DNNL_MEMORY_NONE);
	p->packed = memory(packed, DNNL_MEMORY_NONE);
	return p;
}

static struct packing *packing_get(size_t n, size_t k, size_t stride_n, size_t stride_k)
{
	static _Thread_local struct packing *all;
	struct packing *p = all;

	while (p && (p->n != n || p->k != k || p->stride_n != stride_n || p->stride_k != stride_k))
		p = p->next;
	if (p)
		return p;
	p = packing_make(n, k, stride_n, stride_k);
	p->next = all;
	return all = p;
}

size_t panel_width(size_t n, size_t k, size_t grain)
{
	size_t most = PANEL_BYTES / 2 / (k ? k : 1), count;

	most = most < grain ? grain : min_size(most, 1024);
	count = (n + most - 1) / most;
	return min_size((n + count * grain - 1) / (count * grain) * grain, n);
}

struct panels *panels_new(size_t n, size_t k, size_t width, int parts)
{
	struct panels *p = xcalloc(1, sizeof *p);

	assert(parts > 0 && n % (size_t)parts == 0 && width > 0);
	*p = (struct panels){ n, k, parts, width, packed_bytes(width, k) };
	p->data = cpu_alloc(p->stride * (size_t)panels_count(p));
	return p;
}

/* A panel in or out. */
static void panel_move(const struct panels *p, int panel, const void *w, size_t stride_n,
	size_t stride_k, int out)
{
	struct packing *how;
	dnnl_exec_arg_t args[2];
	size_t first, width;

	panels_range(p, panel, &first, &width);
	how = packing_get(width, p->k, stride_n, stride_k);
	if (how->pairs && !out) {
		pack_pairs(p->data + p->stride * (size_t)panel, w, width, p->k, stride_n);
		return;
	}
	if (out && !how->back)
		how->back = reorder(query_layout(how->packed), query_layout(how->plain));
	if (!out && !how->prim)
		how->prim = reorder(query_layout(how->plain), query_layout(how->packed));
	point(how->plain, w);
	point(how->packed, p->data + p->stride * (size_t)panel);
	args[0] = (dnnl_exec_arg_t){ DNNL_ARG_FROM, out ? how->packed : how->plain };
	args[1] = (dnnl_exec_arg_t){ DNNL_ARG_TO, out ? how->plain : how->packed };
	execute(out ? how->back : how->prim, get_stream(), 2, args, "packing");
}

/* Fresh memory is had at once, not page by page. */
static void touch(char *p, size_t bytes)
{
#ifdef MADV_POPULATE_WRITE
	size_t page = (size_t)sysconf(_SC_PAGESIZE), off = (uintptr_t)p % page;

	madvise(p - off, bytes + off, MADV_POPULATE_WRITE);
#else
	(void)p;
	(void)bytes;
#endif
}

void panels_put(struct panels *p, int panel, const void *w, size_t stride_n, size_t stride_k)
{
	touch(p->data + p->stride * (size_t)panel, p->stride);
	panel_move(p, panel, w, stride_n, stride_k, 0);
}

void panels_get(const struct panels *p, int panel, void *w, size_t stride_n, size_t stride_k)
{
	panel_move(p, panel, w, stride_n, stride_k, 1);
}

void panels_tile(float *y, const void *x, size_t ldx, const struct panels *p, int panel)
{
	size_t first, width, element = cpu_bf16 ? 2 : 4;
	struct key key;

	panels_range(p, panel, &first, &width);
	key = key_packed(width, p->k);
	if (ldx != p->k) {
		char *dense = cpu_scratch(SCRATCH_DENSE, TILE * p->k * element);

		for (size_t i = 0; i < TILE; i++)
			memcpy(dense + i * p->k * element, (const char *)x + i * ldx * element,
				p->k * element);
		x = dense;
	}
	product_run(product_get(&key), y, x, p->data + p->stride * (size_t)panel);
}

void panels_tile_add(float *y, const void *x, const struct panels *p, int panel)
{
	size_t first, width;
	struct key key;

	panels_range(p, panel, &first, &width);
	key = key_packed(width, p->k);
	key.add = 1;
	product_run(product_get(&key), y, x, p->data + p->stride * (size_t)panel);
}

void panels_tile_to(float *y, size_t ldy, const void *x, size_t ldx, const struct panels *p,
	int panel)
{
	size_t first, width;
	float *block;

	panels_range(p, panel, &first, &width);
	block = cpu_scratch(SCRATCH_BLOCK, TILE * width * 4);
	panels_tile(block, x, ldx, p, panel);
	for (size_t i = 0; i < TILE; i++)
		memcpy(y + i * ldy, block + i * width, width * 4);
}

/* -- start ------------------------------------------------------------------------------------- */

double ops_flops(void)
{
	return cpu_flops;
}

const char *ops_kernel(void)
{
	unsigned isa = (unsigned)dnnl_get_effective_cpu_isa();

	if ((isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16)
		return "avx512_core_bf16";
	if ((isa & dnnl_cpu_isa_avx512_core) == dnnl_cpu_isa_avx512_core)
		return "avx512_core";
	return (isa & dnnl_cpu_isa_avx2) == dnnl_cpu_isa_avx2 ? "avx2" : "generic";
}

void ops_init(int threads, const char *dtype)
{
	int fast = !strcmp(ops_kernel(), "avx512_core_bf16");

	if (dtype && strcmp(dtype, "f32") && strcmp(dtype, "bf16"))
		misuse("%s: %s: f32 or bf16", setting(SETTING_DTYPE), dtype);
	if (dnnl_version()->cpu_runtime != DNNL_RUNTIME_OMP &&
		dnnl_version()->cpu_runtime != DNNL_RUNTIME_SEQ)
		die("oneDNN: is built for another thread library than OpenMP");
	check(dnnl_engine_create(&engine, dnnl_cpu, 0), "engine");
	omp_init_nest_lock(&making);
	cpu_threads = threads_hold(threads);
	cpu_bf16 = fast && !(dtype && !strcmp(dtype, "f32"));
	cpu_round = !fast && dtype && !strcmp(dtype, "bf16");
	kern = cpu_bf16                              ? &kernels_bf16
		: strncmp(ops_kernel(), "avx512", 6) ? &kernels_avx2
						     : &kernels_avx512;
}

enum dtype ops_dtype(void)
{
	return cpu_bf16 || cpu_round ? DTYPE_BF16 : DTYPE_F32;
}

const char *ops_dtype_name(void)
{
	return ops_dtype() == DTYPE_BF16 ? "bf16" : "f32";
}
