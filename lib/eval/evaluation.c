/* evaluation - see evaluation.h
 */
#include "eval/evaluation.h"

#include "eval/request.h"
#include "eval/scores.h"
#include "file/json.h"
#include "forward/forecast.h"
#include "forward/pass.h"
#include "stream/place.h"
#include "stream/samples.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/progress.h"
#include "sys/threads.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- scores ------------------------------------------------------------------------------------ */

/* Sums of models, one after the other, each of the metric's size. */
struct totals {
	const struct metric *metric;
	char *sums;
	int n;
};

static void *totals_at(const struct totals *t, int model)
{
	return t->sums + (size_t)model * t->metric->size;
}

static void totals_free(struct totals *t)
{
	for (int i = 0; i < t->n && t->metric->clear; i++)
		t->metric->clear(totals_at(t, i));
	free(t->sums);
}

/* out: but for the list; models: [t->n]. */
static void write_scores(const struct totals *t, const char *task,
	const struct model_rec *const *models, struct scores *out)
{
	struct score *list = xcalloc((size_t)t->n, sizeof *list);
	json_t **own = xcalloc((size_t)t->n, sizeof *own);

	for (int i = 0; i < t->n; i++) {
		list[i].task = task;
		list[i].model = models[i];
		own[i] = t->metric->score(totals_at(t, i), &list[i]);
	}
	out->list = list;
	out->n = t->n;
	out->note = t->metric->describe;
	out->over = t->metric->over;
	scores_write(out);
	for (int i = 0; i < t->n; i++)
		json_decref(own[i]);
	free(own);
	free(list);
}

/* -- outcomes ---------------------------------------------------------------------------------- */

struct eval_run {
	const struct evaluation *e;
	const struct task *task;
	struct totals totals;
	struct samples *samples; /* NULL: none are kept */
	int some_known;          /* 1: the samples of a run before may hold more outcomes */

	/* of the group that is worked on */
	int n, *index; /* its models: their numbers in the list, [n] */
	struct pass *pass;
	struct requests requests;
	struct forecast forecast; /* where nothing is run */
	double units;             /* of the items in requests */
	float *logp;              /* [n][requests.n_ids] */
	uint32_t *top;            /* [n][requests.n_rows]; NULL: of sequences */
};

/* The sample of an item, as far as it does not depend on the outcome. */
static struct sample sample_of(const struct eval_run *r, const struct item *it, int model)
{
	return (struct sample){ .task = r->task->name,
		.subject = it->subject,
		.row = it->row,
		.model = (uint64_t)model,
		.n_logp = item_logps(it),
		.answer = it->answer,
		.ntok = item_tokens(it) };
}

static void put_sample(struct eval_run *r, size_t number, const struct item *it, int model,
	const struct outcome *o)
{
	struct sample x = sample_of(r, it, model);
	char *prompt = NULL;
	FILE *f;

	x.logp = o->logp;
	x.choice = o->choice;
	x.has_norm = it->by_length;
	x.choice_norm = o->choice_norm;
	x.top = o->top;
	x.nats = o->nats;
	if (r->e->options->prompts && r->task->prompt) {
		if ((f = open_memstream(&prompt, &x.prompt_len)) == NULL)
			die("out of memory");
		r->task->prompt(r->task->source, number, it->shots, f);
		if (fclose(f) != 0)
			die("out of memory");
		x.prompt = prompt;
	}
	samples_put(r->samples, &x);
	free(prompt);
}

static int same_item(const struct item *it, const struct sample *own, const struct sample *x)
{
	int question = it->n_choices > 0;

	return x->row == own->row && x->model == own->model && x->n_logp == own->n_logp &&
		x->ntok == own->ntok && x->choice < it->n_choices && (x->choice >= 0) == question &&
		(x->top >= 0) == question && x->has_norm == it->by_length;
}

/* The outcome that the run before left: 1, or 0 where there is no more. */
static int known_outcome(struct eval_run *r, size_t number, const struct item *it, int model,
	struct outcome *o)
{
	struct sample own = sample_of(r, it, model), x;

	if (!samples_known(r->samples, &x))
		return 0;
	if (!same_item(it, &own, &x))
		die("%s.part: %s %zu: is not what this run would write: remove the file",
			r->e->options->samples, r->task->item, number);
	memcpy(o->logp, x.logp, x.n_logp * sizeof *x.logp);
	o->choice = x.choice;
	o->choice_norm = item_choice_norm(it, o->logp);
	o->top = x.top;
	o->nats = x.nats;
	return 1;
}

static void settle(struct eval_run *r, size_t number, const struct item *it, int model,
	const struct outcome *o)
{
	const struct task *t = r->task;

	for (size_t i = 0; i < item_logps(it); i++)
		if (!isfinite(o->logp[i]))
			die("%s: %s %zu, model %d: a log-probability that is not finite", t->name,
				t->item, number, model);
	t->metric.add(totals_at(&r->totals, model), it, o);
	if (r->samples)
		put_sample(r, number, it, model, o);
}

