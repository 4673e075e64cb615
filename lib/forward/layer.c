/* layer - one layer of a model over the rows of a batch; see layer.h
 */
#include "forward/layer.h"

#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* -- adapters ---------------------------------------------------------------------------------- */

struct lora_pair lora_pair_new(const struct shape *s, int site, size_t r, int uses)
{
	struct lora_shape l = lora_shape(s, site);
	size_t head_dim = proj_layout(s, l.on).head_dim;

	return (struct lora_pair){ .a = weight_new_a(r, l.in, uses, proj_out(s, l.on)),
		.b = weight_new_b(l.out, r, uses, l.in, head_dim) };
}

void lora_pair_free(struct lora_pair *p)
{
	mat_free(p->a);
	mat_free(p->b);
}

/* -- matrices over the rows of a batch --------------------------------------------------------- */

enum { ACTS_COUNT = sizeof((struct acts *)0)->list / sizeof(struct buffer) };
enum { SCRATCH_COUNT = sizeof((struct layer_scratch *)0)->list / sizeof(struct buffer) };

static void acts_list(struct acts *a, const struct shape *s, const int rank[LORA_COUNT],
	int training)
{
	size_t qkv = proj_out(s, PROJ_QKV);
	struct buffer all[ACTS_COUNT] = {
		{ &a->qkv, MAT_F32, training && s->qk_norm ? qkv : 0 },
		{ &a->rotated, MAT_OPERAND, qkv },
		{ &a->o, MAT_OPERAND, proj_in(s, PROJ_O) },
		{ &a->lse, MAT_F32, training ? (size_t)s->n_heads : 0 },
		{ &a->h, MAT_OPERAND, training ? (size_t)s->d_model : 0 },
		{ &a->up, MAT_OPERAND, training ? proj_out(s, PROJ_UP) : 0 },
	};

	for (int i = 0; i < LORA_COUNT; i++)
		all[6 + i] = (struct buffer){ &a->ax[i], MAT_OPERAND, (size_t)rank[i] };
	memcpy(a->list, all, sizeof all);
}

struct acts *acts_new(const struct shape *s, size_t rows, const int rank[LORA_COUNT], int training)
{
	struct acts *a = xcalloc(1, sizeof *a);

	acts_list(a, s, rank, training);
	buffers_new(a->list, ACTS_COUNT, rows);
	return a;
}

void acts_free(struct acts *a)
{
	if (!a)
		return;
	buffers_free(a->list, ACTS_COUNT);
	free(a);
}

void acts_resize(struct acts *a, size_t rows)
{
	buffers_resize(a->list, ACTS_COUNT, rows);
}

size_t acts_row_bytes(const struct shape *s, const int rank[LORA_COUNT], int training)
{
	struct acts a;

	acts_list(&a, s, rank, training);
	return buffers_row_bytes(a.list, ACTS_COUNT);
}

static void scratch_list(struct layer_scratch *k, const struct shape *s)
{
	k->list[0] = (struct buffer){ &k->n, MAT_OPERAND, (size_t)s->d_model };
	k->list[1] = (struct buffer){ &k->act, MAT_OPERAND, proj_in(s, PROJ_DOWN) };
}

struct layer_scratch *scratch_new(const struct shape *s, size_t rows)
{
	struct layer_scratch *k = xcalloc(1, sizeof *k);

	scratch_list(k, s);
	buffers_new(k->list, SCRATCH_COUNT, rows);
	return k;
}

void scratch_free(struct layer_scratch *k)
{
	if (!k)
		return;
	buffers_free(k->list, SCRATCH_COUNT);
	free(k);
}

void scratch_resize(struct layer_scratch *k, size_t rows)
{
	buffers_resize(k->list, SCRATCH_COUNT, rows);
}

size_t scratch_row_bytes(const struct shape *s)
{
	struct layer_scratch k;

	scratch_list(&k, s);
	return buffers_row_bytes(k.list, SCRATCH_COUNT);
}

/* -- forward ----------------------------------------------------------------------------------- */

struct heads layer_heads(const struct layer_call *c)
{
	const struct shape *s = c->shape;

	return (struct heads){ .n_heads = s->n_heads,
		.n_kv = s->n_kv,
		.head_dim = s->head_dim,
		.rotary = s->rotary,
		.inv_freq = s->inv_freq,
		.q_norm = c->weights->q_norm,
		.k_norm = c->weights->k_norm,
		.eps = s->eps,
		.window = s->window[c->number] };
}

/* Puts A x of a site's adapter into acts, x after its dropout, and returns it with B: what is added
 * to the base's product. */
static struct lora_term lora_term(const struct mat *x, const struct layer_call *c, int site)
{
	const struct lora_pair *p = c->lora ? &c->lora->pair[site] : NULL;
	struct mat *ax = c->acts->ax[site];

	if (!p || !p->a)
		return (struct lora_term){ 0 };
	mat_reshape(ax, mat_rows(p->a));
	op_matmul_dropped(ax, x, c->lora->drop[site], c->seg, p->a);
	return (struct lora_term){ .x = ax, .b = p->b, .part = lora_shape(c->shape, site).part };
}

/* x += A(N1 x) */
static void attention(struct mat *x, const struct layer_call *c)
{
	const struct layer *w = c->weights;
	struct acts *a = c->acts;
	struct mat *n = c->scratch->n;
	struct lora_term qkv[2] = { { 0 } }, out[2] = { { 0 } };
	struct heads h = layer_heads(c);

	op_norm(n, x, w->norm1, w->norm1_bias, (int)c->shape->norm, c->shape->eps);
	qkv[0] = lora_term(n, c, LORA_QKV);
	op_matmul_rope(a->rotated, a->qkv, n, w->proj[PROJ_QKV], w->bias[PROJ_QKV], qkv, &h,
		c->seg);
	op_attention(a->o, a->lse, a->rotated, &h, c->seg);
	out[0] = lora_term(a->o, c, LORA_OUT);
	op_matmul(x, a->o, w->proj[PROJ_O], w->bias[PROJ_O], 1, out);
}

/* x += M(n) */
static void feed_forward(struct mat *x, const struct layer_call *c)
{
	const struct layer *w = c->weights;
	const struct shape *s = c->shape;
	struct mat *n = c->scratch->n, *act = c->scratch->act;
	struct lora_term up[2] = { { 0 } }, down[2] = { { 0 } };

	if (s->gated)
		up[0] = lora_term(n, c, LORA_GATE);
	up[1] = lora_term(n, c, LORA_UP);
	op_matmul_act(act, c->acts->up, n, w->proj[PROJ_UP], w->bias[PROJ_UP], up, (int)s->act,
		s->gated);
	down[0] = lora_term(act, c, LORA_DOWN);
	op_matmul(x, act, w->proj[PROJ_DOWN], w->bias[PROJ_DOWN], 1, down);
}

void layer_forward(struct mat *x, const struct layer_call *c)
{
	const struct layer *w = c->weights;
	const struct shape *s = c->shape;

	assert(mat_rows(x) == c->seg->rows);
	attention(x, c);
	if (c->acts->h)
		op_round(c->acts->h, x);
	if (!s->parallel)
		op_norm(c->scratch->n, x, w->norm2, w->norm2_bias, (int)s->norm, s->eps);
	feed_forward(x, c);
}
