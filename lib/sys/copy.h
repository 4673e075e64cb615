/* copy - bytes from one file to another, by the kernel where it can
 *
 * Checkpoints are large: what is copied never passes through our memory, and file systems that
 * share blocks copy nothing at all. Everything here dies with one line.
 */
#ifndef COPPICE_COPY_H
#define COPPICE_COPY_H

#include "sys/output.h"

#include <stdint.h>

/* Copies n bytes of the open file in, from offset on, behind what has been written to out. in_name
 * names the source in messages. What is copied is counted as progress, in MB. */
void copy_range(struct out_file *out, int in, const char *in_name, uint64_t offset, uint64_t n);
/* Starts writing the last n bytes of out to the disk, so that out_close has less to wait for. */
void copy_flush(struct out_file *out, uint64_t n);
/* Copies the whole regular file `from` into the new file `to`. */
void copy_file(const char *from, const char *to);
/* Opens the file at path and returns a descriptor for copy_range, which the caller closes. */
int copy_open(const char *path);

#endif
