/* batch - rows of token ids and the forest of segments they form
 */
#include "forward/batch.h"

#include "sys/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int batch_add(struct batch *b, const uint32_t *ids, size_t n, int parent)
{
	struct segment *s;

	assert(n && parent < b->n);
	if (b->rows + n > b->cap_rows) {
		b->cap_rows = 2 * b->cap_rows > b->rows + n ? 2 * b->cap_rows : b->rows + n;
		b->ids = xrealloc(b->ids, b->cap_rows, sizeof *b->ids);
	}
	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 16;
		b->seg = xrealloc(b->seg, (size_t)b->cap, sizeof *b->seg);
	}
	memcpy(b->ids + b->rows, ids, n * sizeof *ids);
	s = &b->seg[b->n];
	*s = (struct segment){ b->rows, n, parent, 0 };
	if (parent >= 0)
		s->pos = b->seg[parent].pos + b->seg[parent].len;
	b->rows += n;
	return b->n++;
}

void batch_clear(struct batch *b)
{
	b->rows = 0;
	b->n = 0;
}

void batch_free(struct batch *b)
{
	free(b->ids);
	free(b->seg);
	memset(b, 0, sizeof *b);
}

struct segments batch_segments(const struct batch *b)
{
	return (struct segments){ b->seg, b->n, b->rows };
}

size_t batch_last_row(const struct batch *b, int seg)
{
	return b->seg[seg].first + b->seg[seg].len - 1;
}
