/* weights - the weights of a base's layers, packed for the products
 *
 * What the forward product alone needs goes from the file to its packed place block by block, and
 * blocks are taken one by one by whoever has time: a thread that reads ahead while the layer before
 * is computed, and all threads once the layer is asked for. Weights that the backward product takes
 * too, or that go through NF4, are made whole.
 */
#include "forward/weights.h"

#include "sys/crew.h"
#include "sys/die.h"
#include "sys/map.h"
#include "sys/memory.h"
#include "sys/threads.h"

#include <assert.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_A_TIME = 1024, EMBED_ROWS = 64 };

/* A weight being packed: the tensors it is made of, one under the other. */
struct fill {
	struct mat *m;
	struct tensor t[3];
	int n;
};

struct load {
	int layer;       /* -1: none */
	struct layer to; /* its matrices */
	struct fill fill[PROJ_COUNT];
	int n, blocks;
	int next;  /* the block to be taken next */
	int error; /* errno of a page that could not be read */
};

struct weights {
	struct base *base;
	int nf4, head_uses;
	int all;             /* 1: every layer stays once it is packed */
	int two;             /* 1: the budget holds the next layer beside the one held */
	int held;            /* the layer held where not all stay, or -1 */
	struct layer *layer; /* [L] */
	char *have;          /* [L] */
	struct layer spare;  /* matrices of a layer that was dropped: used again */
	struct load ahead;
	struct crew *reader; /* main and one that takes blocks of `ahead`; NULL: not needed yet */
	/* [threads + 1]: rows on their way into a block; the reader's is the last */
	void **scratch;
	size_t scratch_bytes; /* of each */
	struct head head;
	int have_head;
};

/* -- one tensor into one matrix ---------------------------------------------------------------- */

static struct mat *vector(const struct tensor *t)
{
	float *f = xmalloc(t->cols * sizeof *f);
	struct mat *m = mat_new(MAT_F32, 1, t->cols);

	tensor_rows(t, 0, 1, f);
	mat_put(m, 0, 1, f);
	free(f);
	return m;
}

static struct mat *role_vector(const struct weights *w, enum role r, int l)
{
	struct tensor t;

	return base_tensor(w->base, r, l, &t) ? vector(&t) : NULL;
}

static struct mat *role_bias(const struct weights *w, enum role r, int l)
{
	struct tensor t;

	return base_bias(w->base, r, l, &t) ? vector(&t) : NULL;
}

static void read_rows(const struct tensor *t, size_t row, size_t n, float *f)
{
#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < n; i++)
		tensor_rows(t, row + i, 1, f + i * t->cols);
}

/* Rows of a tensor into rows row0 .. of a weight. */
static void put_rows(struct mat *m, size_t row0, const struct tensor *t)
{
	size_t step = ROWS_AT_A_TIME < t->rows ? ROWS_AT_A_TIME : t->rows;
	float *f = xmalloc(step * t->cols * sizeof *f);

	for (size_t r = 0; r < t->rows; r += step) {
		size_t n = t->rows - r < step ? t->rows - r : step;

		read_rows(t, r, n, f);
		weight_put(m, row0 + r, n, f);
	}
	free(f);
}

/* The rows of n tensors, through NF4 as the one matrix that they are. */
static void put_rows_nf4(struct mat *m, size_t row0, const struct tensor *t, int n)
{
	size_t rows = 0, row = 0;
	float *f;

	for (int i = 0; i < n; i++)
		rows += t[i].rows;
	f = xmalloc(rows * t->cols * sizeof *f);
	for (int i = 0; i < n; i++) {
		read_rows(&t[i], 0, t[i].rows, f + row * t->cols);
		row += t[i].rows;
	}
	weight_put_nf4(m, row0, rows, f);
	free(f);
}

static int layer_uses(int nf4)
{
	return WEIGHT_FORWARD | (nf4 ? WEIGHT_NF4 : 0);
}

/* The roles' tensors, one under the other, as one weight. What Hugging Face's files have as one
 * matrix (q, k and v of Qwen-1) is quantised as one: the maxima of its blocks have one mean, and
 * are scaled across what are three parts here. */
