/* pass - batches through the layers of one or several models at once
 *
 * The models' lists of kept layers form a tree: a node is a state, an edge a layer of the base (with an adapter's part,
 * if there is one). The pass walks the base's layers from the first to the last and, at each, advances every living
 * state that some model continues with that layer; a state is copied only where it is still needed afterwards.
 */
#include "pass.h"

#include "cli.h"
#include "layer.h"
#include "weights.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ROWS = 2048, MAX_STREAMED_ROWS = 16384 };

struct node {
	int layer;		/* of the base, that leads here; -1 the root */
	int depth;		/* layers behind it */
	const struct lora_layer *lora;	/* on that layer, or NULL */
	int parent;
	int *models, n_models;	/* whose states this is */
	int uses;		/* children */
	int left;		/* children still to be made, in one run */
	struct mat *x;		/* alive: the state */
};

struct model_lora { struct lora_layer *layer; };	/* [n_keep], or NULL: no adapter */

struct pass {
	const struct model *models;
	int n_models;
	const struct shape *shape;
	struct weights *weights;
	struct node *node;	/* parents before children; children of one layer in the order of models */
	int n_nodes;
	struct model_lora *lora;
	int rank;		/* largest */
	size_t rows;		/* to plan for */
	struct acts *acts;
	struct work *work;
	size_t acts_rows;
	struct mat *spare[8];	/* states that died: used again */
	int n_spare;
	double flops0;
	struct mat *normed;	/* pass_output's */
};

/* -- adapters ------------------------------------------------------------------------------------------------------ */

static struct mat *lora_weight(struct mat *m, const float *f, double scale)
{
	size_t rows = mat_rows(m), cols = mat_cols(m);
	float *scaled = xmalloc(rows * cols * sizeof *scaled);

	for (size_t i = 0; i < rows * cols; i++)
		scaled[i] = (float)(scale * f[i]);
	weight_put(m, 0, rows, scaled);
	weight_seal(m);
	free(scaled);
	return m;
}

static void lora_load(struct lora_layer *y, const struct adapter *a, const struct shape *s, int i)
{
	static const enum role roles[LORA_COUNT] = { ROLE_GATE, ROLE_UP, ROLE_DOWN };
	size_t rank = (size_t)a->rank;

	for (int t = 0; t < LORA_COUNT; t++) {
		const struct lora *l = &a->lora[i * ROLE_COUNT + (int)roles[t]];
		uint64_t out, in;

		if (!l->a)
			continue;
		shape_of_role(s, roles[t], &out, &in);
		y->pair[t].a = lora_weight(weight_new_a(rank, in, WEIGHT_FORWARD, out), l->a, 1);
		y->pair[t].b = lora_weight(weight_new_b(out, rank, WEIGHT_FORWARD, in), l->b, a->scale);
	}
}

static int lora_any(const struct lora_layer *l)
{
	return l->pair[LORA_GATE].a || l->pair[LORA_UP].a || l->pair[LORA_DOWN].a;
}

static void adapters_load(struct pass *p)
{
	p->lora = xcalloc((size_t)p->n_models, sizeof *p->lora);
	for (int m = 0; m < p->n_models; m++) {
		const struct adapter *a = p->models[m].adapter;

		if (!a)
			continue;
		for (int i = 0; i < a->n_layers * ROLE_COUNT; i++) {
			int r = i % ROLE_COUNT;

			if (a->lora[i].a && r != ROLE_GATE && r != ROLE_UP && r != ROLE_DOWN)
				die("%s: an adapter on something else than the FFN's projections is not supported",
					p->models[m].rec->adapter);
		}
		p->rank = a->rank > p->rank ? a->rank : p->rank;
		p->lora[m].layer = xcalloc((size_t)a->n_layers, sizeof *p->lora[m].layer);
		for (int i = 0; i < a->n_layers; i++)
			lora_load(&p->lora[m].layer[i], a, p->shape, i);
	}
}

/* -- the tree ------------------------------------------------------------------------------------------------------ */

static int node_new(struct pass *p, int parent, int layer, const struct lora_layer *lora)
{
	struct node *n;

	p->node = xrealloc(p->node, (size_t)p->n_nodes + 1, sizeof *p->node);
	n = &p->node[p->n_nodes];
	*n = (struct node){ .layer = layer, .lora = lora, .parent = parent };
	n->models = xmalloc((size_t)p->n_models * sizeof *n->models);
	if (parent >= 0) {
		n->depth = p->node[parent].depth + 1;
		p->node[parent].uses++;
	}
	return p->n_nodes++;
}

