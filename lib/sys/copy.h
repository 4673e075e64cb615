/* copy - bytes from one file to another, by the kernel where it can
 *
 * Checkpoints are large: what is copied never passes through our memory, and file systems that
 * share blocks copy nothing at all. Everything here dies with one line.
 */
#ifndef COPPICE_COPY_H
#define COPPICE_COPY_H

#include "sys/output.h"

#include <stdint.h>

/* n bytes from offset of the file in, after what has been written to out. Counts them as progress,
 * in MB. */
void copy_range(struct out_file *out, int in, const char *in_name, uint64_t offset, uint64_t n);
/* The last n bytes that were written begin their way to the disk, so that out_close has less to
 * wait for. */
void copy_flush(struct out_file *out, uint64_t n);
/* A whole regular file, into a new file. */
void copy_file(const char *from, const char *to);
int copy_open(const char *path); /* a descriptor to copy from */

#endif
