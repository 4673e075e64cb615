/* grad - loss and gradients of one training step; see grad.h
 */
#include "heal/grad.h"

#include "forward/batch.h"
#include "heal/layer_back.h"
#include "sys/budget.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/progress.h"
#include "sys/setting.h"
#include "sys/threads.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_USES = WEIGHT_FORWARD | WEIGHT_BACKWARD };
enum { FEW_ROWS = 2048 }; /* of a micro-batch: fewer are slow, rather streamed weights */

struct grad {
	const struct model *model;
	const struct shape *shape;
	struct lora_set *lora;
	struct grad_options o;
	struct weights *weights;
	const int *keep; /* kept layers of the base */
	int n;           /* their number */
	int lowest;      /* first layer with an adapter */

	size_t rows;            /* the largest micro-batch that the matrices hold */
	size_t row_limit;       /* rows at which a micro-batch is full */
	size_t bytes;           /* of memory, as planned, but for what was allocated before */
	int resident;           /* 1: the weights of all layers stay in memory */
	int n_kept, kept_limit; /* layers whose activations are kept: the last ones */
	struct mat **x;         /* [n + 1]: x(l), MAT_F32 [rows, d] */
	struct acts **acts;     /* [n]; those not kept share one */
	struct acts *shared;
	struct layer_scratch *scratch;
	struct back_scratch *back;
	struct mat *dx, *again; /* MAT_F32 [rows, d] */
	struct mat *normed;     /* MAT_OPERAND [rows, d] */

	int aux_layer;       /* student's boundary, or -1 */
	int teacher_layers;  /* the teacher runs base layers 0 .. this-1 */
	struct mat *teacher; /* MAT_F32 [rows, d] */

	struct dropout (*drop)[LORA_COUNT]; /* [n] */
	uint32_t *number;        /* [rows]: each segment's number among the step's sequences */
	uint32_t *target;        /* [rows]: the id that a row predicts, UINT32_MAX: none */
	float *nll;              /* [rows] */
	uint32_t *requested;     /* [rows]: the targets without those that are none */
	size_t *requested_first; /* [rows + 1] */
	struct batch batch;
	size_t steps, all_steps; /* of a micro-batch, for progress: its layers, there and back */
};

/* -- planning ---------------------------------------------------------------------------------- */

/* The one gap in the kept layers: the student's boundary behind it, and how many layers the teacher
 * has there. */
static void find_gap(struct grad *g)
{
	int gaps = 0, expected = 0;

	for (int i = 0; i <= g->n; i++) {
		int l = i < g->n ? g->keep[i] : g->shape->n_layers;

		if (l != expected) {
			gaps++;
			g->aux_layer = i;
			g->teacher_layers = l;
		}
		expected = l + 1;
	}
	if (gaps != 1)
		die("%s: the model has %d gaps between its layers; the auxiliary loss needs "
		    "exactly one",
			setting(SETTING_AUX), gaps);
}

static size_t row_bytes(const struct grad *g, int kept)
{
	size_t d = (size_t)g->shape->d_model, states = (size_t)g->n + 1 + 2 + (g->aux_layer >= 0);
	size_t acts = acts_row_bytes(g->shape, g->lora->ranks, 1);

	return states * d * 4 + d * 4 + scratch_row_bytes(g->shape) +
		(size_t)(kept + (kept < g->n)) * acts + back_row_bytes(g->shape, g->lora->ranks) +
		ops_overhead_row(proj_widest(g->shape), 1);
}

/* Rows of a whole step, at most, and of a micro-batch of so many sequences. */
static size_t micro_rows(const struct grad *g)
{
	size_t n = g->o.micro ? (size_t)g->o.micro : g->row_limit / g->o.longest;

	n = n > (size_t)g->o.batch ? (size_t)g->o.batch : n;
	return (n ? n : 1) * g->o.longest;
}

/* What is there whatever the plan: this process (the adapters' matrices are in it), the output
 * layer, weights transposed for the backward product, and what each thread keeps. */
static size_t fixed_bytes(const struct grad *g)
{
	const struct shape *s = g->shape;
	size_t vocab = (size_t)s->n_vocab, d = (size_t)s->d_model,
	       head = weights_head_bytes(g->model->base, HEAD_USES);
	size_t threads = (size_t)threads_held() * op_output_back_bytes(vocab),
	       plain = ops_host_bytes(vocab * d * 4);
	size_t attention = op_attention_back_bytes((size_t)s->head_dim, g->o.longest) *
		(size_t)threads_held();

	return ops_overhead(proj_widest(s)) + weights_scratch_bytes(g->model->base, g->model->nf4) +
		head + back_weight_bytes(s) + attention + (threads > plain ? threads : plain);
}

