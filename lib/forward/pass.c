/* pass - batches through the layers of one or several models at once
 *
 * The models' lists of kept layers form a tree: a node is a state, an edge a layer of the base
 * (with an adapter's part, if there is one). Where all weights stay in memory the tree is walked
 * depth first, the shallow side of a fork first, so that few states are alive; else layer after
 * layer, so that each is loaded once a batch. A state is copied only where it is still needed
 * afterwards. The order changes no bit.
 */
#include "forward/pass.h"

#include "forward/layer.h"
#include "forward/rate.h"
#include "forward/weights.h"
#include "model/cost.h"
#include "sys/budget.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/progress.h"
#include "sys/setting.h"
#include "sys/threads.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	TILE_ROWS = 128,     /* rows come in such pieces */
	FEW_ROWS = 512,      /* fewer are slow: rather streamed weights */
	OUTPUT_ROWS = 2048,  /* through the output layer at once */
	USUAL_LENGTH = 2048, /* of a sequence: what is planned for */
};

struct node {
	int layer;                     /* of the base, that leads here; -1 the root */
	int depth;                     /* layers behind it */
	const struct lora_layer *lora; /* on that layer, or NULL */
	int parent;
	int *models, n_models; /* whose states this is */
	int uses;              /* children */
	int left;              /* children still to be made, in one run */
	struct mat *x;         /* alive: the state */
};

struct model_lora {
	struct lora_layer *layer;
}; /* [n_keep], or NULL: no adapter */

struct pass {
	const struct model *models;
	int n_models;
	const struct shape *shape;
	struct weights *weights;
	/* parents before children; children of one layer in the order of models */
	struct node *node;
	int n_nodes;
	int *order; /* [n_nodes - 1]: all but the root, parents before children */
	struct model_lora *lora;
	int rank[LORA_COUNT]; /* largest, of each target */
	struct pass_options options;
	/* the least that a batch must hold */
	struct least {
		size_t rows, length, sequences, tokens;
	} least;
	size_t own, fixed, row; /* bytes: what no plan changes; all but a batch; each row of one */
	size_t rows, sequences; /* of a batch, as planned */
	size_t shared;          /* bytes that the caller may keep for the sequences of a batch */
	size_t held;            /* layers whose weights are held at once, as planned */
	int counted;            /* 1: the loading of those that stay was counted */
	struct acts *acts;
	struct layer_scratch *scratch;
	size_t acts_rows;
	struct mat *spare[8]; /* states that died: used again */
	int n_spare;
	/* for -v: before the first batch, when it began; rows of all batches */
	double flops, began, tokens;
	size_t steps, all_steps;   /* of a batch, for progress: layers and the ends of models */
	struct mat *some, *normed; /* [OUTPUT_ROWS, d]: pass_output's */
};

/* -- adapters ---------------------------------------------------------------------------------- */

/* w = scale f */
static void weight_load(struct mat *w, const float *f, double scale)
{
	struct mat *m = mat_new(MAT_F32, mat_rows(w), mat_cols(w));

	mat_put(m, 0, mat_rows(w), f);
	weight_refill(w, m, (float)scale);
	mat_free(m);
}

/* a [rank, in], b [out, rank] of an adapter on a site. */
static struct lora_pair pair_load(const struct shape *s, int site, size_t rank, const float *a,
	const float *b, double scale)
{
	struct lora_pair p = lora_pair_new(s, site, rank, WEIGHT_FORWARD);

	weight_load(p.a, a, 1);
	weight_load(p.b, b, scale);
	return p;
}

/* The largest rank of q, k and v, and the scale that they share; 1 where each B takes its own. */
static size_t qkv_rank(const struct lora *of, double *scale)
{
	size_t rank = 0;

	*scale = 1;
	for (int r = ROLE_Q; r <= ROLE_V; r++) {
		if (!of[r].a)
			continue;
		*scale = !rank || of[r].scale == *scale ? of[r].scale : 1;
		rank = (size_t)of[r].rank > rank ? (size_t)of[r].rank : rank;
	}
	return rank;
}

