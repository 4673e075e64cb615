/* layer_back - gradients of one layer; see layer_back.h
 */
#include "layer_back.h"

#include "cli.h"

#include <stdlib.h>

struct back {
	struct mat *g;			/* MAT_OPERAND [T, d]: dx, rounded */
	struct mat *dact, *drop_act;	/* MAT_F32 [T, ff] */
	struct mat *dup;		/* MAT_OPERAND [T, 2 ff] or [T, ff] */
	struct mat *dn, *drop_n;	/* MAT_F32 [T, d]: of a norm's output */
	struct mat *dout;		/* MAT_F32 [T, H hd] */
	struct mat *dout_operand;	/* MAT_OPERAND, the same */
	struct mat *dqkv;		/* MAT_F32 [T, (H+2K) hd] */
	struct mat *dqkv_operand;	/* MAT_OPERAND, turned back */
	struct mat *dlow;		/* MAT_F32 [T, r] */
	struct mat *dlow_operand;	/* MAT_OPERAND */
};

enum { BACK_ALL = 12 };

static void back_list(struct mat **list[BACK_ALL], struct back *b)
{
	struct mat **all[BACK_ALL] = { &b->g, &b->dact, &b->drop_act, &b->dup, &b->dn, &b->drop_n, &b->dout,
		&b->dout_operand, &b->dqkv, &b->dqkv_operand, &b->dlow, &b->dlow_operand };

	for (int i = 0; i < BACK_ALL; i++)
		list[i] = all[i];
}

/* Columns and type of each, in the order of back_list. */
static void back_columns(size_t cols[BACK_ALL], enum mat_type type[BACK_ALL], const struct shape *s, int rank)
{
	size_t d = (size_t)s->d_model, ff = (size_t)s->d_ff, hd = (size_t)s->head_dim, r = (size_t)rank;
	size_t o = (size_t)s->n_heads * hd, qkv = o + 2 * (size_t)s->n_kv * hd;
	const size_t c[BACK_ALL] = { d, ff, ff, s->gated ? 2 * ff : ff, d, d, o, o, qkv, qkv, r, r };
	const int operand[BACK_ALL] = { 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 1 };

	for (int i = 0; i < BACK_ALL; i++) {
		cols[i] = c[i];
		type[i] = operand[i] ? MAT_OPERAND : MAT_F32;
	}
}

struct back *back_new(const struct shape *s, size_t rows, int rank)
{
	struct back *b = xcalloc(1, sizeof *b);
	enum mat_type type[BACK_ALL];
	struct mat **list[BACK_ALL];
	size_t cols[BACK_ALL];

	back_list(list, b);
	back_columns(cols, type, s, rank);
	for (int i = 0; i < BACK_ALL; i++)
		*list[i] = mat_new(type[i], rows, cols[i]);
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
	free(b);
}

void back_resize(struct back *b, size_t rows)
{
	struct mat **list[BACK_ALL];

	back_list(list, b);
	for (int i = 0; i < BACK_ALL; i++)
		mat_resize(*list[i], rows);
}

size_t back_row_bytes(const struct shape *s, int rank)
{
	size_t operand = ops_dtype() == DTYPE_BF16 ? 2 : 4, bytes = 0, cols[BACK_ALL];
	enum mat_type type[BACK_ALL];

	back_columns(cols, type, s, rank);
	for (int i = 0; i < BACK_ALL; i++)
		bytes += cols[i] * (type[i] == MAT_OPERAND ? operand : 4);
	return bytes;
}

/* -- one adapter --------------------------------------------------------------------------------------------------- */

/* What the gradients of one layer share. */
struct ctx {
	struct back *b;
	const struct acts *a;
	const struct layer *w;
	const struct lora_layer *lora;
	const struct lora_target *target;
	double scale;
	const struct shape *s;
	const struct segments *seg;
};

/* y = B' A drop(x), B' = scale B. From g = dy: dB, dA, and, where dx is wanted, drop(g B' A) added to it; x is the
 * target's input, room of dx's size. */
static void lora_back(struct mat *dx, struct mat *room, const struct mat *g, const struct mat *x, int which,
	const struct ctx *c)
{
	const struct lora_pair *p = &c->lora->pair[which];
	const struct dropout *drop = c->lora->drop[which];
	struct back *b = c->b;

	if (!p->a)
		return;
	op_matmul_weight(c->target[which].db, g, c->a->low[which], (float)c->scale, c->seg);
	op_matmul_back(b->dlow, g, p->b, 0);
	op_round(b->dlow_operand, b->dlow);
	op_matmul_weight(c->target[which].da, b->dlow_operand, drop ? c->a->dropped[which] : x, 1, c->seg);
	if (!dx)
		return;
	if (!drop) {
		op_matmul_back(dx, b->dlow_operand, p->a, 1);
		return;
	}
	op_matmul_back(room, b->dlow_operand, p->a, 0);
	op_dropout(dx, room, drop, c->seg, 1);
}

/* -- the two halves of a layer ------------------------------------------------------------------------------------- */

/* From b->g, the gradient of the layer's output: the adapters' gradients, and b->dn, that of N2's output. */
static void feed_forward_back(const struct ctx *c, int to_input)
{
	struct back *b = c->b;
	size_t ff = (size_t)c->s->d_ff, up_col = c->s->gated ? ff : 0;
	struct mat *dgate = mat_columns(b->dup, 0, ff), *dup = mat_columns(b->dup, up_col, ff);
	struct mat *dn = to_input ? b->dn : NULL;

	op_matmul_back(b->dact, b->g, c->w->down, 0);
	lora_back(b->dact, b->drop_act, b->g, c->a->act, LORA_DOWN, c);
	op_act_back(b->dup, b->dact, c->a->up, (int)c->s->act, c->s->gated);
	if (dn)
		op_matmul_back(dn, b->dup, c->w->up, 0);
	if (c->s->gated)
		lora_back(dn, b->drop_n, dgate, c->a->n2, LORA_GATE, c);
	lora_back(dn, b->drop_n, dup, c->a->n2, LORA_UP, c);
	mat_free(dgate);
	mat_free(dup);
}

/* From b->g, the gradient of what attention's output was added to: b->dn = or += that of N1's output. */
static void attention_back(const struct ctx *c, int l, int accumulate)
{
	struct heads h = layer_heads(c->s, c->w, l);
	struct back *b = c->b;

	op_matmul_back(b->dout, b->g, c->w->o, 0);
	op_round(b->dout_operand, b->dout);
	op_attention_back(b->dqkv, b->dout_operand, c->a->o, c->a->lse, c->a->turned, &h, c->seg);
	op_rope_back(b->dqkv_operand, b->dqkv, c->a->qkv, &h, c->seg);
	op_matmul_back(b->dn, b->dqkv_operand, c->w->qkv, accumulate);
}

void layer_back(struct mat *dx, struct back *b, const struct mat *x, const struct acts *a, const struct layer *w,
	const struct lora_layer *lora, const struct lora_target *target, double scale, int to_input,
	const struct shape *s, int l, const struct segments *seg)
{
	struct ctx c = { b, a, w, lora, target, scale, s, seg };

	op_round(b->g, dx);
	feed_forward_back(&c, to_input);
	if (!to_input)
		return;
	if (!s->parallel) {
		op_norm_back(dx, b->dn, a->h, w->norm2, w->norm2_bias, (int)s->norm, s->eps);
		op_round(b->g, dx);
	}
	attention_back(&c, l, s->parallel);
	op_norm_back(dx, b->dn, x, w->norm1, w->norm1_bias, (int)s->norm, s->eps);
}