/* Of what is left after that, memory goes to all layers' weights, or to one at a time and the next,
 * to one micro-batch, then to kept activations. */
static void plan(struct grad *g)
{
	size_t layer = weights_layer_bytes(g->model->base, g->model->nf4), fixed = fixed_bytes(g),
	       l = (size_t)g->shape->n_layers;
	size_t budget = ops_memory_bytes(), least, weights, left;
	int resident;

	g->row_limit = ops_batch_rows(0);
	least = fixed + 2 * layer + row_bytes(g, 0) * (g->o.micro ? micro_rows(g) : g->o.longest);
	if (budget < least)
		die("%s: %zu MiB are too few: the least is %zu MiB", setting(SETTING_MEMORY),
			budget >> 20, (least + (1 << 20) - 1) >> 20);
	while (!(resident = fixed + layer * (size_t)g->n + row_bytes(g, 0) * micro_rows(g) <=
			       budget) &&
		g->row_limit / 2 >= FEW_ROWS)
		g->row_limit /= 2;
	if (!resident)
		g->row_limit = ops_batch_rows(1);
	weights = resident ? layer * (size_t)g->n : 2 * layer;
	left = budget - fixed - weights;
	while (!g->o.micro && g->row_limit > g->o.longest && row_bytes(g, 0) * micro_rows(g) > left)
		g->row_limit /= 2;
	g->rows = micro_rows(g);
	while (g->n_kept < g->n && row_bytes(g, g->n_kept + 1) * g->rows <= left)
		g->n_kept++;
	g->kept_limit = g->n_kept;
	g->resident = resident;
	g->bytes = fixed + weights + row_bytes(g, g->n_kept) * g->rows;
	/* weights_open plans for all of the base's layers; only the kept ones will be asked for */
	g->weights = weights_open(g->model->base, g->model->nf4, HEAD_USES,
		resident ? layer * l : weights);
	note("memory: %zu MiB for the weights of layers%s, %zu MiB for %zu rows of a micro-batch, "
	     "activations of %d of %d layers "
	     "kept, %zu MiB for all else",
		weights >> 20, resident ? "" : " (one at a time)",
		(row_bytes(g, g->n_kept) * g->rows) >> 20, g->rows, g->n_kept, g->n, fixed >> 20);
}

static void allocate(struct grad *g)
{
	size_t d = (size_t)g->shape->d_model;

	g->x = xcalloc((size_t)g->n + 1, sizeof *g->x);
	for (int i = 0; i <= g->n; i++)
		g->x[i] = mat_new(MAT_F32, g->rows, d);
	g->acts = xcalloc((size_t)g->n, sizeof *g->acts);
	if (g->n_kept < g->n)
		g->shared = acts_new(g->shape, g->rows, g->lora->ranks, 1);
	for (int i = 0; i < g->n; i++)
		g->acts[i] = i < g->n - g->n_kept ? g->shared
						  : acts_new(g->shape, g->rows, g->lora->ranks, 1);
	g->scratch = scratch_new(g->shape, g->rows);
	g->back = back_new(g->shape, g->rows, g->lora->ranks);
	g->dx = mat_new(MAT_F32, g->rows, d);
	g->again = mat_new(MAT_F32, g->rows, d);
	g->normed = mat_new(MAT_OPERAND, g->rows, d);
	if (g->aux_layer >= 0)
		g->teacher = mat_new(MAT_F32, g->rows, d);
	g->drop = xcalloc((size_t)g->n, sizeof *g->drop);
	g->number = xcalloc(g->rows, sizeof *g->number);
	g->target = xcalloc(g->rows, sizeof *g->target);
	g->nll = xcalloc(g->rows, sizeof *g->nll);
	g->requested = xcalloc(g->rows, sizeof *g->requested);
	g->requested_first = xcalloc(g->rows + 1, sizeof *g->requested_first);
}

