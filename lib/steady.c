/* steady - stdio over system calls that are taken up again; see cli.h
 */
#include "cli.h"

#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

long steady_read(int fd, void *to, size_t n)
{
	ssize_t got;

	do
		got = read(fd, to, n);
	while (got < 0 && errno == EINTR);
	return got;
}

int steady_write(int fd, const void *bytes, size_t n)
{
	for (const char *p = bytes; n; ) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return errno = done ? errno : EIO, -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static ssize_t stream_read(void *fd, char *to, size_t n)
{
	return steady_read((int)(intptr_t)fd, to, n);
}

static ssize_t stream_write(void *fd, const char *bytes, size_t n)
{
	return steady_write((int)(intptr_t)fd, bytes, n) ? 0 : (ssize_t)n;
}

/* Linux has closed what it says EINTR of. */
static int stream_close(void *fd)
{
	return close((int)(intptr_t)fd) && errno != EINTR ? -1 : 0;
}

FILE *steady_fd(int fd, const char *mode)
{
	FILE *f = fopencookie((void *)(intptr_t)fd, mode,
		(cookie_io_functions_t){ .read = stream_read, .write = stream_write, .close = stream_close });

	if (!f)
		out_of_memory(0);
	return f;
}

FILE *steady_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : steady_fd(fd, "r");
}

void steady_stdout(void)
{
	stdout = steady_fd(STDOUT_FILENO, "w");
	if (isatty(STDOUT_FILENO))
		setvbuf(stdout, NULL, _IOLBF, 0);
}
