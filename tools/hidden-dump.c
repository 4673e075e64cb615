/* hidden-dump - the last token's residual stream at every layer boundary
 *
 *   in   tokens   one record per sequence
 *   out  hidden   x(0) .. x(L) of each sequence's last token; with --positions of the tokens there,
 *        a record each; with --all-tokens one record per sequence and layer
 */
#include "cli/cli.h"
#include "cli/shortfall.h"
#include "file/json.h"
#include "forward/batch.h"
#include "forward/forecast.h"
#include "forward/pass.h"
#include "model/model.h"
#include "model/ref.h"
#include "stream/positions.h"
#include "stream/sequences.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/progress.h"
#include "token/tok_check.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD = 176 }; /* bytes of one beside its values, at most */

static int all_tokens;
static struct positions positions = { .range = { { -1, -1 } }, .n = 1, .most = 1 };
static const char *position_text;
static int64_t skip, limit = INT64_MAX;

static int parse_positions(const char *text)
{
	struct fault err;

	if (positions_parse(&positions, text, &err))
		misuse("--positions: %s", err.text);
	position_text = positions_are_last(&positions) ? NULL : text;
	return 0;
}

static const struct opt opts[] = {
	{ 0, "positions", "LIST", OPT_CALL, &position_text,
		"the tokens whose stream it is: 0,100-127,-1 or last (default: last)",
		.call = parse_positions },
	{ 0, "all-tokens", NULL, OPT_FLAG, &all_tokens,
		"every token's stream, one record per sequence and layer" },
	{ 0, "skip", "N", OPT_INT, &skip, "leave out the first N sequences" },
	{ 0, "limit", "N", OPT_INT, &limit, "at most N sequences" }, { 0 }
};

static const struct cli cli = {
	.name = "hidden-dump",
	.operands = "[TOKENS ...]",
	.opts = opts,
	.model = MODEL_RUN,
	.about = "tokens in, the residual stream of each sequence's last token out",
	.example = "hidden-dump -m model c4.tokens | angdist > c4.angle",
};

/* The sequences of one batch and what is gathered of them. */
struct dump {
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
	float *x;         /* [n_picks][L+1][d], or [ntok][d] with --all-tokens */
	size_t x_cap;
	struct pick {
		int seq;
		uint64_t position;
	} * pick;    /* [n_picks] the tokens of the batch whose states are kept */
	size_t *row; /* [n_picks] their rows in the batch */
	size_t n_picks, pick_cap;
	uint64_t n_without;       /* sequences that have none */
	struct forecast forecast; /* with --plan */
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
			if (positions_have(&positions, p, ntok))
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
			.chosen = position_text != NULL,
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
	size_t states = (d->layers + 1) * (all_tokens ? d->batch.rows : d->n_picks),
	       records = all_tokens ? d->layers + 1 : d->n_picks;

	forecast_batch(&d->forecast, pass, &d->batch, 0);
	d->forecast.disk += (double)(states * d->d * sizeof *d->x + records * RECORD);
	batch_clear(&d->batch);
}

