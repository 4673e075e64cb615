/* table - see table.h
 */
#include "sys/table.h"

#include "sys/die.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE = 64, LARGE_PAGE = 2 << 20 };

void *table_new(size_t bytes)
{
	int large = bytes >= LARGE_PAGE;
	void *p;

	if (posix_memalign(&p, large ? LARGE_PAGE : LINE, bytes))
		die("out of memory");
	if (large)
		madvise(p, bytes, MADV_HUGEPAGE); /* refused: slower, nothing else */
	return memset(p, 0, bytes);
}
