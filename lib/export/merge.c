/* merge - weights that are not copied but computed: an adapter added in, 4-bit weights dequantised
 */
#include "export/merge.h"

#include "export/merge_rows.h"
#include "file/nf4.h"
#include "sys/copy.h"
#include "sys/crew.h"
#include "sys/die.h"
#include "sys/map.h"
#include "sys/memory.h"
#include "sys/output.h"
#include "sys/progress.h"
#include "sys/threads.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* bytes of f32 that a thread works on; of what is written */
enum { SLICE = 1 << 20, FLUSH = 4 << 20 };

static const enum role linear[] = { ROLE_Q, ROLE_K, ROLE_V, ROLE_O, ROLE_GATE, ROLE_UP, ROLE_DOWN };

struct merge_part { /* one role's rows of a tensor of the file */
	enum role role;
	int layer;               /* of the base */
	struct tensor t;         /* for its place; fetched anew when it is read */
	const struct lora *lora; /* NULL: no adapter */
};

struct merge {
	const struct model *model;
	struct merge_part *parts; /* by name, then by row */
	size_t n_parts;
	struct merged *list; /* by name */
	size_t n;
	int blocked;
};

static int by_place(const void *a, const void *b)
{
	const struct merge_part *p = a, *q = b;
	int c = strcmp(p->t.name, q->t.name);

	return c ? c : p->t.row0 < q->t.row0 ? -1 : p->t.row0 > q->t.row0;
}

static const struct lora *lora_of(const struct model *m, int i, enum role r)
{
	const struct lora *l = m->adapter ? m->adapter->lora + (size_t)i * ROLE_COUNT + r : NULL;

	return l && l->a ? l : NULL;
}

static void add_part(struct merge *g, enum role r, int layer, const struct lora *lora)
{
	struct merge_part *p = g->parts + g->n_parts;

	*p = (struct merge_part){ .role = r, .layer = layer, .lora = lora };
	if (!base_tensor(g->model->base, r, layer, &p->t))
		return;
	base_forget(g->model->base, &p->t);
	if (r == ROLE_HEAD && p->t.type != T_NF4) /* only a 4-bit head changes */
		return;
	g->n_parts++;
}

/* Every linear weight of the kept layers, sorted by its place in the file. */
static void find_parts(struct merge *g)
{
	const struct model *m = g->model;
	enum { N = sizeof(linear) / sizeof(*linear) };

	g->parts = xcalloc((size_t)m->rec->n_keep * N + 1, sizeof(*g->parts));
	for (int i = 0; i < m->rec->n_keep; i++)
		for (int k = 0; k < N; k++)
			add_part(g, linear[k], m->rec->keep[i], lora_of(m, i, linear[k]));
	add_part(g, ROLE_HEAD, -1, NULL);
	qsort(g->parts, g->n_parts, sizeof(*g->parts), by_place);
}

static enum tensor_type written_type(struct merge *g, enum tensor_type type,
	enum tensor_type blocked)
{
	if (base_is_gguf(g->model->base)) {
		if (type == T_F32 || type == T_F16 || type == T_BF16)
			return type;
		g->blocked = 1;
		return blocked;
	}
	return type == T_NF4 || g->model->nf4 ? T_BF16 : type;
}

struct merge *merge_open(const struct model *m, enum tensor_type blocked)
{
	struct merge *g = xcalloc(1, sizeof(*g));

	g->model = m;
	if (!m->adapter && !m->nf4)
		return g;
	find_parts(g);
	g->list = xcalloc(g->n_parts, sizeof(*g->list));
	for (size_t i = 0, end; i < g->n_parts; i = end) {
		const struct tensor *t = &g->parts[i].t;
		struct merged *w = g->list + g->n;
		int changed = m->nf4 || t->type == T_NF4;

		*w = (struct merged){ .name = t->name, .cols = t->cols, .part = i };
		for (end = i; end < g->n_parts && !strcmp(g->parts[end].t.name, t->name); end++) {
			w->rows += g->parts[end].t.rows;
			changed |= g->parts[end].lora != NULL;
		}
		if (!changed)
			continue;
		w->n_parts = end - i;
		w->type = written_type(g, t->type, blocked);
		w->bytes = tensor_bytes(w->type, w->rows * w->cols);
		g->n++;
	}
	return g;
}

