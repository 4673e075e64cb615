/* work - the products that a job needs: what a rate in tokens is turned into FLOPs with
 *
 *   work -m MODEL states TOKENS    all layers over all tokens
 *   work -m MODELS loss TOKENS     layers that models share once, and an output row for each
 *                                  predicted token
 *   work -m MODEL heal TOKENS      forward and back, with adapters on the FFN
 *   work -m MODEL asked SAMPLES    prompts from eval's --samples --prompts; what a subject's
 *                                  prompts begin with, once
 *
 * Prints "TOKENS GFLOP". Counted from shapes and lengths alone, never from what the tools did: a
 * product of [m, k] and [k, n] is 2 m n k; attention is 4 hd H for each key that a query sees;
 * nothing for padding, for what is computed again, or for norms and the like.
 */
#include "cli/cli.h"
#include "model/model.h"
#include "stream/records.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"
#include "token/tok.h"

#include <stdlib.h>
#include <string.h>

static int64_t rank_, limit = INT64_MAX;

static const struct opt opts[] = { { 0, "rank", "R", OPT_INT, &rank_,
					   "heal: rank of the adapters" },
	{ 0, "limit", "N", OPT_INT, &limit,
		"heal: sequences of all steps; the tokens begin again when they end" },
	{ 0 } };
static const struct cli cli = {
	.name = "work",
	.operands = "states|loss|heal|asked FILE",
	.opts = opts,
	.model = MODEL_RUN,
	.about = "tokens and GFLOP of the products that a job needs",
	.example = "work -m model states c4.tokens",
};

/* Multiply-adds of a role's matrix for one row. */
static double weights(const struct shape *s, enum role r)
{
	uint64_t rows, cols;

	shape_of_role(s, r, &rows, &cols);
	return (double)rows * (double)cols;
}

static double layer_weights(const struct shape *s)
{
	static const enum role roles[] = { ROLE_Q, ROLE_K, ROLE_V, ROLE_O, ROLE_GATE, ROLE_UP,
		ROLE_DOWN };
	double sum = 0;

	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		sum += weights(s, roles[i]);
	return sum;
}

/* Keys that the tokens at positions first .. first + n - 1 see in a layer. */
static double keys(const struct shape *s, int layer, size_t first, size_t n)
{
	size_t window = s->window[layer] ? (size_t)s->window[layer] : SIZE_MAX;
	double sum = 0;

	for (size_t p = first; p < first + n; p++)
		sum += (double)(p + 1 < window ? p + 1 : window);
	return sum;
}

static double attention(const struct shape *s, int layer, size_t first, size_t n)
{
	return 4.0 * s->head_dim * s->n_heads * keys(s, layer, first, n);
}

/* Some layers over n tokens from a position on. */
static double layers_flops(const struct shape *s, const int *layer, int n_layers, size_t first,
	size_t n)
{
	double sum = 2 * layer_weights(s) * (double)n * n_layers;

	for (int i = 0; i < n_layers; i++)
		sum += attention(s, layer[i], first, n);
	return sum;
}

/* Layers that no model before m has already been through on the same way. */
static int shared(const struct models *m, int at)
{
	const struct model_rec *r = m->list[at].rec;
	int most = 0;

	for (int other = 0; other < at; other++) {
		const struct model_rec *o = m->list[other].rec;
		int n = 0;

		while (n < r->n_keep && n < o->n_keep && r->keep[n] == o->keep[n])
			n++;
		most = n > most ? n : most;
	}
	return most;
}

/* All models over one sequence. */
static double sequence_flops(const struct models *m, size_t n, int output)
{
	double sum = 0;

	for (int i = 0; i < m->n; i++) {
		const struct model_rec *r = m->list[i].rec;
		int from = shared(m, i);

		sum += layers_flops(m->list[i].shape, r->keep + from, r->n_keep - from, 0, n);
		if (output)
			sum += 2 * weights(m->list[i].shape, ROLE_HEAD) * (double)(n - 1);
	}
	return sum;
}

/* Back: the loss's gradient through the output layer, the gradient of each product's input down to
 * the lowest adapter (of which only down's is wanted there), twice the forward's attention, three
 * times the adapters' forward. */
