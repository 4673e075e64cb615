/* tokrate - how fast a tokenizer is: texts in memory to ids, in MB/s
 *
 *   tokrate -j N -m TOKENIZER TEXT ...
 *
 * The documents of C4 files, as often as makes 10 MB; the median of three passes, on as many threads as -j says.
 */
#include "cli.h"
#include "text.h"
#include "tok.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { ENOUGH = 10000000, PASSES = 3 };

static const char *tokenizer;
static const struct opt opts[] = {
	{ 'm', "model", "FILE", OPT_TEXT, &tokenizer, "a model's folder or a tokenizer's file" },
	{ 0 }
};
static const struct cli cli = {
	.name = "tokrate", .operands = "TEXT ...", .opts = opts, .about = "MB/s of a tokenizer, texts in memory to ids",
	.example = "tokrate -j 1 -m tokenizer.json c4.json.gz",
};

static struct doc { char *text; size_t n; } *docs;
static size_t n_docs, bytes;

static void load(char **files)
{
	struct text_in *in = text_open(files, "text", 0);
	const char *text;
	uint64_t doc;
	size_t n;

	while (text_next(in, &text, &n, &doc)) {
		docs = xrealloc(docs, n_docs + 1, sizeof *docs);
		docs[n_docs++] = (struct doc){ memcpy(xmalloc(n), text, n), n };
		bytes += n;
	}
	text_close(in);
	if (!bytes)
		die("no text");
}

/* Seconds of one pass over all texts. */
static double pass(const struct tok *tok, struct tok_out *out, size_t times, size_t *ids)
{
	double start = omp_get_wtime();
	size_t sum = 0;

	#pragma omp parallel for schedule(dynamic, 8) reduction(+:sum)
	for (size_t i = 0; i < times * n_docs; i++) {
		struct tok_out *o = &out[omp_get_thread_num()];

		tok_encode(tok, o, docs[i % n_docs].text, docs[i % n_docs].n);
		sum += o->n;
	}
	*ids = sum;
	return omp_get_wtime() - start;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	struct tok_out *out = xcalloc((size_t)common.threads, sizeof *out);
	double seconds[PASSES];
	struct tok *tok;
	size_t times, ids = 0;

	if (!tokenizer || !files[0])
		misuse("a tokenizer and texts are wanted");
	omp_set_num_threads(common.threads);
	tok = tok_open(tokenizer);
	load(files);
	times = (ENOUGH + bytes - 1) / bytes;
	for (int i = 0; i < PASSES; i++)
		seconds[i] = pass(tok, out, times, &ids);
	qsort(seconds, PASSES, sizeof *seconds, by_size);
	printf("%.3f\n", (double)(bytes * times) / 1e6 / seconds[PASSES / 2]);
	note("%zu tokens of %zu bytes", ids, bytes * times);
	for (int i = 0; i < common.threads; i++)
		tok_out_free(&out[i]);
	for (size_t i = 0; i < n_docs; i++)
		free(docs[i].text);
	free(docs);
	free(out);
	tok_close(tok);
	stdout_close();
	return 0;
}
