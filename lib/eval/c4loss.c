/* c4loss - see c4loss.h
 */
#include "eval/c4loss.h"

#include "cli/shortfall.h"
#include "eval/score.h"
#include "eval/scores.h"
#include "file/json.h"
#include "forward/pass.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* -- sums -------------------------------------------------------------------------------------- */

static double grid(double x, int bits)
{
	return ldexp(rint(ldexp(x, bits)), -bits);
}

double losses_nats(const float *logp, size_t n)
{
	double s = 0;

	for (size_t i = 0; i < n; i++)
		s -= (double)logp[i];
	return grid(s, 20);
}

void losses_add(struct losses *l, double nats, size_t n)
{
	if (n == 0)
		return;
	l->sequences++;
	l->tokens += n;
	l->squares += (uint64_t)n * n;
	l->sum += nats;
	l->sumsq += grid(nats * nats, 8);
	l->cross += grid(nats * (double)n, 8);
}

double losses_mean(const struct losses *l)
{
	return l->sum / (double)l->tokens;
}

double losses_stderr(const struct losses *l)
{
	double loss = losses_mean(l), n = (double)l->sequences;
	double spread = l->sumsq - 2 * loss * l->cross + loss * loss * (double)l->squares;

	return n > 1 ? sqrt(n / (n - 1) * fmax(spread, 0)) / (double)l->tokens : NAN;
}

/* -- scores ------------------------------------------------------------------------------------ */

json_t *losses_score(const struct losses *l, struct score *s)
{
	json_t *own = json_object();

	s->task = "c4";
	s->metric = "loss";
	s->value = losses_mean(l);
	s->stderr_ = losses_stderr(l);
	s->count = l->tokens;
	s->sum = l->sum;
	s->sumsq = l->sumsq;
	json_put(own, "normalised", json_real(s->value / log((double)l->n_vocab)));
	json_put(own, "perplexity",
		isfinite(exp(s->value)) ? json_real(exp(s->value)) : json_string("inf"));
	if (l->bytes)
		json_put(own, "bits_per_byte", json_real(l->sum / (M_LN2 * (double)l->bytes)));
	json_put(own, "sequences", json_integer((json_int_t)l->sequences));
	json_put(own, "vocabulary", json_integer((json_int_t)l->n_vocab));
	json_put(own, "parameters", json_integer((json_int_t)l->parameters));
	json_put(own, "squares", json_integer((json_int_t)l->squares));
	json_put(own, "cross", json_real(l->cross));
	if (l->bytes)
		json_put(own, "bytes", json_integer((json_int_t)l->bytes));
	s->own = own;
	return own;
}

int losses_add_score(struct losses *l, const struct score *s, struct fault *err)
{
	const json_t *cross = json_object_get(s->own, "cross"),
		     *bytes = json_object_get(s->own, "bytes");
	uint64_t sequences, squares, vocabulary, parameters, n_bytes = 0;

	if (s->count == 0 || !json_is_number(cross) ||
		score_count(s->own, "sequences", &sequences) < 0 ||
		score_count(s->own, "squares", &squares) < 0 ||
		score_count(s->own, "vocabulary", &vocabulary) < 0 || vocabulary < 2 ||
		vocabulary > INT32_MAX || score_count(s->own, "parameters", &parameters) < 0 ||
		(bytes && score_count(s->own, "bytes", &n_bytes) < 0)) {
		fault(err,
			"a score without count, sequences, squares, cross, vocabulary, parameters");
		return -1;
	}
	if (l->tokens && (l->n_vocab != vocabulary || (l->bytes > 0) != (n_bytes > 0))) {
		fault(err, "another %s than in the part before",
			l->n_vocab != vocabulary ? "vocabulary" : "set of keys (bytes)");
		return -1;
	}
	l->n_vocab = vocabulary;
	l->parameters = parameters;
	l->sequences += sequences;
	l->tokens += s->count;
	l->squares += squares;
	l->bytes += n_bytes;
	l->sum += s->sum;
	l->sumsq += s->sumsq;
	l->cross += json_number_value(cross);
	return 0;
}

/* -- sequences --------------------------------------------------------------------------------- */

static void sequences_add(struct sequences *s, const struct tokens *t, size_t *cap_ids,
	size_t *cap_n)
{
	size_t used = s->first[s->n];

	if (used + t->n > *cap_ids) {
		while (used + t->n > *cap_ids)
			*cap_ids = *cap_ids ? 2 * *cap_ids : 1 << 16;
		s->ids = xrealloc(s->ids, *cap_ids, sizeof *s->ids);
	}
	if (s->n + 2 > *cap_n) {
		*cap_n *= 2;
		s->first = xrealloc(s->first, *cap_n, sizeof *s->first);
	}
	memcpy(s->ids + used, t->ids, t->n * sizeof *s->ids);
	s->first[++s->n] = used + t->n;
	docs_add(&s->docs, t->doc);
}

