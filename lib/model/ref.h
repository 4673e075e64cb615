/* ref - what -m names, where it lies, and whether it is the one that is meant
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

/* What -m (NULL: it was not given) names. Standard input is a stream; where that is a terminal, it
 * is a misuse to give no model, as it is to give --base (base, or NULL) beside what is no stream.
 * Dies with one line where nothing is found, or a folder without a model whose model lies one level
 * deeper. */
struct ref ref_open(const char *model, const char *base);
void ref_close(struct ref *r);
/* Standard input is for the model (-m absent, or "-") or for the data (no file, or "-"), not for
 * both: a misuse. what: what the data are called. */
void ref_need_one_stdin(const char *model, char *const *files, const char *what);
enum ref_kind ref_kind(const char *path); /* of what is there; dies where nothing is */
/* The records of a stream, read to its end, which proves that it is whole; at least one. New, each
 * of them too. provenance: gets the steps of every part. */
struct model_rec **ref_records(const struct ref *r, int *n, json_t **provenance);

/* Where what a record or an option names lies: dir/name, or name from the working directory, or the
 * snapshot of that id. dir as in struct ref. New. Where nothing is found, dir/name, for who opens
 * it to say so; of an id: dies. */
char *ref_find(const char *dir, const char *name);
/* What a new record calls the base at a path that was found for `said`: an id stays one; all else
 * is the path. New. */
char *ref_named(const char *path, const char *said);
/* Dies where no record can hold this path, before anything long is done. */
void ref_check_name(const char *path);
int ref_same_file(const char *a, const char *b);
/* Dies where the fingerprint of what was found is not the one that its record has (said; NULL: it
 * has none). what: "the base". */
void ref_check(const char *what, const char *path, const char *is, const char *said);

#endif
