/* rec - reading streams: objects out of the bytes, headers, ends
 *
 * The buffer grows as bytes arrive and never to what a length field says.
 */
#include "stream/rec.h"

#include "file/sniff.h"
#include "file/source.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { FIRST_BUFFER = 1 << 16 };

/* memory of rec_alloc follows, aligned */
struct block_of {
	struct block_of *next;
	size_t size, used;
};

struct rec_in {
	struct source *src;
	const char *called; /* in messages; NULL: as the source's file */
	const enum kind *want;
	int n_want;
	/* what want points at where one is wanted, or once one of several has come */
	enum kind one;

	unsigned char *buf; /* decompressed bytes [start, end) are to be read */
	/* used: length of the object last read, which lies at start */
	size_t start, end, cap, used;
	struct mp_parser parser;

	int part, parts_here; /* number of the part; of parts of this file */
	enum kind kind;
	json_t *header, *held;
	json_t *made; /* of the parts that were read to their ends */
	uint64_t records;
	XXH3_state_t *hash; /* of the part's bytes before the object last read */
	struct block_of *blocks;
};

const char *rec_file(const struct rec_in *in)
{
	return in->called ? in->called : source_name(in->src);
}

void rec_bad(const struct rec_in *in, const char *why)
{
	die("%s: record %" PRIu64 ": %s", rec_file(in), in->records, why);
}

/* -- objects ----------------------------------------------------------------------------------- */

/* More bytes into the buffer: 1, or 0 at the file's end. */
static int fill(struct rec_in *in)
{
	size_t n;

	if (in->start && in->end == in->cap) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	if (in->end == in->cap) {
		in->cap = in->cap ? 2 * in->cap : FIRST_BUFFER;
		in->buf = xrealloc(in->buf, in->cap, 1);
	}
	n = source_read(in->src, in->buf + in->end, in->cap - in->end);
	in->end += n;
	return n > 0;
}

/* Forgets the object last read, having counted its bytes into the hash. */
static void consume(struct rec_in *in)
{
	XXH3_64bits_update(in->hash, in->buf + in->start, in->used);
	in->start += in->used;
	in->used = 0;
	if (in->start == in->end)
		in->start = in->end = 0;
}

/* Dies where a file that never was a stream is something that is known. */
static void name_what_it_is(const struct rec_in *in)
{
	const char *is = in->parts_here
		? NULL
		: sniff_as(in->buf + in->start, in->end - in->start, SNIFF_UNPACKED | SNIFF_BINARY);

	if (is)
		die("%s: is no stream of records: it %s", rec_file(in), is);
}

/* The next object, at most max bytes: 1, or 0 where the file ends before its first byte. what: for
 * messages. */
static int next_object(struct rec_in *in, size_t max, msgpack_object *o, const char *what)
{
	const char *why = "";
	long len;

	consume(in);
	mp_parser_next(&in->parser);
	in->parser.max = max;
	in->parser.most = max == MP_HEADER_BYTES ? MP_HEADER_MEMORY : 0;
	while (!(len = mp_parse(&in->parser, in->buf + in->start, in->end - in->start, &why))) {
		int empty = in->start == in->end;

		if (fill(in))
			continue;
		if (empty)
			return 0;
		name_what_it_is(in);
		die("%s: cut short: ends within %s", rec_file(in), what);
	}
	if (len < 0) {
		name_what_it_is(in);
		die("%s: %s: refused: %s", rec_file(in), what, why);
	}
	in->used = (size_t)len;
	*o = in->parser.object;
	return 1;
}

/* -- headers and ends -------------------------------------------------------------------------- */

static int wanted(const struct rec_in *in, enum kind k)
{
	for (int i = 0; i < in->n_want; i++)
		if (in->want[i] == KIND_ANY || in->want[i] == k)
			return 1;
	return 0;
}

static _Noreturn void wrong_kind(const struct rec_in *in)
{
	char list[128] = "";

	for (int i = 0; i < in->n_want; i++) {
		size_t n = strlen(list);

		snprintf(list + n, sizeof list - n, "%s%s", i ? " or " : "",
			kind_name(in->want[i]));
	}
	die("%s: is a stream of %s: %s is wanted", rec_file(in), kind_name(in->kind), list);
}

