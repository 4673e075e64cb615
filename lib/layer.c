/* layer - one layer of a model over the rows of a batch: the only forward pass there is
 */
#include "layer.h"

#include "cli.h"

#include <assert.h>
#include <stdlib.h>

struct widths { size_t d, qkv, o, up, ff; };

static struct widths widths(const struct shape *s)
{
	size_t hd = (size_t)s->head_dim, ff = (size_t)s->d_ff;

	return (struct widths){ (size_t)s->d_model, (size_t)(s->n_heads + 2 * s->n_kv) * hd, (size_t)s->n_heads * hd,
		s->gated ? 2 * ff : ff, ff };
}

struct acts *acts_new(const struct shape *s, size_t rows, int rank, int training)
{
	struct acts *a = xcalloc(1, sizeof *a);
	struct widths w = widths(s);

	a->n1 = mat_new(MAT_OPERAND, rows, w.d);
	a->turned = mat_new(MAT_OPERAND, rows, w.qkv);
	a->o = mat_new(MAT_OPERAND, rows, w.o);
	a->n2 = s->parallel ? a->n1 : mat_new(MAT_OPERAND, rows, w.d);
	a->act = mat_new(MAT_OPERAND, rows, w.ff);
	if (training) {
		a->qkv = s->qk_norm ? mat_new(MAT_F32, rows, w.qkv) : NULL;
		a->up = mat_new(MAT_OPERAND, rows, w.up);
		a->h = mat_new(MAT_F32, rows, w.d);
		a->lse = mat_new(MAT_F32, rows, (size_t)s->n_heads);
	}
	for (int i = 0; rank && i < LORA_COUNT; i++) {
		a->low[i] = mat_new(MAT_OPERAND, rows, (size_t)rank);
		if (training)
			a->dropped[i] = mat_new(MAT_OPERAND, rows, i == LORA_DOWN ? w.ff : w.d);
	}
	return a;
}

/* Every matrix of a struct acts once; a NULL among them is one that is not there. */
enum { ACTS_ALL = 9 + 2 * LORA_COUNT };

static void acts_list(struct mat *list[ACTS_ALL], const struct acts *a)
{
	struct mat *fixed[9] = { a->n1, a->qkv, a->turned, a->o, a->lse, a->h, a->n2 == a->n1 ? NULL : a->n2, a->up, a->act };
	int n = 0;

	for (; n < 9; n++)
		list[n] = fixed[n];
	for (int i = 0; i < LORA_COUNT; i++) {
		list[n++] = a->dropped[i];
		list[n++] = a->low[i];
	}
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

size_t acts_row_bytes(const struct shape *s, int rank, int training)
{
	struct widths w = widths(s);
	size_t operand = ops_dtype() == DTYPE_BF16 ? 2 : 4, r = (size_t)rank;
	size_t bytes = operand * (2 * w.d + w.qkv + w.o + w.ff + LORA_COUNT * r);

	if (training)
		bytes += 4 * (w.d + (size_t)s->n_heads + (s->qk_norm ? w.qkv : 0)) + operand * w.up +
			(rank ? operand * (2 * w.d + w.ff) : 0);
	return bytes;
}

struct heads layer_heads(const struct shape *s, const struct layer *w, int l)
{
	return (struct heads){ .n_heads = s->n_heads, .n_kv = s->n_kv, .head_dim = s->head_dim, .rotary = s->rotary,
		.inv_freq = s->inv_freq, .q_norm = w->q_norm, .k_norm = w->k_norm, .eps = s->eps, .window = s->window[l] };
}

/* A x of a target, x after its dropout, and B: what is added to the base's product. */
static struct low low(const struct mat *x, struct acts *a, const struct lora_layer *lora, int target,
	const struct segments *seg)
{
	const struct lora_pair *p = lora ? &lora->pair[target] : NULL;

	if (!p || !p->a)
		return (struct low){ 0 };
	if (lora->drop[target]) {
		op_dropout(a->dropped[target], x, lora->drop[target], seg, 0);
		x = a->dropped[target];
	}
	op_matmul(a->low[target], x, p->a, NULL, 0, NULL);
	return (struct low){ a->low[target], p->b };
}

static void attention(struct mat *x, struct acts *a, const struct layer *w, const struct shape *s, int l,
	const struct segments *seg)
{
	struct heads h = layer_heads(s, w, l);

	op_norm(a->n1, x, w->norm1, w->norm1_bias, (int)s->norm, s->eps);
	op_matmul_rope(a->turned, a->qkv, a->n1, w->qkv, w->qkv_bias, &h, seg);
	op_attention(a->o, a->lse, a->turned, &h, seg);
	op_matmul(x, a->o, w->o, w->o_bias, 1, NULL);
}

static void feed_forward(struct mat *x, struct acts *a, const struct layer *w, const struct lora_layer *lora,
	const struct shape *s, const struct segments *seg)
{
	struct low up[2] = { { 0 } }, down;

	if (s->gated)
		up[0] = low(a->n2, a, lora, LORA_GATE, seg);
	up[s->gated] = low(a->n2, a, lora, LORA_UP, seg);
	op_matmul_act(a->act, a->up, a->n2, w->up, w->up_bias, up, (int)s->act, s->gated);
	down = low(a->act, a, lora, LORA_DOWN, seg);
	op_matmul(x, a->act, w->down, w->down_bias, 1, &down);
}

void layer_forward(struct mat *x, struct acts *a, const struct layer *w, const struct lora_layer *lora,
	const struct shape *s, int l, const struct segments *seg)
{
	assert(mat_rows(x) == seg->rows);
	attention(x, a, w, s, l, seg);
	if (a->h)
		op_copy(a->h, x);
	if (!s->parallel)
		op_norm(a->n2, x, w->norm2, w->norm2_bias, (int)s->norm, s->eps);
	feed_forward(x, a, w, lora, s, seg);
}
