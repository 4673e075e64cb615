/* steady - stdio over system calls that are taken up again; see cli.h
 */
#include "cli/cli.h"

#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

long steady_read(int fd, void *to, size_t n)
{
	ssize_t got;

	do
		got = read(fd, to, n);
	while (got < 0 && again(fd, POLLIN));
	return got;
}

int steady_write(int fd, const void *bytes, size_t n)
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

struct stream {
	int fd;
	off_t size;
	char *name;
};

void steady_end(int fd, off_t size, const char *name)
{
	off_t at = size ? lseek(fd, 0, SEEK_CUR) : 0;

	if (at >= 0 && at < size)
		die("%s: has become shorter while it was read: run it again", name);
}

static ssize_t stream_read(void *stream, char *to, size_t n)
{
	const struct stream *s = stream;
	ssize_t got = steady_read(s->fd, to, n);

	if (got == 0)
		steady_end(s->fd, s->size, s->name);
	return got;
}

static ssize_t stream_write(void *stream, const char *bytes, size_t n)
{
	struct stream *s = stream;

	if (steady_write(s->fd, bytes, n))
		die("%s: write: %s", s->name, strerror(errno));
	return (ssize_t)n;
}

/* Linux has closed what it says EINTR of. */
static int stream_close(void *stream)
{
	struct stream *s = stream;
	int rc = close(s->fd) && errno != EINTR ? -1 : 0, why = errno;

	free(s->name);
	free(s);
	errno = why;
	return rc;
}

static FILE *stream(int fd, const char *name, const char *mode)
{
	struct stream *s = xmalloc(sizeof *s);
	struct stat st;
	FILE *f;

	*s = (struct stream){ fd,
		*mode == 'r' && !fstat(fd, &st) && S_ISREG(st.st_mode) ? st.st_size : 0,
		xstrdup(name) };
	f = fopencookie(s, mode,
		(cookie_io_functions_t){ stream_read, stream_write, NULL, stream_close });
	if (!f)
		out_of_memory(0);
	return f;
}

FILE *steady_writer(int fd, const char *name)
{
	return stream(fd, name, "w");
}

FILE *steady_reader(int fd, const char *name)
{
	return stream(fd, name, "r");
}

FILE *steady_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : steady_reader(fd, path);
}

void steady_stdout(void)
{
	stdout = steady_writer(STDOUT_FILENO, "standard output");
	if (isatty(STDOUT_FILENO))
		setvbuf(stdout, NULL, _IOLBF, 0);
}