/* NULL, or what is wrong. */
static const char *check_steps(const json_t *provenance)
{
	const json_t *step;
	size_t i;

	if (!json_is_array(provenance))
		return "made is no array";
	json_array_foreach(provenance, i,
		step) if (!json_is_string(json_object_get(step, "tool")) ||
		!json_is_string(json_object_get(step, "version")) ||
		!json_is_object(json_object_get(step,
			"args"))) return "made is no array of {tool, version, args}";
	return NULL;
}

static void take_header(struct rec_in *in, const msgpack_object *o)
{
	const msgpack_object *format = map_find(o, "coppice");
	const char *file = rec_file(in), *kind, *why;
	int k;

	if (!format) {
		name_what_it_is(in);
		die("%s: %s", file,
			in->parts_here ? "more bytes after the end record, and no header"
				       : "is no stream of records: it has no header");
	}
	if (format->type != MSGPACK_OBJECT_POSITIVE_INTEGER || format->via.u64 != 1)
		die("%s: header: its format is not 1: another version of coppice made it", file);
	json_decref(in->header);
	in->header = mp_to_json(o);
	if (!in->header)
		die("%s: header: holds what JSON has no form for", file);
	kind = json_string_value(json_object_get(in->header, "kind"));
	k = kind ? kind_find(kind) : -1;
	if (k < 0)
		die("%s: header: kind %s: is not known", file, kind ? kind : "(none)");
	in->kind = (enum kind)k;
	if (!wanted(in, in->kind))
		wrong_kind(in);
	if (in->n_want > 1) { /* whichever comes first; then only that */
		in->one = in->kind;
		in->want = &in->one;
		in->n_want = 1;
	}
	if ((why = check_steps(rec_provenance(in))))
		die("%s: header: %s", file, why);
	if (!json_is_object(rec_meta(in)))
		die("%s: header: meta is no map", file);
}

/* 1: whoever forgot -m is told so. */
static int is_model_missing(const struct rec_in *in)
{
	return in->n_want == 1 && in->want[0] == KIND_MODEL &&
		!strcmp(rec_file(in), "standard input");
}

static _Noreturn void die_empty(const struct rec_in *in)
{
	if (is_model_missing(in))
		die("no model: %s MODEL, or a model stream on standard input, which is empty",
			setting(SETTING_MODEL));
	die("%s: is empty: no stream of records", rec_file(in));
}

/* The next header of this file or of the next one: 1, or 0 where all is read. */
static int begin_part(struct rec_in *in)
{
	msgpack_object o;

	while (!next_object(in, MP_HEADER_BYTES, &o,
		in->parts_here ? "what follows the end record" : "the header")) {
		if (!in->parts_here)
			die_empty(in);
		if (!source_next(in->src))
			return 0;
		in->parts_here = 0;
	}
	take_header(in, &o);
	in->part++;
	in->parts_here++;
	in->records = 0;
	XXH3_64bits_reset(in->hash);
	return 1;
}

static int is_end(const msgpack_object *o)
{
	return o->type == MSGPACK_OBJECT_MAP && o->via.map.size == 1 &&
		mp_is_str(&o->via.map.ptr[0].key, "end");
}

static uint64_t end_number(const struct rec_in *in, const msgpack_object *end, const char *key)
{
	const msgpack_object *v = map_find(end, key);

	if (!v || v->type != MSGPACK_OBJECT_POSITIVE_INTEGER)
		die("%s: end record: key '%s': missing or no integer >= 0", rec_file(in), key);
	return v->via.u64;
}

/* The steps of the part, which the end may say anew. */
static void take_steps(struct rec_in *in, const msgpack_object *end)
{
	const msgpack_object *made = map_find(end, "made");
	const char *why = NULL;
	json_t *steps;

	if (!made) {
		in->made = provenance_merge(in->made, rec_provenance(in));
		return;
	}
	steps = mp_memory(made) <= MP_HEADER_MEMORY ? mp_to_json(made) : NULL;
	why = steps ? check_steps(steps) : "made takes more memory than it may";
	if (why)
		die("%s: end record: %s", rec_file(in), why);
	in->made = provenance_merge(in->made, steps);
	json_decref(steps);
}

