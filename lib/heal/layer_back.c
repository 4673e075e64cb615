/* layer_back - gradients of one layer; see layer_back.h
 */
#include "heal/layer_back.h"

#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

struct back_scratch {
	struct mat *g;               /* MAT_OPERAND [T, d]: dx, rounded */
	struct mat *dup;             /* MAT_OPERAND [T, 2 ff] or [T, ff] */
	struct mat *dn;              /* MAT_F32 [T, d]: of a norm's output */
	struct mat *dout;            /* MAT_OPERAND [T, H hd]: of attention's output */
	struct mat *dqkv;            /* MAT_F32 [T, (H+2K) hd] */
	struct mat *dqkv_unrotated;  /* MAT_OPERAND, the rotation undone */
	struct mat *dax[LORA_COUNT]; /* MAT_OPERAND [T, r]: of A x */
	struct buffer list[6 + LORA_COUNT];
	struct mat *proj[PROJ_COUNT]; /* the layer's weights, for the backward product */
};

enum { BACK_COUNT = sizeof((struct back_scratch *)0)->list / sizeof(struct buffer) };

static void back_list(struct back_scratch *b, const struct shape *s, const int rank[LORA_COUNT])
{
	size_t d = (size_t)s->d_model, qkv = proj_out(s, PROJ_QKV);
	struct buffer all[BACK_COUNT] = {
		{ &b->g, MAT_OPERAND, d },
		{ &b->dup, MAT_OPERAND, proj_out(s, PROJ_UP) },
		{ &b->dn, MAT_F32, d },
		{ &b->dout, MAT_OPERAND, proj_in(s, PROJ_O) },
		{ &b->dqkv, MAT_F32, qkv },
		{ &b->dqkv_unrotated, MAT_OPERAND, qkv },
	};

	for (int i = 0; i < LORA_COUNT; i++)
		all[6 + i] = (struct buffer){ &b->dax[i], MAT_OPERAND, (size_t)rank[i] };
	memcpy(b->list, all, sizeof all);
}

struct back_scratch *back_new(const struct shape *s, size_t rows, const int rank[LORA_COUNT])
{
	struct back_scratch *b = xcalloc(1, sizeof *b);

	back_list(b, s, rank);
	buffers_new(b->list, BACK_COUNT, rows);
	for (int i = 0; i < PROJ_COUNT; i++) {
		enum projection p = (enum projection)i;

		b->proj[p] = weight_new_transposed(proj_out(s, p), proj_in(s, p));
	}
	return b;
}

void back_free(struct back_scratch *b)
{
	if (!b)
		return;
	buffers_free(b->list, BACK_COUNT);
	for (int p = 0; p < PROJ_COUNT; p++)
		mat_free(b->proj[p]);
	free(b);
}

void back_resize(struct back_scratch *b, size_t rows)
{
	buffers_resize(b->list, BACK_COUNT, rows);
}

size_t back_row_bytes(const struct shape *s, const int rank[LORA_COUNT])
{
	struct back_scratch b;

	back_list(&b, s, rank);
	return buffers_row_bytes(b.list, BACK_COUNT);
}

size_t back_weight_bytes(const struct shape *s)
{
	size_t bytes = 0;

	for (int i = 0; i < PROJ_COUNT; i++) {
		enum projection p = (enum projection)i;

		bytes += weight_transposed_bytes(proj_out(s, p), proj_in(s, p));
	}
	return bytes;
}

/* -- one adapter ------------------------------------------------------------------------------- */

/* What the gradients of one layer share. */
struct ctx {
	struct back_scratch *b;
	const struct mat *x; /* the layer's input */
	const struct layer_call *c;
	const struct lora_target *target;
};

/* y = B' A drop(x), B' = scale B. From g = dy: dB', and d(A x) = g B', of which A and drop give
 * what x gets. */
static struct lora_term b_back(const struct mat *g, int site, const struct ctx *t)
{
	const struct lora_layer *lora = t->c->lora;
	const struct lora_pair *p = &lora->pair[site];
	struct mat *dax = t->b->dax[site];

	if (!p->a)
		return (struct lora_term){ 0 };
	op_weight_gradient(t->target[site].db, g, t->c->acts->ax[site], NULL, t->c->seg);
	op_matmul_back(dax, g, p->b, 0, NULL, NULL);
	return (struct lora_term){ .x = dax, .b = p->a, .drop = lora->drop[site] };
}

