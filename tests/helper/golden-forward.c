/* golden-forward - runs a model through the library's passes and compares with golden/tiny or
 * golden/checkpoint
 *
 * Compared: x of the last token at every boundary, logits, losses, distances, best blocks, and the
 * same of the models without each best block and each deepest block. Differences are relative to
 * the largest value of each innermost array. All of it is computed in one pass of many models over
 * one batch, then again in other groupings of models, sequences and segments, which must give the
 * same bits. --dump writes the floats for comparing two runs.
 */
#include "angle/angle.h"
#include "cli/cli.h"
#include "forward/batch.h"
#include "forward/pass.h"
#include "model/layers.h"
#include "model/model.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_MODELS = 64, MAX_SEQ = 64 };

static const char *key, *tokens_file, *keep_list, *dump_file;
static double tol = 1e-5; /* f32, relative */

static const struct opt opts[] = { { 0, "key", "NAME", OPT_TEXT, &key,
					   "the part of EXPECTED to compare with" },
	{ 0, "tokens", "FILE", OPT_TEXT, &tokens_file,
		"JSON with the sequences (default: in EXPECTED)" },
	{ 0, "keep", "LAYERS", OPT_TEXT, &keep_list,
		"compare nothing: run the model with these layers only" },
	{ 0, "dump", "FILE", OPT_TEXT, &dump_file, "all results as float32" },
	{ 0, "tolerance", "X", OPT_REAL, &tol, "largest relative difference in f32" }, { 0 } };
static const struct cli cli = {
	.name = "golden-forward",
	.operands = "[EXPECTED]",
	.about = "compares a forward pass with golden values",
	.opts = opts,
	.model = MODEL_RUN,
	.example = "golden-forward -m tiny --dtype=f32 --tokens=tokens.json expected.json",
};

struct sequence {
	uint32_t *ids;
	size_t n;
};

struct result { /* of one model */
	int n_keep;
	float *x;      /* [sequences][n_keep + 1][d] */
	float *logits; /* [sequences][V] */
	float *logp;   /* of each predicted token, the sequences one after the other */
};

static struct {
	struct base *base;
	const struct shape *shape;
	struct sequence seq[MAX_SEQ];
	int n_seq;
	size_t n_predicted;
	struct model model[MAX_MODELS];
	int n_models;
} all;

/* -- reading ----------------------------------------------------------------------------------- */

static json_t *load(const char *path)
{
	json_error_t e;
	json_t *j = json_load_file(path, 0, &e);

	if (!j)
		die("%s: %s", path, e.text);
	return j;
}

static json_t *get(json_t *j, const char *name)
{
	json_t *v = json_object_get(j, name);

	if (!v)
		die("no \"%s\" in the expected values", name);
	return v;
}

static void sequences_read(json_t *list)
{
	for (size_t i = 0; i < json_array_size(list) && i < MAX_SEQ; i++) {
		json_t *ids = json_array_get(list, i);
		struct sequence *s = &all.seq[all.n_seq++];

		s->n = json_array_size(ids);
		s->ids = xcalloc(s->n, sizeof *s->ids);
		for (size_t t = 0; t < s->n; t++)
			s->ids[t] = (uint32_t)json_integer_value(json_array_get(ids, t));
		all.n_predicted += s->n - 1;
	}
}

/* -- models ------------------------------------------------------------------------------------ */

static struct model *model_new(struct adapter *adapter)
{
	struct model *m = &all.model[all.n_models++];
	struct model_rec *r = model_rec_of_base(all.base);

	assert(all.n_models <= MAX_MODELS);
	*m = (struct model){ .rec = r, .base = all.base, .shape = all.shape, .adapter = adapter };
	m->nf4 = common.model.quant && strcmp(common.model.quant, "nf4") == 0;
	return m;
}

static void model_without(int first, int last)
{
	struct model_rec *r = model_new(NULL)->rec;

	r->n_keep = 0;
	for (int l = 0; l < all.shape->n_layers; l++)
		if (l < first || l > last)
			r->keep[r->n_keep++] = l;
}

static void model_keeping(const char *list)
{
	struct model_rec *r = model_new(NULL)->rec;
	struct fault err;

	if (layers_parse(list, r->keep, MAX_LAYERS, &r->n_keep, &err))
		die("--keep: %s", err.text);
}