static struct mat *stack_whole(const struct weights *w, const struct fill *f,
	struct weight_layout layout, int linear)
{
	int together = f->n == 3 && arch_hf_fused(base_shape(w->base)) ? 3 : 1;
	size_t rows = 0, row = 0;
	struct mat *m;

	for (int i = 0; i < f->n; i++)
		rows += f->t[i].rows;
	m = weight_new(rows, f->t[0].cols, linear ? layer_uses(w->nf4) : w->head_uses, layout);
	for (int i = 0; i < f->n; i++) {
		if (!linear || !w->nf4)
			put_rows(m, row, &f->t[i]);
		else if (i % together == 0)
			put_rows_nf4(m, row, &f->t[i], together);
		base_forget(w->base, &f->t[i]);
		row += f->t[i].rows;
	}
	weight_seal(m);
	return m;
}

static struct mat *stack_bias(const struct weights *w, const enum role *roles, int n, int l)
{
	struct tensor t[3];
	size_t size = 0, at = 0;
	struct mat *m;
	float *f;

	for (int i = 0; i < n; i++) {
		if (!base_bias(w->base, roles[i], l, &t[i]))
			return NULL;
		size += t[i].cols;
	}
	f = xmalloc(size * sizeof *f);
	for (int i = 0; i < n; i++) {
		tensor_rows(&t[i], 0, 1, f + at);
		at += t[i].cols;
	}
	m = mat_new(MAT_F32, 1, size);
	mat_put(m, 0, 1, f);
	free(f);
	return m;
}

/* So many bytes for each thread; nobody may be at work. */
static void scratch_reserve(struct weights *w, size_t bytes)
{
	if (bytes <= w->scratch_bytes)
		return;
	for (int i = 0; i <= threads_held(); i++) {
		free(w->scratch[i]);
		w->scratch[i] = xmalloc(bytes);
	}
	w->scratch_bytes = bytes;
}

static const enum role head_role[] = { ROLE_HEAD };

/* -- block by block ---------------------------------------------------------------------------- */

static int by_blocks(const struct weights *w, int linear)
{
	return linear ? !w->nf4 : w->head_uses == WEIGHT_FORWARD;
}

/* bf16 stays what it is; all else is read as f32. */
static enum dtype fill_type(const struct fill *f)
{
	for (int i = 0; i < f->n; i++)
		if (f->t[i].type != T_BF16 || f->t[i].heads)
			return DTYPE_F32;
	return DTYPE_BF16;
}

/* The tensor that a row of the stack is in; row becomes its number there. */
static const struct tensor *fill_tensor(const struct fill *f, size_t *row)
{
	const struct tensor *t = f->t;

	while (*row >= t->rows)
		*row -= t++->rows;
	return t;
}

/* Where rows of a tensor lie as this type: in the file, where they are bf16 there and wanted so, or
 * in `to`, where they are read to. */
static const void *rows_read(struct load *y, const struct tensor *t, size_t row, size_t n,
	enum dtype type, void *to)
{
	uint64_t bytes;
	const void *at = tensor_at(t, row, n, &bytes);
	int err = at ? map_read(at, bytes) : 0;

	if (err)
		__atomic_store_n(&y->error, err, __ATOMIC_RELAXED);
	else if (type == DTYPE_F32)
		tensor_rows(t, row, n, to);
	else if ((uintptr_t)at % 2 == 0)
		return at;
	else
		memcpy(to, at, bytes);
	if (at)
		map_forget(at, bytes);
	return to;
}

static void block_pack(struct load *y, const struct fill *f, int block, char *scratch)
{
	enum dtype type = fill_type(f);
	size_t first, n, some, width = f->t[0].cols * (type == DTYPE_BF16 ? 2 : 4);
	const void *rows = scratch;

	weight_block_rows(f->m, block, &first, &n);
	for (size_t i = 0; i < n; i += some) {
		size_t row = first + i;
		const struct tensor *t = fill_tensor(f, &row);
		char *to = scratch + i * width;
		const void *at;

		some = t->rows - row < n - i ? t->rows - row : n - i;
		at = rows_read(y, t, row, some, type, to);
		if (some == n) {
			rows = at;
		} else if (at != to) { /* a block of several tensors' rows is put together */
			memcpy(to, at, some * width);
			map_forget(at, some * width);
		}
	}
	weight_put_block(f->m, block, rows, type);
	if (rows != scratch)
		map_forget(rows, n * width);
}

