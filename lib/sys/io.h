/* io - read and write that take a call up again where a signal broke it off
 */
#ifndef COPPICE_IO_H
#define COPPICE_IO_H

#include <stddef.h>

/* Reads at most n bytes, as read does. Returns how many, 0 at the end, or -1 with errno. */
long io_read(int fd, void *to, size_t n);
/* Writes all n bytes. Returns 0, or -1 with errno. Safe in a signal handler. */
int io_write(int fd, const void *bytes, size_t n);

#endif