static void allocation_free(struct grad *g)
{
	for (int i = 0; i <= g->n; i++)
		mat_free(g->x[i]);
	for (int i = 0; i < g->n; i++)
		if (g->acts[i] != g->shared)
			acts_free(g->acts[i]);
	acts_free(g->shared);
	scratch_free(g->scratch);
	back_free(g->back);
	mat_free(g->dx);
	mat_free(g->again);
	mat_free(g->normed);
	mat_free(g->teacher);
	free(g->x);
	free(g->acts);
	free(g->drop);
	free(g->number);
	free(g->target);
	free(g->nll);
	free(g->requested);
	free(g->requested_first);
}

/* All but the matrices. */
static struct grad *grad_new(const struct model *m, struct lora_set *l,
	const struct grad_options *o)
{
	struct grad *g = xcalloc(1, sizeof *g);

	g->model = m;
	g->shape = m->shape;
	g->lora = l;
	g->o = *o;
	g->keep = m->rec->keep;
	g->n = m->rec->n_keep;
	g->aux_layer = -1;
	assert(l->n_layers == g->n && o->longest > 0 && o->batch > 0);
	if (o->aux != 0)
		find_gap(g);
	while (g->lowest < g->n - 1 && !lora_any(l, g->lowest))
		g->lowest++;
	plan(g);
	return g;
}

struct grad *grad_open(const struct model *m, struct lora_set *l, const struct grad_options *o)
{
	struct grad *g = grad_new(m, l, o);

	allocate(g);
	return g;
}

struct grad_plan grad_plan(const struct model *m, struct lora_set *l, const struct grad_options *o)
{
	struct grad *g = grad_new(m, l, o);
	struct grad_plan p = { .memory = g->bytes + (memory_limit() ? 0 : memory_heap()),
		.rows = g->rows,
		.kept = g->n_kept,
		.resident = g->resident,
		.lowest = g->lowest,
		.teacher = g->teacher_layers };

	weights_close(g->weights);
	free(g);
	return p;
}

void grad_close(struct grad *g)
{
	allocation_free(g);
	weights_close(g->weights);
	batch_free(&g->batch);
	free(g);
}

void grad_keep(struct grad *g, int layers)
{
	allocation_free(g);
	g->n_kept = layers < 0 || layers > g->n ? g->kept_limit : layers;
	g->shared = NULL;
	g->teacher = NULL;
	allocate(g);
}

/* -- one micro-batch --------------------------------------------------------------------------- */

/* Sequence i of a portion. */
static struct tokens sequence(const struct portion *p, size_t i)
{
	static const struct shuffle as_they_stand;
	const struct shuffle *order = p->order ? p->order : &as_they_stand;

	return sequences_at(p->s, (size_t)shuffle_at(order, p->s->n, p->first + i));
}

/* Adds number i of a portion to the batch: 1, or 0 where the batch is full. */
static int add_sequence(struct grad *g, const struct portion *p, size_t i)
{
	struct tokens t = sequence(p, i);
	size_t row = g->batch.rows;

	if (row + t.n > g->rows)
		return 0;
	g->number[batch_add(&g->batch, t.ids, t.n, -1)] = (uint32_t)i;
	for (size_t k = 0; k < t.n; k++)
		g->target[row + k] = k + 1 < t.n ? t.ids[k + 1] : UINT32_MAX;
	return 1;
}

/* Sequences from number `from` of a portion on, as many as one micro-batch holds; their number. */
static size_t fill(struct grad *g, const struct portion *p, size_t from)
{
	size_t most = g->o.micro ? (size_t)g->o.micro : SIZE_MAX, n = 0;

	batch_clear(&g->batch);
	while (from + n < p->n && n < most && add_sequence(g, p, from + n))
		n++;
	assert(n > 0);
	return n;
}

static void resize(struct grad *g, size_t rows)
{
	struct mat *all[] = { g->dx, g->again, g->normed, g->teacher };

	for (int i = 0; i <= g->n; i++)
		mat_resize(g->x[i], rows);
	for (int i = 0; i < g->n; i++)
		acts_resize(g->acts[i], rows);
	back_resize(g->back, rows);
	scratch_resize(g->scratch, rows);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i])
			mat_resize(all[i], rows);
}

static void set_dropout(struct grad *g, double p, int64_t step)
{
	for (int i = 0; i < g->n; i++)
		for (int t = 0; t < LORA_COUNT; t++) {
			g->drop[i][t] = (struct dropout){ g->o.seed, (uint32_t)step,
				(uint32_t)(16 * i + t), (uint32_t)floor(p * 0x1p32),
				(float)(1.0 / (1.0 - p)), g->number };
			g->lora->layer[i].drop[t] = p > 0 ? &g->drop[i][t] : NULL;
		}
}