/* Takes blocks until there are none left. From any thread. */
static void load_blocks(struct load *y, char *scratch)
{
	int i;

	while ((i = __atomic_fetch_add(&y->next, 1, __ATOMIC_RELAXED)) < y->blocks) {
		const struct fill *f = y->fill;

		while (i >= weight_blocks(f->m))
			i -= weight_blocks(f++->m);
		block_pack(y, f, i, scratch);
	}
}

/* -- the thread that reads ahead --------------------------------------------------------------- */

/* On thread 1. Main comes here only where it needs the layer before that has begun. */
static void read_ahead(void *ctx, int thread, void *item)
{
	struct weights *w = ctx;
	struct load *y = item;

	if (thread)
		omp_set_num_threads(1);
	for (int i = 0; thread && i < y->n; i++)
		for (int k = 0; k < y->fill[i].n; k++)
			base_fetch(w->base, &y->fill[i].t[k]);
	load_blocks(y, w->scratch[threads_held()]);
}

static void reader_start(struct weights *w)
{
	if (!w->reader)
		w->reader = crew_new(2, &w->ahead, 1, sizeof w->ahead, read_ahead, w);
	crew_give(w->reader);
}

/* Nobody is at `ahead` any more. */
static void reader_wait(struct weights *w)
{
	if (w->reader)
		crew_take(w->reader);
}

/* -- loading ----------------------------------------------------------------------------------- */

/* The tensors of these roles, one under the other. 1, or 0: the model has none. */
static int fill_find(struct fill *f, struct base *b, const enum role *roles, int n, int l)
{
	*f = (struct fill){ .n = n };
	for (int i = 0; i < n; i++)
		if (!base_tensor(b, roles[i], l, &f->t[i]))
			return 0;
	return 1;
}

/* The weight of fill f joins the load: made at once where that cannot be done by blocks. *m: one of
 * these sizes to be used again. */
static void load_add(struct weights *w, struct load *y, struct mat **m, struct fill *f,
	struct weight_layout layout, int linear)
{
	size_t rows = 0, first;

	if (!by_blocks(w, linear)) {
		*m = stack_whole(w, f, layout, linear);
		return;
	}
	for (int i = 0; i < f->n; i++)
		rows += f->t[i].rows;
	if (!*m)
		*m = weight_new_packed(rows, f->t[0].cols, layout);
	f->m = *m;
	weight_unseal(f->m);
	weight_block_rows(f->m, 0, &first, &rows);
	scratch_reserve(w, rows * f->t[0].cols * 4);
	y->blocks += weight_blocks(f->m);
	y->n++;
}

static void load_begin(struct weights *w, struct load *y, int l)
{
	const struct shape *s = base_shape(w->base);
	const enum role *roles;

	*y = (struct load){ .layer = l, .to = w->spare };
	w->spare = (struct layer){ 0 };
	for (int p = 0; p < PROJ_COUNT; p++) {
		int n = proj_roles(&roles, s, (enum projection)p);

		if (fill_find(&y->fill[y->n], w->base, roles, n, l))
			load_add(w, y, &y->to.proj[p], &y->fill[y->n],
				proj_layout(s, (enum projection)p), 1);
	}
}

static void load_seal(struct load *y)
{
	for (int i = 0; i < y->n; i++)
		weight_seal(y->fill[i].m);
}

/* Nobody asks for it any more. */
static void load_abandon(struct weights *w, struct load *y)
{
	__atomic_store_n(&y->next, y->blocks, __ATOMIC_RELAXED);
	reader_wait(w);
	load_seal(y);
}

/* All threads take what blocks are left. */
static void load_end(struct weights *w, struct load *y)
{
#pragma omp parallel num_threads(threads_held())
	load_blocks(y, w->scratch[omp_get_thread_num()]);
	reader_wait(w);
	load_seal(y);
	if (y->error)
		map_check(); /* it says which file, and why */
	if (y->error)
		die("%s: read: %s", base_path(w->base), strerror(y->error));
	for (int i = 0; i < y->n; i++)
		for (int k = 0; k < y->fill[i].n; k++)
			base_forget(w->base, &y->fill[i].t[k]);
}