/* Every pruned model that a part of the expected values names. */
static void models_of(json_t *pruned)
{
	const char *n;
	json_t *v;

	json_object_foreach(pruned, n, v)
	{
		json_t *d = get(v, "dropped");

		model_without((int)json_integer_value(json_array_get(d, 0)),
			(int)json_integer_value(json_array_get(d, 1)));
	}
}

/* -- running ----------------------------------------------------------------------------------- */

struct run { /* one batch through one pass */
	struct pass *pass;
	struct result *result; /* of the pass's first model */
	int seq[MAX_SEQ], n;   /* the sequences in the batch */
	size_t *row[MAX_SEQ];  /* where each token of them is */
	struct batch batch;
};

static size_t predicted_before(int seq)
{
	size_t n = 0;

	for (int i = 0; i < seq; i++)
		n += all.seq[i].n - 1;
	return n;
}

static void on_boundary(void *ctx, int m, int l, const struct mat *x)
{
	struct run *r = ctx;
	struct result *y = &r->result[m];
	size_t d = (size_t)all.shape->d_model;

	for (int i = 0; i < r->n; i++) {
		int s = r->seq[i];

		mat_get(x, r->row[i][all.seq[s].n - 1], 1,
			y->x + ((size_t)s * ((size_t)y->n_keep + 1) + (size_t)l) * d);
	}
}

static void on_done(void *ctx, int m, const struct mat *x)
{
	struct run *r = ctx;

	for (int i = 0; i < r->n; i++) {
		const struct sequence *s = &all.seq[r->seq[i]];
		size_t *first = xmalloc(s->n * sizeof *first);
		struct logp_request a = { s->ids + 1, first };

		for (size_t t = 0; t < s->n; t++)
			first[t] = t;
		pass_output(r->pass,
			&(struct logp_result){
				.logp = r->result[m].logp + predicted_before(r->seq[i]) },
			x, r->row[i], s->n - 1, &a);
		pass_logits(r->pass,
			r->result[m].logits + (size_t)r->seq[i] * (size_t)all.shape->n_vocab, x,
			r->row[i] + s->n - 1, 1);
		free(first);
	}
}

/* A sequence into the batch; in pieces: as a chain of segments of so many tokens, 0: one
 * segment. */
static void run_add(struct run *r, int seq, size_t pieces)
{
	const struct sequence *s = &all.seq[seq];
	size_t *row = xmalloc(s->n * sizeof *row);
	int parent = -1;

	for (size_t t = 0; t < s->n;) {
		size_t n = pieces && s->n - t > pieces ? pieces : s->n - t;

		for (size_t j = 0; j < n; j++)
			row[t + j] = r->batch.rows + j;
		parent = batch_add(&r->batch, s->ids + t, n, parent);
		t += n;
	}
	r->row[r->n] = row;
	r->seq[r->n++] = seq;
}

static void run_go(struct run *r)
{
	struct pass_hooks h = { on_boundary, on_done, r };

	pass_run(r->pass, &r->batch, &h);
	batch_clear(&r->batch);
	while (r->n)
		free(r->row[--r->n]);
}

static struct result *results_new(void)
{
	struct result *y = xcalloc((size_t)all.n_models, sizeof *y);

	for (int m = 0; m < all.n_models; m++) {
		y[m].n_keep = all.model[m].rec->n_keep;
		y[m].x = xcalloc((size_t)all.n_seq * ((size_t)y[m].n_keep + 1) *
				(size_t)all.shape->d_model,
			sizeof(float));
		y[m].logits = xcalloc((size_t)all.n_seq * (size_t)all.shape->n_vocab,
			sizeof(float));
		y[m].logp = xcalloc(all.n_predicted, sizeof(float));
	}
	return y;
}

enum way { TOGETHER, APART, BACKWARDS, CHAINED };
static const char *const ways[] = { "one pass, one batch", "a pass a model, a batch a sequence",
	"sequences backwards", "sequences as chains of segments of 7" };

static struct result *compute(enum way way)
{
	struct result *y = results_new();
	int step = way == APART ? 1 : all.n_models;

