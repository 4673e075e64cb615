/* probe - what a layer and the output layer take on this machine; see probe.h
 */
#include "forward/probe.h"

#include "forward/rate.h"
#include "model/cost.h"
#include "sys/memory.h"
#include "sys/threads.h"

#include <stdlib.h>
#include <string.h>

enum {
	TILE_ROWS = 128,
	PUT_ROWS = 1024,
	MOST_ROWS = 2048,
	LEAST_RUNS = 2,
	MOST_RUNS = 20,
};
static const double enough_flops = 2e10, enough_seconds = 0.2;

/* -- made-up weights --------------------------------------------------------------------------- */

/* Small numbers of both signs, without a pattern. */
static void fill(float *w, size_t n)
{
	uint32_t x = 1;

	for (size_t i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		w[i] = ((float)(x >> 8) * 0x1p-24f - 0.5f) * 0.05f;
	}
}

static void put(struct mat *m, size_t out, size_t in, int uses)
{
	size_t step = uses & WEIGHT_NF4 || out < PUT_ROWS ? out : PUT_ROWS;
	float *w = xmalloc(step * in * sizeof *w);

	fill(w, step * in);
	for (size_t i = 0; i < out; i += step) {
		size_t n = out - i < step ? out - i : step;

		if (uses & WEIGHT_NF4)
			weight_put_nf4(m, i, n, w);
		else
			weight_put(m, i, n, w);
	}
	free(w);
}

struct mat *probe_weight(size_t out, size_t in, int uses, struct weight_layout layout)
{
	struct mat *m = weight_new(out, in, uses, layout);

	put(m, out, in, uses);
	weight_seal(m);
	return m;
}

void probe_fill(struct mat *x)
{
	float *f = xmalloc(mat_cols(x) * sizeof *f);

	fill(f, mat_cols(x));
	for (size_t i = 0; i < mat_rows(x); i++)
		mat_put(x, i, 1, f);
	free(f);
}

static struct mat *ones(size_t n)
{
	struct mat *m = mat_new(MAT_F32, 1, n);
	float *f = xmalloc(n * sizeof *f);

	for (size_t i = 0; i < n; i++)
		f[i] = 1;
	mat_put(m, 0, 1, f);
	free(f);
	return m;
}

static void layer_make(struct layer *y, const struct shape *s, int nf4)
{
	size_t d = (size_t)s->d_model;
	int uses = WEIGHT_FORWARD | (nf4 ? WEIGHT_NF4 : 0);
	const enum role *roles;

	y->norm1 = ones(d);
	y->norm2 = s->parallel ? NULL : ones(d);
	if (s->norm == NORM_LAYER)
		y->norm1_bias = ones(d);
	if (s->qk_norm) {
		y->q_norm = ones((size_t)s->head_dim);
		y->k_norm = ones((size_t)s->head_dim);
	}
	for (int p = 0; p < PROJ_COUNT; p++) {
		size_t out = proj_out(s, (enum projection)p);

		proj_roles(&roles, s, (enum projection)p);
		y->proj[p] = probe_weight(out, proj_in(s, (enum projection)p), uses,
			proj_layout(s, (enum projection)p));
		if (shape_has_bias(s, roles[0]))
			y->bias[p] = ones(out);
	}
}

static void layer_free(struct layer *y)
{
	struct mat *all[] = { y->norm1, y->norm1_bias, y->norm2, y->q_norm, y->k_norm };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		mat_free(all[i]);
	for (int p = 0; p < PROJ_COUNT; p++) {
		mat_free(y->proj[p]);
		mat_free(y->bias[p]);
	}
}

/* -- a layer and its batch --------------------------------------------------------------------- */

static void batch_make(struct probe *p, size_t length)
{
	double rows = enough_flops / cost_layer(p->shape);
	size_t n = rows > MOST_ROWS ? MOST_ROWS : rows < TILE_ROWS ? TILE_ROWS : (size_t)rows;

	length = length < 1 ? 1 : length > n ? n : length;
	p->segments = (struct segments){ NULL, (int)(n / length), n / length * length };
	p->seg = xcalloc((size_t)p->segments.n, sizeof *p->seg);
	for (int i = 0; i < p->segments.n; i++)
		p->seg[i] = (struct segment){ (size_t)i * length, length, -1, 0 };
	p->segments.seg = p->seg;
}

struct probe *probe_new(const struct shape *s, int number, int nf4, size_t length)
{
	struct probe *p = xcalloc(1, sizeof *p);
	double began = rate_now();

