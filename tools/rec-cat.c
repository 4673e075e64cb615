/* rec-cat - streams of records as text: JSON lines, or TSV
 *
 *   in   any kind
 *   out  one line a record
 */
#include "cli/cli.h"
#include "stream/chain.h"
#include "stream/fields.h"
#include "stream/mpjson.h"
#include "stream/rec.h"
#include "sys/die.h"
#include "sys/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int header_only, header_json, check_only, full, no_header;
static struct fields *fields;

static int fields_option(const char *arg)
{
	fields = fields_new(arg);
	return fields ? 0 : -1;
}

static const struct opt opts[] = { { 'H', "header", NULL, OPT_FLAG, &header_only,
					   "print how each file came about instead, for people" },
	{ 0, "header-json", NULL, OPT_FLAG, &header_json,
		"print the header of each file instead, as a line of JSON" },
	{ 'c', "check", NULL, OPT_FLAG, &check_only,
		"print nothing: read all and say by the status if it is whole" },
	{ 't', "tsv", "FIELDS", OPT_CALL, NULL,
		"TSV of these keys, such as n,l,mean or model.block.n", .call = fields_option,
		.made = MADE_NOT },
	{ 0, "no-header", NULL, OPT_FLAG, &no_header, "TSV without the first line, the keys" },
	{ 0, "full", NULL, OPT_FLAG, &full,
		"tensors with all their numbers, as rec-make takes them" },
	{ 0 } };

static const struct cli cli = {
	.name = "rec-cat",
	.operands = "[STREAM ...]",
	.about = "the records of streams as JSON lines or TSV",
	.opts = opts,
	.example = "rec-cat --no-header -t n,l,mean c4.angle | sort -k3,3g | head -1",
};

enum { HELD = 1 << 20 }; /* bytes of lines that wait for a key to be known */

/* Where lines go: standard output, or memory as long as a key of -t is not known, for with a name
 * that is no key the message stands alone. */
static struct {
	FILE *to;
	char *text;
	size_t n;
} held;

static void held_print(void)
{
	if (held.to) {
		fclose(held.to);
		fwrite(held.text, 1, held.n, stdout);
		free(held.text);
	}
	held.to = NULL;
}

static void held_begin(void)
{
	held.to = open_memstream(&held.text, &held.n);
	if (!held.to)
		die("out of memory");
	if (!no_header)
		fields_titles(held.to, fields);
}

static void print_fields(const msgpack_object *o)
{
	fields_print(held.to ? held.to : stdout, fields, o);
	if (held.to && (fields_known(fields) || ftell(held.to) > HELD))
		held_print();
}

static void end_line(void)
{
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
	mpjson_print(stdout, &u.data, 0);
	end_line();
	msgpack_unpacked_destroy(&u);
	msgpack_sbuffer_destroy(&bytes);
}

/* Reads all of it: what a step read may be known at the end only. */
static void print_chain(struct rec_in *in)
{
	json_t *meta = json_deep_copy(rec_meta(in));
	struct chain c = { .kind = kind_name(rec_kind(in)), .meta = meta };
	msgpack_object o;

	while (rec_next(in, &o))
		c.records++;
	c.file = rec_file(in);
	c.made = rec_all_provenance(in);
	chain_print(stdout, &c);
	json_decref(meta);
}

/* The JSON only as far as needed: the rest of a file may be large. */
static void headers(char **files)
{
	do {
		char *one[] = { *files, NULL };
		struct rec_in *in = rec_open(one, KIND_ANY);

		if (header_json)
			print_header(in);
		else
			print_chain(in);
		rec_close(in);
	} while (*files && *++files);
}

static void print_record(const struct rec_in *in, const msgpack_object *o)
{
	if (fields) {
		fields_kind(fields, rec_kind(in));
		print_fields(o);
	} else if (!check_only) {
		mpjson_print_record(stdout, rec_kind(in), o, full);
		end_line();
	}
}

static void records(char **files)
{
	struct rec_in *in = rec_open(files, KIND_ANY);
	msgpack_object o;
	uint64_t n = 0;

	if (fields) {
		held_begin();
		fields_kind(fields, rec_kind(in));
	}
	for (; rec_next(in, &o); n++)
		print_record(in, &o);
	if (fields && !fields_known(fields))
		misuse("-t %s (try -h)", fields_unknown(fields));
	held_print();
	note("%llu records in %d streams, complete", (unsigned long long)n, rec_part(in) + 1);
	rec_close(in);
}

int main(int argc, char *argv[])
{
	char **files = cli_parse(&cli, argc, argv);

	if (header_only + header_json + check_only + (fields != NULL) > 1)
		misuse("-H, --header-json, -c and -t exclude each other (try -h)");
	if (header_only || header_json)
		headers(files);
	else
		records(files);
	stdout_close();
	return 0;
}