	for (int m = 0; m < all.n_models; m += step) {
		struct run r = { .pass = pass_open(all.model + m, step,
					 (struct pass_options){ .rows = 2048, .output = 1 }),
			.result = y + m };

		for (int i = 0; i < all.n_seq; i++) {
			run_add(&r, way == BACKWARDS ? all.n_seq - 1 - i : i,
				way == CHAINED ? 7 : 0);
			if (way == APART || i == all.n_seq - 1)
				run_go(&r);
		}
		batch_free(&r.batch);
		pass_close(r.pass);
	}
	return y;
}

static int compare_bits(const struct result *a, const struct result *b, const char *what)
{
	size_t d = (size_t)all.shape->d_model, v = (size_t)all.shape->n_vocab,
	       n = (size_t)all.n_seq;
	int bad = 0;

	for (int m = 0; m < all.n_models; m++) {
		if (memcmp(a[m].x, b[m].x, n * ((size_t)a[m].n_keep + 1) * d * 4) ||
			memcmp(a[m].logits, b[m].logits, n * v * 4) ||
			memcmp(a[m].logp, b[m].logp, all.n_predicted * 4)) {
			printf("model %d of %d: other bits with %s\n", m, all.n_models, what);
			bad = 1;
		}
	}
	return bad;
}

/* -- comparing --------------------------------------------------------------------------------- */

/* Largest difference of the arrays under want from got, which moves on; relative to each innermost
 * array's largest. */
static double differ(const double **got, json_t *want)
{
	double worst = 0, top = 0;
	size_t i;
	json_t *v;

	if (json_is_array(want) && json_is_array(json_array_get(want, 0))) {
		json_array_foreach(want, i, v) worst = fmax(worst, differ(got, v));
		return worst;
	}
	json_array_foreach(want, i, v) top = fmax(top, fabs(json_number_value(v)));
	json_array_foreach(want, i, v)
	{
		double e = fabs(*(*got)++ - json_number_value(v)) / top;

		worst = e <= worst ? worst : e;
		if (isnan(e))
			return INFINITY;
	}
	return worst;
}

static int failed;

static void check(const char *what, double worst, double limit)
{
	printf("%s%-28s %.2g of %.2g\n", worst <= limit ? "" : "TOO FAR: ", what, worst, limit);
	failed |= !(worst <= limit);
}

static double floats_differ(const float *got, size_t n, json_t *want)
{
	double *f = xcalloc(n, sizeof *f), worst;
	const double *p = f;

	for (size_t i = 0; i < n; i++)
		f[i] = (double)got[i];
	worst = differ(&p, want);
	assert(p == f + n);
	free(f);
	return worst;
}

static double loss_differ(const struct result *y, json_t *want)
{
	double mean[MAX_SEQ], sum = 0, all_mean, one, two;
	const double *p = mean;
	const float *logp = y->logp;

	for (int i = 0; i < all.n_seq; i++) {
		mean[i] = 0;
		for (size_t t = 1; t < all.seq[i].n; t++)
			mean[i] -= (double)*logp++;
		sum += mean[i];
		mean[i] /= (double)(all.seq[i].n - 1);
	}
	one = differ(&p, get(want, "sequences"));
	all_mean = sum / (double)all.n_predicted;
	two = fabs(all_mean - json_number_value(get(want, "all"))) / all_mean;
	return fmax(one, two);
}

/* Distances by the library, and the best blocks exactly. */
static double distance_differ(const struct result *y, json_t *expected)
{
	struct angles *a = angles_new(0);
	size_t rows = (size_t)y->n_keep + 1, d = (size_t)all.shape->d_model;
	struct angle_part *part = angle_part_new(rows, 0);
	double worst = 0;
	const char *name;
	int layer;
	json_t *v;

	for (int i = 0; i < all.n_seq; i++)
		if ((layer = angle_part_add(part, (uint64_t)i, y->x + (size_t)i * rows * d, d)) >=
			0)
			die("sample %d layer %d: no angle", i, layer);
	angles_add_part(a, part);
	angle_part_free(part);
	json_object_foreach(get(expected, "distance"), name, v)
	{
		double mean[MAX_LAYERS + 1];
		const double *p = mean;
		int n = atoi(name);

		for (size_t l = 0; l + (size_t)n < rows; l++)
			mean[l] = angles_pair(a, n, (int)l).s.mean;
		worst = fmax(worst, differ(&p, v));
		if (angles_best(a, n) != json_integer_value(get(get(expected, "best"), name))) {
			printf("TOO FAR: best(%d) is %d\n", n, angles_best(a, n));
			failed = 1;
		}
	}
	angles_free(a);
	return worst;
}

