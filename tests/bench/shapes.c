/* shapes - layers of known sizes on this backend, with random weights: whole passes beside its own
 * plain products
 *
 *   shapes [1b 7b 13b]     Llama's shapes, sequences of 2048 tokens; on a backend without a device
 *                          it says so
 *   shapes --tiny          a small one, to see that it works
 *   shapes --nf4           with weights as qlora-heal has them
 *
 * One layer's weights serve all layers of a model: no cache holds them, so the time is that of
 * different ones. A forward pass is all layers and the output layer's losses; a healing step also
 * goes back through both, with adapters of rank 64 on the feed-forward parts and dropout, keeps all
 * activations, and ends with AdamW. FLOPs are 2 N and 4 N a token, N the weights multiplied by;
 * those of attention are not in it, but have lines of their own, counted for each key that is seen.
 * Times are the best of several.
 */
#include "cli/cli.h"
#include "heal/layer_back.h"
#include "heal/lora.h"
#include "ops.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LENGTH = 2048, RANK = 64, LEAST = 3, MOST = 50, ROWS_AT_A_TIME = 256 };

static int tiny, nf4;
static int64_t tokens = 4096, seconds = 2;
static const char *dtype;

static const struct opt opts[] = { { 0, "tiny", NULL, OPT_FLAG, &tiny,
					   "a small shape, and 256 tokens" },
	{ 0, "nf4", NULL, OPT_FLAG, &nf4,
		"layers' weights through NF4, which a device keeps as codes" },
	{ 0, "tokens", "N", OPT_INT, &tokens, "of a batch (default: 4096)" },
	{ 0, "seconds", "S", OPT_INT, &seconds, "for each measurement (default: 2)" },
	{ 0, "dtype", "TYPE", OPT_TEXT, &dtype, "f32 or bf16" }, { 0 } };
static const struct cli cli = {
	.name = "shapes",
	.operands = "[SHAPE ...]",
	.opts = opts,
	.threads = 1,
	.about = "how fast layers of known sizes are",
	.example = "shapes 7b",
};

static const struct size {
	const char *name;
	int d, layers, ff, heads, kv, vocab;
} sizes[] = {
	{ "1b", 2048, 16, 8192, 32, 8, 128256 },
	{ "7b", 4096, 32, 11008, 32, 32, 32000 },
	{ "13b", 5120, 40, 13824, 40, 40, 32000 },
	{ "tiny", 64, 3, 160, 4, 2, 200 },
};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* -- a model ----------------------------------------------------------------------------------- */

struct bench {
	struct shape s;
	size_t rows;
	struct layer w; /* of every layer */
	struct head head;
	struct lora_set *lora;
	struct segments seg;
	struct mat **x;     /* [L + 1] MAT_F32 [rows, d] */
	struct acts **acts; /* [L]; the first also of forward passes */
	struct layer_scratch *scratch;
	struct back_scratch *back;
	struct mat *dx, *again, *normed;
	struct mat *product; /* MAT_F32: of the weight that is measured */
	const struct mat *weight;
	struct dropout (*drop)[LORA_COUNT];
	uint32_t *number, *target;
	size_t *first;
	float *nll;
	int64_t step;
};

static void shape_make(struct shape *s, const struct size *z)
{
	json_t *config = json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:f}", "model_type",
		"llama", "hidden_size", z->d, "num_hidden_layers", z->layers, "intermediate_size",
		z->ff, "num_attention_heads", z->heads, "num_key_value_heads", z->kv, "vocab_size",
		z->vocab, "max_position_embeddings", LENGTH, "rms_norm_eps", 1e-5);
	struct fault err;

	if (!config || shape_from_config(s, config, &err))
		die("%s: %s", z->name, config ? err.text : "no configuration");
	json_decref(config);
}

/* n values of about the size of 1 / sqrt(in), so that states stay finite. */
static void fill(float *f, size_t n, size_t in)
{
	static uint32_t state = 1;
	float scale = 1, most = (float)in;

	while (scale * scale * most > 1)
		scale /= 2;
	for (size_t i = 0; i < n; i++) {
		state = state * 1664525 + 1013904223;
		f[i] = scale * ((float)(state >> 8) * 0x1p-23f - 1);
	}
}

static struct mat *weight(size_t out, size_t in, int uses, struct weight_layout layout)
{
	int coded = nf4 && uses == WEIGHT_FORWARD;
	struct mat *w = weight_new(out, in, uses | (coded ? WEIGHT_NF4 : 0), layout);
	size_t step = coded ? out : ROWS_AT_A_TIME;
	float *f = xcalloc(step * in, sizeof *f);

