/* compare-samples - what two evaluations of the same questions differ in
 *
 *   in   sample   two streams, A and B, of one task and the same questions or sequences
 *   out  text     a line for each pair of models: TSV, or with --table a table
 *
 * Each question or sequence is compared with itself, so that what makes it hard for both models
 * does not count as an error of their difference.
 */
#include "cli/cli.h"
#include "eval/pairing.h"
#include "sys/die.h"
#include "sys/output.h"

#include <math.h>
#include <stdio.h>

static const char *by = "position";
static int table;

static const struct opt opts[] = {
	{ 0, "by", "WHAT", OPT_TEXT, &by,
		"which models are a pair: those at one position, with as many layers (n), or with "
		"the same layers (keep)",
		.words = "position n keep" },
	{ 0, "table", NULL, OPT_FLAG, &table, "a table for people" }, { 0 }
};

static const struct cli cli = {
	.name = "compare-samples",
	.operands = "A B",
	.about = "two sample streams in, the difference of their models on the same questions out",
	.opts = opts,
	.example = "compare-samples similarity.samples simple.samples",
};

static const char *number(char text[32], const char *format, double v)
{
	if (isnan(v))
		return "-";
	snprintf(text, 32, format, v);
	return text;
}

static void print_tsv(const struct pairing *of, const struct pair *pair)
{
	const struct paired *p = &pair->is;
	char text[32];

	printf("%s\t%s\t%zu\t%zu\t%zu\t%zu\t%llu\t%.12g\t%.12g\t%.12g\t%s\t", pairing_task(of),
		pair->is_loss ? "loss" : "accuracy", pair->model[0], pair->model[1],
		pair->layers[0], pair->layers[1], (unsigned long long)p->count, p->a, p->b,
		p->difference, number(text, "%.12g", p->stderr_));
	printf("%s\t", number(text, "%.6g", p->p));
	if (pair->is_loss)
		printf("-\t-\t-\t-\n");
	else
		printf("%llu\t%llu\t%llu\t%llu\n", (unsigned long long)p->both,
			(unsigned long long)p->only_a, (unsigned long long)p->only_b,
			(unsigned long long)p->neither);
}

static void print_row(const struct pairing *of, const struct pair *pair)
{
	const struct paired *p = &pair->is;
	char text[32];

	(void)of;
	printf("%6zu  %6zu  %8.4f  %8.4f  %+8.4f  %7s", pair->layers[0], pair->layers[1], p->a,
		p->b, p->difference, number(text, "%.4f", p->stderr_));
	printf("  %8s", number(text, "%.2g", p->p));
	if (!pair->is_loss)
		printf("  %6llu  %6llu  %6llu  %7llu", (unsigned long long)p->both,
			(unsigned long long)p->only_a, (unsigned long long)p->only_b,
			(unsigned long long)p->neither);
	putchar('\n');
}

/* pair: the first one. */
static void print_head(const struct pairing *of, const struct pair *pair)
{
	if (!table) {
		puts("task\tmetric\tmodel_a\tmodel_b\tlayers_a\tlayers_b\tcount\ta\tb\tdifference\t"
		     "stderr\tp\tboth\tonly_a\tonly_b\tneither");
		return;
	}
	printf("%s %s of %llu %s\nA  %s\nB  %s\n\n", pairing_task(of),
		pair->is_loss ? "loss, nats a token," : "accuracy",
		(unsigned long long)pair->is.count, pair->is_loss ? "sequences" : "questions",
		pairing_file(of, 0), pairing_file(of, 1));
	printf("layers of A and B         A         B       B-A       +-         p%s\n",
		pair->is_loss ? "" : "    both  only A  only B  neither");
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	struct pairing *pairing;
	struct pair pair;
	int n = 0;

	if (!files[0] || !files[1] || files[2])
		misuse("two sample streams are wanted, A and B");
	pairing = pairing_open(files[0], files[1], (enum pair_by)pair_by_find(by));
	while (pairing_next(pairing, &pair)) {
		if (!n++)
			print_head(pairing, &pair);
		(table ? print_row : print_tsv)(pairing, &pair);
	}
	pairing_close(pairing);
	stdout_close();
	return EXIT_DONE;
}
