/* steady - see steady.h
 */
#include "sys/steady.h"

#include "sys/die.h"
#include "sys/io.h"
#include "sys/memory.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	ssize_t got = io_read(s->fd, to, n);

	if (got == 0)
		steady_end(s->fd, s->size, s->name);
	return got;
}

static ssize_t stream_write(void *stream, const char *bytes, size_t n)
{
	struct stream *s = stream;

	if (io_write(s->fd, bytes, n)) {
		if (errno == EPIPE)
			signals_pipe();
		die("%s: write: %s", s->name, strerror(errno));
	}
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