	for (size_t row = 0, n; row < out; row += n) {
		n = out - row < step ? out - row : step;
		fill(f, n * in, in);
		if (coded)
			weight_put_nf4(w, row, n, f);
		else
			weight_put(w, row, n, f);
	}
	weight_seal(w);
	free(f);
	return w;
}

static struct mat *state(size_t rows, size_t cols)
{
	struct mat *x = mat_new(MAT_F32, rows, cols);
	float *f = xcalloc(rows * cols, sizeof *f);

	fill(f, rows * cols, 1);
	mat_put(x, 0, rows, f);
	free(f);
	return x;
}

static struct mat *ones(size_t n)
{
	struct mat *m = mat_new(MAT_F32, 1, n);
	float *f = xcalloc(n, sizeof *f);

	for (size_t i = 0; i < n; i++)
		f[i] = 1;
	mat_put(m, 0, 1, f);
	free(f);
	return m;
}

static void weights_make(struct bench *b)
{
	const struct shape *s = &b->s;
	size_t d = (size_t)s->d_model;

	b->w.norm1 = ones(d);
	b->w.norm2 = ones(d);
	for (int p = 0; p < PROJ_COUNT; p++)
		b->w.proj[p] = weight(proj_out(s, p), proj_in(s, p), WEIGHT_FORWARD,
			proj_layout(s, p));
	b->head.norm = ones(d);
	b->head.out = weight((size_t)s->n_vocab, d, WEIGHT_FORWARD | WEIGHT_BACKWARD,
		(struct weight_layout){ 0 });
}

static void segments_make(struct bench *b)
{
	size_t len = b->rows < LENGTH ? b->rows : LENGTH, n = (b->rows + len - 1) / len;
	struct segment *seg = xcalloc(n, sizeof *seg);

	b->number = xcalloc(n, sizeof *b->number);
	for (size_t i = 0; i < n; i++) {
		seg[i] = (struct segment){ .first = i * len,
			.len = b->rows - i * len < len ? b->rows - i * len : len,
			.parent = -1 };
		b->number[i] = (uint32_t)i;
	}
	b->seg = (struct segments){ seg, (int)n, b->rows };
	b->target = xcalloc(b->rows, sizeof *b->target);
	b->first = xcalloc(b->rows + 1, sizeof *b->first);
	for (size_t i = 0; i < b->rows; i++) {
		b->target[i] = (uint32_t)(i * 7919 % (size_t)b->s.n_vocab);
		b->first[i + 1] = i + 1;
	}
}

static void adapters_make(struct bench *b)
{
	int n = b->s.n_layers;

	b->lora = lora_new(&b->s, n, LORA_FFN, RANK, RANK, 1);
	b->drop = xcalloc((size_t)n, sizeof *b->drop);
	for (int i = 0; i < n; i++)
		for (int t = 0; t < LORA_COUNT; t++) {
			b->drop[i][t] = (struct dropout){ 1, 1, (uint32_t)(16 * i + t), 0x0CCCCCCC,
				1 / 0.95f, b->number };
			b->lora->layer[i].drop[t] = &b->drop[i][t];
		}
}

static struct bench *bench_new(const struct size *z, size_t rows)
{
	struct bench *b = xcalloc(1, sizeof *b);
	size_t n = (size_t)z->layers, d = (size_t)z->d;

	shape_make(&b->s, z);
	b->rows = rows;
	weights_make(b);
	segments_make(b);
	adapters_make(b);
	b->x = xcalloc(n + 1, sizeof *b->x);
	b->acts = xcalloc(n, sizeof *b->acts);
	for (size_t i = 0; i <= n; i++)
		b->x[i] = i ? mat_new(MAT_F32, rows, d) : state(rows, d);
	for (size_t i = 0; i < n; i++)
		b->acts[i] = acts_new(&b->s, rows, b->lora->ranks, 1);
	b->scratch = scratch_new(&b->s, rows);
	b->back = back_new(&b->s, rows, b->lora->ranks);
	b->dx = mat_new(MAT_F32, rows, d);
	b->again = mat_new(MAT_F32, rows, d);
	b->normed = mat_new(MAT_OPERAND, rows, d);
	b->nll = xcalloc(rows, sizeof *b->nll);
	return b;
}

