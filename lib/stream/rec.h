/* rec - streams of records: a header, maps, an end with their count and hash; msgpack in zstd
 *
 * records.5 is the contract. Every byte is walked by our own bounded validator (mp.h) before
 * msgpack-c sees it, and every record is held against the table of kinds (kinds.h). A reader that
 * is not told "complete" by the end record dies. A record belongs to the reader until the next
 * read.
 */
#ifndef COPPICE_REC_H
#define COPPICE_REC_H

#include "stream/kinds.h"
#include "stream/mp.h"
#include "sys/fault.h"

#include <jansson.h>
#include <msgpack.h>
#include <stdio.h>

/* Reading. files: NULL-terminated paths, "-" is standard input, no path at all is standard input.
 * Several files, and several streams in one file, are read as one. want: the one kind wanted, or
 * KIND_ANY. Dies with the file's name on everything that is not a complete stream of that kind. */
struct rec_in *rec_open(char *const *files, enum kind want);
/* all of one of these kinds */
struct rec_in *rec_open_any(char *const *files, const enum kind *want, int n_want);
/* The same of decompressed bytes in memory, which become the reader's; name: for messages. */
struct rec_in *rec_open_bytes(unsigned char *bytes, size_t n, const char *name, enum kind want);
/* 1: a record; 0: all streams complete and read */
int rec_next(struct rec_in *in, msgpack_object *map);
enum kind rec_kind(const struct rec_in *in);   /* of the current part */
int rec_part(const struct rec_in *in);         /* number of the current part (stream), from 0 */
const char *rec_file(const struct rec_in *in); /* for messages */
uint64_t rec_number(const struct rec_in *in);  /* of the record last read, in its part, from 1 */
/* Header of the current part, owned by the reader until the next part begins. Valid right after
 * rec_open (which reads the first header) and after each rec_next that returned 1. made: array of
 * steps; meta: object. */
const json_t *rec_made(const struct rec_in *in);
const json_t *rec_meta(const struct rec_in *in);
const json_t *rec_header(const struct rec_in *in);                /* all of it */
_Noreturn void rec_bad(const struct rec_in *in, const char *why); /* die: file: record N: why */
void rec_close(struct rec_in *in);

/* Memory that holds until the next read, aligned to 64 bytes; and a reference that is dropped
 * then. */
void *rec_alloc(struct rec_in *in, size_t bytes);
json_t *rec_hold(struct rec_in *in, json_t *j);

/* Writing. made: the steps of the inputs (borrowed, may be NULL) to which this tool's own step is
 * added: args are the arguments that shape the result, as an object (borrowed, NULL: {}). meta
 * borrowed, NULL: {}. A terminal is refused ("use rec-cat"). name: for messages. journal: the
 * header and each record are flushed as a zstd frame of their own, with a checksum, so that a kill
 * leaves whole ones, and damage is seen where it is. */
struct rec_out *rec_create(FILE *f, const char *name, enum kind k, const json_t *made,
	const json_t *args, const json_t *meta, int journal);
/* to a journal that has its header */
struct rec_out *rec_append(FILE *f, const char *name, enum kind k);
void rec_abandon(struct rec_out *out);           /* no end: for a journal that has served */
msgpack_packer *rec_packer(struct rec_out *out); /* pack exactly one map per record, then: */
void rec_put(struct rec_out *out);               /* checks and writes the record; dies */
/* the same: 0, or -1: refused, and err says why */
int rec_try(struct rec_out *out, struct fault *err);
/* end record, flush, check; the FILE stays the caller's unless stdout */
void rec_finish(struct rec_out *out);
/* Streams of several parts were read: the steps of every part, each distinct one once, in the order
 * met. into: NULL for a new array; returned. */
json_t *made_merge(json_t *into, const json_t *made);
/* as rec_create writes them: with this tool's step; new */
json_t *made_with_own(const json_t *made, const json_t *args);

#endif