/* dA; x: the site's input. */
static void a_back(const struct mat *x, int site, const struct ctx *t)
{
	const struct lora_layer *lora = t->c->lora;

	if (lora->pair[site].a)
		op_weight_gradient(t->target[site].da, t->b->dax[site], x, lora->drop[site],
			t->c->seg);
}

/* The layer's weight of a projection, for the backward product. */
static const struct mat *transposed(const struct ctx *t, enum projection p)
{
	weight_transpose(t->b->proj[p], t->c->weights->proj[p]);
	return t->b->proj[p];
}

/* -- the two halves of a layer ----------------------------------------------------------------- */

/* scratch->n: what gate and up took, made again. */
static void norm_again(const struct ctx *t)
{
	const struct layer *w = t->c->weights;
	const struct shape *s = t->c->shape;
	struct mat *n = t->c->scratch->n;

	if (s->parallel)
		op_norm(n, t->x, w->norm1, w->norm1_bias, (int)s->norm, s->eps);
	else
		op_norm(n, t->c->acts->h, w->norm2, w->norm2_bias, (int)s->norm, s->eps);
}

/* From b->g, the gradient of the layer's output: the adapters' gradients, and, where it is wanted,
 * b->dn, that of N2's output. */
static void feed_forward_back(const struct ctx *t, int dn_wanted)
{
	const struct shape *s = t->c->shape;
	struct layer_scratch *k = t->c->scratch;
	struct back_scratch *b = t->b;
	size_t ff = (size_t)s->d_ff;
	struct mat *dgate = mat_columns(b->dup, 0, ff),
		   *dup = mat_columns(b->dup, s->gated ? ff : 0, ff);
	struct lora_term lora[2] = { b_back(b->g, LORA_DOWN, t), { 0 } };

	op_matmul_act_back(b->dup, k->act, t->c->acts->up, b->g, transposed(t, PROJ_DOWN), lora,
		t->c->seg, (int)s->act, s->gated);
	a_back(k->act, LORA_DOWN, t);
	lora[0] = s->gated ? b_back(dgate, LORA_GATE, t) : (struct lora_term){ 0 };
	lora[1] = b_back(dup, LORA_UP, t);
	norm_again(t);
	if (s->gated)
		a_back(k->n, LORA_GATE, t);
	a_back(k->n, LORA_UP, t);
	if (dn_wanted)
		op_matmul_back(b->dn, b->dup, transposed(t, PROJ_UP), 0, lora, t->c->seg);
	mat_free(dgate);
	mat_free(dup);
}

/* From b->g, the gradient of what attention's output was added to: the adapter's gradients, and,
 * where it is wanted, b->dn = or (accumulate) += that of N1's output. */
static void attention_back(const struct ctx *t, int accumulate, int dn_wanted)
{
	const struct acts *a = t->c->acts;
	const struct segments *seg = t->c->seg;
	struct lora_term lora[2] = { b_back(t->b->g, LORA_OUT, t), { 0 } };
	struct heads h = layer_heads(t->c);
	struct back_scratch *b = t->b;

	a_back(a->o, LORA_OUT, t);
	if (!dn_wanted)
		return;
	op_matmul_back(b->dout, b->g, transposed(t, PROJ_O), 0, lora, seg);
	op_attention_back(b->dqkv, b->dout, a->o, a->lse, a->rotated, &h, seg);
	op_rope_back(b->dqkv_unrotated, b->dqkv, a->qkv, &h, seg);
	op_matmul_back(b->dn, b->dqkv_unrotated, transposed(t, PROJ_QKV), accumulate, NULL, NULL);
}

void layer_back(struct mat *dx, struct back_scratch *b, const struct mat *x,
	const struct layer_call *c, const struct lora_target *target, int to_input)
{
	struct ctx t = { b, x, c, target };
	const struct layer *w = c->weights;
	const struct shape *s = c->shape;
	int to_attention = to_input || c->lora->pair[LORA_OUT].a;

	op_round(b->g, dx);
	feed_forward_back(&t, to_attention);
	if (!to_attention)
		return;
	if (!s->parallel)
		op_norm_back(dx, b->g, b->dn, c->acts->h, w->norm2, w->norm2_bias, (int)s->norm,
			s->eps);
	attention_back(&t, s->parallel, to_input);
	if (to_input)
		op_norm_back(dx, NULL, b->dn, x, w->norm1, w->norm1_bias, (int)s->norm, s->eps);
}