static void bench_free(struct bench *b)
{
	struct mat *all[] = { b->w.norm1, b->w.norm2, b->head.norm, b->head.out, b->dx, b->again,
		b->normed };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		mat_free(all[i]);
	for (int p = 0; p < PROJ_COUNT; p++)
		mat_free(b->w.proj[p]);
	for (int i = 0; i <= b->s.n_layers; i++)
		mat_free(b->x[i]);
	for (int i = 0; i < b->s.n_layers; i++)
		acts_free(b->acts[i]);
	scratch_free(b->scratch);
	back_free(b->back);
	lora_free(b->lora);
	free((void *)b->seg.seg);
	free(b->x), free(b->acts), free(b->drop), free(b->number), free(b->target), free(b->first),
		free(b->nll), free(b);
}

/* -- jobs -------------------------------------------------------------------------------------- */

static void job_product(struct bench *b)
{
	op_matmul(b->product, b->normed, b->weight, NULL, 0, NULL);
}

static struct layer_call call(struct bench *b, int i, struct acts *a, const struct lora_layer *lora)
{
	return (struct layer_call){ &b->s, i, &b->w, lora, &b->seg, a, b->scratch };
}

/* As scoring does it: one state, one struct acts, no adapters. */
static void job_forward(struct bench *b)
{
	struct acts a = { .rotated = b->acts[0]->rotated, .o = b->acts[0]->o };
	struct logp_request request = { b->target, b->first };

	op_copy(b->again, b->x[0]);
	for (int i = 0; i < b->s.n_layers; i++) {
		struct layer_call c = call(b, i, &a, NULL);

		layer_forward(b->again, &c);
	}
	op_norm(b->normed, b->again, b->head.norm, NULL, (int)b->s.norm, b->s.eps);
	op_output(&(struct logp_result){ .logp = b->nll }, b->normed, b->head.out, NULL, &request);
}

static void job_heal(struct bench *b)
{
	int n = b->s.n_layers;

	lora_clear_gradients(b->lora);
	for (int i = 0; i < n; i++) {
		op_copy(b->x[i + 1], b->x[i]);
		struct layer_call c = call(b, i, b->acts[i], &b->lora->layer[i]);

		layer_forward(b->x[i + 1], &c);
	}
	op_norm(b->normed, b->x[n], b->head.norm, NULL, (int)b->s.norm, b->s.eps);
	op_output_back(b->again, b->nll, b->normed, b->head.out, NULL, b->target,
		1 / (float)b->rows);
	op_zero(b->dx);
	op_norm_back(b->dx, NULL, b->again, b->x[n], b->head.norm, NULL, (int)b->s.norm, b->s.eps);
	for (int i = n - 1; i >= 0; i--) {
		struct layer_call c = call(b, i, b->acts[i], &b->lora->layer[i]);

		layer_back(b->dx, b->back, b->x[i], &c, b->lora->target[i], i > 0);
	}
	lora_scale_gradients(b->lora);
	lora_update(b->lora, 1e-5, 1, ++b->step);
}

static void job_attention(struct bench *b)
{
	struct layer_call c = call(b, 0, b->acts[0], NULL);
	struct heads h = layer_heads(&c);

	op_attention(b->acts[0]->o, b->acts[0]->lse, b->acts[0]->rotated, &h, &b->seg);
}

static void job_attention_back(struct bench *b)
{
	struct layer_call c = call(b, 0, b->acts[0], NULL);
	struct heads h = layer_heads(&c);

	op_attention_back(b->product, b->acts[1]->o, b->acts[0]->o, b->acts[0]->lse,
		b->acts[0]->rotated, &h, &b->seg);
}

/* -- measuring --------------------------------------------------------------------------------- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* What has been asked for is done once something of the backend's memory has been read. */
static void finish(const struct bench *b)
{
	float *f = xcalloc(mat_cols(b->dx), sizeof *f);

	mat_get(b->dx, 0, 1, f);
	free(f);
}

/* Seconds of the fastest; counted: its FLOPs, as the backend counts them. */
static double measure(struct bench *b, void (*job)(struct bench *), double *counted)
{
	double best = 1e30, all = 0;

	job(b); /* what is made on first use */
	finish(b);
	for (int i = 0; i < MOST && (i < LEAST || all < (double)seconds); i++) {
		double flops = ops_flops(), start = now(), took;

		job(b);
		finish(b);
		took = now() - start;
		*counted = ops_flops() - flops;
		best = took < best ? took : best;
		all += took;
	}
	return best;
}