/* 1: the outcomes of all models were known and have been settled. */
static int known_already(struct eval_run *r, size_t number, const struct item *it)
{
	struct outcome *o = xcalloc((size_t)r->n, sizeof *o);
	int m = 0;

	while (m < r->n && known_outcome(r, number, it, r->index[m], &o[m]))
		m++;
	for (int i = 0; m == r->n && i < m; i++)
		settle(r, number, it, r->index[i], &o[i]);
	free(o);
	return m == r->n;
}

/* -- batches ----------------------------------------------------------------------------------- */

/* What an item counts in the task's units, once for each model of the group. */
static double units_of(const struct eval_run *r, const struct item *it)
{
	return (it->n_choices > 0 ? 1 : (double)it->n) * r->n;
}

static float *logp_of(const struct eval_run *r, int m)
{
	return r->logp + (size_t)m * r->requests.n_ids;
}

static uint32_t *top_of(const struct eval_run *r, int m)
{
	return r->top ? r->top + (size_t)m * r->requests.n_rows : NULL;
}

static void read_model(void *ctx, int m, const struct mat *x)
{
	struct eval_run *r = ctx;
	const struct requests *q = &r->requests;

	pass_output(r->pass, &(struct logp_result){ logp_of(r, m), top_of(r, m), NULL }, x, q->row,
		q->n_rows, &(struct logp_request){ q->id, q->first });
}

static void settle_batch(struct eval_run *r)
{
	for (size_t i = 0; i < r->requests.n; i++) {
		const struct request *q = &r->requests.list[i];

		for (int m = 0; m < r->n; m++) {
			struct outcome o = requests_outcome(&r->requests, i, logp_of(r, m),
				top_of(r, m));

			settle(r, q->number, &q->item, r->index[m], &o);
		}
	}
}

/* Bytes of a sample beside its log-probabilities, at most; its prompt has no more for a token. */
enum { SAMPLE_BYTES = 192, TOKEN_BYTES = 8 };

static void plan_batch(struct eval_run *r)
{
	struct requests *q = &r->requests;

	forecast_batch(&r->forecast, r->pass, &q->batch, q->n_rows * (size_t)r->n);
	for (size_t i = 0; r->e->options->samples && i < q->n; i++) {
		const struct item *it = &q->list[i].item;
		size_t bytes = SAMPLE_BYTES + item_logps(it) * sizeof *r->logp +
			(r->e->options->prompts ? it->n * TOKEN_BYTES : 0);

		r->forecast.disk += (double)(bytes * (size_t)r->n);
	}
	requests_clear(q);
}

static void run_batch(struct eval_run *r)
{
	struct requests *q = &r->requests;
	size_t models = (size_t)r->n;

	if (q->n == 0)
		return;
	if (r->e->plan) {
		plan_batch(r);
		return;
	}
	r->logp = xcalloc(models * q->n_ids, sizeof *r->logp);
	r->top = q->list[0].item.n_choices ? xcalloc(models * q->n_rows, sizeof *r->top) : NULL;
	progress_piece(r->units);
	pass_run(r->pass, &q->batch, &(struct pass_hooks){ .done = read_model, .ctx = r });
	progress_add(r->units);
	r->units = 0;
	settle_batch(r);
	free(r->logp);
	free(r->top);
	requests_clear(q);
}

/* A sequence of one token predicts nothing. */
static int asks_nothing(const struct item *it)
{
	return it->n_choices == 0 && it->n == 1;
}

static void evaluate_item(struct eval_run *r, size_t number)
{
	struct item it;

	r->task->prepare(r->task->source, number, &it);
	if (asks_nothing(&it)) {
		progress_add(units_of(r, &it));
		return;
	}
	r->some_known = r->some_known && known_already(r, number, &it);
	if (r->some_known) {
		progress_skip(units_of(r, &it));
		return;
	}
	if (r->requests.batch.rows + requests_rows(&r->requests, &it) > pass_rows(r->pass))
		run_batch(r);
	requests_add(&r->requests, number, &it);
	r->units += units_of(r, &it);
}

/* -- groups ------------------------------------------------------------------------------------ */

/* The models in groups of one pass each: group[i] is the number of model i's. Returns how many
 * there are. */
static int find_groups(const struct models *m, int *group)
{
	int n = 0;

	for (int i = 0; i < m->n; i++) {
		int j = 0;

		while (j < i && !pass_together(&m->list[j], &m->list[i]))
			j++;
		group[i] = j < i ? group[j] : n++;
	}
	return n;
}

/* Sets the run's models to those of group g; returns them as pass_open takes them. New. */
static struct model *choose_models(struct eval_run *r, const int *group, int g)
{
	const struct models *m = r->e->models;
	struct model *list = xcalloc((size_t)m->n, sizeof *list);

	r->n = 0;
	for (int i = 0; i < m->n; i++)
		if (group[i] == g) {
			list[r->n] = m->list[i];
			r->index[r->n++] = i;
		}
	return list;
}

/* Rows of the longest item. */
static size_t longest(void *ctx)
{
	const struct task *t = ((struct eval_run *)ctx)->task;
	struct item it;
	size_t most = 0;

	for (size_t i = 0; i < t->n; i++) {
		t->prepare(t->source, i, &it);
		if (item_rows(&it) > most)
			most = item_rows(&it);
	}
	return most;
}