/* q, k and v are one product, so their adapters are one: the three A stacked, each as tall as the
 * largest, B block by block. */
static void qkv_load(struct lora_pair *y, const struct shape *s, const struct lora *of)
{
	size_t d = proj_in(s, PROJ_QKV), rows = proj_out(s, PROJ_QKV), row = 0;
	double scale;
	size_t rank = qkv_rank(of, &scale);
	float *all_a, *all_b;

	if (!rank)
		return;
	all_a = xcalloc(3 * rank * d, sizeof *all_a);
	all_b = xcalloc(rows * 3 * rank, sizeof *all_b);
	for (size_t i = 0; i < 3; i++) {
		const struct lora *l = &of[ROLE_Q + i];
		float own = l->scale == scale ? 1 : (float)l->scale;
		uint64_t n, in;

		shape_of_role(s, (enum role)(ROLE_Q + i), &n, &in);
		if (l->a)
			memcpy(all_a + i * rank * d, l->a, (size_t)l->rank * d * sizeof *all_a);
		for (size_t j = 0; l->a && j < n; j++)
			for (size_t k = 0; k < (size_t)l->rank; k++)
				all_b[((row + j) * 3 + i) * rank + k] = own *
					l->b[j * (size_t)l->rank + k];
		row += n;
	}
	*y = pair_load(s, LORA_QKV, 3 * rank, all_a, all_b, scale);
	free(all_a);
	free(all_b);
}

static void lora_load(struct lora_layer *y, const struct shape *s, const struct lora *of)
{
	for (int t = 0; t < LORA_QKV; t++) {
		const struct lora *l = &of[lora_shape(s, t).role];

		if (l->a)
			y->pair[t] = pair_load(s, t, (size_t)l->rank, l->a, l->b, l->scale);
	}
	qkv_load(&y->pair[LORA_QKV], s, of);
}

static int any_pair(const struct lora_layer *l)
{
	int any = 0;

	for (int t = 0; t < LORA_COUNT; t++)
		any |= l->pair[t].a != NULL;
	return any;
}

static void adapters_load(struct pass *p)
{
	p->lora = xcalloc((size_t)p->n_models, sizeof *p->lora);
	for (int m = 0; m < p->n_models; m++) {
		const struct adapter *a = p->models[m].adapter;

		if (!a)
			continue;
		p->lora[m].layer = xcalloc((size_t)a->n_layers, sizeof *p->lora[m].layer);
		for (int i = 0; i < a->n_layers; i++) {
			struct lora_layer *y = &p->lora[m].layer[i];

			lora_load(y, p->shape, a->lora + i * ROLE_COUNT);
			for (int t = 0; t < LORA_COUNT; t++)
				if (y->pair[t].a && (int)mat_rows(y->pair[t].a) > p->rank[t])
					p->rank[t] = (int)mat_rows(y->pair[t].a);
		}
	}
}

/* -- the tree ---------------------------------------------------------------------------------- */

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
		if (p->node[i].parent == parent && p->node[i].layer == layer &&
			p->node[i].lora == lora)
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
			const struct lora_layer *lora = p->lora[m].layer ? &p->lora[m].layer[i]
									 : NULL;

			at = node_child(p, at, r->keep[i], lora && any_pair(lora) ? lora : NULL);
			node_pass(p, at, m);
		}
	}
}

/* -- the order --------------------------------------------------------------------------------- */

static void order_by_layers(struct pass *p)
{
	int n = 0;

	for (int l = 0; l < p->shape->n_layers; l++)
		for (int i = 1; i < p->n_nodes; i++)
			if (p->node[i].layer == l)
				p->order[n++] = i;
}

/* States alive while all below a node is made, its own included: the child that takes most comes
 * last, in its place. */
static int node_width(const struct pass *p, int node, const int *width)
{
	int most = 0, next = 0; /* of the children */

	for (int i = node + 1; i < p->n_nodes; i++)
		if (p->node[i].parent == node) {
			next = width[i] > most ? most : width[i] > next ? width[i] : next;
			most = width[i] > most ? width[i] : most;
		}
	most = next && next + 1 > most ? next + 1 : most;
	return most ? most : 1;
}

