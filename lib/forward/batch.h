/* batch - rows of token ids and the forest of segments that they form
 *
 * A batch has rows and not padded rectangles: documents lie one after the other. A few-shot header
 * is a segment, each question its child, an answer of several tokens a child of that, so that a
 * shared beginning is computed once. How rows are grouped in batches never changes a bit.
 */
#ifndef COPPICE_BATCH_H
#define COPPICE_BATCH_H

#include "ops.h"

/* All zeros is an empty batch. batch_free frees what it holds. */
struct batch {
	uint32_t *ids;       /* [rows] */
	struct segment *seg; /* [n] */
	size_t rows, cap_rows;
	int n, cap;
};
/* Adds n >= 1 ids, which are copied, as a segment under parent, the number of an earlier segment,
 * or -1 for none. Returns the number of the new segment. */
int batch_add(struct batch *b, const uint32_t *ids, size_t n, int parent);
/* Empties the batch and keeps its memory. */
void batch_clear(struct batch *b);
void batch_free(struct batch *b);
/* Returns the segments as operations take them, valid until the batch changes. */
struct segments batch_segments(const struct batch *b);
/* Returns the row of the last token of segment seg. */
size_t batch_last_row(const struct batch *b, int seg);

#endif
