/* layer - one layer of a model over the rows of a batch: the only forward pass there is
 */
#include "forward/layer.h"

#include "cli/cli.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const enum role lora_roles[LORA_QKV] = { ROLE_GATE, ROLE_UP, ROLE_DOWN, ROLE_O };

struct widths {
	size_t d, qkv, o, up, ff;
};

static struct widths widths(const struct shape *s)
{
	size_t hd = (size_t)s->head_dim, ff = (size_t)s->d_ff;

	return (struct widths){ (size_t)s->d_model, (size_t)(s->n_heads + 2 * s->n_kv) * hd,
		(size_t)s->n_heads * hd, s->gated ? 2 * ff : ff, ff };
}

struct acts *acts_new(const struct shape *s, size_t rows, const int rank[LORA_COUNT], int training)
{
	struct acts *a = xcalloc(1, sizeof *a);
	struct widths w = widths(s);

	a->turned = mat_new(MAT_OPERAND, rows, w.qkv);
	a->o = mat_new(MAT_OPERAND, rows, w.o);
	if (training) {
		a->qkv = s->qk_norm ? mat_new(MAT_F32, rows, w.qkv) : NULL;
		a->lse = mat_new(MAT_F32, rows, (size_t)s->n_heads);
		a->h = mat_new(MAT_OPERAND, rows, w.d);
		a->up = mat_new(MAT_OPERAND, rows, w.up);
	}
	for (int i = 0; i < LORA_COUNT; i++)
		a->low[i] = rank[i] ? mat_new(MAT_OPERAND, rows, (size_t)rank[i]) : NULL;
	return a;
}

/* Every matrix of a struct acts once; a NULL among them is one that is not there. */
enum { ACTS_ALL = 6 + LORA_COUNT };

static void acts_list(struct mat *list[ACTS_ALL], const struct acts *a)
{
	struct mat *all[ACTS_ALL] = { a->qkv, a->turned, a->o, a->lse, a->h, a->up };

	for (int i = 0; i < LORA_COUNT; i++)
		all[6 + i] = a->low[i];
	memcpy(list, all, sizeof all);
}

void acts_free(struct acts *a)
{
	struct mat *list[ACTS_ALL];

	if (!a)
		return;
	acts_list(list, a);
	for (int i = 0; i < ACTS_ALL; i++)
		mat_free(list[i]);
	free(a);
}

void acts_resize(struct acts *a, size_t rows)
{
	struct mat *list[ACTS_ALL];

	acts_list(list, a);
	for (int i = 0; i < ACTS_ALL; i++)
		if (list[i])
			mat_resize(list[i], rows);
}

static size_t operand_bytes(void)
{
	return ops_dtype() == DTYPE_BF16 ? 2 : 4;
}

size_t acts_row_bytes(const struct shape *s, const int rank[LORA_COUNT], int training)
{
	struct widths w = widths(s);
	size_t bytes = operand_bytes() * (w.qkv + w.o);

	for (int i = 0; i < LORA_COUNT; i++)
		bytes += operand_bytes() * (size_t)rank[i];

	if (training)
		bytes += operand_bytes() * (w.d + w.up) +
			4 * ((size_t)s->n_heads + (s->qk_norm ? w.qkv : 0));
	return bytes;
}

struct work *work_new(const struct shape *s, size_t rows)
{
	struct work *k = xcalloc(1, sizeof *k);

	k->n = mat_new(MAT_OPERAND, rows, widths(s).d);
	k->act = mat_new(MAT_OPERAND, rows, widths(s).ff);
	return k;
}

void work_free(struct work *k)
{
	if (!k)
		return;
	mat_free(k->n);
	mat_free(k->act);
	free(k);
}

void work_resize(struct work *k, size_t rows)
{
	mat_resize(k->n, rows);
	mat_resize(k->act, rows);
}

size_t work_row_bytes(const struct shape *s)
{
	return operand_bytes() * (widths(s).d + widths(s).ff);
}

size_t layer_width(const struct shape *s)
{
	struct widths w = widths(s);
	size_t most = w.qkv > w.up ? w.qkv : w.up;

	return most > w.d ? most : w.d;
}

struct heads layer_heads(const struct shape *s, const struct layer *w, int l)
{
	return (struct heads){ .n_heads = s->n_heads,
		.n_kv = s->n_kv,
		.head_dim = s->head_dim,
		.rotary = s->rotary,
		.inv_freq = s->inv_freq,
		.q_norm = w->q_norm,
		.k_norm = w->k_norm,
		.eps = s->eps,
		.window = s->window[l] };
}

/* A x of a target, x after its dropout, and B: what is added to part of the base's product. */
static struct low low(const struct mat *x, struct acts *a, const struct lora_layer *lora,
	int target, int part, const struct segments *seg)
{
	const struct lora_pair *p = lora ? &lora->pair[target] : NULL;

	if (!p || !p->a)
		return (struct low){ 0 };
	mat_recut(a->low[target], mat_rows(p->a));
	op_matmul_dropped(a->low[target], x, lora->drop[target], seg, p->a);
	return (struct low){ .x = a->low[target], .b = p->b, .part = part };
}

static void attention(struct mat *x, struct acts *a, struct work *k, const struct layer *w,
	const struct lora_layer *lora, const struct shape *s, int l, const struct segments *seg)
{
	struct low qkv[2] = { { 0 } }, out[2] = { { 0 } };
	struct heads h = layer_heads(s, w, l);

	op_norm(k->n, x, w->norm1, w->norm1_bias, (int)s->norm, s->eps);
	qkv[0] = low(k->n, a, lora, LORA_QKV, 0, seg);
	op_matmul_rope(a->turned, a->qkv, k->n, w->qkv, w->qkv_bias, qkv, &h, seg);
	op_attention(a->o, a->lse, a->turned, &h, seg);
	out[0] = low(a->o, a, lora, LORA_OUT, 0, seg);
	op_matmul(x, a->o, w->o, w->o_bias, 1, out);
}

static void feed_forward(struct mat *x, struct acts *a, struct work *k, const struct layer *w,
	const struct lora_layer *lora, const struct shape *s, const struct segments *seg)
{
	struct low up[2] = { { 0 } }, down[2] = { { 0 } };

	if (s->gated)
		up[0] = low(k->n, a, lora, LORA_GATE, 0, seg);
	up[1] = low(k->n, a, lora, LORA_UP, s->gated, seg);
	op_matmul_act(k->act, a->up, k->n, w->up, w->up_bias, up, (int)s->act, s->gated);
	down[0] = low(k->act, a, lora, LORA_DOWN, 0, seg);
	op_matmul(x, k->act, w->down, w->down_bias, 1, down);
}

void layer_forward(struct mat *x, struct acts *a, struct work *k, const struct layer *w,
	const struct lora_layer *lora, const struct shape *s, int l, const struct segments *seg)
{
	assert(mat_rows(x) == seg->rows);
	attention(x, a, k, w, lora, s, l, seg);
	if (a->h)
		op_round(a->h, x);
	if (!s->parallel)
		op_norm(k->n, x, w->norm2, w->norm2_bias, (int)s->norm, s->eps);
	feed_forward(x, a, k, w, lora, s, seg);
}
