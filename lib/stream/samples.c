/* samples - see samples.h
 */
#include "stream/samples.h"

#include "file/json.h"
#include "stream/mp.h"
#include "stream/place.h"
#include "sys/die.h"
#include "sys/io.h"
#include "sys/memory.h"
#include "sys/output.h"
#include "sys/steady.h"
#include "sys/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

static const unsigned char magic[4] = { 0x28, 0xb5, 0x2f, 0xfd }; /* of zstd */

struct samples {
	char *path, *part;
	const json_t *provenance, *args, *meta;
	struct rec_in *old;      /* what the run before left, NULL: nothing (more) */
	size_t used;             /* bytes of FILE.part that stay */
	uint64_t known, put;     /* samples taken over; samples that came */
	int fd;                  /* of FILE.part, locked until this process ends */
	FILE *log;               /* of fd, once it is written to */
	struct rec_out *journal; /* into log */
	struct out_file file;
	struct rec_out *out; /* into file */
};

/* -- repair ------------------------------------------------------------------------------------ */

struct unpacked {
	unsigned char *bytes;
	size_t n, cap;
};

/* One frame, whole and with the right checksum, after the bytes that are there: 1, or 0. */
static int unpack_frame(struct unpacked *u, ZSTD_DCtx *zstd, ZSTD_inBuffer *in)
{
	size_t step = ZSTD_DStreamOutSize(), first = u->n, r = 1, before;

	ZSTD_DCtx_reset(zstd, ZSTD_reset_session_only);
	do {
		ZSTD_outBuffer o = { NULL, step, 0 };

		if (u->n + step > u->cap) {
			u->cap = 2 * (u->n + step);
			u->bytes = xrealloc(u->bytes, u->cap, 1);
		}
		before = in->pos;
		o.dst = u->bytes + u->n;
		r = ZSTD_decompressStream(zstd, &o, in);
		if (ZSTD_isError(r) || (r && o.pos == 0 && in->pos == before) ||
			u->n - first > MP_BYTES)
			return 0;
		u->n += o.pos;
	} while (r);
	return 1;
}

static int is_end(const unsigned char *object)
{
	return memcmp(object,
		       "\x81\xa3"
		       "end",
		       5) == 0; /* a map of one key */
}

/* 1: the bytes are one object, and no end. */
static int is_record(const unsigned char *bytes, size_t n)
{
	const char *why;

	return n > 5 && mp_check(bytes, n, &why) == (long)n && !is_end(bytes);
}

static void add_end(struct unpacked *u, uint64_t records)
{
	msgpack_sbuffer end;
	msgpack_packer pk;

	msgpack_sbuffer_init(&end);
	msgpack_packer_init(&pk, &end, msgpack_sbuffer_write);
	msgpack_pack_map(&pk, 1);
	mp_pack_str(&pk, "end");
	msgpack_pack_map(&pk, 2);
	mp_pack_str(&pk, "records");
	msgpack_pack_uint64(&pk, records);
	mp_pack_str(&pk, "xxh3");
	msgpack_pack_uint64(&pk, XXH3_64bits(u->bytes, u->n));
	u->bytes = xrealloc(u->bytes, u->n + end.size + 1, 1);
	memcpy(u->bytes + u->n, end.data, end.size);
	u->n += end.size;
	msgpack_sbuffer_destroy(&end);
}

unsigned char *samples_repair(const unsigned char *bytes, size_t n_bytes, size_t *n, size_t *used)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	ZSTD_inBuffer in = { bytes, n_bytes, 0 };
	struct unpacked u = { 0 };
	uint64_t objects = 0;

	if (zstd == NULL)
		die("out of memory");
	for (*n = *used = 0; in.pos < in.size && unpack_frame(&u, zstd, &in); objects++) {
		if (!is_record(u.bytes + *n, u.n - *n))
			break;
		*n = u.n;
		*used = in.pos;
	}
	ZSTD_freeDCtx(zstd);
	u.n = *n;
	if (objects > 0)
		add_end(&u, objects - 1);
	*n = u.n;
	return u.bytes;
}

/* 1: a file without a header that can be read was a journal once, rather than a file of someone's:
 * it is damaged where it begins, or was cut there; or records lie behind. */
static int was_journal(const unsigned char *bytes, size_t n)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	struct unpacked u = { 0 };
	int other = 0, was;

	if (zstd == NULL)
		die("out of memory");
	for (size_t i = 0; i < 4 && i < n; i++)
		other += bytes[i] != magic[i];
	was = other <= 1 && !unpack_frame(&u, zstd, &(ZSTD_inBuffer){ bytes, n, 0 });
	for (const unsigned char *p = bytes;
		!was && (p = memmem(p + 1, (size_t)(bytes + n - p - 1), magic, 4));) {
		ZSTD_inBuffer in = { p, (size_t)(bytes + n - p), 0 };

		u.n = 0;
		was = unpack_frame(&u, zstd, &in) && is_record(u.bytes, u.n);
	}
	ZSTD_freeDCtx(zstd);
	free(u.bytes);
	return was;
}

/* -- the run before ---------------------------------------------------------------------------- */

