/* states - the states of sequences at every layer boundary, as records of the kind hidden; see
 * states.h
 */
#include "forward/states.h"

#include "cli/shortfall.h"
#include "forward/batch.h"
#include "forward/forecast.h"
#include "forward/pass.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/progress.h"
#include "sys/setting.h"
#include "token/tok_check.h"

#include <stdlib.h>

enum { RECORD = 176 }; /* bytes of one beside its values, at most */

/* The sequences of one batch and what is gathered of them. */
struct dump {
	const struct states *o;
	struct rec_in *in;
	int64_t n; /* sequences read, from -skip */
	int over;  /* there are no more */
	struct rec_out *out;
	struct batch batch;
	struct seq {
		uint64_t doc, ntok;
	} * seq; /* [batch.n] */
	size_t cap;
	size_t layers, d; /* L of this model; boundaries are L + 1 */
	float *x;         /* [n_picks][L+1][d], or [ntok][d] of all tokens */
	size_t x_cap;
	struct pick {
		int seq;
		uint64_t position;
	} * pick;    /* [n_picks] the tokens of the batch whose states are kept */
	size_t *row; /* [n_picks] their rows in the batch */
	size_t n_picks, pick_cap;
	uint64_t n_without;       /* sequences that have none */
	struct forecast forecast; /* where nothing is run */
};

static void reserve(struct dump *d, size_t floats)
{
	if (floats <= d->x_cap)
		return;
	free(d->x);
	d->x = xmalloc(floats * sizeof *d->x);
	d->x_cap = floats;
}

/* x(l) of the whole batch: the picked rows are kept until the batch is through. */
static void gather(void *ctx, int m, int l, const struct mat *x)
{
	struct dump *d = ctx;
	struct mat *some = mat_new(MAT_F32, d->n_picks, d->d);

	(void)m;
	op_gather(some, x, d->row, d->n_picks);
	for (size_t i = 0; i < d->n_picks; i++)
		mat_get(some, i, 1, d->x + (i * (d->layers + 1) + (size_t)l) * d->d);
	mat_free(some);
}

/* x(l) of one sequence: written at once. */
static void write_all(void *ctx, int m, int l, const struct mat *x)
{
	struct dump *d = ctx;
	size_t rows = mat_rows(x);
	struct hidden h = {
		.doc = d->seq[0].doc, .ntok = d->seq[0].ntok, .layer = l, .rows = rows, .d = d->d
	};

	(void)m;
	reserve(d, rows * d->d);
	mat_get(x, 0, rows, d->x);
	h.x = d->x;
	hidden_write(d->out, &h);
}

static void pick(struct dump *d, int seq, uint64_t position, size_t row)
{
	if (d->n_picks == d->pick_cap) {
		d->pick_cap = 2 * d->pick_cap + 64;
		d->pick = xrealloc(d->pick, d->pick_cap, sizeof *d->pick);
		d->row = xrealloc(d->row, d->pick_cap, sizeof *d->row);
	}
	d->pick[d->n_picks] = (struct pick){ seq, position };
	d->row[d->n_picks++] = row;
}

/* The tokens of the batch that are meant, and memory for their states. */
static void pick_all(struct dump *d)
{
	d->n_picks = 0;
	for (int i = 0; i < d->batch.n; i++) {
		uint64_t ntok = d->seq[i].ntok;
		size_t end = batch_last_row(&d->batch, i) + 1, before = d->n_picks;

		for (uint64_t p = 0; p < ntok; p++)
			if (positions_have(d->o->positions, p, ntok))
				pick(d, i, p, end - ntok + p);
		d->n_without += d->n_picks == before;
	}
	reserve(d, d->n_picks * (d->layers + 1) * d->d);
}

static void write_picked(struct dump *d)
{
	for (size_t i = 0; i < d->n_picks; i++) {
		const struct seq *s = &d->seq[d->pick[i].seq];
		struct hidden h = { .doc = s->doc,
			.ntok = s->ntok,
			.layer = -1,
			.chosen = !positions_are_last(d->o->positions),
			.position = d->pick[i].position,
			.x = d->x + i * (d->layers + 1) * d->d,
			.rows = d->layers + 1,
			.d = d->d };

		hidden_write(d->out, &h);
	}
}

/* What a batch would take, and its records. */
static void plan(struct dump *d, struct pass *pass)
{
	size_t states = (d->layers + 1) * (!d->o->positions ? d->batch.rows : d->n_picks),
	       records = !d->o->positions ? d->layers + 1 : d->n_picks;

	forecast_batch(&d->forecast, pass, &d->batch, 0);
	d->forecast.disk += (double)(states * d->d * sizeof *d->x + records * RECORD);
	batch_clear(&d->batch);
}