static int node_child(struct pass *p, int parent, int layer, const struct lora_layer *lora)
{
	for (int i = parent + 1; i < p->n_nodes; i++)
		if (p->node[i].parent == parent && p->node[i].layer == layer && p->node[i].lora == lora)
			return i;
	return node_new(p, parent, layer, lora);
}

static void node_pass(struct pass *p, int node, int model)
{
	p->node[node].models[p->node[node].n_models++] = model;
}

static void tree_make(struct pass *p)
{
	node_new(p, -1, -1, NULL);
	for (int m = 0; m < p->n_models; m++) {
		const struct model_rec *r = p->models[m].rec;
		int at = 0;

		node_pass(p, at, m);
		for (int i = 0; i < r->n_keep; i++) {
			const struct lora_layer *lora = p->lora[m].layer ? &p->lora[m].layer[i] : NULL;

			at = node_child(p, at, r->keep[i], lora && lora_any(lora) ? lora : NULL);
			node_pass(p, at, m);
		}
	}
}

/* States alive at once, at most: a dry run. */
static int tree_width(struct pass *p)
{
	int alive = 1, most = 1;

	for (int i = 0; i < p->n_nodes; i++)
		p->node[i].left = p->node[i].uses;
	for (int l = 0; l < p->shape->n_layers; l++)
		for (int i = 1; i < p->n_nodes; i++) {
			if (p->node[i].layer != l)
				continue;
			alive += --p->node[p->node[i].parent].left > 0;
			most = alive > most ? alive : most;
			alive -= p->node[i].uses == 0;
		}
	return most;
}

/* -- open and close ------------------------------------------------------------------------------------------------ */

int pass_together(const struct model *a, const struct model *b)
{
	return a->base == b->base && a->nf4 == b->nf4;
}

static void plan(struct pass *p)
{
	size_t budget = memory_budget(), n_layers = (size_t)p->shape->n_layers;
	size_t layers = weights_layer_bytes(p->models[0].base, WEIGHT_FORWARD);
	size_t head = weights_head_bytes(p->models[0].base, WEIGHT_FORWARD), states = (size_t)tree_width(p) + 1;
	size_t row = acts_row_bytes(p->shape, p->rank, 0) + work_row_bytes(p->shape) + states * (size_t)p->shape->d_model * 4;
	size_t least = layers + head + 128 * row, most = MAX_ROWS, weights;

	if (budget < least)
		die("--memory: %zu MiB are too few: the least is %zu MiB", budget >> 20, (least >> 20) + 1);
	weights = layers * n_layers;
	if (weights > (budget - head) / 4 * 3) {
		weights = layers;
		most = MAX_STREAMED_ROWS;
	}
	p->rows = (budget - head - weights) / row;
	p->rows = (p->rows < most ? p->rows : most) / 128 * 128;
	p->rows = p->rows ? p->rows : 128;
	p->weights = weights_open(p->models[0].base, p->models[0].nf4, WEIGHT_FORWARD,
		weights > layers || n_layers == 1 ? weights : 0);
	note("memory: %zu MiB for weights, %zu MiB for %zu rows of a batch, %zu states at once", (weights + head) >> 20,
		(p->rows * row) >> 20, p->rows, states - 1);
}

struct pass *pass_open(const struct model *models, int n)
{
	struct pass *p = xcalloc(1, sizeof *p);

	assert(n > 0);
	p->models = models;
	p->n_models = n;
	p->shape = models[0].shape;
	for (int m = 1; m < n; m++)
		assert(pass_together(&models[0], &models[m]));
	adapters_load(p);
	tree_make(p);
	plan(p);
	return p;
}

void pass_close(struct pass *p)
{
	for (int i = 0; i < p->n_nodes; i++)
		free(p->node[i].models);
	for (int m = 0; m < p->n_models; m++) {
		for (int i = 0; p->lora[m].layer && i < p->models[m].adapter->n_layers; i++)
			for (int t = 0; t < LORA_COUNT; t++) {
				mat_free(p->lora[m].layer[i].pair[t].a);
				mat_free(p->lora[m].layer[i].pair[t].b);
			}
		free(p->lora[m].layer);
	}
	for (int i = 0; i < p->n_spare; i++)
		mat_free(p->spare[i]);
	weights_close(p->weights);
	acts_free(p->acts);
	work_free(p->work);
	mat_free(p->normed);
	free(p->lora);
	free(p->node);
	free(p);
}

size_t pass_rows(const struct pass *p)
{
	return p->rows;
}

size_t pass_context(const struct pass *p)
{
	return (size_t)p->shape->n_ctx;
}

double pass_flops(const struct pass *p)
{
	return ops_flops() - p->flops0;
}

/* -- a batch through the layers ------------------------------------------------------------------------------------ */

