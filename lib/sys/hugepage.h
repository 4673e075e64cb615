/* hugepage - memory for what is read at random: tables, matrices
 */
#ifndef COPPICE_HUGEPAGE_H
#define COPPICE_HUGEPAGE_H

#include <stddef.h>

/* Makes memory of zeros, on huge pages where they fill some: most misses of the address cache are
 * saved. Dies when memory is out. The caller frees it with free. */
void *hugepage_new(size_t bytes);

#endif
