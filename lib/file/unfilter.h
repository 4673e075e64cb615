/* unfilter - unpacks xz, bzip2, lzip and lz4 by libarchive, which is there for tar files anyway
 */
#ifndef COPPICE_UNFILTER_H
#define COPPICE_UNFILTER_H

#include <stddef.h>

enum { UNFILTER_BYTES = 10 }; /* so many bytes tell the packing for sure */

struct unfilter;
/* Returns the name of the packing that begins with bytes[0..n), as far as they tell; NULL where it
 * is none of these. */
const char *unfilter_knows(const unsigned char *bytes, size_t n);
/* Opens packed data that more(ctx, &bytes) gives piece by piece: it returns how many bytes *bytes
 * has, which hold until its next call; 0: the end. name: of the file, for messages; the caller
 * keeps it. */
struct unfilter *unfilter_open(const char *name, size_t (*more)(void *ctx, const void **bytes),
	void *ctx);
/* Reads at most n unpacked bytes into to and returns how many; 0: the end of all members. Dies
 * where the data are cut short or damaged, or something else follows them. */
size_t unfilter_read(struct unfilter *u, void *to, size_t n);
void unfilter_close(struct unfilter *u); /* u may be NULL */

#endif