struct sequences *sequences_open(char *const *files, uint64_t skip, uint64_t limit)
{
	struct sequences *s = xcalloc(1, sizeof *s);
	struct rec_in *in = rec_open(files, KIND_TOKENS);
	size_t cap_ids = 0, cap_n = 1024;
	uint64_t i = 0;
	int part = -1;
	struct tokens t;

	s->first = xcalloc(cap_n, sizeof *s->first);
	while (tokens_read(in, &t)) {
		if (rec_part(in) != part) {
			part = rec_part(in);
			meta_add(&s->meta, rec_meta(in), NULL, rec_file(in));
			s->provenance = provenance_merge(s->provenance, rec_provenance(in));
		}
		if (i++ >= skip && s->n < limit)
			sequences_add(s, &t, &cap_ids, &cap_n);
	}
	rec_close(in);
	if (i > skip)
		shortfall(files, "sequences", i, skip, limit);
	if (s->n == 0 && i && limit)
		die("%s: %llu sequences: none is left after the first %llu",
			files[0] ? files[0] : "standard input", (unsigned long long)i,
			(unsigned long long)skip);
	if (s->n == 0)
		die("%s: no sequence", files[0] ? files[0] : "standard input");
	snprintf(s->hash, sizeof s->hash, "%016llx",
		(unsigned long long)(XXH3_64bits(s->ids, s->first[s->n] * sizeof *s->ids) ^
			XXH3_64bits_withSeed(s->first, (s->n + 1) * sizeof *s->first, 1)));
	return s;
}

void sequences_close(struct sequences *s)
{
	free(s->ids);
	free(s->first);
	docs_free(&s->docs);
	json_decref(s->provenance);
	json_decref(s->meta);
	free(s);
}

/* -- the run ----------------------------------------------------------------------------------- */

struct run {
	const struct sequences *s;
	struct losses *out;
	const struct c4loss_hooks *h; /* or NULL */
	const int *index;             /* [n_models]: of the pass's models in the list */
	int n_models;
	struct pass *pass;
	struct batch batch;
	double *nats; /* [sequences of the batch][n_models] */
	size_t done;  /* sequences of the batches before */
};

static size_t to_predict(const struct run *r, size_t sequence)
{
	return r->s->first[sequence + 1] - r->s->first[sequence] - 1;
}

static void give(struct run *r, size_t sequence, int m, double nats)
{
	if (!isfinite(nats))
		die("model %d: the loss of sequence %zu is not finite", r->index[m], sequence);
	losses_add(&r->out[r->index[m]], nats, to_predict(r, sequence));
	if (r->h && to_predict(r, sequence) > 0)
		r->h->done(r->h->ctx, sequence, r->index[m], nats);
}

/* 1: what all models make of a sequence was known and has been passed on. */
static int known_already(struct run *r, size_t sequence)
{
	double *nats = xcalloc((size_t)r->n_models, sizeof *nats);
	int m = 0;

	while (m < r->n_models &&
		(to_predict(r, sequence) == 0 ||
			r->h->known(r->h->ctx, sequence, r->index[m], &nats[m])))
		m++;
	for (int i = 0; m == r->n_models && i < m; i++)
		give(r, sequence, i, nats[i]);
	free(nats);
	return m == r->n_models;
}

static void check_sequences(const struct sequences *s, const struct model *m, size_t context)
{
	uint32_t n_vocab = (uint32_t)m->shape->n_vocab;

	for (size_t i = 0; i < s->n; i++) {
		if (s->first[i + 1] - s->first[i] > context)
			die("%s: sequence %zu has %zu tokens, the model's context is %zu: cut them "
			    "with c4-tokenize -l",
				base_path(m->base), i, s->first[i + 1] - s->first[i], context);
		for (size_t k = s->first[i]; k < s->first[i + 1]; k++)
			if (s->ids[k] >= n_vocab)
				die("%s: sequence %zu has token %u, the model's vocabulary is %u",
					base_path(m->base), i, s->ids[k], n_vocab);
	}
}

/* The losses of the batch's sequences: every row but a sequence's last predicts the row after
 * it. */
