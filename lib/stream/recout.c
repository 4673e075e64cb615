/* recout - writing streams
 *
 * The bytes are the same for the same records whatever the machine and -j: one worker always (none
 * gives other bytes), nothing flushed but where a pipe must stay live, and a frame ends with an
 * empty input.
 */
#include "stream/rec.h"

#include "file/inputs.h"
#include "file/json.h"
#include "stream/ignore.h"
#include "sys/die.h"
#include "sys/map.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

enum { FRAME_BYTES = 1 << 27 }; /* a new frame after the first record past it */

struct rec_out {
	FILE *f;
	const char *name;
	enum kind kind;
	int journal;
	msgpack_sbuffer bytes; /* of the record being packed */
	msgpack_packer pk;
	struct mp_parser parser;
	uint64_t records;
	XXH3_state_t *hash;
	ZSTD_CCtx *zstd;
	int more_made;   /* 1: the end says them anew */
	json_t *made;    /* the steps that the header says; NULL: a journal that goes on */
	size_t in_frame; /* decompressed bytes of the frame so far */
	size_t n_packed;
	void *packed;
};

static void write_packed(struct rec_out *out, size_t n)
{
	errno = 0;
	if (fwrite(out->packed, 1, n, out->f) != n)
		die("%s: write: %s", out->name, strerror(errno));
}

static void compress(struct rec_out *out, const void *bytes, size_t n, ZSTD_EndDirective mode)
{
	ZSTD_inBuffer in = { bytes, n, 0 };
	size_t left;

	do {
		ZSTD_outBuffer o = { out->packed, out->n_packed, 0 };

		left = ZSTD_compressStream2(out->zstd, &o, &in, mode);
		if (ZSTD_isError(left))
			die("%s: zstd: %s", out->name, ZSTD_getErrorName(left));
		write_packed(out, o.pos);
	} while (mode == ZSTD_e_continue ? in.pos < in.size : left > 0);
}

static void flush(struct rec_out *out)
{
	errno = 0;
	if (fflush(out->f))
		die("%s: write: %s", out->name, strerror(errno));
}

static void end_frame(struct rec_out *out)
{
	compress(out, NULL, 0, ZSTD_e_end);
	out->in_frame = 0;
}

/* What was packed goes into the frame; hashed, unless it is the end. */
static void put(struct rec_out *out, int hashed)
{
	if (hashed)
		XXH3_64bits_update(out->hash, out->bytes.data, out->bytes.size);
	compress(out, out->bytes.data, out->bytes.size, ZSTD_e_continue);
	out->in_frame += out->bytes.size;
	msgpack_sbuffer_clear(&out->bytes);
	if (out->journal) {
		end_frame(out);
		flush(out);
	}
}

static void add_inputs(json_t *step)
{
	json_t *inputs = inputs_json();

	if (inputs)
		json_put(step, "inputs", inputs);
}

/* What was read only because --ignore said so is part of how any result came about. */
static json_t *own_step(const json_t *args)
{
	json_t *all = args ? json_copy((json_t *)(uintptr_t)args) : json_object(),
	       *ignored = ignore_used(), *step;

	if (ignored)
		json_put(all, "ignore", ignored);
	step = json_pack("{s:s, s:s, s:o}", "tool", program_name(), "version", program_version(),
		"args", all);
	if (!step)
		die("out of memory");
	add_inputs(step);
	return step;
}

json_t *provenance_with_own(const json_t *provenance, const json_t *args)
{
	json_t *steps = provenance_merge(NULL, provenance);

	json_add(steps, own_step(args));
	return steps;
}

/* A header that readers would refuse must not be written, however many ranges of documents there
 * are. */
static void check_header(struct rec_out *out)
{
	struct mp_parser parser = { .max = MP_HEADER_BYTES, .most = MP_HEADER_MEMORY };
	const char *why = "";

	if (mp_parse(&parser, (unsigned char *)out->bytes.data, out->bytes.size, &why) < 0)
		die("%s: the header cannot be written: %s", out->name, why);
	mp_parser_free(&parser);
}

static void put_header(struct rec_out *out, const json_t *provenance, const json_t *args,
	const json_t *meta)
{
	json_t *steps = provenance_with_own(provenance, args), *empty = json_object();

	msgpack_pack_map(&out->pk, 4);
	mp_pack_str(&out->pk, "coppice");
	msgpack_pack_int(&out->pk, 1);
	mp_pack_str(&out->pk, "kind");
	mp_pack_str(&out->pk, kind_name(out->kind));
	mp_pack_str(&out->pk, "made");
	mp_from_json(&out->pk, steps);
	mp_pack_str(&out->pk, "meta");
	mp_from_json(&out->pk, meta ? meta : empty);
	out->made = steps;
	json_decref(empty);
	check_header(out);
	put(out, 1);
}

static void zstd_set(struct rec_out *out, ZSTD_cParameter p, int value)
{
	size_t r = ZSTD_CCtx_setParameter(out->zstd, p, value);

	if (ZSTD_isError(r))
		die("zstd: %s", ZSTD_getErrorName(r));
}

static struct rec_out *out_new(FILE *f, const char *name, enum kind k, int journal)
{
	struct rec_out *out = xcalloc(1, sizeof *out);

