/* heal - a pruned model healed: the steps, their log, and what is saved between; see heal.h
 */
#include "heal/heal.h"

#include "file/json.h"
#include "forward/rate.h"
#include "heal/grad.h"
#include "heal/heal_data.h"
#include "heal/heal_state.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"
#include "sys/progress.h"
#include "sys/setting.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

/* a signal came: leave at the next chance, with the state saved */
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

struct heal_job {
	const struct heal *h;
	const json_t *args;
	json_t *recipe;
	struct lora_set *lora;
	struct grad *grad;
	struct heal_log log;
	size_t saved; /* steps in the state on disk */
	struct timespec began;
	char now[64]; /* what progress says */
};

/* -- the recipe -------------------------------------------------------------------------------- */

/* XXH3 of all lengths and ids, 16 hex digits. */
static json_t *hash_json(const struct sequences *s)
{
	XXH3_state_t *h = XXH3_createState();
	char hex[17];

	if (!h)
		die("out of memory");
	XXH3_64bits_reset(h);
	for (size_t i = 0; i < s->n; i++) {
		struct tokens t = sequences_at(s, i);
		uint64_t n = t.n;

		XXH3_64bits_update(h, &n, sizeof n);
		XXH3_64bits_update(h, t.ids, t.n * sizeof *t.ids);
	}
	snprintf(hex, sizeof hex, "%016llx", (unsigned long long)XXH3_64bits_digest(h));
	XXH3_freeState(h);
	return json_string(hex);
}

/* All that the adapter depends on. */
static json_t *recipe_of(const struct heal *h, const json_t *args)
{
	const struct model_rec *m = h->model->rec;
	json_t *o = json_copy((json_t *)(uintptr_t)args), *keep = json_array();

	for (int i = 0; i < m->n_keep; i++)
		json_add(keep, json_integer(m->keep[i]));
	json_object_del(o, "every"); /* changes no adapter */
	json_put(o, "base", json_string(base_fingerprint(h->model->base)));
	json_put(o, "keep", keep);
	json_put(o, "tokens", hash_json(h->train));
	json_put(o, "init", h->init ? json_string(h->init_fingerprint) : json_null());
	json_put(o, "valid", h->valid ? hash_json(h->valid) : json_null());
	return o;
}

/* -- files ------------------------------------------------------------------------------------- */

/* The whole log so far: complete at any time, and rewritten with the state that it belongs to. */
static void write_log(const struct heal_job *r)
{
	char *path = xasprintf("%s/heal.loss", r->h->dir);
	json_t *meta = json_pack("{s:s}", "kernel", ops_kernel());
	struct out_file file = out_open(path);
	struct rec_out *out = rec_create(file.f, path, KIND_LOSS, r->h->provenance, r->args, meta,
		0);

	for (size_t i = 0; i < r->log.n; i++)
		loss_write(out, &r->log.rec[i]);
	rec_finish(out);
	out_close(&file);
	json_decref(meta);
	free(path);
}

static void save(struct heal_job *r)
{
	heal_state_save(r->h->dir, r->lora, &r->log, r->recipe);
	write_log(r);
	r->saved = r->log.n;
	note("%s: saved after step %zu", r->h->dir, r->log.n);
}

/* -- steps ------------------------------------------------------------------------------------- */

static void tell(struct heal_job *r, const char *what)
{
	snprintf(r->now, sizeof r->now, "%s %zu of %lld", what, r->log.n + 1,
		(long long)r->h->steps);
	progress_name(r->now);
}

/* 0: interrupted. */
static int held_out(struct heal_job *r, double *loss)
{
	struct grad_loss l;

	tell(r, "held-out loss before step");
	if (!grad_evaluate(r->grad, r->h->valid, (int64_t)r->log.n, &l))
		return 0;
	*loss = l.ce;
	return 1;
}

static void check_finite(const struct heal_job *r, const struct loss_rec *l)
{
	if (isfinite(l->loss) && isfinite(l->norm))
		return;
	int layer = lora_bad_gradient(r->lora);
	if (layer >= 0)
		die("step %llu: the gradient of layer %d (layer %d of the base) is not finite",
			(unsigned long long)l->step, layer, r->h->model->rec->keep[layer]);
	die("step %llu: the loss is not finite", (unsigned long long)l->step);
}

/* One step: 1, or 0 when it was interrupted; then nothing has changed. */
static int step(struct heal_job *r)
{
	const struct heal *h = r->h;
	int64_t s = (int64_t)r->log.n;
	struct loss_rec l = { .step = (uint64_t)s, .valid = NAN };
	struct grad_loss g;
	struct portion p = { h->train, &h->order, (size_t)(s * h->batch), (size_t)h->batch };

	if (h->valid && s % h->every == 0 && !held_out(r, &l.valid))
		return 0;
	tell(r, "step");
	if (!grad_step(r->grad, &p, s, &g))
		return 0;
	l.lr = schedule_rate(h->schedule, h->lr, s, h->warmup, h->steps);
	l.ce = g.ce;
	l.aux = h->aux != 0 ? g.aux : 0.0;
	l.loss = g.ce + h->aux * l.aux;
	l.tokens = g.predicted;
	l.norm = lora_update(r->lora, l.lr, h->clip > 0 ? h->clip : INFINITY, s + 1);
	check_finite(r, &l);
	r->log.rec = xrealloc(r->log.rec, r->log.n + 1, sizeof *r->log.rec);
	r->log.rec[r->log.n++] = l;
	return 1;
}

static int time_is_up(const struct heal_job *r)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return r->h->stop_after > 0 &&
		(double)(now.tv_sec - r->began.tv_sec) +
			(double)(now.tv_nsec - r->began.tv_nsec) * 1e-9 >=
		r->h->stop_after;
}

