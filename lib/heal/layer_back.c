/* layer_back - gradients of one layer; see layer_back.h
 */
#include "heal/layer_back.h"

#include "cli/cli.h"

#include <stdlib.h>

struct back {
	struct mat *g;                   /* MAT_OPERAND [T, d]: dx, rounded */
	struct mat *dup;                 /* MAT_OPERAND [T, 2 ff] or [T, ff] */
	struct mat *dn;                  /* MAT_F32 [T, d]: of a norm's output */
	struct mat *dout;                /* MAT_OPERAND [T, H hd] */
	struct mat *dqkv;                /* MAT_F32 [T, (H+2K) hd] */
	struct mat *dqkv_back;           /* MAT_OPERAND, turned back */
	struct mat *dlow[LORA_COUNT];    /* MAT_OPERAND [T, r] */
	struct mat *qkv, *o, *up, *down; /* the layer's weights, for the backward product */
};

enum { BACK_ALL = 6 + LORA_COUNT };

static void back_list(struct mat **list[BACK_ALL], struct back *b)
{
	struct mat **all[BACK_ALL] = { &b->g, &b->dup, &b->dn, &b->dout, &b->dqkv, &b->dqkv_back,
		&b->dlow[LORA_GATE], &b->dlow[LORA_UP], &b->dlow[LORA_DOWN], &b->dlow[LORA_OUT],
		&b->dlow[LORA_QKV] };

	for (int i = 0; i < BACK_ALL; i++)
		list[i] = all[i];
}

struct back_widths {
	size_t d, o, qkv, up, ff;
};

static struct back_widths widths(const struct shape *s)
{
	size_t hd = (size_t)s->head_dim, ff = (size_t)s->d_ff, o = (size_t)s->n_heads * hd;

	return (struct back_widths){ (size_t)s->d_model, o, o + 2 * (size_t)s->n_kv * hd,
		s->gated ? 2 * ff : ff, ff };
}

/* Columns (0: it is not there) and type of each, in the order of back_list. */
static void back_columns(size_t cols[BACK_ALL], enum mat_type type[BACK_ALL], const struct shape *s,
	const int rank[LORA_COUNT])
{
	struct back_widths w = widths(s);
	const size_t c[6] = { w.d, w.up, w.d, w.o, w.qkv, w.qkv };
	const int f32[BACK_ALL] = { 0, 0, 1, 0, 1, 0 };

	for (int i = 0; i < BACK_ALL; i++) {
		cols[i] = i < 6 ? c[i] : (size_t)rank[i - 6];
		type[i] = f32[i] ? MAT_F32 : MAT_OPERAND;
	}
}

struct back *back_new(const struct shape *s, size_t rows, const int rank[LORA_COUNT])
{
	struct back *b = xcalloc(1, sizeof *b);
	struct back_widths w = widths(s);
	enum mat_type type[BACK_ALL];
	struct mat **list[BACK_ALL];
	size_t cols[BACK_ALL];

	back_list(list, b);
	back_columns(cols, type, s, rank);
	for (int i = 0; i < BACK_ALL; i++)
		*list[i] = cols[i] ? mat_new(type[i], rows, cols[i]) : NULL;
	b->qkv = weight_new_turned(w.qkv, w.d);
	b->o = weight_new_turned(w.d, w.o);
	b->up = weight_new_turned(w.up, w.d);
	b->down = weight_new_turned(w.d, w.ff);
	return b;
}

void back_free(struct back *b)
{
	struct mat **list[BACK_ALL];

	if (!b)
		return;
	back_list(list, b);
	for (int i = 0; i < BACK_ALL; i++)
		mat_free(*list[i]);
	mat_free(b->qkv);
	mat_free(b->o);
	mat_free(b->up);
	mat_free(b->down);
	free(b);
}

void back_resize(struct back *b, size_t rows)
{
	struct mat **list[BACK_ALL];

	back_list(list, b);
	for (int i = 0; i < BACK_ALL; i++)
		if (*list[i])
			mat_resize(*list[i], rows);
}

size_t back_row_bytes(const struct shape *s, const int rank[LORA_COUNT])
{
	size_t operand = ops_dtype() == DTYPE_BF16 ? 2 : 4, bytes = 0, cols[BACK_ALL];
	enum mat_type type[BACK_ALL];

	back_columns(cols, type, s, rank);
	for (int i = 0; i < BACK_ALL; i++)
		bytes += cols[i] * (type[i] == MAT_OPERAND ? operand : 4);
	return bytes;
}

size_t back_weight_bytes(const struct shape *s)
{
	struct back_widths w = widths(s);

	return weight_turned_bytes(w.qkv, w.d) + weight_turned_bytes(w.d, w.o) +
		weight_turned_bytes(w.up, w.d) + weight_turned_bytes(w.d, w.ff);
}