static void check_end(struct rec_in *in, const msgpack_object *o)
{
	const msgpack_object *end = &o->via.map.ptr[0].val;
	uint64_t records = end_number(in, end, "records"), hash = end_number(in, end, "xxh3");

	if (records != in->records)
		die("%s: end record: %" PRIu64 " records were written, %" PRIu64 " came",
			rec_file(in), records, in->records);
	if (hash != XXH3_64bits_digest(in->hash))
		die("%s: end record: wrong hash: the stream is damaged", rec_file(in));
	take_steps(in, end);
}

/* -- the reader -------------------------------------------------------------------------------- */

static struct rec_in *rec_new(char *const *files, const enum kind *want, int n_want)
{
	struct rec_in *in = xcalloc(1, sizeof *in);

	in->src = source_open(files, 1);
	in->one = *want;
	in->want = n_want == 1 ? &in->one : want; /* a single one need not outlive the call */
	in->n_want = n_want;
	in->part = -1;
	in->hash = XXH3_createState();
	if (!in->hash)
		die("out of memory");
	XXH3_64bits_reset(in->hash);
	source_next(in->src);
	return in;
}

struct rec_in *rec_open_any(char *const *files, const enum kind *want, int n_want)
{
	struct rec_in *in = rec_new(files, want, n_want);

	begin_part(in);
	return in;
}

struct rec_in *rec_open(char *const *files, enum kind want)
{
	return rec_open_any(files, &want, 1);
}

struct rec_in *rec_open_bytes(unsigned char *bytes, size_t n, const char *name, enum kind want)
{
	static char *const nothing[] = { "/dev/null", NULL };
	struct rec_in *in = rec_new(nothing, &want, 1);

	in->called = name;
	in->buf = bytes;
	in->end = in->cap = n;
	begin_part(in);
	return in;
}

static void forget_record(struct rec_in *in)
{
	struct block_of *b = in->blocks;

	json_decref(in->held);
	in->held = NULL;
	if (b && b->next) { /* next time one block will do */
		while ((b = in->blocks)) {
			in->blocks = b->next;
			free(b);
		}
	}
	if (b)
		b->used = 0;
}

int rec_next(struct rec_in *in, msgpack_object *map)
{
	struct fault why;

	forget_record(in);
	for (;;) {
		if (!next_object(in, MP_BYTES, map, "a record"))
			die("%s: cut short after record %" PRIu64 ": no end record", rec_file(in),
				in->records);
		if (!is_end(map))
			break;
		check_end(in, map);
		if (!begin_part(in))
			return 0;
	}
	in->records++;
	if (kind_check(in->kind, map, &why))
		rec_bad(in, why.text);
	return 1;
}

enum kind rec_kind(const struct rec_in *in)
{
	return in->kind;
}

int rec_part(const struct rec_in *in)
{
	return in->part;
}

const json_t *rec_header(const struct rec_in *in)
{
	return in->header;
}

const json_t *rec_provenance(const struct rec_in *in)
{
	return json_object_get(in->header, "made");
}

const json_t *rec_all_provenance(const struct rec_in *in)
{
	return in->made;
}

const json_t *rec_meta(const struct rec_in *in)
{
	return json_object_get(in->header, "meta");
}

void rec_close(struct rec_in *in)
{
	forget_record(in);
	free(in->blocks);
	json_decref(in->header);
	json_decref(in->made);
	XXH3_freeState(in->hash);
	mp_parser_free(&in->parser);
	source_close(in->src);
	free(in->buf);
	free(in);
}

enum { ALIGN = 64 };

void *rec_alloc(struct rec_in *in, size_t bytes)
{
	size_t need = (bytes + ALIGN - 1) / ALIGN * ALIGN;
	struct block_of *b = in->blocks;
	void *p;

	if (!b || b->size - b->used < need) {
		size_t size = need > FIRST_BUFFER ? need : FIRST_BUFFER;

		p = NULL;
		if (posix_memalign(&p, ALIGN, ALIGN + size))
			die("out of memory: %zu bytes asked for", size);
		b = p;
		*b = (struct block_of){ in->blocks, size, 0 };
		in->blocks = b;
	}
	p = (char *)b + ALIGN + b->used;
	b->used += need;
	return p;
}

json_t *rec_hold(struct rec_in *in, json_t *j)
{
	json_decref(in->held);
	in->held = j;
	return j;
}
