/* rec - streams of records: a header, maps, an end with their count and hash; msgpack in zstd
 *
 * records.5 is the contract. A reader checks every byte (mp.h) and holds every record against the
 * table of kinds (kinds.h). It dies unless each stream ends in an end record whose count and hash
 * are right, so a stream that is cut short or damaged is never taken for a whole one.
 */
#ifndef COPPICE_REC_H
#define COPPICE_REC_H

#include "stream/kinds.h"
#include "stream/mp.h"
#include "sys/fault.h"

#include <jansson.h>
#include <msgpack.h>
#include <stdio.h>

/* -- reading ----------------------------------------------------------------------------------- */

/* Opens the streams in files, NULL-terminated paths that the caller keeps; "-", or no path at all,
 * is standard input. Several files, and several streams in one file, are read as one, each stream
 * being a part of it. want: the one kind that is wanted, or KIND_ANY. Reads the first header. Dies,
 * as all functions here do, with the file's name on what is not a complete stream of that kind. */
struct rec_in *rec_open(char *const *files, enum kind want);
/* The same where the first part may be of any of the kinds want[n_want]; the others must then be of
 * the same. */
struct rec_in *rec_open_any(char *const *files, const enum kind *want, int n_want);
/* The same of n decompressed bytes in memory, allocated by malloc, which the reader then owns.
 * name: for messages; the caller keeps it. */
struct rec_in *rec_open_bytes(unsigned char *bytes, size_t n, const char *name, enum kind want);
/* Reads the next record into *map: 1; or 0 where all streams are read, and were complete. The
 * record belongs to the reader and holds until the next call. */
int rec_next(struct rec_in *in, msgpack_object *map);
enum kind rec_kind(const struct rec_in *in);   /* of the current part */
int rec_part(const struct rec_in *in);         /* number of the current part, from 0 */
const char *rec_file(const struct rec_in *in); /* name of the current file, for messages */
/* The header of the current part, and two values of it: the array of steps under `made`, and the
 * object `meta`. They belong to the reader until the next part begins, and may be asked for after
 * rec_open and after each rec_next that returned 1. */
const json_t *rec_header(const struct rec_in *in);
const json_t *rec_provenance(const struct rec_in *in);
const json_t *rec_meta(const struct rec_in *in);
/* Returns the steps of all parts that were read to their ends, merged, which know the inputs that a
 * header could not know; it belongs to the reader. All are there after rec_next returned 0. */
const json_t *rec_all_provenance(const struct rec_in *in);
_Noreturn void rec_bad(const struct rec_in *in, const char *why); /* dies: "file: record N: why" */
void rec_close(struct rec_in *in);

/* Returns memory of the reader's that holds until the next rec_next, aligned to 64 bytes. */
void *rec_alloc(struct rec_in *in, size_t bytes);
/* Gives a reference to the reader, which drops it at the next rec_next. Returns j. */
json_t *rec_hold(struct rec_in *in, json_t *j);

/* -- writing ----------------------------------------------------------------------------------- */

/* Begins a stream of kind k in f and writes its header. name: of f, for messages. provenance: the
 * steps of the inputs, an array or NULL; this tool's own step is added to them. args: an object
 * with the arguments that shape the result, or NULL for none. meta: an object, or NULL for an empty
 * one. All three stay the caller's. journal: the header and each record are written as a zstd frame
 * of their own with a checksum, and flushed, so that a killed run leaves whole frames and damage is
 * seen where it is. Dies where f is a terminal. */
struct rec_out *rec_create(FILE *f, const char *name, enum kind k, const json_t *provenance,
	const json_t *args, const json_t *meta, int journal);
/* Goes on with a journal that has its header already. */
struct rec_out *rec_append(FILE *f, const char *name, enum kind k);
/* Returns what the next record is packed with: exactly one map, and then rec_put or rec_try. */
msgpack_packer *rec_packer(struct rec_out *out);
/* Checks the record that was packed, as a reader would, and writes it. Dies where it is refused. */
void rec_put(struct rec_out *out);
/* The same, but 0, or -1 with err where it is refused; it is then forgotten. */
int rec_try(struct rec_out *out, struct fault *err);
/* Says in the end record that the steps of the inputs are these, now that they are read: those that
 * rec_create was given may lack what was only known at the end of an input. This tool's own step
 * stays. rec_finish does the same by itself for data that this tool reads (inputs.h). */
void rec_made(struct rec_out *out, const json_t *provenance);
/* Writes the end record, flushes, checks that all was written, and frees. f stays open, but for
 * standard output. */
void rec_finish(struct rec_out *out);
void rec_abandon(struct rec_out *out); /* frees without an end record: for a journal */

/* Adds the steps of one more part to those in into (NULL: a new array), each distinct step once, in
 * the order met. A step without inputs is taken for the one that has them. Returns into. */
json_t *provenance_merge(json_t *into, const json_t *provenance);
/* 1 where two lists of steps are the same but for the names of their inputs; else 0. */
int provenance_same(const json_t *a, const json_t *b);
/* Returns the steps as rec_create writes them, a new array: provenance (or NULL), each once, and
 * this tool's own step with args. */
json_t *provenance_with_own(const json_t *provenance, const json_t *args);

#endif
