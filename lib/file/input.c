/* input - see input.h
 *
 * gzip goes through inflate and not gzread, which takes a cut file's data for whole. What
 * libarchive alone knows goes through unfilter.h.
 */
#include "file/input.h"

#include "file/inputs.h"
#include "file/unfilter.h"
#include "sys/die.h"
#include "sys/io.h"
#include "sys/memory.h"
#include "sys/steady.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { BUFFER = 1 << 18 };

struct input {
	const char *name;
	int fd, mixed;
	off_t size;                                     /* of a file, when it was opened */
	enum { BETWEEN, PLAIN, GZIP, ZSTD, FILTER } at; /* BETWEEN: members; at the start, too */
	int members, zeros_may_pad;
	int ended;       /* the file has no more bytes */
	int more_inside; /* zstd may hold bytes that did not fit */
	uint64_t bytes_read;
	size_t pos, len;
	z_stream gzip;
	int has_gzip;
	ZSTD_DCtx *zstd;
	struct unfilter *filter;
	const char *path;
	struct digest *digest; /* NULL: it is not among the inputs */
	unsigned char buf[BUFFER];
};

/* More bytes of the file behind those that are left, until there are so many or the file ends: how
 * many there are. */
static size_t fill(struct input *in, size_t least)
{
	while (in->len - in->pos < least && !in->ended) {
		long got;

		memmove(in->buf, in->buf + in->pos, in->len - in->pos);
		in->len -= in->pos;
		in->pos = 0;
		got = io_read(in->fd, in->buf + in->len, BUFFER - in->len);
		if (got < 0)
			die("%s: read: %s", in->name, strerror(errno));
		in->ended = got == 0;
		if (in->ended)
			steady_end(in->fd, in->size, in->name);
		if (in->digest)
			digest_add(in->digest, in->buf + in->len, (size_t)got);
		in->len += (size_t)got;
		in->bytes_read += (uint64_t)got;
	}
	return in->len - in->pos;
}

static struct input *open_it(const char *path, int mixed)
{
	struct input *in = xcalloc(1, sizeof *in);
	struct stat st;

