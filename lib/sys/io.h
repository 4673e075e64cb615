/* io - read and write that take a call up again where a signal broke it off
 */
#ifndef COPPICE_IO_H
#define COPPICE_IO_H

#include <stddef.h>

/* As read, of at most n bytes: how many, 0 at the end, -1 with errno. */
long io_read(int fd, void *to, size_t n);
/* Writes all n bytes: 0, or -1 with errno. Safe in a signal handler. */
int io_write(int fd, const void *bytes, size_t n);

#endif
