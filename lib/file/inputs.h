/* inputs - what this run has read that no stream tells of: data files and models, by name and hash
 *
 * A file is called by the last part of its path, and standard input "-", so that the same contents
 * give the same list wherever they lie. Its hash is the SHA-256 of its bytes as they are, still
 * packed: what sha256sum prints. It is taken while the file is read (input.h), so that the list is
 * complete when all of them are closed; recout.c writes it into this tool's step.
 */
#ifndef COPPICE_INPUTS_H
#define COPPICE_INPUTS_H

#include <jansson.h>
#include <stddef.h>

/* Bytes are added to a digest as they are read. Functions here die where memory is out. */
struct digest;
enum { DIGEST_HEX = 65 }; /* hexadecimal digits and a NUL */
struct digest *digest_new(void);
void digest_add(struct digest *d, const void *bytes, size_t n);
/* Frees d. Writes its SHA-256; hex NULL: it is not wanted. */
void digest_end(struct digest *d, char hex[DIGEST_HEX]);

/* Adds a data file, or a model by its name and fingerprint; what is in the list already is not
 * added again. sha256 NULL: not all of it was read, so that its hash is not known. */
void inputs_add(const char *path, const char *sha256);
void inputs_add_model(const char *name, const char *print);
/* A data file that was read by way of a stream, with the ranges of the documents that were taken
 * from it, borrowed. */
void inputs_add_docs(const char *path, const char *sha256, const json_t *docs);
/* Number of entries; and one entry, the folder at path, in place of those from number `from` on:
 * its hash is that of the lines "HASH  NAME" that sha256sum prints of them, in the order of the
 * bytes of their names, which are the last part of each path. */
size_t inputs_count(void);
void inputs_fold(size_t from, const char *path);
/* Returns the list as the key `inputs` of a step has it, new; NULL where it is empty. */
json_t *inputs_json(void);

#endif