static void visit(struct pass *p, int node, const int *width, int *n)
{
	int last = -1;

	if (node)
		p->order[(*n)++] = node;
	for (int i = node + 1; i < p->n_nodes; i++)
		if (p->node[i].parent == node && (last < 0 || width[i] >= width[last]))
			last = i;
	for (int i = node + 1; i < p->n_nodes; i++)
		if (p->node[i].parent == node && i != last)
			visit(p, i, width, n);
	if (last >= 0)
		visit(p, last, width, n);
}

static void order_by_depth(struct pass *p)
{
	int *width = xcalloc((size_t)p->n_nodes, sizeof *width), n = 0;

	for (int i = p->n_nodes; i-- > 0;)
		width[i] = node_width(p, i, width);
	visit(p, 0, width, &n);
	free(width);
}

/* States alive at once, at most: a dry run. */
static size_t order_width(struct pass *p)
{
	int alive = 1, most = 1;

	for (int i = 0; i < p->n_nodes; i++)
		p->node[i].left = p->node[i].uses;
	for (int k = 0; k < p->n_nodes - 1; k++) {
		const struct node *n = &p->node[p->order[k]];

		alive += --p->node[n->parent].left > 0;
		most = alive > most ? alive : most;
		alive -= n->uses == 0;
	}
	return (size_t)most;
}

/* -- open and close ---------------------------------------------------------------------------- */

int pass_together(const struct model *a, const struct model *b)
{
	return a->base == b->base && a->nf4 == b->nf4;
}

/* What the output layer takes beside its weights: rows, and for each of them something of every
 * panel of logits. */
static size_t output_bytes(const struct pass *p)
{
	return OUTPUT_ROWS * ((size_t)p->shape->d_model * 8 + (size_t)p->shape->n_vocab / 64 * 12);
}

static size_t row_bytes(const struct pass *p, size_t states)
{
	return acts_row_bytes(p->shape, p->rank, 0) + scratch_row_bytes(p->shape) +
		states * (size_t)p->shape->d_model * 4 +
		ops_overhead_row(proj_widest(p->shape), 0) + ops_host_bytes(p->options.row);
}

