/* table - memory for tables that are looked up at random
 */
#ifndef COPPICE_TABLE_H
#define COPPICE_TABLE_H

#include <stddef.h>

/* Zeros, on large pages where they fill some: most misses of the address cache are saved. Freed
 * with free. */
void *table_new(size_t bytes);

#endif
