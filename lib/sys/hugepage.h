/* hugepage - memory for what is read at random: tables, matrices
 */
#ifndef COPPICE_HUGEPAGE_H
#define COPPICE_HUGEPAGE_H

#include <stddef.h>

/* Allocates zeroed memory, on huge pages where it fills some, which saves most misses of the
 * address cache. Dies when memory is out. The caller frees it with free. */
void *hugepage_new(size_t bytes);

#endif
