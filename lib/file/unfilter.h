/* unfilter - xz, bzip2, lzip and lz4 undone by libarchive, which is there for tar files anyway
 */
#ifndef COPPICE_UNFILTER_H
#define COPPICE_UNFILTER_H

#include <stddef.h>

enum { UNFILTER_BYTES = 10 }; /* that tell for sure */

struct unfilter;
/* The name of the packing that begins like this, as far as n bytes tell; NULL: none of these. */
const char *unfilter_knows(const unsigned char *bytes, size_t n);
/* more: gives bytes that hold until its next call, 0: the end. name: of the file, for messages. */
struct unfilter *unfilter_open(const char *name, size_t (*more)(void *ctx, const void **bytes),
	void *ctx);
/* At most n bytes, 0: the end of all members. Dies where they are cut or damaged, or where
 * something else follows. */
size_t unfilter_read(struct unfilter *u, void *to, size_t n);
void unfilter_close(struct unfilter *u); /* NULL: nothing */

#endif
