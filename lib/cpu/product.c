/* product - matrix products through oneDNN: the only file that knows it
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
	/* a weight that stays in the cache of all cores: a tile of rows goes by it whole */
	CACHED_BYTES = 8 << 20,
};

double cpu_flops;
const struct kernels *kern;
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

struct panels {
	size_t n, k;
	int parts;     /* of n, equal; a panel lies in one */
	size_t width;  /* of all panels but the last of a part, which has what remains */
	size_t stride; /* bytes from panel to panel */
	char *data;
};

static size_t packed_bytes(size_t n, size_t k)
{
	struct key key = key_packed(n, k);

	return (dnnl_memory_desc_get_size(query(product_get(&key), dnnl_query_weights_md, 0)) +
		       63) /
		64 * 64;
}

static size_t panels_of_part(const struct panels *p)
{
	return (p->n / (size_t)p->parts + p->width - 1) / p->width;
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

void panels_free(struct panels *p)
{
	if (!p)
		return;
	free(p->data);
	free(p);
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

/* -- operations -------------------------------------------------------------------------------- */

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
		misuse("--dtype: %s: f32 or bf16", dtype);
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

const struct lora_panels *lora_panels_from(struct lora_panels to[2], const struct lora_term *lora,
	int back)
{
	for (int i = 0; lora && i < 2; i++)
		to[i] = (struct lora_panels){ lora[i].x,
			lora[i].x ? back ? lora[i].b->back : lora[i].b->fwd : NULL, lora[i].part,
			lora[i].drop };
	return lora ? to : NULL;
}

/* Columns first .. first+width-1, the panel's, of what is added to a tile of rows. */
static void add_panel(const struct product_block *b, const struct lora_panels *a, int panel,
	size_t first, const struct row_place *place)
{
	struct key key = key_packed(b->width, a->p->k);
	const char *w = a->p->data + a->p->stride * (size_t)panel;
	const void *x = mat_row(a->x, b->row);
	float *f;

	assert(a->x->ld == a->p->k && a->x->cols == a->p->k);
	if (!a->drop) {
		key.add = 1;
		product_run(product_get(&key), b->data[a->part], x, w);
		return;
	}
	f = cpu_scratch(SCRATCH_DROPPED, TILE * b->width * 4);
	product_run(product_get(&key), f, x, w);
	for (size_t r = 0; r < b->rows; r++) {
		drop_part(f + r * b->width, a->drop, place[b->row + r], a->p->n, first, b->width);
		kern->add(b->data[a->part] + r * b->width, f + r * b->width, b->width);
	}
}

/* One place of all parts: their products with a tile of rows, and what belongs to them. */
static void make_block(struct product_block *b, const struct mat *x, const struct panels *p,
	int panel, const struct mat *bias, const struct lora_panels *added,
	const struct row_place *place)
{
	size_t first;

	for (int part = 0; part < p->parts; part++) {
		int i = panel + part * (int)panels_of_part(p);

		panels_range(p, i, &b->first[part], &b->width);
		panels_tile(b->data[part], mat_row(x, b->row), x->ld, p, i);
		for (size_t r = 0; bias && r < b->rows; r++)
			kern->add(b->data[part] + r * b->width, mat_f32(bias, 0) + b->first[part],
				b->width);
	}
	for (int i = 0; added && i < 2; i++) {
		if (!added[i].x)
			continue;
		first = b->first[added[i].part] - (size_t)added[i].part * p->n / (size_t)p->parts;
		assert(added[i].p->width == p->width);
		add_panel(b, &added[i], panel, first, place);
	}
}

void panels_each(const struct mat *x, const struct panels *p, const struct mat *bias,
	const struct lora_panels *added, const struct segments *seg,
	void (*finish)(const void *ctx, const struct product_block *b), const void *ctx)
{
	int n_tiles = (int)((x->rows + TILE - 1) / TILE), n_panels = (int)panels_of_part(p),
	    drop = 0;
	int by_tile = p->stride * (size_t)panels_count(p) <= CACHED_BYTES;
	struct row_place *place = NULL;

	assert(x->operand && x->data && x->cols == p->k && p->parts <= 2);
	cpu_flops += 2.0 * (double)x->rows * (double)p->k * (double)p->n;
	for (int i = 0; added && i < 2; i++)
		if (added[i].x) {
			cpu_flops += 2.0 * (double)x->rows * (double)added[i].p->k *
				(double)added[i].p->n;
			drop = added[i].drop ? i + 1 : drop;
		}
	if (drop)
		place = places_new(added[drop - 1].drop, seg);
#pragma omp parallel for schedule(dynamic) num_threads(cpu_threads)
	for (int i = 0; i < n_tiles * n_panels; i++) {
		float *f = cpu_scratch(SCRATCH_BLOCK, (size_t)p->parts * TILE * p->width * 4);
		int tile = by_tile ? i / n_panels : i % n_tiles,
		    panel = by_tile ? i % n_panels : i / n_tiles;
		size_t row = (size_t)tile * TILE;
		struct product_block b = { row, min_size(TILE, x->rows - row),
			.data = { f, f + TILE * p->width } };

		make_block(&b, x, p, panel, bias, added, place);
		finish(ctx, &b);
	}
	free(place);
}

struct matmul {
	struct mat *y;
	int accumulate, parts;
};

static void put(const void *ctx, const struct product_block *b)
{
	const struct matmul *m = ctx;

	for (int part = 0; part < m->parts; part++)
		for (size_t r = 0; r < b->rows; r++) {
			const float *f = b->data[part] + r * b->width;

			if (m->accumulate)
				kern->add(mat_f32(m->y, b->row + r) + b->first[part], f, b->width);
			else
				operand_store(m->y, b->row + r, b->first[part], f, b->width);
		}
}

static void matmul(struct mat *y, const struct mat *x, const struct panels *p,
	const struct mat *bias, int accumulate, const struct lora_panels *added,
	const struct segments *seg)
{
	struct matmul m = { y, accumulate, p->parts };

	assert(y->data && y->cols == p->n && y->rows == x->rows && !(accumulate && y->operand));
	panels_each(x, p, bias, added, seg, put, &m);
}

void op_matmul(struct mat *y, const struct mat *x, const struct mat *w, const struct mat *bias,
	int accumulate, const struct lora_term *lora)
{
	struct lora_panels added[2];

	matmul(y, x, w->fwd, bias, accumulate, lora_panels_from(added, lora, 0), NULL);
}

void op_matmul_back(struct mat *y, const struct mat *g, const struct mat *w, int accumulate,
	const struct lora_term *lora, const struct segments *s)
{
	struct lora_panels added[2];

	matmul(y, g, w->back, NULL, accumulate, lora_panels_from(added, lora, 1), s);
}