static void flush(struct dump *d, struct pass *pass)
{
	struct pass_hooks hooks = { .boundary = write_all, .ctx = d };

	if (!d->batch.n)
		return;
	if (!all_tokens) {
		pick_all(d);
		hooks.boundary = d->n_picks ? gather : NULL;
	}
	if (common.plan) {
		plan(d, pass);
		return;
	}
	progress_piece((double)d->batch.rows);
	pass_run(pass, &d->batch, &hooks);
	progress_add((double)d->batch.rows);
	if (!all_tokens)
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
	d->over = d->over || d->n >= limit || !tokens_read(d->in, t);
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
static void check_sequence(const struct dump *d, const struct tokens *t, struct models *models,
	size_t context, int *part)
{
	if (rec_part(d->in) != *part)
		tok_check_models(models, rec_meta(d->in));
	*part = rec_part(d->in);
	if (t->n > context)
		die("%s: document %llu has %zu tokens, the model takes %zu: use "
		    "c4-tokenize -l",
			rec_file(d->in), (unsigned long long)t->doc, t->n, context);
}

static int is_full(const struct dump *d, const struct pass *pass, size_t more)
{
	return d->batch.n &&
		(all_tokens || d->batch.rows + more > pass_rows(pass) ||
			(size_t)d->batch.n == pass_sequences(pass));
}

/* total: tokens that there will be; 0: that is not known. */
static void dump(char *const *files, struct rec_in *in, struct rec_out *out, struct models *models,
	double total)
{
	struct dump d = { .in = in,
		.n = -skip,
		.out = out,
		.layers = (size_t)models->list[0].rec->n_keep,
		.d = (size_t)models->list[0].shape->d_model };
	size_t row = d.d * sizeof *d.x; /* twice: a record is built in memory */
	struct pass_options options = { .rows = ops_batch_rows(0),
		.sequence = all_tokens ? 0 : 2 * positions.most * (d.layers + 1) * row,
		.row = all_tokens * 2 * row,
		.longest = longest,
		.ctx = &d };
	struct pass *pass = pass_open(models->list, 1, options);
	struct tokens t;
	int part = -1;

	forecast_begin(&d.forecast);
	progress_start("", "tokens", total);
	for (; next(&d, &t); d.n++) {
		if (d.n < 0)
			continue;
		check_sequence(&d, &t, models, pass_context(pass), &part);
		if (is_full(&d, pass, t.n))
			flush(&d, pass);
		add(&d, &t);
	}
	flush(&d, pass);
	progress_end();
	shortfall(files, "sequences", (uint64_t)(d.n + skip), (uint64_t)skip,
		limit == INT64_MAX ? UINT64_MAX : (uint64_t)limit);
	if (d.n_without)
		warn("%llu sequences are too short for any of the positions: nothing of them",
			(unsigned long long)d.n_without);
	if (common.plan) {
		d.forecast.disk_what = "the hidden states, before they are compressed";
		forecast_pass(&d.forecast, models->list);
		forecast_print(&d.forecast, common.threads);
	}
	pass_close(pass);
	batch_free(&d.batch);
	free(d.seq);
	free(d.x);
	free(d.pick);
	free(d.row);
}

static json_t *meta_make(const struct rec_in *in, const struct models *models)
{
	const struct model_rec *r = models->list[0].rec;
	json_t *meta = json_object(), *keep = json_array();
	static const char *const carried[] = { "tokenizer", "length", "docs" };

	for (int i = 0; i < r->n_keep; i++)
		json_add(keep, json_integer(r->keep[i]));
	json_put(meta, "print", json_string(r->fingerprint));
	json_put(meta, "keep", keep);
	json_put(meta, "layers", json_integer(r->n_keep));
	json_put(meta, "adapter_print",
		r->adapter_fingerprint ? json_string(r->adapter_fingerprint) : json_null());
	json_put(meta, "quant", r->quant ? json_string(r->quant) : json_null());
	for (size_t i = 0; i < sizeof carried / sizeof *carried; i++)
		if (json_object_get(rec_meta(in), carried[i]))
			json_object_set(meta, carried[i],
				json_object_get(rec_meta(in), carried[i]));
	json_put(meta, "dtype", json_string(ops_dtype_name()));
	json_put(meta, "kernel", json_string(ops_kernel()));
	if (all_tokens)
		json_put(meta, "all_tokens", json_true());
	if (position_text)
		json_put(meta, "positions", json_string(position_text));
	return meta;
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	json_t *args = cli_args(), *meta, *provenance = NULL;
	struct models *models;
	struct rec_out *out = NULL;
	struct rec_in *in;
	double total;

	if (all_tokens && position_text)
		misuse("--all-tokens are all positions: not with --positions");
	ref_need_one_stdin(common.model.path, files, "tokens");
	models = models_open_one(&common.model);
	total = program_is_quiet() ? 0 : sequences_tokens(files, (uint64_t)skip, (uint64_t)limit);
	in = rec_open(files, KIND_TOKENS);
	ops_init(common.threads, common.dtype);
	meta = meta_make(in, models);
	provenance = provenance_merge(provenance_merge(provenance, models->provenance),
		rec_provenance(in));
	if (!common.plan)
		out = rec_create(stdout, "standard output", KIND_HIDDEN, provenance, args, meta, 0);
	dump(files, in, out, models, total);
	provenance = provenance_merge(provenance, rec_all_provenance(in));
	rec_close(in);
	if (out) {
		rec_made(out, provenance);
		rec_finish(out);
	}
	models_close(models);
	json_decref(args);
	json_decref(meta);
	json_decref(provenance);
	return 0;
}