/* What bf16 may differ by: three times what golden's own bf16 products do. Pruned models have no
 * number of their own there: the largest of the table in tests/golden/README.md is theirs. */
static double limit(json_t *file, const char *part, double of_all)
{
	json_t *gap = json_object_get(json_object_get(file, "bf16_minus_f64"), "bf16_products");
	json_t *rel = json_object_get(json_object_get(gap, part), "rel");

	if (ops_dtype() == DTYPE_F32)
		return tol;
	return 3 * (rel ? json_number_value(rel) : of_all);
}

static void compare_pruned(const struct result **y, json_t *file, json_t *part, const char *what)
{
	double loss = 0, logits = 0;
	const char *n;
	json_t *v;

	json_object_foreach(part, n, v)
	{
		json_t *l = json_object_get(v, "logits");

		loss = fmax(loss, loss_differ(*y, v));
		if (l)
			logits = fmax(logits,
				floats_differ((*y)->logits,
					(size_t)all.n_seq * (size_t)all.shape->n_vocab, l));
		++*y;
	}
	check(what, loss, limit(file, "", 1.1e-2 / 4));
	if (logits > 0)
		check("  their logits", logits, limit(file, "", 1.5e-2));
}

static void compare(const struct result *y, json_t *file, json_t *expected)
{
	size_t x = (size_t)all.n_seq * (size_t)(y->n_keep + 1) * (size_t)all.shape->d_model;

	check("x", floats_differ(y->x, x, get(expected, "x")), limit(file, "x", 1.9e-2));
	check("logits",
		floats_differ(y->logits, (size_t)all.n_seq * (size_t)all.shape->n_vocab,
			get(expected, "logits")),
		limit(file, "logits", 1.5e-2));
	check("loss", loss_differ(y, get(expected, "loss")), limit(file, "loss", 1.1e-2 / 4));
	if (json_object_get(expected, "distance"))
		check("distance", distance_differ(y, expected), limit(file, "distance", 1e-3));
	y++;
	if (json_object_get(expected, "loss_similarity"))
		compare_pruned(&y, file, get(expected, "loss_similarity"),
			"loss without best blocks");
	if (json_object_get(expected, "loss_simple"))
		compare_pruned(&y, file, get(expected, "loss_simple"),
			"loss without deepest blocks");
}

static void dump(const struct result *y)
{
	struct out_file f = out_open(dump_file);

	for (int m = 0; m < all.n_models; m++) {
		fwrite(y[m].x, 4,
			(size_t)all.n_seq * (size_t)(y[m].n_keep + 1) * (size_t)all.shape->d_model,
			f.f);
		fwrite(y[m].logits, 4, (size_t)all.n_seq * (size_t)all.shape->n_vocab, f.f);
		fwrite(y[m].logp, 4, all.n_predicted, f.f);
	}
	out_close(&f);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	json_t *file = files[0] ? load(files[0]) : NULL, *expected = file;
	struct adapter *adapter = NULL;
	struct result *y;

	ops_init(common.threads, common.dtype);
	all.base = base_open(common.model.path);
	all.shape = base_shape(all.base);
	sequences_read(get(tokens_file ? load(tokens_file) : file, "sequences"));
	if (key)
		expected = get(expected, key);
	if (expected)
		expected = get(expected, "f64");
	if (common.model.adapter) {
		struct model_rec *r = model_rec_of_base(all.base);

		adapter = adapter_open(common.model.adapter, all.base, r);
	}
	if (keep_list)
		model_keeping(keep_list);
	else
		model_new(adapter);
	models_of(expected ? json_object_get(expected, "loss_similarity") : NULL);
	models_of(expected ? json_object_get(expected, "loss_simple") : NULL);
	y = compute(TOGETHER);
	for (enum way w = APART; w <= CHAINED; w++)
		failed |= compare_bits(y, compute(w), ways[w]);
	printf("%s on %s, %d models, %d sequences\n", ops_dtype_name(), ops_kernel(), all.n_models,
		all.n_seq);
	if (expected)
		compare(y, file, expected);
	if (dump_file)
		dump(y);
	return failed;
}