	p->shape = s;
	p->number = number;
	layer_make(&p->layer, s, nf4);
	p->load = rate_now() - began;
	batch_make(p, length);
	return p;
}

void probe_free(struct probe *p)
{
	layer_free(&p->layer);
	free(p->seg);
	free(p);
}

struct layer_call probe_call(const struct probe *p, struct acts *acts,
	struct layer_scratch *scratch)
{
	return (struct layer_call){ p->shape, p->number, &p->layer, NULL, &p->segments, acts,
		scratch };
}

double probe_attention(const struct probe *p)
{
	return p->segments.n * cost_attention(p->shape, p->number, 0, p->seg[0].len);
}

void probe_wait(const struct mat *m)
{
	float *row = xmalloc(mat_cols(m) * sizeof *row);

	mat_get(m, 0, 1, row);
	free(row);
}

double probe_seconds(void (*run)(void *ctx), void *ctx)
{
	double began, least = 0, took, all = 0;

	run(ctx);
	for (int i = 0; i < LEAST_RUNS || (i < MOST_RUNS && all < enough_seconds); i++) {
		began = rate_now();
		run(ctx);
		took = rate_now() - began;
		least = i == 0 || took < least ? took : least;
		all += took;
	}
	return least;
}

/* -- the forward pass -------------------------------------------------------------------------- */

struct forward {
	const struct probe *probe;
	struct layer_call call;
	struct heads heads;
	struct mat *x, *h, *out;
	uint32_t *id;
	size_t *first;
	float *logp;
};

static void run_layer(void *ctx)
{
	struct forward *f = ctx;

	layer_forward(f->x, &f->call);
	probe_wait(f->x);
}

static void run_attention(void *ctx)
{
	struct forward *f = ctx;

	op_attention(f->call.acts->o, NULL, f->call.acts->rotated, &f->heads, &f->probe->segments);
	probe_wait(f->call.acts->o);
}

static void run_output(void *ctx)
{
	struct forward *f = ctx;

	op_output(&(struct logp_result){ f->logp, NULL, NULL }, f->h, f->out, NULL,
		&(struct logp_request){ f->id, f->first });
}

double probe_output(const struct shape *s, size_t *rows, size_t *cols)
{
	size_t v = (size_t)s->n_vocab, few;

	*rows = TILE_ROWS * (size_t)threads_held();
	few = (size_t)(enough_flops / 2 / (double)s->d_model / (double)*rows);
	few = few < TILE_ROWS ? TILE_ROWS : few;
	*cols = v < few ? v : few;
	return (double)*cols / (double)v;
}

/* The seconds of one row in the output layer. */
static double output_seconds(struct forward *f)
{
	size_t d = (size_t)f->probe->shape->d_model, rows, cols;
	double share = probe_output(f->probe->shape, &rows, &cols), seconds;

	f->h = mat_new(MAT_OPERAND, rows, d);
	f->out = probe_weight(cols, d, WEIGHT_FORWARD, (struct weight_layout){ 0 });
	f->id = xcalloc(rows, sizeof *f->id);
	f->first = xcalloc(rows + 1, sizeof *f->first);
	f->logp = xcalloc(rows, sizeof *f->logp);
	for (size_t i = 0; i <= rows; i++)
		f->first[i] = i;
	seconds = probe_seconds(run_output, f) / (double)rows / share;
	mat_free(f->h);
	mat_free(f->out);
	free(f->id);
	free(f->first);
	free(f->logp);
	return seconds;
}

struct probed probe_run(const struct shape *s, int number, int nf4, size_t length)
{
	static const int no_rank[LORA_COUNT];
	struct probe *p = probe_new(s, number, nf4, length);
	size_t rows = p->segments.rows;
	struct acts *acts = acts_new(s, rows, no_rank, 0);
	struct layer_scratch *scratch = scratch_new(s, rows);
	struct forward f = { p, probe_call(p, acts, scratch) };
	struct probed r = { .load = p->load };
	double layer, attention;

	f.heads = layer_heads(&f.call);
	f.x = mat_new(MAT_F32, rows, (size_t)s->d_model);
	probe_fill(f.x);
	layer = probe_seconds(run_layer, &f);
	attention = probe_seconds(run_attention, &f);
	r.row = (layer > attention ? layer - attention : layer) / (double)rows;
	r.attention = attention / probe_attention(p);
	r.output = output_seconds(&f);
	mat_free(f.x);
	acts_free(acts);
	scratch_free(scratch);
	probe_free(p);
	return r;
}