void merge_close(struct merge *g)
{
	free(g->parts);
	free(g->list);
	free(g);
}

size_t merge_count(const struct merge *g)
{
	return g->n;
}

int merge_of_blocked(const struct merge *g)
{
	return g->blocked;
}

const struct merged *merge_find(const struct merge *g, const char *name)
{
	size_t lo = 0, hi = g->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(g->list[mid].name, name);

		if (!c)
			return g->list + mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* -- values ------------------------------------------------------------------------------------ */

struct merge_slice { /* rows of a part, for one thread */
	uint64_t row, n;
	float *w;           /* [step, cols] */
	unsigned char *out; /* [step, cols] of the type that is written */
	float bad;          /* with is_bad: the first value that the type can't hold */
	int is_bad;
};

struct merge_work { /* one role's rows on their way */
	const struct merge *g;
	const struct merge_part *part;
	const struct merged *to;
	struct tensor from;
	/* all rows, once through NF4; NULL: taken from the file slice by slice */
	const float *whole;
	float *panels;      /* the adapter's A, NULL: none */
	uint64_t written;   /* bytes since the last that were sent on to the disk */
	uint64_t head_rows; /* of a head, where the file has them permuted; else 0 */
};

/* Rows as the file orders them, from n rows of whole heads in Hugging Face's order: row h hd + 2i +
 * s of a GGUF llama file is row h hd + s hd/2 + i. */
static const float *file_row(const float *w, uint64_t row, uint64_t cols, uint64_t head_rows)
{
	if (head_rows) {
		uint64_t head = row / head_rows, within = row % head_rows;

		row = head * head_rows + within % 2 * (head_rows / 2) + within / 2;
	}
	return w + row * cols;
}

static void load_slice(const struct merge_work *k, struct merge_slice *s)
{
	uint64_t cols = k->from.cols, bytes;
	const void *p;

	if (k->whole) {
		memcpy(s->w, k->whole + s->row * cols, s->n * cols * sizeof(*s->w));
		return;
	}
	tensor_rows(&k->from, s->row, s->n, s->w);
	p = tensor_at(&k->from, s->row, s->n, &bytes);
	if (p)
		map_forget(p, bytes);
}

static void merge_slice(void *ctx, int thread, void *item)
{
	const struct merge_work *k = ctx;
	const struct lora *l = k->part->lora;
	uint64_t cols = k->from.cols, bytes = tensor_bytes(k->to->type, cols);
	struct merge_slice *s = item;

	(void)thread;
	load_slice(k, s);
	if (l)
		merge_rows_add(s->w, l->b + s->row * (uint64_t)l->rank, k->panels, (float)l->scale,
			s->n, l->rank, cols);
	s->is_bad = 0;
	for (uint64_t i = 0; i < s->n && !s->is_bad; i++) {
		const float *row = file_row(s->w, i, cols, k->head_rows);
		int64_t bad = merge_rows_pack(s->out + i * bytes, row, cols, k->to->type);

		s->is_bad = bad >= 0;
		s->bad = s->is_bad ? row[bad] : 0;
	}
}

static void write_slice(struct merge_work *k, const struct merge_slice *s, struct out_file *out)
{
	uint64_t bytes = s->n * tensor_bytes(k->to->type, k->from.cols);

	if (s->is_bad)
		die("%s: %s: a merged weight is %g, which %s can't hold", out->path, k->to->name,
			s->bad, tensor_type_name(k->to->type));
	if (fwrite(s->out, 1, bytes, out->f) != bytes)
		die("%s: write: %s", out->path, strerror(errno));
	progress_add(bytes / 1e6);
	k->written += bytes;
	if (k->written >= FLUSH) {
		copy_flush(out, k->written);
		k->written = 0;
	}
}

/* The rows, `step` at a time, on all threads. */
static void write_slices(struct merge_work *k, uint64_t step, struct out_file *out)
{
	enum { MOST = 8 }; /* slices at once: main writes, and is hardly ever slower than so many */
	size_t n = threads_held() == 1 ? 1 : threads_held() + 2 < MOST ? threads_held() + 2 : MOST;
	uint64_t cols = k->from.cols, row = 0;
	struct merge_slice slices[MOST], *s;
	struct crew *crew;

	for (size_t i = 0; i < n; i++) {
		slices[i].w = xcalloc(step * cols, sizeof(float));
		slices[i].out = xcalloc(step, tensor_bytes(k->to->type, cols));
	}
	crew = crew_new(threads_held() < MOST ? threads_held() : MOST, slices, n, sizeof(*slices),
		merge_slice, k);
	for (;;) {
		s = row < k->from.rows ? crew_free_item(crew) : NULL;
		if (s) {
			s->row = row;
			s->n = k->from.rows - row < step ? k->from.rows - row : step;
			row += s->n;
			crew_give(crew);
			continue;
		}
		s = crew_take(crew);
		if (!s)
			break;
		write_slice(k, s, out);
	}
	crew_close(crew);
	for (size_t i = 0; i < n; i++) {
		free(slices[i].w);
		free(slices[i].out);
	}
}

/* One role's rows, a few at a time, whole heads where they are permuted; or those of whole, not
 * NULL: they went through NF4 already. */
static void write_part(struct merge *g, const struct merge_part *p, const struct merged *t,
	const float *whole, struct out_file *out)
{
	struct merge_work k = { .g = g,
		.part = p,
		.to = t,
		.whole = whole,
		.head_rows = p->t.heads > 0 ? p->t.rows / p->t.heads : 0 };
	uint64_t rows = SLICE / 4 / p->t.cols / 4 * 4,
		 step = k.head_rows ? k.head_rows
		: rows              ? rows
				    : 4;

	base_tensor(g->model->base, p->role, p->layer, &k.from);
	if (p->lora)
		k.panels = merge_rows_panels(p->lora->a, p->lora->rank, p->t.cols);
	write_slices(&k, step < p->t.rows ? step : p->t.rows, out);
	free(k.panels);
	base_forget(g->model->base, &k.from);
}

/* The rows of n parts, through NF4 as one matrix; new. NULL: they don't go through it here. */
static float *through_nf4(const struct merge *g, const struct merge_part *p, size_t n)
{
	uint64_t values = 0, at = 0;
	struct tensor from;
	float *whole;

	if (!g->model->nf4 || p->t.type == T_NF4)
		return NULL;
	for (size_t i = 0; i < n; i++)
		values += p[i].t.rows * p[i].t.cols;
	whole = xcalloc(values, sizeof(*whole));
	for (size_t i = 0; i < n; i++) {
		base_tensor(g->model->base, p[i].role, p[i].layer, &from);
		tensor_rows(&from, 0, from.rows, whole + at);
		at += from.rows * from.cols;
	}
	nf4_round_trip(whole, values);
	return whole;
}

/* What Hugging Face's files have as one matrix is one for NF4 too; a GGUF file may fuse what they
 * don't. */
void merge_write(struct merge *g, const struct merged *t, struct out_file *out)
{
	size_t together = arch_hf_fused(g->model->shape) ? t->n_parts : 1;

	for (size_t i = 0; i < t->n_parts; i += together) {
		const struct merge_part *p = g->parts + t->part + i;
		float *whole = through_nf4(g, p, together);
		uint64_t at = 0;

		for (size_t k = 0; k < together; k++) {
			write_part(g, p + k, t, whole ? whole + at : NULL, out);
			at += p[k].t.rows * p[k].t.cols;
		}
		free(whole);
	}
}