static int stopped(const struct grad *g)
{
	return g->o.stop && *g->o.stop;
}

/* The weights of layer l of the base; those of layer next, -1: of none, are loaded meanwhile. */
static const struct layer *layer_and_next(struct grad *g, int l, int next)
{
	const struct layer *w = weights_layer(g->weights, l);

	if (next >= 0)
		weights_fetch(g->weights, next);
	return w;
}

/* Begins a micro-batch, which counts so many tokens and passes so many layers. */
static void begin_piece(struct grad *g, size_t tokens, int layers)
{
	g->steps = 0;
	g->all_steps = (size_t)layers;
	progress_piece((double)tokens);
}

static void step_done(struct grad *g)
{
	progress_step(++g->steps, g->all_steps);
}

/* Kept layer i, with its adapters, over the rows of a micro-batch. */
static struct layer_call call(const struct grad *g, int i, const struct layer *w,
	const struct segments *seg)
{
	return (struct layer_call){ g->shape, g->keep[i], w, &g->lora->layer[i], seg, g->acts[i],
		g->scratch };
}

/* Layer i over its input x into y, which may not be x. */
static void run(struct grad *g, struct mat *y, int i, const struct layer *w,
	const struct segments *seg)
{
	struct layer_call c = call(g, i, w, seg);

	op_copy(y, g->x[i]);
	layer_forward(y, &c);
	step_done(g);
}

/* x(0) .. x(n). 0: stopped. */
static int forward(struct grad *g, const struct segments *seg)
{
	weights_embed(g->weights, g->batch.ids, seg->rows, g->x[0]);
	for (int i = 0; i < g->n; i++) {
		if (stopped(g))
			return 0;
		run(g, g->x[i + 1], i,
			layer_and_next(g, g->keep[i], i + 1 < g->n ? g->keep[i + 1] : -1), seg);
	}
	return 1;
}

/* The unpruned base without adapters, up to where the student's gap ends. */
static int teach(struct grad *g, const struct segments *seg)
{
	op_copy(g->teacher, g->x[0]);
	for (int l = 0; l < g->teacher_layers; l++) {
		struct layer_call c = { g->shape, l, NULL, NULL, seg, g->acts[0], g->scratch };

		if (stopped(g))
			return 0;
		c.weights = layer_and_next(g, l, l + 1 < g->teacher_layers ? l + 1 : -1);
		layer_forward(g->teacher, &c);
		step_done(g);
	}
	return 1;
}

/* What is not finite, for the last words: the layer whose output was the first. */
_Noreturn static void die_nonfinite(const struct grad *g, int64_t step)
{
	for (int i = 0; i <= g->n; i++)
		if (op_find_nonfinite(g->x[i]) >= 0) {
			if (i == 0)
				die("step %lld: the embedding of a token is not finite",
					(long long)step);
			die("step %lld: the loss is not finite: layer %d (layer %d of the base) is "
			    "the first with such values",
				(long long)step, i - 1, g->keep[i - 1]);
		}
	die("step %lld: the loss is not finite: the output layer is the first with such values",
		(long long)step);
}

/* Cross entropy and dx = d(its mean over the step's predicted tokens) / d x(n). */
static void output(struct grad *g, int64_t step, struct grad_loss *loss, double *sum)
{
	const struct head *head = weights_head(g->weights);
	int norm = (int)g->shape->norm;

	op_norm(g->normed, g->x[g->n], head->norm, head->norm_bias, norm, g->shape->eps);
	op_output_back(g->again, g->nll, g->normed, head->out, head->out_bias, g->target,
		(float)(1.0 / (double)loss->predicted));
	for (size_t i = 0; i < g->batch.rows; i++)
		*sum += (double)g->nll[i];
	if (!isfinite(*sum))
		die_nonfinite(g, step);
	op_zero(g->dx);
	op_norm_back(g->dx, NULL, g->again, g->x[g->n], head->norm, head->norm_bias, norm,
		g->shape->eps);
}

