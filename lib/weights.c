/* weights - the weights of a base's layers, packed for the products
 */
#include "weights.h"

#include "cli.h"
#include "nf4.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_AT_A_TIME = 1024 };

struct weights {
	const struct base *base;
	int nf4, uses;
	int all;		/* 1: every layer stays once it is packed */
	int held;		/* the layer held where not all stay, or -1 */
	struct layer *layer;	/* [L] */
	char *have;		/* [L] */
	struct head head;
	int have_head;
};

/* -- one tensor into one matrix ------------------------------------------------------------------------------------ */

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

/* Rows of a tensor into rows row0 .. of a weight; through NF4 as one matrix, if it is to be quantised. */
static void put_rows(struct mat *m, size_t row0, const struct tensor *t, int nf4)
{
	size_t step = nf4 ? t->rows : ROWS_AT_A_TIME;
	float *f;

	step = step < t->rows ? step : t->rows;
	f = xmalloc(step * t->cols * sizeof *f);
	for (size_t r = 0; r < t->rows; r += step) {
		size_t n = t->rows - r < step ? t->rows - r : step;

		tensor_rows(t, r, n, f);
		if (nf4)
			nf4_round_trip(f, n * t->cols);
		weight_put(m, row0 + r, n, f);
	}
	free(f);
}

/* The roles' tensors, one under the other, as one weight. */
static struct mat *stack(const struct weights *w, const enum role *roles, int n, int l, int linear)
{
	struct tensor t[3];
	struct cut cut = { roles[0] == ROLE_Q ? (size_t)base_shape(w->base)->head_dim : 0, roles[0] == ROLE_GATE };
	size_t rows = 0, row = 0;
	struct mat *m;

	for (int i = 0; i < n; i++) {
		if (!base_tensor(w->base, roles[i], l, &t[i]))
			return NULL;
		rows += t[i].rows;
	}
	m = weight_new(rows, t[0].cols, w->uses, cut);
	for (int i = 0; i < n; i++) {
		put_rows(m, row, &t[i], linear && w->nf4 && t[i].type != T_NF4);
		base_forget(w->base, &t[i]);
		row += t[i].rows;
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

static const enum role qkv_roles[] = { ROLE_Q, ROLE_K, ROLE_V }, up_roles[] = { ROLE_GATE, ROLE_UP };
static const enum role o_role[] = { ROLE_O }, down_role[] = { ROLE_DOWN }, head_role[] = { ROLE_HEAD };

/* -- layers -------------------------------------------------------------------------------------------------------- */

static void layer_load(const struct weights *w, struct layer *y, int l)
{
	int gated = base_shape(w->base)->gated;
	const enum role *up = up_roles + !gated;

	y->norm1 = role_vector(w, ROLE_NORM1, l);
	y->norm1_bias = role_bias(w, ROLE_NORM1, l);
	y->norm2 = role_vector(w, ROLE_NORM2, l);
	y->norm2_bias = role_bias(w, ROLE_NORM2, l);
	y->q_norm = role_vector(w, ROLE_Q_NORM, l);
	y->k_norm = role_vector(w, ROLE_K_NORM, l);
	y->qkv = stack(w, qkv_roles, 3, l, 1);
	y->qkv_bias = stack_bias(w, qkv_roles, 3, l);
	y->o = stack(w, o_role, 1, l, 1);
	y->o_bias = stack_bias(w, o_role, 1, l);
	y->up = stack(w, up, 1 + gated, l, 1);
	y->up_bias = stack_bias(w, up, 1 + gated, l);
	y->down = stack(w, down_role, 1, l, 1);
	y->down_bias = stack_bias(w, down_role, 1, l);
}

static void layer_free(struct layer *y)
{
	struct mat *all[] = { y->norm1, y->norm1_bias, y->norm2, y->norm2_bias, y->qkv, y->qkv_bias, y->q_norm, y->k_norm,
		y->o, y->o_bias, y->up, y->up_bias, y->down, y->down_bias };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		mat_free(all[i]);
	memset(y, 0, sizeof *y);
}

size_t weights_layer_bytes(const struct base *b, int uses)
{
	const struct shape *s = base_shape(b);
	size_t d = (size_t)s->d_model, hd = (size_t)s->head_dim, q = (size_t)s->n_heads * hd, ff = (size_t)s->d_ff;

	return weight_bytes_for(q + 2 * (size_t)s->n_kv * hd, d, uses) + weight_bytes_for(d, q, uses)
		+ weight_bytes_for(ff * (s->gated ? 2 : 1), d, uses) + weight_bytes_for(d, ff, uses);
}

size_t weights_head_bytes(const struct base *b, int uses)
{
	return weight_bytes_for((size_t)base_shape(b)->n_vocab, (size_t)base_shape(b)->d_model, uses);
}

struct weights *weights_open(const struct base *b, int nf4, int uses, size_t budget)
{
	struct weights *w = xcalloc(1, sizeof *w);
	size_t n = (size_t)base_shape(b)->n_layers;

	w->base = b;
	w->nf4 = nf4;
	w->uses = uses;
	w->held = -1;
	w->all = weights_layer_bytes(b, uses) <= budget / n;
	w->layer = xcalloc(n, sizeof *w->layer);
	w->have = xcalloc(n, 1);
	return w;
}

void weights_close(struct weights *w)
{
	for (int l = 0; l < base_shape(w->base)->n_layers; l++)
		layer_free(&w->layer[l]);
	mat_free(w->head.norm);
	mat_free(w->head.norm_bias);
	mat_free(w->head.out);
	mat_free(w->head.out_bias);
	free(w->layer);
	free(w->have);
	free(w);
}

const struct layer *weights_layer(struct weights *w, int l)
{
	assert(l >= 0 && l < base_shape(w->base)->n_layers);
	if (w->have[l])
		return &w->layer[l];
	if (!w->all && w->held >= 0) {
		layer_free(&w->layer[w->held]);
		w->have[w->held] = 0;
	}
	layer_load(w, &w->layer[l], l);
	w->have[l] = 1;
	w->held = l;
	return &w->layer[l];
}

void weights_fetch(struct weights *w, int l)
{
	struct tensor t;

	if (w->have[l])
		return;
	for (int r = ROLE_NORM1; r <= ROLE_DOWN; r++)
		if (base_tensor(w->base, (enum role)r, l, &t))
			base_fetch(w->base, &t);
}

const struct head *weights_head(struct weights *w)
{
	if (!w->have_head) {
		w->head.norm = role_vector(w, ROLE_FINAL_NORM, -1);
		w->head.norm_bias = role_bias(w, ROLE_FINAL_NORM, -1);
		w->head.out = stack(w, head_role, 1, -1, 0);
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
	f = xmalloc(n * t.cols * sizeof *f);
	for (size_t i = 0; i < n; i++) {
		if (ids[i] >= t.rows)
			die("%s: token %u: the model's embedding has %llu rows", base_path(w->base), ids[i],
				(unsigned long long)t.rows);
		tensor_rows(&t, ids[i], 1, f + i * t.cols);
	}
	mat_put(x, 0, n, f);
	free(f);
}
