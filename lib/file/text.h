/* text - documents from files: JSON lines (C4's layout), plain lines, whole files; as they are or
 * packed (input.h)
 */
#ifndef COPPICE_TEXT_H
#define COPPICE_TEXT_H

#include "sys/fault.h"

#include <stddef.h>
#include <stdint.h>

struct text_in;
/* Opens files, NULL-terminated paths that the caller keeps; "-", or no path at all, is standard
 * input. lines 0: each line is a JSON object, and the string under its key field (NULL: "text") a
 * document; blank lines are none. lines 1: each line as it stands is a document, without its line
 * break, LF or CR LF, and without a byte order mark at a file's start; an empty line is an empty
 * one. Functions here die with file and line number where a file is truncated or damaged, a line is
 * no such object, or a line has more than 64 MiB. */
struct text_in *text_open(char *const *files, const char *field, int lines);
/* Reads the next document: 1 with *text, its *n bytes, and *doc, its number from 0; or 0 at the
 * end. The bytes belong to the reader and hold until the next call. They may be any bytes, NUL and
 * invalid UTF-8 among them; half of a surrogate pair (\ud800) comes as one byte FF, so that it is
 * replaced and counted like other invalid UTF-8. */
int text_next(struct text_in *in, const char **text, size_t *n, uint64_t *doc);
/* Returns "FILE:LINE" of the last document, for messages; it holds until the next call. */
const char *text_file(const struct text_in *in);
/* Dies because of the last document. The line says what the file seems to be, where the document is
 * its first and that is known, or else why. */
_Noreturn void text_bad(const struct text_in *in, const char *why);
int text_is_blank(const char *line, size_t n); /* 1 where it has but spaces, tabs and CR, else 0 */
/* Return the bytes of the files that are read so far, still packed, and those of all files, 0 where
 * that is not known; for progress. */
uint64_t text_bytes_read(const struct text_in *in);
uint64_t text_total(char *const *files);
void text_close(struct text_in *in);

/* Finds the string under the key field of the JSON object line[0..n), the last one where the key
 * stands several times. Writes its *n_out unescaped bytes to out, which has a capacity of n. 0, or
 * -1 with err. */
int text_json_field(char *out, size_t *n_out, const char *line, size_t n, const char *field,
	struct fault *err);

/* Returns the *n unpacked bytes of the file at path, new, with a NUL behind them. Dies where it
 * cannot be read or has more than max. */
char *text_slurp(const char *path, size_t max, size_t *n);
/* The same of a file that is data, and then among this run's inputs (inputs.h). */
char *text_slurp_data(const char *path, size_t max, size_t *n);

#endif
