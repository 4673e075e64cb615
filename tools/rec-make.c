/* rec-make - a stream of records from JSON lines
 *
 *   in   one JSON object a line, as rec-cat --full prints them or as a script writes them
 *   out  a stream of the kind that is named
 */
#include "cli/cli.h"
#include "file/sniff.h"
#include "stream/mpjson.h"
#include "stream/rec.h"
#include "sys/die.h"
#include "sys/near.h"
#include "sys/steady.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *meta, *provenance;

static json_t *json_option(const char *arg)
{
	return json_loads(arg, JSON_REJECT_DUPLICATES, NULL);
}

static int meta_option(const char *arg)
{
	meta = json_option(arg);
	return json_is_object(meta) ? 0 : -1;
}

static int made_option(const char *arg)
{
	provenance = json_option(arg);
	return json_is_array(provenance) ? 0 : -1;
}

static const struct opt opts[] = { { 0, "meta", "JSON", OPT_CALL, NULL,
					   "the header's meta, an object (default {})",
					   .call = meta_option, .made = MADE_NOT },
	{ 0, "made", "JSON", OPT_CALL, NULL, "steps that came before, an array (default [])",
		.call = made_option, .made = MADE_NOT },
	{ 0 } };

static const char *word(int i)
{
	return i < KIND_COUNT ? kind_name((enum kind)i) : NULL;
}

static const struct cli cli = {
	.name = "rec-make",
	.operands = "KIND [JSONL ...]",
	.word = word,
	.about = "a stream of records from JSON objects, one a line",
	.opts = opts,
	.example = "echo '{\"doc\":0,\"ids\":[1,2,3]}' | rec-make tokens > x.tokens",
};

static enum kind kind_operand(const char *name)
{
	char list[128] = "";
	int k = name ? kind_find(name) : -1;
	struct near near = { 0 };

	for (int i = 0; i < KIND_COUNT; i++) {
		strcat(strcat(list, i ? ", " : ""), kind_name((enum kind)i));
		near_try(&near, name ? name : "", kind_name((enum kind)i));
	}
	if (k < 0 && near.best)
		misuse("%s: no such kind; did you mean %s?", name, near.best);
	if (k < 0)
		misuse("%s%sa KIND is wanted: %s", name ? name : "", name ? ": no such kind: " : "",
			list);
	return (enum kind)k;
}

static void line_to_record(struct rec_out *out, enum kind k, const char *line, size_t n,
	const char *file, unsigned long number)
{
	msgpack_zone *zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
	msgpack_object o;
	const char *why;
	struct fault err;

	if (!zone)
		die("out of memory");
	if (number == 1 && n >= 3 && !memcmp(line, "\xef\xbb\xbf", 3)) { /* a byte order mark */
		line += 3;
		n -= 3;
	}
	if (mpjson_parse(line, n, zone, &o, &why)) {
		if (number == 1 && sniff(line, n))
			die("%s: %s", file, sniff(line, n));
		die("%s: line %lu: JSON: %s", file, number, why);
	}
	if (mpjson_pack(rec_packer(out), k, &o, &err) || rec_try(out, &err))
		die("%s: line %lu: %s", file, number, err.text);
	msgpack_zone_free(zone);
}

/* One file, "-" being standard input. Blank lines are skipped. */
static void read_lines(struct rec_out *out, enum kind k, const char *path)
{
	int is_stdin = strcmp(path, "-") == 0;
	const char *file = is_stdin ? "standard input" : path;
	FILE *f = is_stdin ? steady_reader(STDIN_FILENO, file) : steady_open(path);
	char *line = NULL;
	size_t cap = 0;
	unsigned long number = 0;
	ssize_t n;

	if (!f)
		die("%s: open: %s", file, strerror(errno));
	while ((n = getline(&line, &cap, f)) >= 0) {
		number++;
		if (strspn(line, " \t\r\n") < (size_t)n)
			line_to_record(out, k, line, (size_t)n, file, number);
	}
	if (!feof(f)) /* an error of reading, or no memory for a line */
		die("%s: read: %s", file, strerror(errno));
	free(line);
	fclose(f);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);
	enum kind k = kind_operand(files[0]);
	struct rec_out *out = rec_create(stdout, "standard output", k, provenance, NULL, meta, 0);

	if (!*++files)
		read_lines(out, k, "-");
	for (; *files; files++)
		read_lines(out, k, *files);
	rec_finish(out);
	json_decref(meta);
	json_decref(provenance);
	return 0;
}
