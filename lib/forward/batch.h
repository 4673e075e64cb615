/* batch - rows of token ids and the forest of segments they form
 *
 * Rows, not padded rectangles: documents lie one after the other. A few-shot header is a segment,
 * each question its child, an answer of several tokens a child of that. How rows are grouped in
 * batches never changes a bit.
 */
#ifndef COPPICE_BATCH_H
#define COPPICE_BATCH_H

#include "ops.h"

struct batch {
	uint32_t *ids;       /* [rows] */
	struct segment *seg; /* [n] */
	size_t rows, cap_rows;
	int n, cap;
};
/* Zero-initialise. Adds n ids (>= 1) as a segment under parent (-1: none); returns its number. */
int batch_add(struct batch *b, const uint32_t *ids, size_t n, int parent);
void batch_clear(struct batch *b);
void batch_free(struct batch *b);
struct segments batch_segments(const struct batch *b);
size_t batch_last_row(const struct batch *b, int seg);

#endif
