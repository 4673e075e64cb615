/* eval-c4 - mean loss over sequences of tokens
 *
 *   in   tokens, model from -m or the model stream on standard input
 *   out  score    one record a model: nats per predicted token, in its own keys normalised,
 *        perplexity, bits per byte
 */
#include "cli/cli.h"
#include "eval/c4loss.h"
#include "eval/scores.h"
#include "file/json.h"
#include "model/ref.h"
#include "ops.h"
#include "stream/samples.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>
#include <stdlib.h>

static int64_t skip, limit = -1;
static const char *samples;
static int merge, table;

static const struct opt opts[] = { { 0, "skip", "N", OPT_INT, &skip,
					   "leave out the first N sequences" },
	{ 0, "limit", "N", OPT_INT, &limit, "at most N sequences" },
	{ 0, "samples", "FILE", OPT_TEXT, &samples,
		"also write every loss, to FILE; goes on where a killed run was" },
	{ 0, "merge", NULL, OPT_FLAG, &merge,
		"operands are score streams, parts of one run: add them up" },
	{ 0, "table", NULL, OPT_FLAG, &table,
		"print a table as lm-eval does instead of a score stream" },
	{ 0 } };
static const struct cli cli = {
	.name = "eval-c4",
	.operands = "[TOKENS ...] | --merge [SCORE ...]",
	.about = "loss of models over sequences of tokens",
	.opts = opts,
	.model = 1,
	.example = "eval-c4 -m model valid.tokens > model.score",
};

static char *describe(const struct score *s)
{
	return xasprintf(", normalised %.4f, perplexity %.2f, %llu tokens of %lld sequences",
		json_number_value(json_object_get(s->own, "normalised")), exp(s->value),
		(unsigned long long)s->count,
		(long long)json_integer_value(json_object_get(s->own, "sequences")));
}

static void write_all(const struct losses *l, const struct model_rec *const *model, int n,
	const json_t *provenance, const json_t *args, const json_t *meta)
{
	struct score *list = xcalloc((size_t)n, sizeof *list);
	json_t **own = xcalloc((size_t)n, sizeof *own);

	for (int i = 0; i < n; i++) {
		if (l[i].tokens == 0)
			die("no sequence has a token to predict");
		own[i] = losses_score(&l[i], &list[i]);
		list[i].model = model[i];
	}
	scores_write(&(struct scores){ list, n, provenance, args, meta, describe, table });
	for (int i = 0; i < n; i++)
		json_decref(own[i]);
	free(own);
	free(list);
}

/* What the tokens' meta says, of the sequences that were used, and the arithmetic. */
static json_t *meta_of(const struct sequences *s)
{
	json_t *meta = json_deep_copy(s->meta), *own = scores_meta("c4");

	json_object_update(meta, own);
	json_put(meta, "docs", docs_to_json(&s->docs));
	json_decref(own);
	return meta;
}

static json_t *arguments(void)
{
	json_t *args = scores_args(common.model.quant);

	if (skip)
		json_put(args, "skip", json_integer(skip));
	if (limit >= 0)
		json_put(args, "limit", json_integer(limit));
	return args;
}

/* -- samples ----------------------------------------------------------------------------------- */

struct taking {
	struct samples *samples;
	const struct sequences *s;
};

static int known(void *ctx, size_t sequence, int model, double *nats)
{
	struct taking *t = ctx;
	struct sample x;

	if (!samples_known(t->samples, &x))
		return 0;
	if (x.row != (uint64_t)skip + sequence || x.model != (uint64_t)model)
		die("%s.part: sequence %zu: is not what this run would write: remove the file",
			samples, sequence);
	*nats = x.nats;
	return 1;
}

static void done(void *ctx, size_t sequence, int model, double nats)
{
	struct taking *t = ctx;
	float logp = (float)-nats;

	samples_put(t->samples,
		&(struct sample){
			.task = "c4",
			.row = (uint64_t)skip + sequence,
			.model = (uint64_t)model,
			.logp = &logp,
			.n_logp = 1,
			.answer = -1,
			.choice = -1,
			.top = -1,
			.ntok = t->s->first[sequence + 1] - t->s->first[sequence],
			.nats = nats,
		});
}

static void run(struct losses *sum, const struct models *m, const struct sequences *s,
	const json_t *provenance, const json_t *args, const json_t *meta)
{
	struct taking t = { .s = s };
	json_t *own;

	if (samples == NULL) {
		c4loss_run(sum, m, s, NULL);
		return;
	}
	own = json_deep_copy(meta);
	scores_samples_meta(own, m, s->hash);
	t.samples = samples_open(samples, provenance, args, own);
	c4loss_run(sum, m, s, &(struct c4loss_hooks){ known, done, &t });
	samples_close(t.samples);
	json_decref(own);
}

static void take(char *const *files)
{
	struct models *m = models_open(&common.model);
	struct sequences *s = sequences_open(files, (uint64_t)skip,
		limit < 0 ? UINT64_MAX : (uint64_t)limit);
	struct losses *sum = xcalloc((size_t)m->n, sizeof *sum);
	const struct model_rec **rec = xcalloc((size_t)m->n, sizeof *rec);
	json_t *args = arguments(), *meta = meta_of(s);

	s->provenance = provenance_merge(s->provenance, m->provenance);
	run(sum, m, s, s->provenance, args, meta);
	for (int i = 0; i < m->n; i++)
		rec[i] = m->list[i].rec;
	write_all(sum, rec, m->n, s->provenance, args, meta);
	json_decref(args);
	json_decref(meta);
	free(rec);
	free(sum);
	sequences_close(s);
	models_close(m);
}

/* -- merging ----------------------------------------------------------------------------------- */

struct merging {
	struct losses *sum;
	int n;
};

static int add(void *ctx, int i, const struct score *s, struct fault *err)
{
	struct merging *m = ctx;

	if (i == m->n) {
		m->sum = xrealloc(m->sum, (size_t)m->n + 1, sizeof *m->sum);
		m->sum[m->n++] = (struct losses){ 0 };
	}
	return losses_add_score(&m->sum[i], s, err);
}

static void merge_parts(char *const *files)
{
	struct merging m = { 0 };
	struct parts p = { .task = "c4", .add = add, .ctx = &m };
	json_t *args = json_object();

	json_put(args, "merge", json_true());
	parts_read(&p, files);
	write_all(m.sum, (const struct model_rec *const *)p.model, p.n, p.provenance, args, p.meta);
	json_decref(args);
	free(m.sum);
	parts_free(&p);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);

	if (merge) {
		merge_parts(files);
		return 0;
	}
	ref_need_one_stdin(common.model.path, files, "tokens");
	ops_init(common.threads, common.dtype);
	take(files);
	return 0;
}
