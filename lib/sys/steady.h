/* steady - stdio that takes a call up again where a signal broke it off
 *
 * glibc's own streams take a broken call, or one that did only a part, for an error, and lose what
 * was to be written. A steady writer dies where a write fails ("NAME: write: why"; silently by
 * SIGPIPE where a reader has gone, see signals.h), so that none is ever taken for done; its fclose
 * reports an error of close. A steady reader's error is told by ferror, and is not its end. fclose
 * closes the descriptor; fileno does not know it.
 */
#ifndef COPPICE_STEADY_H
#define COPPICE_STEADY_H

#include <stdio.h>
#include <sys/types.h>

FILE *steady_writer(int fd, const char *name);
FILE *steady_reader(int fd, const char *name);
FILE *steady_open(const char *path); /* a reader, or NULL with errno */
/* Replaces stdout by a steady writer. */
void steady_stdout(void);
/* Checks the end of a file that a reader has reached: dies where the file has become shorter than
 * `size` bytes, its size when it was opened, for then this is not its end. size 0: it is no regular
 * file, or its size is not known, and nothing is checked. */
void steady_end(int fd, off_t size, const char *name);

#endif
