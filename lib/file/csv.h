/* csv - comma-separated values as RFC 4180 has them
 *
 * A pure parser of bytes in memory. Beyond the RFC it accepts what the question files of MMLU
 * contain: LF or CR alone as line ends, a last line without one, blank lines (skipped), a
 * quote inside an unquoted cell (a character like any other), a byte order mark at the front.
 */
#ifndef COPPICE_CSV_H
#define COPPICE_CSV_H

#include "sys/fault.h"

#include <stddef.h>

struct csv {
	char *text;        /* the cells' bytes, each ended by NUL */
	const char **cell; /* [first[n_rows]] */
	size_t *first;     /* [n_rows + 1]: number of each row's first cell */
	size_t *line;      /* [n_rows]: the line a row begins in, from 1 */
	size_t n_rows;
};
/* Parses bytes[0..n) into *c, which owns copies and is freed by csv_free. 0, or -1 with err, and
 * nothing to free, where there is a NUL, bytes that are no UTF-8, text after a closing quote, or a
 * quote that is never closed. */
int csv_parse(struct csv *c, const char *bytes, size_t n, struct fault *err);
void csv_free(struct csv *c);

#endif
