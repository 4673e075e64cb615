/* heal_plan - what a healing will take, for --plan; see heal.h
 *
 * One layer is taken forward and back on made-up weights, and the steps are that many times as long
 * as there are rows and layers.
 */
#include "forward/forecast.h"
#include "forward/probe.h"
#include "forward/rate.h"
#include "heal/grad.h"
#include "heal/heal.h"
#include "heal/layer_back.h"
#include "heal/lora.h"
#include "sys/memory.h"

#include <math.h>
#include <stdlib.h>

enum { COPIES = 7 }; /* of the adapter on disk: itself, and a state of three beside its successor */

/* Seconds of a row. */
struct rates {
	double forward, back, output, held_out, load;
};

struct trial {
	struct layer_call call;
	struct lora_set *lora;
	struct acts *acts;
	struct layer_scratch *scratch;
	struct back_scratch *back;
	struct mat *x, *dx;
	/* of the output layer */
	struct mat *h, *dh, *out;
	uint32_t *target;
	float *nll;
};

static void run_forward(void *ctx)
{
	struct trial *t = ctx;

	layer_forward(t->x, &t->call);
	probe_wait(t->x);
}

static void run_back(void *ctx)
{
	struct trial *t = ctx;

	layer_back(t->dx, t->back, t->x, &t->call, t->lora->target[0], 1);
	probe_wait(t->dx);
}

static void run_output(void *ctx)
{
	struct trial *t = ctx;

	op_output_back(t->dh, t->nll, t->h, t->out, NULL, t->target, 1);
}

static double output_seconds(struct trial *t, const struct shape *s)
{
	size_t d = (size_t)s->d_model, rows, cols;
	double share = probe_output(s, &rows, &cols), seconds;

	t->h = mat_new(MAT_OPERAND, rows, d);
	t->dh = mat_new(MAT_F32, rows, d);
	t->out = probe_weight(cols, d, WEIGHT_FORWARD | WEIGHT_BACKWARD,
		(struct weight_layout){ 0 });
	t->target = xcalloc(rows, sizeof *t->target);
	t->nll = xcalloc(rows, sizeof *t->nll);
	seconds = probe_seconds(run_output, t) / (double)rows / share;
	mat_free(t->h);
	mat_free(t->dh);
	mat_free(t->out);
	free(t->target);
	free(t->nll);
	return seconds;
}

/* Every element is dropped or not by a random number, whatever the probability. */
static void set_dropout(struct dropout drop[LORA_COUNT], struct lora_layer *l, double p,
	const uint32_t *numbers)
{
	for (int t = 0; t < LORA_COUNT; t++) {
		drop[t] = (struct dropout){ .target = (uint32_t)t,
			.threshold = (uint32_t)floor(p * 0x1p32),
			.keep_scale = (float)(1 / (1 - p)),
			.sequence = numbers };
		l->drop[t] = p > 0 ? &drop[t] : NULL;
	}
}

/* length: of a sequence, in the mean. */
static struct rates rates_find(const struct heal *h, const struct lora_set *like, size_t length)
{
	const struct model *m = h->model;
	const struct shape *s = m->shape;
	struct probed plain = probe_run(s, m->rec->keep[0], m->nf4, length);
	struct probe *p = probe_new(s, m->rec->keep[0], m->nf4, length);
	size_t rows = p->segments.rows, d = (size_t)s->d_model;
	struct trial t = { .lora = lora_new(s, 1, h->targets ? h->targets : LORA_FFN, like->rank,
				   like->alpha, 0) };
	uint32_t *numbers = xcalloc((size_t)p->segments.n, sizeof *numbers);
	struct dropout drop[LORA_COUNT];
	struct rates r;

	t.acts = acts_new(s, rows, t.lora->ranks, 1);
	t.scratch = scratch_new(s, rows);
	t.back = back_new(s, rows, t.lora->ranks);
	t.x = mat_new(MAT_F32, rows, d);
	t.dx = mat_new(MAT_F32, rows, d);
	t.call = probe_call(p, t.acts, t.scratch);
	t.call.lora = &t.lora->layer[0];
	set_dropout(drop, &t.lora->layer[0], h->dropout, numbers);
	probe_fill(t.x);
	probe_fill(t.dx);
	r.forward = probe_seconds(run_forward, &t) / (double)rows;
	r.back = probe_seconds(run_back, &t) / (double)rows;
	r.output = output_seconds(&t, s);
	r.held_out = plain.output;
	r.load = p->load;
	mat_free(t.x);
	mat_free(t.dx);
	acts_free(t.acts);
	scratch_free(t.scratch);
	back_free(t.back);
	lora_free(t.lora);
	probe_free(p);
	free(numbers);
	return r;
}

static double mean_length(const struct sequences *s)
{
	return (double)s->first[s->n] / (double)s->n;
}

static double steps_seconds(const struct heal *h, const struct grad_plan *g, const struct rates *r)
{
	double n = h->model->rec->n_keep,
	       rows = (double)(h->steps * h->batch) * mean_length(h->train), held_out = 0;
	double seconds, loads = n;

	if (h->valid)
		held_out = ceil((double)h->steps / (double)h->every) *
			(double)h->valid->first[h->valid->n];
	seconds = rows *
			((2 * n - g->kept + g->teacher) * r->forward + (n - g->lowest) * r->back +
				r->output) +
		held_out * (n * r->forward + r->held_out);
	if (!g->resident)
		loads = (rows * (2 * n + g->teacher) + held_out * n) / (double)g->rows;
	return seconds + loads * r->load;
}

static double adapter_bytes(const struct lora_set *l)
{
	double n = 0;

	for (int i = 0; i < l->n_layers; i++)
		for (int t = 0; t < LORA_COUNT; t++)
			if (l->target[i][t].in)
				n += (double)l->rank *
					(double)(l->target[i][t].in + l->target[i][t].out);
	return n * sizeof(float);
}

void heal_plan(const struct heal *h, int threads)
{
	struct lora_set *lora = heal_adapters(h);
	struct grad_options o = heal_grad_options(h);
	struct grad_plan g = grad_plan(h->model, lora, &o);
	struct forecast f;
	struct rates r;

	forecast_begin(&f);
	r = rates_find(h, lora, (size_t)mean_length(h->train));
	f.seconds += steps_seconds(h, &g, &r);
	f.memory = g.memory;
	f.disk = COPIES * adapter_bytes(lora);
	f.disk_what = "the adapter and the state to resume from";
	forecast_print(&f, threads);
	lora_free(lora);
}