static struct mat *state_new(struct pass *p, size_t rows)
{
	struct mat *x;

	if (!p->n_spare)
		return mat_new(MAT_F32, rows > p->rows ? rows : p->rows, (size_t)p->shape->d_model);
	x = p->spare[--p->n_spare];
	return x;
}

static void state_free(struct pass *p, struct mat *x)
{
	if (p->n_spare < (int)(sizeof p->spare / sizeof *p->spare))
		p->spare[p->n_spare++] = x;
	else
		mat_free(x);
}

/* Rows of a batch that is larger than planned (one long sequence): what was kept for reuse is too small. */
static void make_room(struct pass *p, size_t rows)
{
	if (rows <= p->acts_rows)
		return;
	acts_free(p->acts);
	work_free(p->work);
	while (p->n_spare)
		mat_free(p->spare[--p->n_spare]);
	p->acts_rows = rows > p->rows ? rows : p->rows;
	p->acts = acts_new(p->shape, p->acts_rows, p->rank, 0);
	p->work = work_new(p->shape, p->acts_rows);
}

static void show(const struct pass_hooks *h, const struct node *n)
{
	for (int i = 0; h->boundary && i < n->n_models; i++)
		h->boundary(h->ctx, n->models[i], n->depth, n->x);
}

/* The models that end here. */
static void finish(struct pass *p, const struct pass_hooks *h, const struct node *n)
{
	for (int i = 0; h->done && i < n->n_models; i++)
		if (p->models[n->models[i]].rec->n_keep == n->depth)
			h->done(h->ctx, n->models[i], n->x);
}

static void advance(struct pass *p, struct node *n, const struct batch *b, const struct layer *w)
{
	struct node *from = &p->node[n->parent];
	struct segments s = batch_segments(b);
	long bad;

	if (--from->left > 0) {
		n->x = state_new(p, b->rows);
		mat_resize(n->x, b->rows);
		op_copy(n->x, from->x);
	} else {
		n->x = from->x;
		from->x = NULL;
	}
	layer_forward(n->x, p->acts, p->work, w, n->lora, p->shape, n->layer, &s);
	bad = op_find_nonfinite(n->x);
	if (bad >= 0)
		die("%s: layer %d: row %ld of a batch is not finite", base_path(p->models[0].base), n->layer, bad);
}

void pass_run(struct pass *p, const struct batch *b, const struct pass_hooks *h)
{
	assert(b->rows);
	make_room(p, b->rows);
	acts_resize(p->acts, b->rows);
	work_resize(p->work, b->rows);
	for (int i = 0; i < p->n_nodes; i++)
		p->node[i].left = p->node[i].uses;
	p->node[0].x = state_new(p, b->rows);
	mat_resize(p->node[0].x, b->rows);
	weights_embed(p->weights, b->ids, b->rows, p->node[0].x);
	show(h, &p->node[0]);
	for (int l = 0; l < p->shape->n_layers; l++) {
		for (int i = 1; i < p->n_nodes; i++) {
			struct node *n = &p->node[i];

			if (n->layer != l)
				continue;
			advance(p, n, b, weights_layer(p->weights, l));
			show(h, n);
			finish(p, h, n);
			if (!n->uses) {
				state_free(p, n->x);
				n->x = NULL;
			}
		}
		if (l + 1 < p->shape->n_layers)
			weights_fetch(p->weights, l + 1);
	}
}

/* -- the output layer ---------------------------------------------------------------------------------------------- */

static const struct head *normed(struct pass *p, const struct mat *x, const size_t *rows, size_t n)
{
	const struct head *head = weights_head(p->weights);
	struct mat *some = mat_new(MAT_F32, n, mat_cols(x));

	mat_free(p->normed);
	p->normed = mat_new(MAT_OPERAND, n, mat_cols(x));
	op_gather(some, x, rows, n);
	op_norm(p->normed, some, head->norm, head->norm_bias, (int)p->shape->norm, p->shape->eps);
	mat_free(some);
	return head;
}

void pass_output(struct pass *p, int m, const struct mat *x, const size_t *rows, size_t n, const struct asked *a,
	float *logp, uint32_t *top, float *lse)
{
	const struct head *head = normed(p, x, rows, n);

	(void)m;		/* the output layer is the base's: no adapter reaches it */
	op_output(logp, top, lse, p->normed, head->out, head->out_bias, a);
}

void pass_logits(struct pass *p, int m, const struct mat *x, const size_t *rows, size_t n, float *logits)
{
	const struct head *head = normed(p, x, rows, n);

	(void)m;
	op_logits(logits, p->normed, head->out, head->out_bias);
}