static void layer_vectors(const struct weights *w, struct layer *y, int l)
{
	const enum role *roles;

	y->norm1 = role_vector(w, ROLE_NORM1, l);
	y->norm1_bias = role_bias(w, ROLE_NORM1, l);
	y->norm2 = role_vector(w, ROLE_NORM2, l);
	y->norm2_bias = role_bias(w, ROLE_NORM2, l);
	y->q_norm = role_vector(w, ROLE_Q_NORM, l);
	y->k_norm = role_vector(w, ROLE_K_NORM, l);
	for (int p = 0; p < PROJ_COUNT; p++) {
		int n = proj_roles(&roles, base_shape(w->base), (enum projection)p);

		y->bias[p] = stack_bias(w, roles, n, l);
	}
}

static void layer_free(struct layer *y)
{
	struct mat *vectors[] = { y->norm1, y->norm1_bias, y->norm2, y->norm2_bias, y->q_norm,
		y->k_norm };

	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++)
		mat_free(vectors[i]);
	for (int p = 0; p < PROJ_COUNT; p++) {
		mat_free(y->proj[p]);
		mat_free(y->bias[p]);
	}
	memset(y, 0, sizeof *y);
}

/* A layer's weights, all of them or the largest, as weight_bytes or weight_scratch_bytes has
 * it. */
static size_t weights_sum(const struct base *b, int nf4, size_t (*bytes)(size_t, size_t, int),
	int largest)
{
	const struct shape *s = base_shape(b);
	size_t sum = 0, most = 0;

	for (int p = 0; p < PROJ_COUNT; p++) {
		size_t n = bytes(proj_out(s, (enum projection)p), proj_in(s, (enum projection)p),
			layer_uses(nf4));

		sum += n;
		most = n > most ? n : most;
	}
	return largest ? most : sum;
}

size_t weights_layer_bytes(const struct base *b, int nf4)
{
	return weights_sum(b, nf4, weight_bytes, 0);
}

/* In each thread a block of half a megabyte of bf16, or 64 rows: as f32 twice over, and its pages
 * in the file. Rows of the embedding, each with the pages that the kernel maps around it. */
size_t weights_loading_bytes(const struct base *b, int nf4)
{
	const struct shape *s = base_shape(b);
	size_t d = (size_t)s->d_model, ff = (size_t)s->d_ff, block = 64 * 4 * (ff > d ? ff : d),
	       whole = 0;
	size_t qkv = proj_out(s, PROJ_QKV), element = ops_dtype() == DTYPE_BF16 ? 2 : 4;

	block = block > 1 << 20 ? block : 1 << 20;
	if (nf4) /* gate and up as rows; one of them as f32, with its codes */
		whole = proj_out(s, PROJ_UP) * d * element + d * ff * 5;
	if (nf4 && arch_hf_fused(s) && qkv * d * (element + 5) > whole)
		whole = qkv * d * (element + 5);
	return ops_host_bytes(whole + 3 * block * ((size_t)threads_held() + 1) +
		EMBED_ROWS * (d * 4 + 65536));
}

size_t weights_scratch_bytes(const struct base *b, int nf4)
{
	return weights_sum(b, nf4, weight_scratch_bytes, 1);
}

size_t weights_head_bytes(const struct base *b, int uses)
{
	return weight_bytes((size_t)base_shape(b)->n_vocab, (size_t)base_shape(b)->d_model, uses);
}

struct weights *weights_open(struct base *b, int nf4, int head_uses, size_t budget)
{
	struct weights *w = xcalloc(1, sizeof *w);
	size_t n = (size_t)base_shape(b)->n_layers, layer = weights_layer_bytes(b, nf4);

	w->base = b;
	w->nf4 = nf4;
	w->head_uses = head_uses;
	w->held = -1;
	w->ahead.layer = -1;
	w->all = layer <= budget / n;
	w->two = layer <= budget / 2;
	w->layer = xcalloc(n, sizeof *w->layer);
	w->have = xcalloc(n, 1);
	w->scratch = xcalloc((size_t)threads_held() + 1, sizeof *w->scratch);
	return w;
}

