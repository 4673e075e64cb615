/* sniff - what a file that is not what was wanted seems to be, told by its first bytes
 *
 * For refusals: a download that went wrong, a packing or a format that a reader does not take. What
 * to do is said, too.
 */
#ifndef COPPICE_SNIFF_H
#define COPPICE_SNIFF_H

#include <stddef.h>

enum { SNIFF_BYTES = 512 }; /* as many as are looked at */

/* "is a Git LFS pointer, not the file itself: git lfs pull, or hf download": static. NULL: nothing
 * that is known; the reader says what it missed. */
const char *sniff(const void *bytes, size_t n);
/* Where more is known of what was looked for: SNIFF_UNPACKED: the bytes come out of input.h, which
 * undoes every packing once; SNIFF_BINARY: anything but text was wanted. */
enum { SNIFF_UNPACKED = 1, SNIFF_BINARY = 2 };
const char *sniff_as(const void *bytes, size_t n, int how);
const char *sniff_file(const char *path); /* SNIFF_BINARY; NULL too where it can't be read */

#endif