/* Attention over one sequence, in each thread. */
static size_t path_bytes(const struct pass *p, size_t len)
{
	return (size_t)threads_held() * op_attention_bytes((size_t)p->shape->head_dim, len);
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t mib(size_t bytes)
{
	return (bytes + (1 << 20) - 1) >> 20;
}

/* Layers' weights held at once: all, two (one is read ahead), or one. left: bytes for them and for
 * batches. */
static size_t plan_layers(struct pass *p, size_t layer, size_t left)
{
	size_t n = (size_t)p->shape->n_layers, rows = min_size(p->options.rows, FEW_ROWS);

	rows = rows > p->least.rows ? rows : p->least.rows;
	order_by_depth(p);
	p->row = row_bytes(p, order_width(p));
	if (n < 2 || (layer * n <= left && (left - layer * n) / p->row >= rows))
		return n;
	order_by_layers(p);
	p->row = row_bytes(p, order_width(p));
	return 2 * layer <= left && (left - 2 * layer) / p->row >= rows ? 2 : 1;
}

static size_t whole_tiles(size_t rows)
{
	return (rows + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
}

/* What does for all that is to come: one layer's weights at a time, the longest sequence alone. */
static size_t least_bytes(struct pass *p, size_t longest)
{
	size_t rows = whole_tiles(longest);

	rows = rows > p->least.rows ? rows : p->least.rows;
	order_by_layers(p);
	return p->own + weights_layer_bytes(p->models[0].base, p->models[0].nf4) +
		path_bytes(p, longest > p->least.length ? longest : p->least.length) +
		ops_host_bytes(p->least.sequences * p->options.sequence) +
		rows * row_bytes(p, order_width(p));
}

static struct pass *pass_new(const struct model *models, int n, struct pass_options options);

/* Passes of the models that can't share this one, as they would begin now: one a group or more,
 * NULL behind the last. */
static struct pass **others_new(const struct pass *p)
{
	const struct models *all = p->options.all;
	struct pass **other = xcalloc(all ? (size_t)all->n + 1 : 1, sizeof *other), **next = other;

	for (int i = 0; all && i < all->n; i++) {
		struct model *list = xcalloc((size_t)all->n, sizeof *list);
		int n = 0;

		for (int k = i; k < all->n; k++)
			if (pass_together(&all->list[i], &all->list[k]))
				list[n++] = all->list[k];
		if (!pass_together(&all->list[i], &p->models[0]))
			*next++ = pass_new(list, n, p->options);
	}
	return other;
}

/* Other passes are made first, since finding the longest sequence takes memory that is only taken
 * here. */
static _Noreturn void too_few(struct pass *p, size_t budget)
{
	struct pass **other = others_new(p);
	size_t longest = p->options.longest ? p->options.longest(p->options.ctx) : 0,
	       least = least_bytes(p, longest);
	char *of = longest > TILE_ROWS || p->least.tokens
		? xasprintf(" for a sequence of %zu tokens",
			  longest > p->least.tokens ? longest : p->least.tokens)
		: xstrdup("");

	for (; *other; other++)
		least = least_bytes(*other, longest) > least ? least_bytes(*other, longest) : least;
	die("%s: %zu MiB are too few%s: the least is %zu MiB", setting(SETTING_MEMORY),
		budget >> 20, of, mib(least));
}

/* Dies where the least cannot be had. Made anew when a batch shows that the least is more. */
static void plan(struct pass *p)
{
	struct base *base = p->models[0].base;
	size_t budget = ops_memory_bytes(), layer = weights_layer_bytes(base, p->models[0].nf4),
	       batch, share, n, most;

	p->fixed = p->own + path_bytes(p, p->least.length) +
		ops_host_bytes(p->least.sequences * p->options.sequence);
	n = plan_layers(p, layer, budget > p->fixed ? budget - p->fixed : 0);
	p->held = n;
	p->fixed += n * layer;
	batch = p->least.rows * p->row;
	if (budget < p->fixed + batch)
		too_few(p, budget);
	share = p->options.sequence ? min_size((budget - p->fixed - batch) / 8, ops_batch_bytes())
				    : 0;
	p->sequences = p->options.sequence ? p->least.sequences + share / p->options.sequence
					   : SIZE_MAX;
	p->shared = share + p->least.sequences * p->options.sequence;
	p->fixed += ops_host_bytes(share);
	most = n < (size_t)p->shape->n_layers
		? ops_batch_rows(1)
		: min_size(ops_batch_bytes() / p->row, p->options.rows);
	p->rows = min_size((budget - p->fixed) / p->row, most) / TILE_ROWS * TILE_ROWS;
	p->rows = p->rows ? p->rows : TILE_ROWS;
	p->weights = weights_open(base, p->models[0].nf4, WEIGHT_FORWARD, n * layer);
	note("memory: %zu MiB for the weights of %zu layers%s%s, %zu MiB for %zu rows of a batch "
	     "(%zu states at once), "
	     "%zu MiB for all else",
		mib(n * layer), n, n < (size_t)p->shape->n_layers ? " at a time" : "",
		p->options.output ? " and the output layer" : "", mib(p->rows * p->row), p->rows,
		order_width(p), mib(p->fixed - n * layer));
}

/* All but the plan. */
static struct pass *pass_new(const struct model *models, int n, struct pass_options options)
{
	struct pass *p = xcalloc(1, sizeof *p);
	const struct base *base = models[0].base;
	size_t for_all = TILE_ROWS * (size_t)threads_held();

	p->models = models;
	p->n_models = n;
	p->shape = models[0].shape;
	for (int m = 1; m < n; m++)
		assert(pass_together(&models[0], &models[m]));
	adapters_load(p);
	tree_make(p);
	p->order = xcalloc((size_t)p->n_nodes, sizeof *p->order);
	p->options = options;
	p->options.rows = options.rows > for_all ? options.rows : for_all;
	p->least = (struct least){ TILE_ROWS, min_size((size_t)p->shape->n_ctx, USUAL_LENGTH), 1,
		0 };
	p->own = ops_overhead(proj_widest(p->shape)) + weights_loading_bytes(base, models[0].nf4) +
		weights_scratch_bytes(base, models[0].nf4);
	if (options.output)
		p->own += weights_head_bytes(base, WEIGHT_FORWARD) + output_bytes(p);
	return p;
}

struct pass *pass_open(const struct model *models, int n, struct pass_options options)
{
	struct pass *p;

	assert(n > 0);
	p = pass_new(models, n, options);
	plan(p);
	return p;
}

static void batch_free_matrices(struct pass *p)
{
	acts_free(p->acts);
	scratch_free(p->scratch);
	p->acts = NULL;
	p->scratch = NULL;
	p->acts_rows = 0;
	while (p->n_spare)
		mat_free(p->spare[--p->n_spare]);
}

void pass_close(struct pass *p)
{
	for (int i = 0; i < p->n_nodes; i++)
		free(p->node[i].models);
	for (int m = 0; m < p->n_models; m++) {
		for (int i = 0; p->lora[m].layer && i < p->models[m].adapter->n_layers; i++)
			for (int t = 0; t < LORA_COUNT; t++)
				lora_pair_free(&p->lora[m].layer[i].pair[t]);
		free(p->lora[m].layer);
	}
	if (p->tokens > 0)
		rate_note(p->tokens, ops_flops() - p->flops, rate_now() - p->began);
	weights_close(p->weights);
	batch_free_matrices(p);
	mat_free(p->some);
	mat_free(p->normed);
	free(p->lora);
	free(p->order);
	free(p->node);
	free(p);
}

size_t pass_rows(const struct pass *p)
{
	return p->rows;
}

size_t pass_sequences(const struct pass *p)
{
	return p->sequences;
}

size_t pass_context(const struct pass *p)
{
	return (size_t)p->shape->n_ctx;
}

/* -- a batch through the layers ---------------------------------------------------------------- */

static struct mat *state_new(struct pass *p, size_t rows)
{
	struct mat *x = p->n_spare ? p->spare[--p->n_spare]
				   : mat_new(MAT_F32, p->acts_rows, (size_t)p->shape->d_model);

	mat_resize(x, rows);
	return x;
}

static void state_free(struct pass *p, struct mat *x)
{
	if (p->n_spare < (int)(sizeof p->spare / sizeof *p->spare))
		p->spare[p->n_spare++] = x;
	else
		mat_free(x);
}

/* One long sequence may need more than was planned: then there is another plan, or an end. */
static void check_capacity(struct pass *p, const struct batch *b)
{
	size_t tokens = 0, length;

	for (int i = 0; i < b->n; i++)
		tokens = b->seg[i].pos + b->seg[i].len > tokens ? b->seg[i].pos + b->seg[i].len
								: tokens;
	length = tokens > p->least.length ? tokens : p->least.length;
	if (!memory_limit() || (b->rows <= p->rows && length == p->least.length) ||
		p->fixed + whole_tiles(b->rows) * p->row +
				path_bytes(p, length - p->least.length) <=
			memory_limit())
		return;
	batch_free_matrices(p);
	weights_close(p->weights);
	p->least = (struct least){ whole_tiles(b->rows), length, (size_t)b->n, tokens };
	plan(p);
}

/* Matrices for a batch that is larger than those before. */
static void batch_make_matrices(struct pass *p, size_t rows)
{
	if (rows <= p->acts_rows)
		return;
	batch_free_matrices(p);
	p->acts_rows = rows > p->rows / 2 && rows < p->rows ? p->rows : rows;
	p->acts = acts_new(p->shape, p->acts_rows, p->rank, 0);
	p->scratch = scratch_new(p->shape, p->acts_rows);
}

static void show(const struct pass_hooks *h, const struct node *n)
{
	for (int i = 0; h->boundary && i < n->n_models; i++)
		h->boundary(h->ctx, n->models[i], n->depth, n->x);
}

static void forward(struct pass *p, struct mat *x, const struct node *n, const struct batch *b)
{
	struct segments s = batch_segments(b);
	struct layer_call call = { p->shape, n->layer, weights_layer(p->weights, n->layer), n->lora,
		&s, p->acts, p->scratch };

	layer_forward(x, &call);
}

/* What is not finite stays so in the residual stream. It is looked for at a model's end, and only
 * where there is some the path is gone again to find the layer. */
_Noreturn static void blame(struct pass *p, const struct node *end, const struct batch *b)
{
	const struct node *path[end->depth + 1];
	struct mat *x = mat_new(MAT_F32, b->rows, (size_t)p->shape->d_model);
	long bad = -1;

	for (const struct node *n = end; n->depth; n = &p->node[n->parent])
		path[n->depth] = n;
	weights_embed(p->weights, b->ids, b->rows, x);
	for (int i = 1; i <= end->depth; i++) {
		forward(p, x, path[i], b);
		bad = op_find_nonfinite(x);
		if (bad >= 0 || i == end->depth)
			die("%s: layer %d: row %ld of a batch is not finite",
				base_path(p->models[0].base), path[i]->layer, bad);
	}
	/* of a model without layers */
	die("%s: the embedding is not finite", base_path(p->models[0].base));
}

/* The models that end here. */
static void finish(struct pass *p, const struct pass_hooks *h, const struct node *n,
	const struct batch *b)
{
	int checked = 0;

	for (int i = 0; i < n->n_models; i++) {
		if (p->models[n->models[i]].rec->n_keep != n->depth)
			continue;
		if (!checked && op_find_nonfinite(n->x) >= 0)
			blame(p, n, b);
		checked = 1;
		if (h->done)
			h->done(h->ctx, n->models[i], n->x);
		progress_step(++p->steps, p->all_steps);
	}
}

static void advance(struct pass *p, struct node *n, const struct batch *b)
{
	struct node *from = &p->node[n->parent];

	if (--from->left > 0) {
		n->x = state_new(p, b->rows);
		op_copy(n->x, from->x);
	} else {
		n->x = from->x;
		from->x = NULL;
	}
	forward(p, n->x, n, b);
}

/* The next layer is loaded while this one is computed. */
static void fetch_next(struct pass *p, int k)
{
	int now = p->node[p->order[k]].layer;

	weights_layer(p->weights, now);
	while (++k < p->n_nodes - 1 && p->node[p->order[k]].layer == now)
		;
	if (k < p->n_nodes - 1)
		weights_fetch(p->weights, p->node[p->order[k]].layer);
}

void pass_run(struct pass *p, const struct batch *b, const struct pass_hooks *h)
{
	assert(b->rows);
	if (p->tokens == 0) {
		p->flops = ops_flops();
		p->began = rate_now();
	}
	p->tokens += (double)b->rows;
	p->steps = 0;
	p->all_steps = (size_t)(p->n_nodes - 1 + p->n_models);
	check_capacity(p, b);
	batch_make_matrices(p, b->rows);
	acts_resize(p->acts, b->rows);
	scratch_resize(p->scratch, b->rows);
	for (int i = 0; i < p->n_nodes; i++)
		p->node[i].left = p->node[i].uses;
	p->node[0].x = state_new(p, b->rows);
	weights_embed(p->weights, b->ids, b->rows, p->node[0].x);
	show(h, &p->node[0]);
	for (int k = 0; k < p->n_nodes - 1; k++) {
		struct node *n = &p->node[p->order[k]];

		fetch_next(p, k);
		advance(p, n, b);
		progress_step(++p->steps, p->all_steps);
		show(h, n);
		finish(p, h, n, b);
		if (!n->uses) {
			state_free(p, n->x);
			n->x = NULL;
		}
	}
}

/* -- the output layer -------------------------------------------------------------------------- */

static const struct head *normed(struct pass *p, const struct mat *x, const size_t *rows, size_t n)
{
	const struct head *head = weights_head(p->weights);

	if (!p->some) {
		p->some = mat_new(MAT_F32, OUTPUT_ROWS, mat_cols(x));
		p->normed = mat_new(MAT_OPERAND, OUTPUT_ROWS, mat_cols(x));
	}
	op_gather(p->some, x, rows, n);
	mat_resize(p->normed, n);
	op_norm(p->normed, p->some, head->norm, head->norm_bias, (int)p->shape->norm,
		p->shape->eps);
	return head;
}

void pass_output(struct pass *p, const struct logp_result *result, const struct mat *x,
	const size_t *rows, size_t n, const struct logp_request *request)
{
	for (size_t i = 0, some; i < n; i += some) {
		const struct logp_result to = { result->logp, result->top ? result->top + i : NULL,
			result->lse ? result->lse + i : NULL };
		const struct head *head;

		some = n - i < OUTPUT_ROWS ? n - i : OUTPUT_ROWS;
		head = normed(p, x, rows + i, some);
		op_output(&to, p->normed, head->out, head->out_bias,
			&(struct logp_request){ request->ids, request->first + i });
	}
}

void pass_logits(struct pass *p, float *logits, const struct mat *x, const size_t *rows, size_t n)
{
	const struct head *head = normed(p, x, rows, n);

	op_logits(logits, p->normed, head->out, head->out_bias);
}

/* -- what batches would take ------------------------------------------------------------------- */

/* How much longer a layer takes for the adapter on it. */
static double lora_share(const struct pass *p, const struct lora_layer *lora)
{
	double flops = 0;

	for (int t = 0; lora && t < LORA_COUNT; t++)
		if (lora->pair[t].a)
			flops += 2.0 * (double)mat_rows(lora->pair[t].a) *
				(double)(mat_cols(lora->pair[t].a) + mat_rows(lora->pair[t].b));
	return flops / cost_layer(p->shape);
}

/* Different layers of the base that the models have. */
static size_t layers_used(const struct pass *p)
{
	char used[MAX_LAYERS] = { 0 };
	size_t n = 0;

	for (int i = 1; i < p->n_nodes; i++)
		n += !used[p->node[i].layer]++;
	return n;
}

static double layers_loaded(struct pass *p)
{
	double n = 0;

	if (p->held == (size_t)p->shape->n_layers)
		return p->counted++ ? 0 : (double)layers_used(p);
	for (int k = 0, before = -1; k < p->n_nodes - 1; k++) {
		n += p->node[p->order[k]].layer != before;
		before = p->node[p->order[k]].layer;
	}
	return n;
}

/* Weights of layers that no model has are not read, and matrices are made for the rows that
 * come. */
static size_t bytes_for(struct pass *p, const struct batch *b)
{
	size_t rows = b->rows, kept = (size_t)b->n * p->options.sequence;
	size_t layer = weights_layer_bytes(p->models[0].base, p->models[0].nf4), used;

	used = min_size(layers_used(p), p->held);
	p->acts_rows = rows > p->acts_rows ? rows : p->acts_rows;
	rows = p->acts_rows > p->rows / 2 && p->acts_rows < p->rows ? p->rows : p->acts_rows;
	return p->fixed - ops_host_bytes(p->shared) + ops_host_bytes(kept) -
		(p->held - used) * layer + whole_tiles(rows) * p->row +
		(memory_limit() ? 0 : memory_heap());
}

void pass_count(struct pass *p, const struct batch *b, struct pass_work *work)
{
	size_t bytes;

	check_capacity(p, b);
	for (int k = 0; k < p->n_nodes - 1; k++) {
		const struct node *n = &p->node[p->order[k]];

		work->rows += (double)b->rows * (1 + lora_share(p, n->lora));
		for (int i = 0; i < b->n; i++)
			work->attention += cost_attention(p->shape, n->layer, b->seg[i].pos,
				b->seg[i].len);
	}
	for (int i = 0; i < b->n; i++)
		work->lengths += (double)(b->seg[i].pos + b->seg[i].len);
	work->segments += b->n;
	work->loads += layers_loaded(p);
	bytes = bytes_for(p, b);
	work->memory = bytes > work->memory ? bytes : work->memory;
}
