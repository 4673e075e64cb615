/* io - see io.h
 */
#include "sys/io.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* 1: a call that was broken off is to be made again, after a wait where who shares the descriptor
 * made it one that never waits. */
static int again(int fd, short what)
{
	if (errno == EAGAIN)
		poll(&(struct pollfd){ .fd = fd, .events = what }, 1, -1);
	else if (errno != EINTR)
		return 0;
	return 1;
}

long io_read(int fd, void *to, size_t n)
{
	ssize_t got;

	do
		got = read(fd, to, n);
	while (got < 0 && again(fd, POLLIN));
	return got;
}

int io_write(int fd, const void *bytes, size_t n)
{
	for (const char *p = bytes; n;) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && again(fd, POLLOUT))
			continue;
		if (done <= 0)
			return errno = done ? errno : EIO, -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}