void weights_close(struct weights *w)
{
	load_abandon(w, &w->ahead);
	if (w->reader)
		crew_close(w->reader);
	layer_free(&w->ahead.to);
	layer_free(&w->spare);
	for (int l = 0; l < base_shape(w->base)->n_layers; l++)
		layer_free(&w->layer[l]);
	for (int i = 0; i <= threads_held(); i++)
		free(w->scratch[i]);
	mat_free(w->head.norm);
	mat_free(w->head.norm_bias);
	mat_free(w->head.out);
	mat_free(w->head.out_bias);
	free(w->scratch);
	free(w->layer);
	free(w->have);
	free(w);
}

/* Keeps the matrices of a layer that goes, for the next. */
static void drop(struct weights *w, struct layer *y)
{
	if (by_blocks(w, 1) && !w->spare.proj[0]) {
		memcpy(w->spare.proj, y->proj, sizeof y->proj);
		memset(y->proj, 0, sizeof y->proj);
	}
	layer_free(y);
}

const struct layer *weights_layer(struct weights *w, int l)
{
	struct load *y = &w->ahead;

	assert(l >= 0 && l < base_shape(w->base)->n_layers);
	if (w->have[l])
		return &w->layer[l];
	if (y->layer >= 0 && y->layer != l) { /* another than was foreseen */
		load_abandon(w, y);
		drop(w, &y->to);
		y->layer = -1;
	}
	if (!w->all && w->held >= 0) {
		drop(w, &w->layer[w->held]);
		w->have[w->held] = 0;
	}
	if (y->layer < 0)
		load_begin(w, y, l);
	load_end(w, y);
	layer_vectors(w, &y->to, l);
	w->layer[l] = y->to;
	w->have[l] = 1;
	w->held = l;
	*y = (struct load){ .layer = -1 };
	return &w->layer[l];
}

void weights_fetch(struct weights *w, int l)
{
	struct tensor t;

	if (w->have[l] || w->ahead.layer >= 0)
		return;
	if (by_blocks(w, 1) && (w->all || w->two) && threads_held() > 1) {
		load_begin(w, &w->ahead, l);
		reader_start(w);
		return;
	}
	for (int r = ROLE_NORM1; r <= ROLE_DOWN; r++)
		if (base_tensor(w->base, (enum role)r, l, &t))
			base_fetch(w->base, &t);
}

const struct head *weights_head(struct weights *w)
{
	struct load y = { .layer = -1 };

	if (!w->have_head) {
		w->head.norm = role_vector(w, ROLE_FINAL_NORM, -1);
		w->head.norm_bias = role_bias(w, ROLE_FINAL_NORM, -1);
		reader_wait(w); /* it has its scratch */
		if (fill_find(&y.fill[0], w->base, head_role, 1, -1))
			load_add(w, &y, &w->head.out, &y.fill[0], (struct weight_layout){ 0 }, 0);
		load_end(w, &y);
		w->head.out_bias = stack_bias(w, head_role, 1, -1);
		w->have_head = 1;
	}
	return &w->head;
}

void weights_embed(const struct weights *w, const uint32_t *ids, size_t n, struct mat *x)
{
	struct tensor t;
	float *f;

	if (!base_tensor(w->base, ROLE_EMBED, -1, &t))
		die("%s: no embedding", base_path(w->base));
	for (size_t i = 0; i < n; i++)
		if (ids[i] >= t.rows)
			die("%s: token %u: the model's embedding has %llu rows", base_path(w->base),
				ids[i], (unsigned long long)t.rows);
	f = xmalloc(EMBED_ROWS * t.cols * sizeof *f);
	for (size_t at = 0, some; at < n; at += some) {
		some = n - at < EMBED_ROWS ? n - at : EMBED_ROWS;
#pragma omp parallel for schedule(static) num_threads(threads_held())
		for (size_t i = 0; i < some; i++)
			tensor_rows(&t, ids[at + i], 1, f + i * t.cols);
		mat_put(x, at, some, f);
		base_forget(w->base, &t);
	}
	free(f);
}
