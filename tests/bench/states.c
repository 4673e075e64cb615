/* states - hidden records for timing angdist
 *
 *   states write COUNT ROWS D   random records [ROWS, D], each row a step away from the one before,
 *                               to standard output
 *   states read FILE            reads and unpacks them all, and does nothing with them
 */
#include "cli/cli.h"
#include "cli/value.h"
#include "stream/records.h"
#include "sys/die.h"

#include <stdlib.h>
#include <string.h>

static const struct cli cli = {
	.name = "states",
	.operands = "write COUNT ROWS D | read FILE",
	.about = "hidden records, written or only read",
	.example = "states write 10000 31 576 > x.hidden",
};

static void make(float *x, size_t rows, size_t d, uint64_t *z)
{
	for (size_t i = 0; i < rows * d; i++) {
		*z = *z * 6364136223846793005u + 1442695040888963407u;
		x[i] = (float)(*z >> 40) * 0x1p-23f - 1 + (i < d ? 0 : x[i - d]);
	}
}

static void write_all(uint64_t count, size_t rows, size_t d)
{
	json_t *meta = json_pack("{sssiss}", "print", "0123456789abcdef", "layers", (int)rows - 1,
		"kernel", "none");
	struct rec_out *out = rec_create(stdout, "standard output", KIND_HIDDEN, NULL, NULL, meta,
		0);
	float *x = aligned_alloc(64, (rows * d * sizeof *x + 63) / 64 * 64);
	uint64_t z = 1;

	if (!x)
		die("out of memory");
	for (uint64_t doc = 0; doc < count; doc++) {
		struct hidden h = {
			.doc = doc, .ntok = 512, .layer = -1, .x = x, .rows = rows, .d = d
		};

		make(x, rows, d, &z);
		hidden_write(out, &h);
	}
	rec_finish(out);
	json_decref(meta);
	free(x);
}

static void read_all(char **files)
{
	struct rec_in *in = rec_open(files, KIND_HIDDEN);
	struct hidden h;

	while (hidden_read(in, &h))
		;
	rec_close(in);
}

static size_t number(const char *s)
{
	int64_t n;

	if (value_int(s, &n) || n < 1)
		misuse("%s: not a number", s);
	return (size_t)n;
}

int main(int argc, char *argv[])
{
	char **words = cli_parse(&cli, argc, argv);
	int n = 0;

	while (words[n])
		n++;
	if (n == 4 && !strcmp(words[0], "write"))
		write_all(number(words[1]), number(words[2]), number(words[3]));
	else if (n == 2 && !strcmp(words[0], "read"))
		read_all(words + 1);
	else
		misuse("write COUNT ROWS D, or read FILE, is wanted");
	return 0;
}
