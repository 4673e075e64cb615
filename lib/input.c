/* input - see input.h
 *
 * gzip goes through inflate and not gzread, which takes a cut file's data for whole.
 */
#include "input.h"

#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { BUFFER = 1 << 18 };

struct input {
	const char *name;
	int fd;
	enum { PLAIN, GZIP, ZSTD } format;
	int inside;		/* within a gzip member or a zstd frame */
	int ended;		/* the file has no more bytes */
	uint64_t taken;
	size_t pos, len;
	z_stream gzip;
	ZSTD_DCtx *zstd;
	unsigned char buf[BUFFER];
};

/* More bytes of the file behind those that are left. */
static void fill(struct input *in)
{
	ssize_t got;

	memmove(in->buf, in->buf + in->pos, in->len - in->pos);
	in->len -= in->pos;
	in->pos = 0;
	do
		got = read(in->fd, in->buf + in->len, BUFFER - in->len);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		die("%s: %s", in->name, strerror(errno));
	in->ended = got == 0;
	in->len += (size_t)got;
	in->taken += (uint64_t)got;
}

static int is_gzip(const struct input *in)
{
	return in->len - in->pos >= 2 && in->buf[in->pos] == 0x1f && in->buf[in->pos + 1] == 0x8b;
}

static int is_zstd(uint32_t magic)
{
	return magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

struct input *input_open(const char *path)
{
	struct input *in = xcalloc(1, sizeof *in);
	uint32_t magic = 0;

	in->name = strcmp(path, "-") ? path : "standard input";
	in->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (in->fd < 0)
		die("%s: %s", path, strerror(errno));
	while (in->len < 4 && !in->ended)
		fill(in);
	memcpy(&magic, in->buf, 4);
	if (is_gzip(in)) {
		in->format = GZIP;
		if (inflateInit2(&in->gzip, 15 + 16) != Z_OK)
			die("out of memory");
	} else if (in->len >= 4 && is_zstd(magic)) {
		in->format = ZSTD;
		in->zstd = ZSTD_createDCtx();
		if (!in->zstd)
			die("out of memory");
	}
	return in;
}

void input_close(struct input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	if (in->format == GZIP)
		inflateEnd(&in->gzip);
	ZSTD_freeDCtx(in->zstd);
	free(in);
}

uint64_t input_taken(const struct input *in)
{
	return in->taken;
}

static size_t read_plain(struct input *in, void *to, size_t n)
{
	if (in->pos == in->len)
		fill(in);
	if (n > in->len - in->pos)
		n = in->len - in->pos;
	memcpy(to, in->buf + in->pos, n);
	in->pos += n;
	return n;
}

/* Between two gzip members. 1: another begins; 0: the end. Zeros that pad the file are allowed. */
static int next_member(struct input *in)
{
	for (;;) {
		if (in->len - in->pos < 2 && !in->ended) {
			fill(in);
		} else if (in->pos == in->len) {
			return 0;
		} else if (is_gzip(in)) {
			inflateReset(&in->gzip);
			return 1;
		} else if (in->buf[in->pos] == 0) {
			in->pos++;
		} else {
			die("%s: bytes after the gzip data that are none", in->name);
		}
	}
}

static size_t read_gzip(struct input *in, void *to, size_t n)
{
	int rc;

	in->gzip.next_out = to;
	in->gzip.avail_out = n > 1 << 30 ? 1 << 30 : (uInt)n;
	n = in->gzip.avail_out;
	while (in->gzip.avail_out == n) {
		if (!in->inside && !next_member(in))
			return 0;
		in->inside = 1;
		if (in->pos == in->len)
			fill(in);
		if (in->pos == in->len)
			die("%s: cut: its gzip data ends early", in->name);
		in->gzip.next_in = in->buf + in->pos;
		in->gzip.avail_in = (uInt)(in->len - in->pos);
		rc = inflate(&in->gzip, Z_NO_FLUSH);
		in->pos = in->len - in->gzip.avail_in;
		if (rc == Z_STREAM_END)
			in->inside = 0;
		else if (rc != Z_OK)
			die("%s: damaged gzip data: %s", in->name, in->gzip.msg ? in->gzip.msg : "inflate fails");
	}
	return n - in->gzip.avail_out;
}

static size_t read_zstd(struct input *in, void *to, size_t n)
{
	ZSTD_outBuffer out = { to, n, 0 };
	ZSTD_inBuffer from;
	size_t rc;

	while (out.pos == 0) {
		if (in->pos == in->len)
			fill(in);
		if (in->pos == in->len && !in->inside)
			return 0;
		from = (ZSTD_inBuffer){ in->buf, in->len, in->pos };
		rc = ZSTD_decompressStream(in->zstd, &out, &from);
		if (ZSTD_isError(rc))
			die("%s: damaged zstd data: %s", in->name, ZSTD_getErrorName(rc));
		if (in->ended && from.pos == in->pos && out.pos == 0 && rc)
			die("%s: cut: its zstd data ends early", in->name);
		in->pos = from.pos;
		in->inside = rc != 0;
	}
	return out.pos;
}

size_t input_read(struct input *in, void *to, size_t n)
{
	switch (in->format) {
	case GZIP: return read_gzip(in, to, n);
	case ZSTD: return read_zstd(in, to, n);
	default: return read_plain(in, to, n);
	}
}
