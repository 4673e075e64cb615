/* rec - streams of records: a header, maps, an end with their count and hash; msgpack in zstd
 *
 * records.5 is the contract. Every byte is walked by our own bounded validator before msgpack-c sees it. A reader
 * that is not told "complete" by the end record dies. A record belongs to the reader until the next read.
 */
#ifndef COPPICE_REC_H
#define COPPICE_REC_H

#include <jansson.h>
#include <msgpack.h>
#include <stdio.h>

enum kind {
	KIND_TOKENS, KIND_HIDDEN, KIND_ANGLE, KIND_BLOCK, KIND_MODEL, KIND_LOSS, KIND_SAMPLE, KIND_SCORE,
	KIND_COUNT,
	KIND_ANY = -1	/* for rec_open: whatever comes (rec-cat) */
};

const char *kind_name(enum kind k);		/* "tokens" ... */
int kind_find(const char *name);		/* -1: no such kind */

/* Checks one msgpack object in bytes[0..n): depth <= 16, nodes <= 2^24, string keys without duplicates in every map,
 * no ext, counts and lengths within the bytes. The object's length in bytes; 0: more bytes are needed; -1: refused,
 * and *why says so. */
long mp_check(const unsigned char *bytes, size_t n, const char **why);

/* Reading. files: NULL-terminated paths, "-" is standard input, no path at all is standard input. Several files, and
 * several streams in one file, are read as one. kinds: the one kind wanted, or KIND_ANY. Dies with the file's name
 * on everything that is not a complete stream of that kind. */
struct rec_in *rec_open(char *const *files, enum kind want);
struct rec_in *rec_open_any(char *const *files, const enum kind *want, int n_want);	/* one of several kinds */
int rec_next(struct rec_in *in, msgpack_object *map);	/* 1: a record; 0: all streams complete and read */
enum kind rec_kind(const struct rec_in *in);		/* of the current part */
int rec_part(const struct rec_in *in);			/* number of the current part (stream), from 0 */
const char *rec_file(const struct rec_in *in);		/* for messages */
/* Header of the current part, owned by the reader until the next part begins. Valid right after rec_open (which
 * reads the first header) and after each rec_next that returned 1. made: array of steps; meta: object. */
const json_t *rec_made(const struct rec_in *in);
const json_t *rec_meta(const struct rec_in *in);
_Noreturn void rec_bad(const struct rec_in *in, const char *why);	/* die: file: record N: why */
void rec_close(struct rec_in *in);

/* Writing. made: the steps of the inputs (borrowed, may be NULL) to which this tool's own step is added: args are the
 * arguments that shape the result, as an object (borrowed, NULL: {}). meta borrowed, NULL: {}. A terminal is refused
 * ("use rec-cat"). live: records are flushed one by one, for a pipe that someone waits at. */
struct rec_out *rec_create(FILE *f, const char *name, enum kind k, const json_t *made, const json_t *args,
	const json_t *meta, int live);
msgpack_packer *rec_packer(struct rec_out *out);	/* pack exactly one map per record, then: */
void rec_put(struct rec_out *out);			/* checks and writes the record */
void rec_finish(struct rec_out *out);			/* end record, flush, check; the FILE stays the caller's unless stdout */
/* Streams of several parts were read: the steps of every part, each distinct one once, in the order met. */
json_t *made_merge(json_t *into, const json_t *made);

/* Small helpers to read a validated map. Missing or of another type: *_get die through rec_bad, with the key's name. */
const msgpack_object *map_find(const msgpack_object *map, const char *key);	/* NULL: absent */
json_t *mp_to_json(const msgpack_object *o);	/* new; bin and unsigned numbers >= 2^63: NULL */
void mp_from_json(msgpack_packer *pk, const json_t *j);

#endif