	if (f == stdout && isatty(STDOUT_FILENO))
		die("%s: is a terminal: records are binary, use rec-cat", name);
	out->f = f;
	out->name = name;
	out->kind = k;
	out->journal = journal;
	msgpack_sbuffer_init(&out->bytes);
	msgpack_packer_init(&out->pk, &out->bytes, msgpack_sbuffer_write);
	out->hash = XXH3_createState();
	out->zstd = ZSTD_createCCtx();
	out->n_packed = ZSTD_CStreamOutSize();
	out->packed = xmalloc(out->n_packed);
	if (!out->hash || !out->zstd)
		die("out of memory");
	XXH3_64bits_reset(out->hash);
	zstd_set(out, ZSTD_c_compressionLevel, 1);
	zstd_set(out, ZSTD_c_checksumFlag, 1);
	zstd_set(out, ZSTD_c_nbWorkers, !journal);
	return out;
}

struct rec_out *rec_create(FILE *f, const char *name, enum kind k, const json_t *provenance,
	const json_t *args, const json_t *meta, int journal)
{
	struct rec_out *out = out_new(f, name, k, journal);

	put_header(out, provenance, args, meta);
	return out;
}

struct rec_out *rec_append(FILE *f, const char *name, enum kind k)
{
	return out_new(f, name, k, 1);
}

msgpack_packer *rec_packer(struct rec_out *out)
{
	return &out->pk;
}

/* 0, or -1 with what is wrong: bytes that a reader would not take must not be written. */
static int check_record(struct rec_out *out, struct fault *err)
{
	const char *why = "no whole map";

	mp_parser_next(&out->parser);
	if (mp_parse(&out->parser, (unsigned char *)out->bytes.data, out->bytes.size, &why) !=
		(long)out->bytes.size)
		return fault(err, "cannot be a record: %s", why);
	return kind_check(out->kind, &out->parser.object, err);
}

int rec_try(struct rec_out *out, struct fault *err)
{
	if (check_record(out, err)) {
		msgpack_sbuffer_clear(&out->bytes);
		return -1;
	}
	out->records++;
	put(out, 1);
	if (out->in_frame > FRAME_BYTES)
		end_frame(out);
	return 0;
}

void rec_put(struct rec_out *out)
{
	struct fault why;

	if (rec_try(out, &why))
		die("%s: record %llu: %s", out->name, (unsigned long long)out->records + 1,
			why.text);
}

void rec_made(struct rec_out *out, const json_t *provenance)
{
	json_t *own = json_array_get(out->made, json_array_size(out->made) - 1),
	       *steps = provenance_merge(NULL, provenance);

	json_array_append(steps, own);
	out->more_made = !json_equal(steps, out->made);
	json_decref(out->made);
	out->made = steps;
}

/* The steps, where they say more than those of the header: what was read by now. */
static json_t *steps_at_end(struct rec_out *out)
{
	size_t last = json_array_size(out->made);
	json_t *own = last ? json_copy(json_array_get(out->made, last - 1)) : NULL;

	if (!own)
		return NULL;
	add_inputs(own);
	if (!out->more_made && json_equal(own, json_array_get(out->made, last - 1))) {
		json_decref(own);
		return NULL;
	}
	json_array_set_new(out->made, last - 1, own);
	return out->made;
}

void rec_finish(struct rec_out *out)
{
	const json_t *steps = steps_at_end(out);

	map_check();
	msgpack_pack_map(&out->pk, 1);
	mp_pack_str(&out->pk, "end");
	msgpack_pack_map(&out->pk, steps ? 3 : 2);
	mp_pack_str(&out->pk, "records");
	msgpack_pack_uint64(&out->pk, out->records);
	mp_pack_str(&out->pk, "xxh3");
	msgpack_pack_uint64(&out->pk, XXH3_64bits_digest(out->hash));
	if (steps) {
		mp_pack_str(&out->pk, "made");
		mp_from_json(&out->pk, steps);
		check_header(out);
	}
	put(out, 0);
	if (!out->journal)
		end_frame(out);
	flush(out);
	if (out->f == stdout)
		stdout_close();
	rec_abandon(out);
}

void rec_abandon(struct rec_out *out)
{
	ZSTD_freeCCtx(out->zstd);
	XXH3_freeState(out->hash);
	msgpack_sbuffer_destroy(&out->bytes);
	mp_parser_free(&out->parser);
	json_decref(out->made);
	free(out->packed);
	free(out);
}

/* One that was read up to its header alone may lack its inputs. */
static int same_step(const json_t *a, const json_t *b)
{
	json_t *x, *y;
	int same;

	if (json_object_get(a, "inputs") && json_object_get(b, "inputs"))
		return json_equal(a, b);
	x = json_copy((json_t *)(uintptr_t)a);
	y = json_copy((json_t *)(uintptr_t)b);
	json_object_del(x, "inputs");
	json_object_del(y, "inputs");
	same = json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return same;
}

static void drop_names(json_t *made)
{
	json_t *step, *input;
	size_t i, j;

	json_array_foreach(made, i, step)
	{
		json_array_foreach(json_object_get(step, "inputs"), j, input)
		{
			json_object_del(input, "name");
			json_object_del(input, "model");
		}
	}
}

int provenance_same(const json_t *a, const json_t *b)
{
	json_t *x = json_deep_copy(a), *y = json_deep_copy(b);
	int same;

	drop_names(x);
	drop_names(y);
	same = json_equal(x, y);
	json_decref(x);
	json_decref(y);
	return same;
}

json_t *provenance_merge(json_t *into, const json_t *provenance)
{
	json_t *step, *old;
	size_t i, j;

	if (!into)
		into = json_array();
	json_array_foreach(provenance, i, step)
	{
		int known = 0;

		json_array_foreach(into, j, old)
		{
			if (!same_step(old, step))
				continue;
			known = 1;
			if (!json_object_get(old, "inputs"))
				json_array_set(into, j, step);
		}
		if (!known)
			json_array_append(into, step);
	}
	return into;
}