/* -- one adapter ------------------------------------------------------------------------------- */

/* What the gradients of one layer share. */
struct ctx {
	struct back *b;
	const struct acts *a;
	struct work *k;
	const struct layer *w;
	const struct lora_layer *lora;
	const struct lora_target *target;
	const struct shape *s;
	const struct segments *seg;
};

/* y = B' A drop(x), B' = scale B. From g = dy: dB', and d(A x) = g B', of which A and drop give
 * what x gets. */
static struct low b_back(const struct mat *g, int which, const struct ctx *c)
{
	const struct lora_pair *p = &c->lora->pair[which];

	if (!p->a)
		return (struct low){ 0 };
	op_matmul_weight(c->target[which].db, g, c->a->low[which], NULL, c->seg);
	op_matmul_back(c->b->dlow[which], g, p->b, 0, NULL, NULL);
	return (struct low){ .x = c->b->dlow[which], .b = p->a, .drop = c->lora->drop[which] };
}

/* dA; x: the target's input. */
static void a_back(const struct mat *x, int which, const struct ctx *c)
{
	if (c->lora->pair[which].a)
		op_matmul_weight(c->target[which].da, c->b->dlow[which], x, c->lora->drop[which],
			c->seg);
}

/* -- the two halves of a layer ----------------------------------------------------------------- */

/* From b->g, the gradient of the layer's output: the adapters' gradients, and b->dn, that of N2's
 * output. x: the layer's input. */
static void feed_forward_back(const struct ctx *c, const struct mat *x, int to_input)
{
	const struct shape *s = c->s;
	struct back *b = c->b;
	size_t ff = (size_t)s->d_ff;
	struct mat *dgate = mat_columns(b->dup, 0, ff),
		   *dup = mat_columns(b->dup, s->gated ? ff : 0, ff);
	struct low low[2] = { b_back(b->g, LORA_DOWN, c), { 0 } };

	weight_turn(b->down, c->w->down);
	op_matmul_act_back(b->dup, c->k->act, c->a->up, b->g, b->down, low, c->seg, (int)s->act,
		s->gated);
	a_back(c->k->act, LORA_DOWN, c);
	low[0] = s->gated ? b_back(dgate, LORA_GATE, c) : (struct low){ 0 };
	low[1] = b_back(dup, LORA_UP, c);
	if (s->parallel)
		op_norm(c->k->n, x, c->w->norm1, c->w->norm1_bias, (int)s->norm, s->eps);
	else
		op_norm(c->k->n, c->a->h, c->w->norm2, c->w->norm2_bias, (int)s->norm, s->eps);
	if (s->gated)
		a_back(c->k->n, LORA_GATE, c);
	a_back(c->k->n, LORA_UP, c);
	if (to_input) {
		weight_turn(b->up, c->w->up);
		op_matmul_back(b->dn, b->dup, b->up, 0, low, c->seg);
	}
	mat_free(dgate);
	mat_free(dup);
}

/* From b->g, the gradient of what attention's output was added to: the adapter's gradients, and
 * b->dn = or += that of N1's output. */
static void attention_back(const struct ctx *c, int l, int accumulate, int to_input)
{
	struct low low[2] = { b_back(c->b->g, LORA_OUT, c), { 0 } };
	struct heads h = layer_heads(c->s, c->w, l);
	struct back *b = c->b;

	a_back(c->a->o, LORA_OUT, c);
	if (!to_input)
		return;
	weight_turn(b->o, c->w->o);
	weight_turn(b->qkv, c->w->qkv);
	op_matmul_back(b->dout, b->g, b->o, 0, low, c->seg);
	op_attention_back(b->dqkv, b->dout, c->a->o, c->a->lse, c->a->turned, &h, c->seg);
	op_rope_back(b->dqkv_back, b->dqkv, c->a->qkv, &h, c->seg);
	op_matmul_back(b->dn, b->dqkv_back, b->qkv, accumulate, NULL, NULL);
}

void layer_back(struct mat *dx, struct back *b, const struct mat *x, const struct acts *a,
	struct work *k, const struct layer *w, const struct lora_layer *lora,
	const struct lora_target *target, int to_input, const struct shape *s, int l,
	const struct segments *seg)
{
	struct ctx c = { b, a, k, w, lora, target, s, seg };

	op_round(b->g, dx);
	feed_forward_back(&c, x, to_input || lora->pair[LORA_OUT].a);
	if (!to_input && !lora->pair[LORA_OUT].a)
		return;
	if (!s->parallel)
		op_norm_back(dx, b->g, b->dn, a->h, w->norm2, w->norm2_bias, (int)s->norm, s->eps);
	attention_back(&c, l, s->parallel, to_input);
	if (to_input)
		op_norm_back(dx, NULL, b->dn, x, w->norm1, w->norm1_bias, (int)s->norm, s->eps);
}