/* The cross entropy alone. */
static void output_loss(struct grad *g, int64_t step, double *sum)
{
	const struct head *head = weights_head(g->weights);
	struct logp_request request = { g->requested, g->requested_first };
	size_t n = 0;

	for (size_t i = 0; i < g->batch.rows; i++) {
		g->requested_first[i] = n;
		if (g->target[i] != UINT32_MAX)
			g->requested[n++] = g->target[i];
	}
	g->requested_first[g->batch.rows] = n;
	op_norm(g->normed, g->x[g->n], head->norm, head->norm_bias, (int)g->shape->norm,
		g->shape->eps);
	op_output(&(struct logp_result){ .logp = g->nll }, g->normed, head->out, head->out_bias,
		&request);
	for (size_t i = 0; i < n; i++)
		*sum -= (double)g->nll[i];
	if (!isfinite(*sum))
		die_nonfinite(g, step);
}

static void add_aux(struct grad *g, int i, const struct grad_loss *loss, double *sum)
{
	double elements = (double)loss->positions * (double)g->shape->d_model;

	if (i == g->aux_layer)
		op_distance(sum, g->dx, g->x[i], g->teacher, g->o.aux / elements);
}

static int backward(struct grad *g, const struct segments *seg, const struct grad_loss *loss,
	double *aux)
{
	add_aux(g, g->n, loss, aux);
	for (int i = g->n - 1; i >= 0; i--) {
		if (stopped(g))
			return 0;
		if (i >= g->lowest) {
			const struct layer *w = layer_and_next(g, g->keep[i],
				i > g->lowest ? g->keep[i - 1] : -1);
			struct layer_call c;

			if (g->acts[i] == g->shared)
				run(g, g->again, i, w, seg);
			c = call(g, i, w, seg);
			layer_back(g->dx, g->back, g->x[i], &c, g->lora->target[i], i > g->lowest);
			step_done(g);
		}
		add_aux(g, i, loss, aux);
	}
	return 1;
}

/* -- a step ------------------------------------------------------------------------------------ */

static struct grad_loss count(const struct portion *p)
{
	struct grad_loss loss = { 0 };

	for (size_t i = 0; i < p->n; i++) {
		size_t n = sequence(p, i).n;

		loss.positions += n;
		loss.predicted += n - 1;
	}
	return loss;
}

/* What the mean is taken over; a step of nothing but single tokens has nothing to learn from. */
static double divisor(uint64_t n)
{
	return n ? (double)n : 1.0;
}

/* Layers that a micro-batch passes: the teacher's, its own there and back, and those again whose
 * activations are not kept. */
static int layers_of_step(const struct grad *g)
{
	int back = g->n - g->lowest, again = g->n - g->n_kept - g->lowest;

	return g->teacher_layers + g->n + back + (again > 0 ? again : 0);
}

int grad_step(struct grad *g, const struct portion *p, int64_t step, struct grad_loss *loss)
{
	double sum = 0.0, aux = 0.0;

	*loss = count(p);
	lora_clear_gradients(g->lora);
	set_dropout(g, g->o.dropout, step);
	for (size_t i = 0; i < p->n;) {
		i += fill(g, p, i);
		struct segments seg = batch_segments(&g->batch);
		resize(g, seg.rows);
		begin_piece(g, seg.rows, layers_of_step(g));
		if (g->aux_layer >= 0) {
			weights_embed(g->weights, g->batch.ids, seg.rows, g->x[0]);
			if (!teach(g, &seg))
				return 0;
		}
		if (!forward(g, &seg))
			return 0;
		output(g, step, loss, &sum);
		if (!backward(g, &seg, loss, &aux))
			return 0;
		progress_add((double)seg.rows);
	}
	loss->ce = sum / divisor(loss->predicted);
	loss->aux = aux / ((double)loss->positions * (double)g->shape->d_model);
	lora_scale_gradients(g->lora);
	return 1;
}

int grad_evaluate(struct grad *g, const struct sequences *s, int64_t step, struct grad_loss *loss)
{
	struct portion p = { s, NULL, 0, s->n };
	double sum = 0.0;

	*loss = count(&p);
	set_dropout(g, 0, 0);
	for (size_t i = 0; i < p.n;) {
		i += fill(g, &p, i);
		struct segments seg = batch_segments(&g->batch);
		resize(g, seg.rows);
		begin_piece(g, seg.rows, g->n);
		if (!forward(g, &seg))
			return 0;
		output_loss(g, step, &sum);
		progress_add((double)seg.rows);
	}
	loss->ce = sum / divisor(loss->predicted);
	return 1;
}
