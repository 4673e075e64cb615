/* tokspeed - how fast a tokenizer is: text in memory to ids in memory
 *
 *   tokspeed [-j THREADS] TOKENIZER TEXT ...
 *
 * The texts are C4's JSON lines, read before the clock starts. Five passes, of which the first
 * fills the caches: one line of the median and the best of the others, and of the first.
 */
#include "cli/cli.h"
#include "file/text.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "token/tok.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { PASSES = 5, STEP = 16 };

static const struct cli cli = {
	.name = "tokspeed",
	.operands = "TOKENIZER TEXT ...",
	.threads = 1,
	.about = "MB/s of text in memory to ids",
	.example = "tokspeed -j 2 model c4-train.json.gz",
};

struct doc {
	char *text;
	size_t n;
};
static struct doc *docs;
static long n_docs;
static size_t n_bytes;

static void read_docs(char *const *files)
{
	struct text_in *in = text_open(files, NULL, 0);
	const char *text;
	uint64_t number;
	size_t n;

	while (text_next(in, &text, &n, &number)) {
		if ((n_docs & (n_docs - 1)) == 0)
			docs = xrealloc(docs, n_docs ? 2 * (size_t)n_docs : 1, sizeof *docs);
		docs[n_docs] = (struct doc){ xmalloc(n), n };
		memcpy(docs[n_docs++].text, text, n);
		n_bytes += n;
	}
	text_close(in);
}

/* One pass over all documents: seconds, and the number of ids. */
static double pass(const struct tok *t, struct tok_out *out, size_t *n_ids)
{
	double start = omp_get_wtime();
	size_t n = 0;

#pragma omp parallel for num_threads(common.threads) schedule(dynamic, STEP) reduction(+ : n)
	for (long i = 0; i < n_docs; i++) {
		struct tok_out *own = &out[omp_get_thread_num()];

		tok_encode(t, own, docs[i].text, docs[i].n);
		n += own->n;
	}
	*n_ids = n;
	return omp_get_wtime() - start;
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char *argv[])
{
	char **operands = cli_parse(&cli, argc, argv);
	double time[PASSES], mb;
	struct tok_out *out;
	struct tok *t;
	size_t n_ids;

	if (!operands[0] || !operands[1])
		misuse("a tokenizer and texts are needed");
	t = tok_open(operands[0]);
	read_docs(operands + 1);
	tok_set_bos(t, 0);
	out = xcalloc((size_t)common.threads, sizeof *out);
	for (int i = 0; i < PASSES; i++)
		time[i] = pass(t, out, &n_ids);
	mb = (double)n_bytes / 1e6;
	qsort(time + 1, PASSES - 1, sizeof *time, by_time);
	printf("%s: %.1f MB/s, best %.1f, first %.1f (%d threads, %.1f MB, %zu ids)\n", operands[0],
		mb / time[PASSES / 2], mb / time[1], mb / time[0], common.threads, mb, n_ids);
	for (int i = 0; i < common.threads; i++)
		tok_out_free(&out[i]);
	for (long i = 0; i < n_docs; i++)
		free(docs[i].text);
	free(out);
	free(docs);
	tok_close(t);
	return EXIT_DONE;
}
