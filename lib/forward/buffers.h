/* buffers - matrices over the rows of a batch that are made, resized and freed together
 *
 * A struct that has such matrices lists each of them once, with its type and columns; making,
 * resizing, freeing and planning go over that list.
 */
#ifndef COPPICE_BUFFERS_H
#define COPPICE_BUFFERS_H

#include "ops.h"

struct buffer {
	struct mat **mat; /* where the matrix [rows, cols] is kept; NULL there: it is not wanted */
	enum mat_type type;
	size_t cols; /* 0: not wanted */
};

/* Makes the n matrices of a list for so many rows, zeroed. Dies when memory is out. */
void buffers_new(const struct buffer *list, int n, size_t rows);
void buffers_free(const struct buffer *list, int n);
/* rows: at most those that they were made for. */
void buffers_resize(const struct buffer *list, int n, size_t rows);
/* Bytes of one row of all of them. */
size_t buffers_row_bytes(const struct buffer *list, int n);

#endif
