/* source - files, or standard input, through zstd where they are compressed
 */
#include "source.h"

#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { READ_BYTES = 1 << 17 };

struct source {
	char *const *next;		/* files to come */
	int stdin_next;			/* none was named */
	const char *name;
	int fd;
	enum { AT_START, IN_FRAME, PLAIN } at;
	int more_inside;		/* the decompressor may hold bytes that did not fit */
	ZSTD_DCtx *zstd;
	size_t pos, len;
	unsigned char buf[READ_BYTES];
};

struct source *source_open(char *const *files)
{
	struct source *s = xcalloc(1, sizeof *s);

	s->next = files;
	s->stdin_next = !files || !*files;
	s->fd = -1;
	s->name = "-";
	s->zstd = ZSTD_createDCtx();
	if (!s->zstd)
		die("out of memory");
	return s;
}

static void close_file(struct source *s)
{
	if (s->fd > STDIN_FILENO)
		close(s->fd);
	s->fd = -1;
}

int source_next(struct source *s)
{
	struct stat st;

	close_file(s);
	if (s->stdin_next)
		s->name = "-", s->stdin_next = 0;
	else if (s->next && *s->next)
		s->name = *s->next++;
	else
		return 0;
	s->fd = strcmp(s->name, "-") ? open(s->name, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (s->fd < 0)
		die("%s: open: %s", source_name(s), strerror(errno));
	if (fstat(s->fd, &st) == 0 && S_ISDIR(st.st_mode))
		die("%s: is a folder", source_name(s));
	s->at = AT_START;
	s->pos = s->len = 0;
	return 1;
}

/* Reads on until at least `least` bytes are there or the file ends. */
static size_t fill(struct source *s, size_t least)
{
	ssize_t n = 1;

	if (s->len - s->pos >= least)
		return s->len - s->pos;
	memmove(s->buf, s->buf + s->pos, s->len - s->pos);
	s->len -= s->pos;
	s->pos = 0;
	while (s->len < least && n) {
		n = read(s->fd, s->buf + s->len, sizeof s->buf - s->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die("%s: read: %s", source_name(s), strerror(errno));
		s->len += (size_t)n;
	}
	return s->len;
}

static unsigned long little_endian(const unsigned char *p)
{
	return p[0] | (unsigned long)p[1] << 8 | (unsigned long)p[2] << 16 | (unsigned long)p[3] << 24;
}

static int begins_frame(const unsigned char *p, size_t n)
{
	return n >= 4 && (little_endian(p) == ZSTD_MAGICNUMBER ||
		(little_endian(p) & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START);
}

static size_t read_plain(struct source *s, void *to, size_t n)
{
	size_t have = fill(s, 1);

	n = n < have ? n : have;
	memcpy(to, s->buf + s->pos, n);
	s->pos += n;
	return n;
}

/* Bytes of the frame; 0 when there are none yet, or it is over. */
static size_t read_frame(struct source *s, void *to, size_t n)
{
	ZSTD_outBuffer out = { to, n, 0 };
	ZSTD_inBuffer in;
	size_t r;

	if (!s->more_inside && !fill(s, 1))
		die("%s: cut short: ends within a zstd frame", source_name(s));
	in = (ZSTD_inBuffer){ s->buf, s->len, s->pos };
	r = ZSTD_decompressStream(s->zstd, &out, &in);
	if (ZSTD_isError(r))
		die("%s: zstd: %s", source_name(s), ZSTD_getErrorName(r));
	s->pos = in.pos;
	s->more_inside = r && out.pos == out.size;
	if (!r)
		s->at = AT_START;
	return out.pos;
}

size_t source_read(struct source *s, void *to, size_t n)
{
	size_t got;

	for (;;) {
		if (s->at == AT_START) {
			if (!fill(s, 4))
				return 0;
			s->at = begins_frame(s->buf + s->pos, s->len - s->pos) ? IN_FRAME : PLAIN;
		}
		if (s->at == PLAIN)
			return read_plain(s, to, n);
		got = read_frame(s, to, n);
		if (got)
			return got;
	}
}

const char *source_name(const struct source *s)
{
	return strcmp(s->name, "-") ? s->name : "standard input";
}

void source_close(struct source *s)
{
	close_file(s);
	ZSTD_freeDCtx(s->zstd);
	free(s);
}
