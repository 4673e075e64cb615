/* sniff - what a file seems to be, told by its first bytes
 *
 * For refusals of what was not wanted: a download that went wrong, or a packing or format that the
 * reader does not know. The text says what to do about it, too.
 */
#ifndef COPPICE_SNIFF_H
#define COPPICE_SNIFF_H

#include <stddef.h>

enum { SNIFF_BYTES = 512 }; /* more are not looked at */

/* Returns what bytes[0..n), the beginning of a file, seem to be: "is a Git LFS pointer, not the
 * file itself: git lfs pull, or hf download", a static text; NULL where they are nothing that is
 * known. */
const char *sniff(const void *bytes, size_t n);
/* The same where more is known of what was wanted. how: SNIFF_UNPACKED: the bytes come from
 * input.h, which has undone one packing; SNIFF_BINARY: something was wanted that is no text. */
enum { SNIFF_UNPACKED = 1, SNIFF_BINARY = 2 };
const char *sniff_as(const void *bytes, size_t n, int how);
/* The same with SNIFF_BINARY for the file at path; NULL also where it cannot be read. */
const char *sniff_file(const char *path);

#endif