static void flush(struct dump *d, struct pass *pass)
{
	struct pass_hooks hooks = { .boundary = write_all, .ctx = d };

	if (!d->batch.n)
		return;
	if (d->o->positions) {
		pick_all(d);
		hooks.boundary = d->n_picks ? gather : NULL;
	}
	if (!d->out) {
		plan(d, pass);
		return;
	}
	progress_piece((double)d->batch.rows);
	pass_run(pass, &d->batch, &hooks);
	progress_add((double)d->batch.rows);
	if (d->o->positions)
		write_picked(d);
	batch_clear(&d->batch);
}

static void add(struct dump *d, const struct tokens *t)
{
	int i = batch_add(&d->batch, t->ids, t->n, -1);

	if ((size_t)i >= d->cap) {
		d->cap = 2 * d->cap + 64;
		d->seq = xrealloc(d->seq, d->cap, sizeof *d->seq);
	}
	d->seq[i] = (struct seq){ t->doc, t->n };
}

static int next(struct dump *d, struct tokens *t)
{
	d->over = d->over || d->n >= d->o->limit || !tokens_read(d->in, t);
	return !d->over;
}

/* The longest sequence of those that are not through yet. */
static size_t longest(void *ctx)
{
	struct dump *d = ctx;
	struct tokens t;
	size_t most = 0;

	for (int i = 0; i < d->batch.n; i++)
		most = d->seq[i].ntok > most ? d->seq[i].ntok : most;
	for (; next(d, &t); d->n++)
		most = d->n >= 0 && t.n > most ? t.n : most;
	return most;
}

/* Checks a sequence, and at the start of each part its tokenizer, against the model. */
static void check_sequence(const struct dump *d, const struct tokens *t, size_t context, int *part)
{
	if (rec_part(d->in) != *part)
		tok_check_models(d->o->models, rec_meta(d->in));
	*part = rec_part(d->in);
	if (t->n > context)
		die("%s: document %llu has %zu tokens, the model takes %zu: use "
		    "c4-tokenize %s",
			rec_file(d->in), (unsigned long long)t->doc, t->n, context,
			setting(SETTING_TRUNCATE));
}

static int is_full(const struct dump *d, const struct pass *pass, size_t more)
{
	return d->batch.n &&
		(!d->o->positions || d->batch.rows + more > pass_rows(pass) ||
			(size_t)d->batch.n == pass_sequences(pass));
}

static void end(struct dump *d, char *const *files)
{
	const struct states *o = d->o;

	shortfall(files, "sequences", (uint64_t)(d->n + o->skip), (uint64_t)o->skip,
		o->limit == INT64_MAX ? UINT64_MAX : (uint64_t)o->limit);
	if (d->n_without)
		warn("%llu sequences are too short for any of the positions: nothing of them",
			(unsigned long long)d->n_without);
	if (!d->out) {
		d->forecast.disk_what = "the hidden states, before they are compressed";
		forecast_pass(&d->forecast, o->models->list);
		forecast_print(&d->forecast, o->threads);
	}
}

static struct pass_options options_of(struct dump *d)
{
	size_t row = d->d * sizeof *d->x; /* twice: a record is built in memory */
	const struct positions *positions = d->o->positions;

	return (struct pass_options){ .rows = ops_batch_rows(0),
		.sequence = positions ? 2 * positions->most * (d->layers + 1) * row : 0,
		.row = positions ? 0 : 2 * row,
		.longest = longest,
		.ctx = d };
}

void states_write(const struct states *o, char *const *files, struct rec_in *in,
	struct rec_out *out)
{
	struct dump d = { .o = o,
		.in = in,
		.n = -o->skip,
		.out = out,
		.layers = (size_t)o->models->list[0].rec->n_keep,
		.d = (size_t)o->models->list[0].shape->d_model };
	struct pass *pass = pass_open(o->models->list, 1, options_of(&d));
	struct tokens t;
	int part = -1;

	forecast_begin(&d.forecast);
	progress_start("", "tokens", o->total);
	for (; next(&d, &t); d.n++) {
		if (d.n < 0)
			continue;
		check_sequence(&d, &t, pass_context(pass), &part);
		if (is_full(&d, pass, t.n))
			flush(&d, pass);
		add(&d, &t);
	}
	flush(&d, pass);
	progress_end();
	end(&d, files);
	pass_close(pass);
	batch_free(&d.batch);
	free(d.seq);
	free(d.x);
	free(d.pick);
	free(d.row);
}
