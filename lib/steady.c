/* steady - stdio over system calls that are taken up again; see cli.h
 */
#include "cli.h"

#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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

struct stream { int fd; char *name; };

static ssize_t stream_read(void *stream, char *to, size_t n)
{
	return steady_read(((struct stream *)stream)->fd, to, n);
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
	FILE *f;

	*s = (struct stream){ fd, xstrdup(name) };
	f = fopencookie(s, mode, (cookie_io_functions_t){ stream_read, stream_write, NULL, stream_close });
	if (!f)
		out_of_memory(0);
	return f;
}

FILE *steady_writer(int fd, const char *name)
{
	return stream(fd, name, "w");
}

FILE *steady_reader(int fd)
{
	return stream(fd, "", "r");
}

FILE *steady_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? NULL : steady_reader(fd);
}

void steady_stdout(void)
{
	stdout = steady_writer(STDOUT_FILENO, "standard output");
	if (isatty(STDOUT_FILENO))
		setvbuf(stdout, NULL, _IOLBF, 0);
}