static double heal_flops(const struct model *m, size_t n)
{
	const struct shape *s = m->shape;
	const int *keep = m->rec->keep;
	int n_layers = m->rec->n_keep;
	double down = weights(s, ROLE_DOWN), rows = (double)n, sum, adapters;

	sum = layers_flops(s, keep, n_layers, 0, n) + 2 * 2 * weights(s, ROLE_HEAD) * (rows - 1);
	sum += 2 * rows * (layer_weights(s) * (n_layers - 1) + down);
	for (int i = 1; i < n_layers; i++)
		sum += 2 * attention(s, keep[i], 0, n);
	adapters = 2 * (double)rank_ * (s->d_model + s->d_ff) * (s->gated ? 3 : 2);
	sum += 3 * adapters * rows * n_layers;
	/* the lowest layer: no gradient leaves gate's and up's adapters */
	return sum - 2 * (double)rank_ * s->d_model * (s->gated ? 2 : 1) * rows;
}

static void count_tokens(const struct models *m, const char *what, char **files)
{
	int heal = !strcmp(what, "heal"), loss = !strcmp(what, "loss");
	double tokens = 0, flops = 0;
	int64_t left = limit;

	for (uint64_t read = 1; read && left > 0;) {
		struct rec_in *in = rec_open(files, KIND_TOKENS);
		struct tokens t;

		for (read = 0; left > 0 && tokens_read(in, &t); read++, left--) {
			tokens += (double)t.n;
			flops += heal ? heal_flops(&m->list[0], t.n) : sequence_flops(m, t.n, loss);
		}
		rec_close(in);
		if (!heal || limit == INT64_MAX)
			break;
	}
	printf("%.0f %.9f\n", tokens, flops * 1e-9);
}

/* -- prompts ----------------------------------------------------------------------------------- */

struct prompts { /* of one subject */
	char *subject;
	size_t n, shared, cap; /* shared: tokens that all begin with */
	uint32_t *first;       /* the first prompt's */
	size_t n_first;
	size_t *len; /* [n] */
};

static void prompts_add(struct prompts *p, const uint32_t *ids, size_t n)
{
	size_t same = 0;

	if (p->n == p->cap) {
		p->cap = 2 * p->cap + 64;
		p->len = xrealloc(p->len, p->cap, sizeof *p->len);
	}
	if (!p->n) {
		p->first = memcpy(xmalloc(n * sizeof *ids), ids, n * sizeof *ids);
		p->shared = p->n_first = n;
	}
	while (same < n && same < p->shared && p->first[same] == ids[same])
		same++;
	p->shared = same;
	p->len[p->n++] = n;
}

/* A subject's work, and an empty struct for the next one. */
static void prompts_end(struct prompts *p, const struct model *m, double *tokens, double *flops)
{
	const struct model_rec *r = m->rec;
	size_t header = p->subject && p->n > 1 ? p->shared : 0;

	*tokens += (double)header;
	*flops += layers_flops(m->shape, r->keep, r->n_keep, 0, header);
	for (size_t i = 0; i < p->n; i++) {
		*tokens += (double)(p->len[i] - header);
		*flops += layers_flops(m->shape, r->keep, r->n_keep, header, p->len[i] - header);
		*flops += 2 * weights(m->shape, ROLE_HEAD);
	}
	free(p->subject);
	free(p->first);
	free(p->len);
	*p = (struct prompts){ 0 };
}

static int same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void count_asked(const struct models *m, char **files)
{
	struct rec_in *in = rec_open(files, KIND_SAMPLE);
	struct tok *tok = tok_open(base_path(m->list[0].base));
	struct prompts p = { 0 };
	struct tok_out out = { 0 };
	double tokens = 0, flops = 0;
	struct sample s;

	while (sample_read(in, &s)) {
		if (!s.prompt)
			rec_bad(in, "no prompt");
		if (p.n && !same_text(p.subject, s.subject))
			prompts_end(&p, &m->list[0], &tokens, &flops);
		if (!p.n && s.subject)
			p.subject = xstrdup(s.subject);
		tok_encode(tok, &out, s.prompt, s.prompt_len);
		prompts_add(&p, out.ids, out.n);
	}
	prompts_end(&p, &m->list[0], &tokens, &flops);
	tok_out_free(&out);
	tok_close(tok);
	rec_close(in);
	printf("%.0f %.9f\n", tokens, flops * 1e-9);
}

int main(int argc, char *argv[])
{
	char **words = cli_parse(&cli, argc, argv);
	struct models *m;

	if (!words[0] || !words[1])
		misuse("what to count, and a file, are wanted");
	m = models_open(&common.model);
	if (!strcmp(words[0], "asked"))
		count_asked(m, words + 1);
	else if (!strcmp(words[0], "states") || !strcmp(words[0], "loss") ||
		!strcmp(words[0], "heal"))
		count_tokens(m, words[0], words + 1);
	else
		misuse("%s: states, loss, heal or asked", words[0]);
	models_close(m);
	stdout_close();
	return 0;
}
