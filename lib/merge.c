/* merge - weights that are not copied but computed: an adapter added in, 4-bit weights dequantised
 */
#include "merge.h"
#include "cli.h"
#include "nf4.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 64 };		/* at a time */

static const enum role linear[] = { ROLE_Q, ROLE_K, ROLE_V, ROLE_O, ROLE_GATE, ROLE_UP, ROLE_DOWN };

struct part {			/* one role's rows of a tensor of the file */
	enum role role;
	int layer;		/* of the base */
	struct tensor t;	/* for its place; fetched anew when it is read */
	const struct lora *lora;	/* NULL: no adapter */
};

struct merge {
	const struct model *model;
	struct part *parts;	/* by name, then by row */
	size_t n_parts;
	struct merged *list;	/* by name */
	size_t n;
	int blocked;
};

static int by_place(const void *a, const void *b)
{
	const struct part *p = a, *q = b;
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
	struct part *p = g->parts + g->n_parts;

	*p = (struct part){ .role = r, .layer = layer, .lora = lora };
	if (!base_tensor(g->model->base, r, layer, &p->t))
		return;
	base_forget(g->model->base, &p->t);
	if (r == ROLE_HEAD && p->t.type != T_NF4)	/* only a 4-bit head changes */
		return;
	g->n_parts++;
}

/* Every linear weight of the kept layers, sorted by where it lies. */
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

static enum tensor_type written_type(struct merge *g, enum tensor_type type, enum tensor_type blocked)
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

/* -- values ------------------------------------------------------------------------------------------------------ */

/* w[n, cols] += scale B[row .. row+n-1, r] A[r, cols] */
static void add_adapter(float *w, const struct lora *l, double scale, int rank, uint64_t row, uint64_t n, uint64_t cols)
{
#pragma omp parallel for num_threads(common.threads)
	for (uint64_t i = 0; i < n; i++) {
		float sum[512];

		for (uint64_t c = 0; c < cols; c += 512) {
			uint64_t len = cols - c < 512 ? cols - c : 512;

			memset(sum, 0, sizeof(sum));
			for (int k = 0; k < rank; k++) {
				float b = l->b[(row + i) * rank + k];
				const float *a = l->a + k * cols + c;

				for (uint64_t j = 0; j < len; j++)
					sum[j] += b * a[j];
			}
			for (uint64_t j = 0; j < len; j++)
				w[i * cols + c + j] += (float)scale * sum[j];
		}
	}
}

/* Rows as the file orders them, from n rows of whole heads in Hugging Face's order: row h hd + 2i + s of a GGUF llama
 * file is row h hd + s hd/2 + i. */
static const float *file_row(const float *w, uint64_t row, uint64_t cols, uint64_t head_rows)
{
	if (head_rows) {
		uint64_t head = row / head_rows, within = row % head_rows;

		row = head * head_rows + within % 2 * (head_rows / 2) + within / 2;
	}
	return w + row * cols;
}

static void pack(unsigned char *out, const float *w, uint64_t n, enum tensor_type type)
{
	for (uint64_t i = 0; i < n; i++) {
		uint16_t half = type == T_F16 ? f32_to_f16(w[i]) : f32_to_bf16(w[i]);

		if (type == T_F32)
			memcpy(out + 4 * i, w + i, 4);
		else
			memcpy(out + 2 * i, &half, 2);
	}
}

/* A row that no longer fits its type would silently become infinite. */
static void check_fits(const float *w, uint64_t n, const struct merged *t, const char *file)
{
	float limit = t->type == T_F16 ? 65504.0f : INFINITY;

	for (uint64_t i = 0; i < n; i++)
		if (!(fabsf(w[i]) <= limit) || isinf(w[i]))
			die("%s: %s: a merged weight is %g, which %s can't hold", file, t->name, w[i],
				tensor_type_name(t->type));
}

static void write_rows(const float *w, uint64_t n, uint64_t head_rows, const struct merged *t, FILE *f, const char *file)
{
	uint64_t bytes = tensor_bytes(t->type, t->cols);
	unsigned char *out = xmalloc(bytes);

	for (uint64_t i = 0; i < n; i++) {
		const float *row = file_row(w, i, t->cols, head_rows);

		check_fits(row, t->cols, t, file);
		pack(out, row, t->cols, t->type);
		if (fwrite(out, 1, bytes, f) != bytes)
			die("%s: write: %s", file, strerror(errno));
	}
	progress_add(n * bytes / 1e6);
	free(out);
}

/* One role's rows: all at once if they go through NF4, else a few at a time, whole heads where they are permuted. */
static void write_part(struct merge *g, const struct part *p, const struct merged *t, FILE *f, const char *file)
{
	const struct model *m = g->model;
	int nf4 = m->nf4 && p->t.type != T_NF4;
	uint64_t head_rows = p->t.heads > 0 ? p->t.rows / p->t.heads : 0;
	uint64_t step = nf4 ? p->t.rows : head_rows ? head_rows : ROWS;
	struct tensor from;
	float *w;

	if (step > p->t.rows)
		step = p->t.rows;
	base_tensor(m->base, p->role, p->layer, &from);
	w = xcalloc(step * p->t.cols, sizeof(*w));
	for (uint64_t row = 0; row < p->t.rows; row += step) {
		uint64_t n = p->t.rows - row < step ? p->t.rows - row : step;

		tensor_rows(&from, row, n, w);
		if (nf4)
			nf4_round_trip(w, n * p->t.cols);
		if (p->lora)
			add_adapter(w, p->lora, m->adapter->scale, m->adapter->rank, row, n, p->t.cols);
		write_rows(w, n, head_rows, t, f, file);
	}
	free(w);
	base_forget(m->base, &from);
}

void merge_write(struct merge *g, const struct merged *t, FILE *f, const char *file)
{
	for (size_t i = 0; i < t->n_parts; i++)
		write_part(g, g->parts + t->part + i, t, f, file);
}