static void run_group(struct eval_run *r, const struct model *list)
{
	const struct task *t = r->task;
	uint64_t text_bytes = t->begin(t->source, &list[0]);

	for (int m = 0; m < r->n; m++)
		t->metric.start(totals_at(&r->totals, r->index[m]), &list[m], text_bytes);
	r->pass = pass_open(list, r->n,
		(struct pass_options){ .rows = t->batch_rows,
			.output = 1,
			.row = 32 + sizeof *r->logp * (size_t)r->n,
			.longest = longest,
			.ctx = r,
			.all = r->e->models });
	for (size_t i = 0; i < t->n; i++)
		evaluate_item(r, i);
	run_batch(r);
	if (r->e->plan)
		forecast_pass(&r->forecast, &list[0]);
	requests_free(&r->requests);
	r->requests = (struct requests){ 0 };
	pass_close(r->pass);
	if (t->end)
		t->end(t->source);
}

static void run_groups(struct eval_run *r)
{
	const struct models *m = r->e->models;
	int *group = xcalloc((size_t)m->n, sizeof *group), n = find_groups(m, group);
	char models[32] = "";

	r->index = xcalloc((size_t)m->n, sizeof *r->index);
	if (m->n > 1)
		snprintf(models, sizeof models, "%d models", m->n);
	progress_start(models, r->task->unit, r->task->units * m->n);
	for (int g = 0; g < n; g++) {
		struct model *list = choose_models(r, group, g);

		run_group(r, list);
		free(list);
	}
	progress_end();
	free(r->index);
	free(group);
}

/* -- a run ------------------------------------------------------------------------------------- */

/* of: the samples' own meta, new. It has to last as long as they are open. */
static void open_samples(struct eval_run *r, const json_t *meta, json_t **of)
{
	const struct evaluation *e = r->e;

	*of = json_deep_copy(meta);
	scores_samples_meta(*of, e->models, r->task->hash);
	if (r->task->prompt)
		json_put(*of, "prompts", json_boolean(e->options->prompts));
	r->samples = samples_open(e->options->samples, e->provenance, e->args, *of);
	r->some_known = 1;
}

static void write_run(const struct eval_run *r, const json_t *meta)
{
	const struct evaluation *e = r->e;
	const struct model_rec **models = xcalloc((size_t)e->models->n, sizeof *models);

	for (int i = 0; i < e->models->n; i++)
		models[i] = e->models->list[i].rec;
	write_scores(&r->totals, r->task->name, models,
		&(struct scores){ .provenance = e->provenance,
			.args = e->args,
			.meta = meta,
			.table = e->options->table,
			.json = e->options->json });
	free(models);
}

static void plan_run(struct eval_run *r)
{
	forecast_begin(&r->forecast);
	r->forecast.disk_what = r->e->options->samples ? "samples" : NULL;
	run_groups(r);
	forecast_print(&r->forecast, threads_held());
}

void evaluation_run(const struct evaluation *e, const struct task *t)
{
	size_t models = (size_t)e->models->n;
	struct eval_run r = { .e = e,
		.task = t,
		.totals = { &t->metric, xcalloc(models, t->metric.size), e->models->n } };
	json_t *meta, *of_samples = NULL;

	if (e->plan) {
		plan_run(&r);
		totals_free(&r.totals);
		return;
	}
	meta = json_deep_copy(e->meta);
	json_put(meta, "docs", docs_to_json(t->docs));
	if (e->options->json)
		free(place_of_json(e->options->json));
	if (e->options->samples)
		open_samples(&r, meta, &of_samples);
	run_groups(&r);
	if (t->tokenizer)
		json_put(meta, "tokenizer", t->tokenizer(t->source));
	if (r.samples)
		samples_close(r.samples);
	write_run(&r, meta);
	totals_free(&r.totals);
	json_decref(meta);
	json_decref(of_samples);
}

/* -- merging ----------------------------------------------------------------------------------- */

static int add_part(void *ctx, int i, const struct score *s, struct fault *err)
{
	struct totals *t = ctx;

	if (i == t->n) {
		t->sums = xrealloc(t->sums, (size_t)t->n + 1, t->metric->size);
		memset(totals_at(t, t->n++), 0, t->metric->size);
	}
	return t->metric->add_score(totals_at(t, i), s, err);
}

void evaluation_merge(const char *task, const struct metric *metric, char *const *files,
	const struct eval_options *options)
{
	struct totals t = { .metric = metric };
	struct parts p = { .task = task, .add = add_part, .ctx = &t };
	json_t *args = json_object();

	json_put(args, "merge", json_true());
	parts_read(&p, files);
	write_scores(&t, p.task, (const struct model_rec *const *)p.model,
		&(struct scores){ .provenance = p.provenance,
			.args = args,
			.meta = p.meta,
			.table = options->table,
			.json = options->json });
	totals_free(&t);
	json_decref(args);
	parts_free(&p);
}
