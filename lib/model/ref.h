/* ref - what -m names, where it is, and whether it is the model that is meant
 *
 * The one answer for every tool. -m, --base and a record's base name a folder in Hugging Face's
 * layout, a GGUF file, or a model of the hub by its id, ORG/NAME; -m also a file or pipe with a
 * model stream. A path that exists comes before an id. A record's fingerprint says whether what
 * lies there is the base that it means.
 */
#ifndef COPPICE_REF_H
#define COPPICE_REF_H

#include "stream/records.h"

enum ref_kind {
	REF_FOLDER,
	REF_GGUF,
	REF_STREAM,
	REF_OTHER, /* some other file; it may be one of a tokenizer's */
};

struct ref {
	enum ref_kind kind;
	char *path; /* as found; NULL: standard input */
	char *dir;  /* of a stream: where relative paths in it begin; ends in "/", or is empty */
};

/* Finds what -m names. model: its value, NULL where it was not given, which means standard input,
 * as "-" does, and a stream on it. base: the value of --base, or NULL. It is a misuse to give no
 * model where standard input is a terminal, or a base beside what is no stream. Dies with one line
 * where nothing is found, or only a folder whose model lies one level deeper. ref_close frees what
 * is in it. */
struct ref ref_open(const char *model, const char *base);
void ref_close(struct ref *r);
/* Refuses as a misuse that standard input be both the model, model being NULL or "-", and the data,
 * files being none or having a "-". what: the name of the data, for the message. */
void ref_need_one_stdin(const char *model, char *const *files, const char *what);
enum ref_kind ref_kind(const char *path); /* what the path is; dies where nothing is there */
/* Returns the records of the stream r, at least one, and *n how many; the list and each record are
 * new. The stream is read to its end, which shows that it is complete. *provenance becomes the
 * steps of its parts, new. */
struct model_rec **ref_records(const struct ref *r, int *n, json_t **provenance);

/* Returns the path of what a record or an option names, new: dir/name, dir being as in struct ref,
 * or name from the working directory, or the snapshot of that id. Where there is nothing it is
 * dir/name, so that opening it says so; but for an id it dies. */
char *ref_find(const char *dir, const char *name);
/* Returns the name of a base in a new record, new: said, by which it was found at path, where that
 * is an id; else the path. */
char *ref_named(const char *path, const char *said);
/* Dies where a record cannot hold this path, so that nothing long is done in vain. */
void ref_check_name(const char *path);
int ref_same_file(const char *a, const char *b); /* 1 where both are the same file, else 0 */
/* Dies where a fingerprint, `is`, of what was found at path is not the one in its record, said,
 * which is NULL where it has none. what: "the base", for the message. */
void ref_check(const char *what, const char *path, const char *is, const char *said);

#endif
