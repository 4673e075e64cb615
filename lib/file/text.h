/* text - documents from files: JSON lines (C4's layout), plain lines, whole files; as they are or
 * packed (input.h)
 */
#ifndef COPPICE_TEXT_H
#define COPPICE_TEXT_H

#include "sys/fault.h"

#include <stddef.h>
#include <stdint.h>

struct text_in;
/* files: NULL-terminated, none: standard input; "-" is standard input too. field: the JSON key that
 * holds the text (default "text"); lines: each line is a document as it stands, without its line
 * break, LF or CR LF, and without a byte order mark at a file's start. How it is packed is told by
 * the first bytes (input.h). A cut or damaged file, a line that is no JSON object or has no such
 * string in it, a line beyond 64 MiB: dies with file and line number. Blank lines are no documents
 * among JSON lines, and empty ones among plain lines. */
struct text_in *text_open(char *const *files, const char *field, int lines);
/* Next document: 1, or 0 at the end. The bytes belong to the reader until the next call. doc: its
 * number, from 0. They may be any bytes: no valid UTF-8, NUL; half of a surrogate pair (\ud800)
 * comes as one byte FF, so that it is replaced and counted like other invalid UTF-8. */
int text_next(struct text_in *in, const char **text, size_t *n, uint64_t *doc);
/* "FILE:LINE" of the last document, for messages */
const char *text_file(const struct text_in *in);
/* Dies over the last document: with what the file seems to be, if it is its first line and that is
 * known, or else why. */
_Noreturn void text_bad(const struct text_in *in, const char *why);
int text_is_blank(const char *line, size_t n); /* 1: nothing but spaces, tabs and CR */
/* Bytes of the files read so far, compressed as they are, and in all (0: unknown); for progress. */
uint64_t text_bytes_read(const struct text_in *in);
uint64_t text_total(char *const *files);
void text_close(struct text_in *in);

/* The string under a key of the object that is one line of JSON, the last of equal keys, unescaped
 * into out (room for n). 0 with *n_out, or -1 with err. */
int text_json_field(char *out, size_t *n_out, const char *line, size_t n, const char *field,
	struct fault *err);

/* A whole file into memory, unpacked; at most max bytes. New, NUL-terminated beyond n; dies. */
char *text_slurp(const char *path, size_t max, size_t *n);

#endif