struct result {
	const char *shape, *job;
	double seconds, tokens, flops;
};
static struct result *results;
static size_t n_results;
static double best_product;

static void keep(struct result r)
{
	results = xrealloc(results, n_results + 1, sizeof *results);
	results[n_results++] = r;
	note("%s: %s: %.3f ms", r.shape, r.job, r.seconds * 1e3);
}

static void products(struct bench *b, const char *name)
{
	struct result r = { name, "product", 1, (double)b->rows, 0 };
	struct mat *normed = b->normed;

	for (int p = 0; p < PROJ_COUNT; p++) {
		double counted, took;

		b->weight = b->w.proj[p];
		b->product = mat_new(MAT_F32, b->rows, mat_rows(b->weight));
		b->normed = mat_new(MAT_OPERAND, b->rows, mat_cols(b->weight));
		took = measure(b, job_product, &counted);
		if (counted / took > r.flops / r.seconds)
			r.flops = counted, r.seconds = took;
		mat_free(b->product);
		mat_free(b->normed);
	}
	b->normed = normed;
	best_product = r.flops / r.seconds > best_product ? r.flops / r.seconds : best_product;
	keep(r);
}

static void run(const struct size *z, size_t rows)
{
	struct bench *b = bench_new(z, rows);
	double d = z->d, hd = d / z->heads,
	       per_layer = d * (d + 2 * z->kv * hd) + d * d + 3 * d * z->ff;
	double n = per_layer * z->layers + d * z->vocab, t = (double)rows, counted, took;

	products(b, z->name);
	took = measure(b, job_forward, &counted);
	keep((struct result){ z->name, "forward", took, t, 2 * n * t });
	if (op_find_nonfinite(b->again) >= 0)
		die("%s: a state is not finite", z->name);
	took = measure(b, job_heal, &counted);
	keep((struct result){ z->name, "healing step", took, t, 4 * n * t });
	if (op_find_nonfinite(b->dx) >= 0)
		die("%s: a gradient is not finite", z->name);
	b->product = mat_new(MAT_F32, rows, mat_cols(b->acts[0]->rotated));
	took = measure(b, job_attention, &counted);
	keep((struct result){ z->name, "attention", took, t, counted });
	took = measure(b, job_attention_back, &counted);
	keep((struct result){ z->name, "attention back", took, t, counted });
	mat_free(b->product);
	bench_free(b);
}

/* The share of a whole, or "-" where that is not known. */
static const char *share(char text[16], double part, double whole)
{
	if (whole > 0)
		snprintf(text, 16, "%.1f", 100 * part / whole);
	else
		strcpy(text, "-");
	return text;
}

static void table(size_t rows)
{
	char of_product[16], of_peak[16];

	printf("%s, %s%s, %zu tokens, sequences of up to %d\n", ops_kernel(), ops_dtype_name(),
		nf4 ? ", NF4" : "", rows, LENGTH);
	printf("%-6s %-15s %10s %12s %10s %10s %7s\n", "shape", "job", "ms", "tokens/s", "GFLOP/s",
		"% product", "% peak");
	for (size_t i = 0; i < n_results; i++) {
		const struct result *r = &results[i];
		double rate = r->flops / r->seconds;

		printf("%-6s %-15s %10.3f %12.0f %10.0f %10s %7s\n", r->shape, r->job,
			r->seconds * 1e3, r->tokens / r->seconds, rate * 1e-9,
			share(of_product, rate, best_product), share(of_peak, rate, ops_peak()));
	}
}

static const struct size *size_of(const char *name)
{
	for (int i = 0; i < SIZES; i++)
		if (!strcmp(sizes[i].name, name))
			return &sizes[i];
	misuse("%s: 1b, 7b and 13b are known", name);
}

int main(int argc, char *argv[])
{
	char **names = cli_parse(&cli, argc, argv);
	static char *all[] = { "1b", "7b", "13b", NULL }, *small[] = { "tiny", NULL };
	size_t rows = tiny ? 256 : (size_t)tokens;
	const char *why = ops_absent();

	if (why) {
		printf("no device: %s\n", why);
		stdout_close();
		return 0;
	}
	if (rows < 1)
		misuse("--tokens: at least 1");
	ops_init(common.threads, dtype);
	if (!names[0])
		names = tiny ? small : all;
	for (int i = 0; names[i]; i++)
		run(size_of(names[i]), rows);
	table(rows);
	free(results);
	stdout_close();
	return 0;
}