/* The header that this run writes. */
static int same_header(const struct samples *s)
{
	json_t *steps = provenance_with_own(s->provenance, s->args);
	int same = provenance_same(steps, rec_provenance(s->old)) &&
		json_equal(s->meta, rec_meta(s->old));

	json_decref(steps);
	return same;
}

static unsigned char *read_all(int fd, const char *name, size_t *n)
{
	unsigned char *bytes;
	struct stat st;
	ssize_t got = 1;

	if (fstat(fd, &st))
		die("%s: %s", name, strerror(errno));
	bytes = xmalloc((size_t)st.st_size);
	for (*n = 0; *n < (size_t)st.st_size && got; *n += got > 0 ? (size_t)got : 0) {
		got = pread(fd, bytes + *n, (size_t)st.st_size - *n, (off_t)*n);
		if (got < 0 && errno != EINTR)
			die("%s: read: %s", name, strerror(errno));
	}
	return bytes;
}

static _Noreturn void in_the_way(const struct samples *s, const char *what)
{
	die("%s: %s is in the way, and no journal of samples: move it", s->path, what);
}

/* What a killed run left of FILE.part.new is cleared: nothing, or what begins as a compressed
 * stream. */
static void check_fresh(const struct samples *s, const char *path)
{
	unsigned char found[sizeof magic];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	long n = fd < 0 ? 0 : io_read(fd, found, sizeof found);

	if (n < 0 || memcmp(found, magic, (size_t)n))
		in_the_way(s, path);
	if (fd >= 0)
		close(fd);
}

/* From here on FILE.part is changed. Its header is that of this moment. */
static void begin_journal(struct samples *s)
{
	if (ftruncate(s->fd, (off_t)s->used) || lseek(s->fd, 0, SEEK_END) < 0)
		die("%s: %s", s->part, strerror(errno));
	s->log = steady_writer(s->fd, s->part);
	if (s->used == 0)
		temp_own(s->part); /* a journal of nothing is of no use */
	if (s->used)
		s->journal = rec_append(s->log, s->part, KIND_SAMPLE);
	else
		s->journal = rec_create(s->log, s->part, KIND_SAMPLE, s->provenance, s->args,
			s->meta, 1);
}

/* Opens what is whole of FILE.part, if there is something and it is of this run. What is of another
 * run stays until there is a sample to take its place. */
static void open_old(struct samples *s)
{
	size_t n_bytes, n;
	unsigned char *bytes = read_all(s->fd, s->part, &n_bytes);
	unsigned char *whole = samples_repair(bytes, n_bytes, &n, &s->used);

	if (n_bytes && n == 0) {
		if (!was_journal(bytes, n_bytes))
			in_the_way(s, s->part);
		warn("%s: is damaged where it begins: begun anew", s->part);
	} else if (n_bytes && !place_is_stream(whole, n, KIND_SAMPLE)) {
		in_the_way(s, s->part);
	} else if (s->used < n_bytes) {
		warn("%s: is cut or damaged after %zu bytes: goes on from there", s->part, s->used);
	}
	free(bytes);
	if (n_bytes == 0)
		begin_journal(s);
	if (n == 0) {
		free(whole);
		return;
	}
	s->old = rec_open_bytes(whole, n, s->part, KIND_SAMPLE);
	if (!same_header(s)) {
		warn("%s: is of another run: begun anew", s->part);
		rec_close(s->old);
		s->old = NULL;
		s->used = 0;
	}
}

struct samples *samples_open(const char *path, const json_t *provenance, const json_t *args,
	const json_t *meta)
{
	struct samples *s = xcalloc(1, sizeof *s);
	char *fresh;

	s->path = place_of_stream(path, KIND_SAMPLE);
	s->part = xasprintf("%s.part", s->path);
	s->provenance = provenance;
	s->args = args;
	s->meta = meta;
	s->fd = temp_claim(s->part, NULL, s->path);
	open_old(s);
	fresh = xasprintf("%s.new", s->part);
	check_fresh(s, fresh);
	s->file = out_open_as(s->path, fresh);
	s->out = rec_create(s->file.f, s->path, KIND_SAMPLE, provenance, args, meta, 0);
	free(fresh);
	return s;
}

int samples_known(struct samples *s, struct sample *x)
{
	if (s->old != NULL && sample_read(s->old, x)) {
		s->known++;
		return 1;
	}
	if (s->old != NULL) {
		note("%s: %llu samples taken over", s->part, (unsigned long long)s->known);
		rec_close(s->old);
	}
	s->old = NULL;
	return 0;
}

void samples_put(struct samples *s, const struct sample *x)
{
	if (s->put++ >= s->known) {
		if (s->journal == NULL)
			begin_journal(s);
		sample_write(s->journal, x);
		temp_done(s->part); /* from now on it is to outlive this run */
	}
	sample_write(s->out, x);
}

void samples_close(struct samples *s)
{
	rec_finish(s->out);
	out_finish(&s->file, s->part);
	if (s->journal != NULL)
		rec_abandon(s->journal); /* log stays open, and so locked */
	if (s->old != NULL)
		rec_close(s->old);
	free(s->path);
	free(s->part);
	free(s);
}
