/* buffers - matrices over the rows of a batch; see buffers.h
 */
#include "forward/buffers.h"

void buffers_new(const struct buffer *list, int n, size_t rows)
{
	for (int i = 0; i < n; i++)
		*list[i].mat = list[i].cols ? mat_new(list[i].type, rows, list[i].cols) : NULL;
}

void buffers_free(const struct buffer *list, int n)
{
	for (int i = 0; i < n; i++)
		mat_free(*list[i].mat);
}

void buffers_resize(const struct buffer *list, int n, size_t rows)
{
	for (int i = 0; i < n; i++)
		if (*list[i].mat)
			mat_resize(*list[i].mat, rows);
}

size_t buffers_row_bytes(const struct buffer *list, int n)
{
	size_t operand = ops_dtype() == DTYPE_BF16 ? 2 : 4, bytes = 0;

	for (int i = 0; i < n; i++)
		bytes += list[i].cols * (list[i].type == MAT_OPERAND ? operand : 4);
	return bytes;
}