/* 1: all steps are done; 0: interrupted, and saved. */
static int steps(struct heal_job *r)
{
	const struct heal *h = r->h;

	while ((int64_t)r->log.n < h->steps) {
		int done = step(r);

		if (!done || ((stop || time_is_up(r)) && (int64_t)r->log.n < h->steps)) {
			if (r->saved < r->log.n)
				save(r);
			return 0;
		}
		if (h->save && (int64_t)r->log.n % h->save == 0 && (int64_t)r->log.n < h->steps)
			save(r);
	}
	save(r);
	return 1;
}

/* -- a run ------------------------------------------------------------------------------------- */

struct lora_set *heal_adapters(const struct heal *h)
{
	const struct model *m = h->model;

	if (!h->init)
		return lora_new(m->shape, m->rec->n_keep, h->targets, (int)h->rank, h->alpha,
			h->seed);
	struct adapter *a = adapter_open(h->init, m->base, m->rec);
	struct lora_set *l = lora_from(m->shape, a, h->init);
	adapter_close(a);
	return l;
}

/* Of the sequences at the first so many places. Whole epochs have all of them. */
static double tokens_before(const struct heal *h, uint64_t places)
{
	const struct sequences *s = h->train;
	uint64_t epochs = places / s->n;
	double sum = (double)epochs * (double)s->first[s->n];

	for (uint64_t i = epochs * s->n; i < places; i++)
		sum += (double)sequences_at(s, (size_t)shuffle_at(&h->order, s->n, i)).n;
	return sum;
}

static double tokens_to_go(const struct heal_job *r)
{
	const struct heal *h = r->h;

	return tokens_before(h, (uint64_t)(h->steps * h->batch)) -
		tokens_before(h, r->log.n * (uint64_t)h->batch);
}

/* Of the held-out losses that are still to come. */
static double held_out_to_go(const struct heal_job *r)
{
	int64_t every = r->h->every, done = (int64_t)r->log.n, times;

	if (!r->h->valid)
		return 0.0;
	times = (r->h->steps + every - 1) / every - (done + every - 1) / every;
	return (double)times * (double)r->h->valid->first[r->h->valid->n];
}

struct grad_options heal_grad_options(const struct heal *h)
{
	struct grad_options o = { .aux = h->aux,
		.dropout = h->dropout,
		.seed = h->seed,
		.micro = (int)h->micro,
		.longest = h->train->longest,
		.batch = (int)h->batch,
		.stop = &stop };

	if (h->valid && h->valid->longest > o.longest)
		o.longest = h->valid->longest;
	return o;
}

static void open_grad(struct heal_job *r)
{
	struct grad_options o = heal_grad_options(r->h);

	r->grad = grad_open(r->h->model, r->lora, &o);
}

static double mean_loss(const struct heal_log *log, size_t first, size_t n)
{
	double sum = 0.0;

	for (size_t i = first; i < first + n; i++)
		sum += log->rec[i].ce;
	return sum / (double)n;
}

/* Steps are counted from 1 for people. */
static void report(const struct heal_job *r, double flops, double tokens, double seconds)
{
	size_t n = r->log.n / 2 < 10 ? (r->log.n + 1) / 2 : 10;

	if ((int64_t)r->log.n < r->h->steps)
		say("interrupted after step %zu of %lld; %s goes on", r->log.n,
			(long long)r->h->steps, setting(SETTING_RESUME));
	else if (n)
		say("cross entropy %.4f in the first %zu of %zu steps, %.4f in the last",
			mean_loss(&r->log, 0, n), n, r->log.n, mean_loss(&r->log, r->log.n - n, n));
	rate_note(tokens, flops, seconds);
}

static int train(struct heal_job *r)
{
	struct timespec end;
	double tokens = tokens_to_go(r), flops = ops_flops();

	progress_start("healing", "tokens", tokens + held_out_to_go(r));
	int done = steps(r);
	progress_end();
	clock_gettime(CLOCK_MONOTONIC, &end);
	report(r, ops_flops() - flops, tokens - tokens_to_go(r),
		(double)(end.tv_sec - r->began.tv_sec) +
			(double)(end.tv_nsec - r->began.tv_nsec) * 1e-9);
	return done;
}

/* Who started us with a signal ignored (nohup, a job in the background) wants it so. */
static void catch_signals(void)
{
	static const int signals[] = { SIGTERM, SIGINT };
	struct sigaction a = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, was;

	for (int i = 0; i < 2; i++)
		if (!sigaction(signals[i], NULL, &was) && was.sa_handler != SIG_IGN)
			sigaction(signals[i], &a, NULL);
}

int heal_run(const struct heal *h, const json_t *args, char fingerprint[17])
{
	struct heal_job r = {
		.h = h, .args = args, .recipe = recipe_of(h, args), .lora = heal_adapters(h)
	};
	int done = 1;

	if (!h->resume)
		open_grad(&r); /* what memory refuses leaves no folder */
	heal_folder(h->dir, h->resume);
	clock_gettime(CLOCK_MONOTONIC, &r.began);
	if (heal_state_load(h->dir, r.lora, &r.log, r.recipe))
		r.saved = r.log.n;
	else
		save(&r);
	if ((int64_t)r.log.n < h->steps) {
		if (!r.grad)
			open_grad(&r);
		catch_signals();
		heal_data_warn(h->train, h->tokens, h->steps, h->batch);
		done = train(&r);
	}
	if (r.grad)
		grad_close(r.grad);
	if (done) {
		lora_save(r.lora, h->dir, h->model, h->dropout, fingerprint);
		write_log(&r);
	}
	json_decref(r.recipe);
	lora_free(r.lora);
	free(r.log.rec);
	return done;
}
