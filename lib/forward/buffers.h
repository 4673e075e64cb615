/* buffers - matrices over the rows of a batch that are made, resized and freed together
 *
 * A struct that has such matrices lists each of them once, with its type and columns; making,
 * resizing, freeing and planning go over that list.
 */
#ifndef COPPICE_BUFFERS_H
#define COPPICE_BUFFERS_H

#include "ops.h"

struct buffer {
	struct mat **mat; /* where the matrix [rows, cols] is kept; NULL there: it is not used */
	enum mat_type type;
	size_t cols; /* 0: the matrix is not used */
};

/* Makes the n matrices of a list with this number of rows, all zeros. Dies when memory is out.
 * buffers_free frees them. */
void buffers_new(const struct buffer *list, int n, size_t rows);
void buffers_free(const struct buffer *list, int n);
/* Sets the number of rows of all of them, at most the number that they were made with. */
void buffers_resize(const struct buffer *list, int n, size_t rows);
/* Returns the bytes of one row of all n matrices together. */
size_t buffers_row_bytes(const struct buffer *list, int n);

#endif
