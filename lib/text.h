/* text - documents from files: JSON lines (C4's layout), plain lines, whole files; plain, gzip or zstd
 */
#ifndef COPPICE_TEXT_H
#define COPPICE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text_in;
/* files: NULL-terminated, none: standard input. field: the JSON key that holds the text (default "text"); lines: each
 * line is a document as it stands. Compression is told by the first bytes. A cut or damaged file is an error. */
struct text_in *text_open(char *const *files, const char *field, int lines);
/* Next document: 1, or 0 at the end. The bytes belong to the reader until the next call. doc: its number, from 0. */
int text_next(struct text_in *in, const char **text, size_t *n, uint64_t *doc);
const char *text_file(const struct text_in *in);	/* for messages, with the line number */
void text_close(struct text_in *in);

/* A whole file into memory, plain, gzip or zstd; at most max bytes. New, NUL-terminated beyond n; dies. */
char *text_slurp(const char *path, size_t max, size_t *n);

#endif