static void read_model(void *ctx, int m, const struct mat *x)
{
	struct run *r = ctx;
	size_t n = 0;
	size_t *rows = xcalloc(r->batch.rows, sizeof *rows),
	       *first = xcalloc(r->batch.rows + 1, sizeof *first);
	uint32_t *ids = xcalloc(r->batch.rows, sizeof *ids);
	float *logp = xcalloc(r->batch.rows, sizeof *logp);
	const float *p = logp;

	for (int i = 0; i < r->batch.n; i++)
		for (size_t row = r->batch.seg[i].first;
			row + 1 < r->batch.seg[i].first + r->batch.seg[i].len; row++) {
			rows[n] = row;
			ids[n] = r->batch.ids[row + 1];
			first[n + 1] = n + 1;
			n++;
		}
	if (n > 0)
		pass_output(r->pass, m, x, rows, n, &(struct logp_request){ ids, first }, logp,
			NULL, NULL);
	for (int i = 0; i < r->batch.n; i++) {
		r->nats[i * r->n_models + m] = losses_nats(p, r->batch.seg[i].len - 1);
		p += r->batch.seg[i].len - 1;
	}
	free(rows);
	free(first);
	free(ids);
	free(logp);
}

static void run_batch(struct run *r)
{
	if (r->batch.n == 0)
		return;
	r->nats = xcalloc((size_t)r->batch.n * (size_t)r->n_models, sizeof *r->nats);
	pass_run(r->pass, &r->batch, &(struct pass_hooks){ .done = read_model, .ctx = r });
	for (int i = 0; i < r->batch.n; i++)
		for (int m = 0; m < r->n_models; m++)
			give(r, r->done + (size_t)i, m, r->nats[i * r->n_models + m]);
	free(r->nats);
	progress_add((double)r->batch.rows);
	r->done += (size_t)r->batch.n;
	batch_clear(&r->batch);
}

/* Bytes of the text of the predicted tokens, 0: it can't be told. The tokens must come from the
 * model's own tokenizer. */
static uint64_t text_bytes(const struct sequences *s, const char *model)
{
	const json_t *hash = json_object_get(json_object_get(s->meta, "tokenizer"), "hash");
	struct tok *t = hash ? tok_find(model) : NULL;
	uint64_t n = 0;
	int same = t && json_is_string(hash) && strcmp(json_string_value(hash), tok_hash(t)) == 0;

	for (size_t i = 0; same && i < s->n; i++)
		for (size_t k = s->first[i] + 1; k < s->first[i + 1]; k++) {
			same &= s->ids[k] < tok_size(t);
			n += same ? tok_bytes(t, s->ids[k]) : 0;
		}
	if (t)
		tok_close(t);
	return same ? n : 0;
}

static void run_group(struct run *r, int *some_known)
{
	for (size_t i = 0; i < r->s->n; i++) {
		size_t len = r->s->first[i + 1] - r->s->first[i];

		if (*some_known && known_already(r, i)) {
			r->done++;
			progress_add((double)len);
			continue;
		}
		*some_known = 0;
		if (r->batch.rows + len > pass_rows(r->pass))
			run_batch(r);
		batch_add(&r->batch, r->s->ids + r->s->first[i], len, -1);
	}
	run_batch(r);
	batch_free(&r->batch);
}

static size_t longest(void *ctx)
{
	const struct sequences *s = ctx;
	size_t most = 0;

	for (size_t i = 0; i < s->n; i++)
		most = s->first[i + 1] - s->first[i] > most ? s->first[i + 1] - s->first[i] : most;
	return most;
}

void c4loss_run(struct losses *out, const struct models *m, const struct sequences *s,
	const struct c4loss_hooks *h)
{
	int some_known = h != NULL, *group = xcalloc((size_t)m->n, sizeof *group),
	    n_groups = score_groups(m, group), *index, n;
	uint64_t bytes;

	for (int i = 0; i < m->n; i++)
		out[i] = (struct losses){ .n_vocab = (uint64_t)m->list[i].shape->n_vocab,
			.parameters = shape_parameters(m->list[i].shape, m->list[i].rec->n_keep) };
	model_check_tokens(m, s->meta);
	progress_start("c4", "tokens", (double)s->first[s->n] * n_groups);
	for (int g = 0; g < n_groups; g++) {
		struct model *list = score_group(m, group, g, &n, &index);
		struct run r = { .s = s, .out = out, .h = h, .index = index, .n_models = n };

		/* its tokenizer has gone before memory is planned */
		bytes = text_bytes(s, base_path(list[0].base));
		r.pass = pass_open(list, n,
			(struct pass_options){ .rows = ops_batch_rows(0),
				.output = 1,
				.row = 32,
				.longest = longest,
				.ctx = (void *)(uintptr_t)s,
				.all = m });
		check_sequences(s, &list[0], pass_context(r.pass));
		for (int i = 0; i < n; i++)
			out[index[i]].bytes = bytes;
		run_group(&r, &some_known);
		pass_close(r.pass);
		free(list);
		free(index);
	}
	progress_end();
	free(group);
}