	in->name = strcmp(path, "-") ? path : "standard input";
	in->path = path;
	in->mixed = mixed;
	in->fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (in->fd < 0)
		die("%s: %s%s", in->name, mixed ? "open: " : "", strerror(errno));
	if (fstat(in->fd, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			die("%s: is a folder", in->name);
		in->size = S_ISREG(st.st_mode) ? st.st_size : 0;
	}
	return in;
}

struct input *input_open(const char *path)
{
	return open_it(path, 0);
}

struct input *input_open_mixed(const char *path)
{
	return open_it(path, 1);
}

void input_is_data(struct input *in)
{
	in->digest = digest_new();
}

/* A pipe may never end, and who writes into it may wait to be told that nobody reads. */
static void close_digest(struct input *in)
{
	char hex[DIGEST_HEX];

	while (in->size && !in->ended) {
		in->pos = in->len;
		fill(in, 1);
	}
	digest_end(in->digest, hex);
	inputs_add(in->path, in->ended ? hex : NULL);
}

void input_close(struct input *in)
{
	if (in->digest)
		close_digest(in);
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	if (in->has_gzip)
		inflateEnd(&in->gzip);
	ZSTD_freeDCtx(in->zstd);
	unfilter_close(in->filter);
	free(in);
}

uint64_t input_bytes_read(const struct input *in)
{
	return in->bytes_read;
}

/* -- members ----------------------------------------------------------------------------------- */

static int begins_zstd(const unsigned char *p, size_t n)
{
	uint32_t magic = 0;

	if (n < 4)
		return 0;
	memcpy(&magic, p, 4);
	return magic == ZSTD_MAGICNUMBER ||
		(magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

static void begin_gzip(struct input *in)
{
	if (in->has_gzip ? inflateReset(&in->gzip) != Z_OK
			 : inflateInit2(&in->gzip, 15 + 16) != Z_OK)
		die("out of memory");
	in->has_gzip = 1;
	in->zeros_may_pad = 1;
	in->at = GZIP;
}

/* The longest window that there is: what zstd --long=31 writes is read by who did not know of it,
 * too. */
static void begin_zstd(struct input *in)
{
	if (!in->zstd) {
		in->zstd = ZSTD_createDCtx();
		if (!in->zstd ||
			ZSTD_isError(ZSTD_DCtx_setParameter(in->zstd, ZSTD_d_windowLogMax,
				(int)ZSTD_dParam_getBounds(ZSTD_d_windowLogMax).upperBound)))
			die("out of memory");
	}
	in->more_inside = 0;
	in->at = ZSTD;
}

static size_t give(void *ctx, const void **bytes)
{
	struct input *in = ctx;
	size_t n = fill(in, 1);

	*bytes = in->buf + in->pos;
	in->pos += n;
	return n;
}

/* The next member: 1, or 0 at the file's end. */
static int begin_member(struct input *in)
{
	size_t n = fill(in, 4);
	const unsigned char *p;

	while (in->zeros_may_pad && n && !in->buf[in->pos]) {
		in->pos++;
		n = fill(in, 4);
	}
	if (!n)
		return 0;
	p = in->buf + in->pos;
	if (n >= 2 && p[0] == 0x1f && p[1] == 0x8b) {
		begin_gzip(in);
	} else if (begins_zstd(p, n)) {
		begin_zstd(in);
	} else if (n >= 4 && unfilter_knows(p, n) &&
		unfilter_knows(in->buf + in->pos, fill(in, UNFILTER_BYTES))) {
		in->filter = unfilter_open(in->name, give, in);
		in->at = FILTER;
	} else if (in->members && !in->mixed) {
		die("%s: bytes after the %s data that are none", in->name,
			in->zeros_may_pad ? "gzip" : "zstd");
	} else {
		in->at = PLAIN;
	}
	in->members++;
	return 1;
}

/* -- reading ----------------------------------------------------------------------------------- */

static size_t read_plain(struct input *in, void *to, size_t n)
{
	size_t have = fill(in, 1);

	n = n < have ? n : have;
	memcpy(to, in->buf + in->pos, n);
	in->pos += n;
	return n;
}

/* Bytes of the member; 0: none yet, or it is over. */
static size_t read_gzip(struct input *in, void *to, size_t n)
{
	int rc;

	if (!fill(in, 1))
		die("%s: cut short: its gzip data ends early", in->name);
	n = n > 1 << 30 ? 1 << 30 : n;
	in->gzip.next_out = to;
	in->gzip.avail_out = (uInt)n;
	in->gzip.next_in = in->buf + in->pos;
	in->gzip.avail_in = (uInt)(in->len - in->pos);
	rc = inflate(&in->gzip, Z_NO_FLUSH);
	in->pos = in->len - in->gzip.avail_in;
	if (rc == Z_STREAM_END)
		in->at = BETWEEN;
	else if (rc != Z_OK)
		die("%s: damaged gzip data: %s", in->name,
			in->gzip.msg ? in->gzip.msg : "inflate fails");
	return n - in->gzip.avail_out;
}

static size_t read_zstd(struct input *in, void *to, size_t n)
{
	ZSTD_outBuffer out = { to, n, 0 };
	ZSTD_inBuffer from;
	size_t rc;

	if (!in->more_inside && !fill(in, 1))
		die("%s: cut short: its zstd data ends early", in->name);
	from = (ZSTD_inBuffer){ in->buf, in->len, in->pos };
	rc = ZSTD_decompressStream(in->zstd, &out, &from);
	if (ZSTD_isError(rc))
		die("%s: damaged zstd data: %s", in->name, ZSTD_getErrorName(rc));
	in->pos = from.pos;
	in->more_inside = rc && out.pos == out.size;
	if (!rc) {
		in->at = BETWEEN;
		in->zeros_may_pad = 0;
	}
	return out.pos;
}

size_t input_read(struct input *in, void *to, size_t n)
{
	size_t got = 0;

	while (!got) {
		if (in->at == PLAIN)
			return read_plain(in, to, n);
		if (in->at == FILTER)
			return unfilter_read(in->filter, to, n);
		if (in->at == BETWEEN && !begin_member(in))
			return 0;
		if (in->at == GZIP)
			got = read_gzip(in, to, n);
		else if (in->at == ZSTD)
			got = read_zstd(in, to, n);
	}
	return got;
}
