/* hugepage - see hugepage.h
 */
#include "sys/hugepage.h"

#include "sys/die.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE = 64, HUGE_PAGE = 2 << 20 };

void *hugepage_new(size_t bytes)
{
	int huge = bytes >= HUGE_PAGE;
	void *p;

	if (posix_memalign(&p, huge ? HUGE_PAGE : LINE, bytes))
		die("out of memory");
	if (huge)
		madvise(p, bytes, MADV_HUGEPAGE); /* refused: slower, nothing else */
	return memset(p, 0, bytes);
}
