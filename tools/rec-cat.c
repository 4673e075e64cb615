/* rec-cat - streams of records as text: JSON lines, or TSV
 *
 *   in   any kind
 *   out  one line a record
 */
#include "cli/cli.h"
#include "stream/mpjson.h"
#include "stream/rec.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <errno.h>
#include <string.h>

enum { FIELDS = 64 };

static int header_only, check_only, full;
static char *fields[FIELDS];
static int n_fields;

static int fields_option(const char *arg)
{
	char *list = xstrdup(arg), *field;

	n_fields = 0;
	while ((field = strsep(&list, ","))) {
		if (!*field || n_fields == FIELDS)
			return -1;
		fields[n_fields++] = field;
	}
	return 0;
}

static const struct opt opts[] = { { 'H', "header", NULL, OPT_FLAG, &header_only,
					   "print the header of each file instead" },
	{ 'c', "check", NULL, OPT_FLAG, &check_only,
		"print nothing: read all and say by the status if it is whole" },
	{ 't', "tsv", "FIELDS", OPT_CALL, NULL,
		"TSV of these keys, such as n,l,mean or model.block.n", .call = fields_option,
		.made = MADE_NOT },
	{ 0, "full", NULL, OPT_FLAG, &full,
		"tensors with all their numbers, as rec-make takes them" },
	{ 0 } };

static const struct cli cli = {
	.name = "rec-cat",
	.operands = "[STREAM ...]",
	.about = "the records of streams as JSON lines or TSV",
	.opts = opts,
	.example = "rec-cat -t n,l,mean c4.angle | sort -k3,3g | head -1",
};

/* A key of a map, or a number from 0 in a list; NULL: there is none. */
static const msgpack_object *find_step(const msgpack_object *o, const char *key)
{
	int64_t i;

	if (o->type != MSGPACK_OBJECT_ARRAY)
		return map_find(o, key);
	return parse_int(key, &i) == 0 && i < o->via.array.size ? &o->via.array.ptr[i] : NULL;
}

/* What follows a dotted path; NULL: it leads nowhere. */
static const msgpack_object *find_path(const msgpack_object *o, const char *path)
{
	char key[256];

	while (o && *path) {
		size_t n = strcspn(path, ".");

		if (n >= sizeof key)
			return NULL;
		memcpy(key, path, n);
		key[n] = 0;
		o = find_step(o, key);
		path += n + (path[n] == '.');
	}
	return o;
}

static void print_record(const msgpack_object *o)
{
	if (n_fields) {
		for (int i = 0; i < n_fields; i++) {
			if (i)
				putchar('\t');
			mpjson_print_field(stdout, find_path(o, fields[i]));
		}
	} else {
		mpjson_print(stdout, o, full);
	}
	putchar('\n');
	if (ferror(stdout))
		die("standard output: write: %s", strerror(errno));
}

/* By the same road as records, so that numbers look the same. */
static void print_header(const struct rec_in *in)
{
	msgpack_sbuffer bytes;
	msgpack_packer pk;
	msgpack_unpacked u;
	size_t off = 0;

	msgpack_sbuffer_init(&bytes);
	msgpack_packer_init(&pk, &bytes, msgpack_sbuffer_write);
	msgpack_unpacked_init(&u);
	mp_from_json(&pk, rec_header(in));
	if (msgpack_unpack_next(&u, bytes.data, bytes.size, &off) != MSGPACK_UNPACK_SUCCESS)
		die("out of memory");
	print_record(&u.data);
	msgpack_unpacked_destroy(&u);
	msgpack_sbuffer_destroy(&bytes);
}

/* Only as far as needed: the rest of a file may be large. */
static void headers(char **files)
{
	do {
		char *one[] = { *files, NULL };
		struct rec_in *in = rec_open(one, KIND_ANY);

		print_header(in);
		rec_close(in);
	} while (*files && *++files);
}

static void records(char **files)
{
	struct rec_in *in = rec_open(files, KIND_ANY);
	msgpack_object o;
	uint64_t n = 0;

	while (rec_next(in, &o)) {
		n++;
		if (!check_only)
			print_record(&o);
	}
	note("%llu records in %d streams, complete", (unsigned long long)n, rec_part(in) + 1);
	rec_close(in);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);

	if (header_only + check_only + (n_fields > 0) > 1)
		misuse("-H, -c and -t exclude each other (try -h)");
	if (header_only)
		headers(files);
	else
		records(files);
	stdout_close();
	return 0;
}
