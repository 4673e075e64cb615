/* samples - see samples.h
 */
#include "samples.h"

#include "cli.h"
#include "mp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

struct samples {
	const char *path;
	char *part, *fresh;		/* FILE.part, and the one that will replace it */
	const json_t *made, *args, *meta;
	struct rec_in *old;		/* what the run before left, NULL: nothing (more) */
	FILE *kept;			/* its bytes, in memory */
	char *kept_files[2];		/* and how to open them */
	FILE *f;
	struct rec_out *out;
	int published;			/* fresh has become part */
	uint64_t known;			/* samples taken over */
};

/* -- repair --------------------------------------------------------------------------------------------------------- */

/* What can be decompressed of a cut file. */
static unsigned char *decompress(const unsigned char *bytes, size_t n_bytes, size_t *n)
{
	ZSTD_DCtx *zstd = ZSTD_createDCtx();
	ZSTD_inBuffer in = { bytes, n_bytes, 0 };
	size_t step = ZSTD_DStreamOutSize(), cap = 0, r = 0;
	unsigned char *out = NULL;
	int full = 1;

	for (*n = 0; (in.pos < in.size || full) && !ZSTD_isError(r);) {
		ZSTD_outBuffer o = { NULL, step, 0 };

		if (*n + step > cap) {
			cap = 2 * (*n + step);
			out = xrealloc(out, cap, 1);
		}
		o.dst = out + *n;
		r = ZSTD_decompressStream(zstd, &o, &in);
		full = o.pos == o.size;
		*n += ZSTD_isError(r) ? 0 : o.pos;
	}
	ZSTD_freeDCtx(zstd);
	return out;
}

static int is_end(const unsigned char *object)
{
	return memcmp(object, "\x81\xa3" "end", 5) == 0;	/* a map of one key */
}

unsigned char *samples_repair(const unsigned char *bytes, size_t n_bytes, size_t *n)
{
	size_t n_all, used = 0;
	unsigned char *all = decompress(bytes, n_bytes, &n_all);
	uint64_t objects = 0;
	msgpack_sbuffer end;
	msgpack_packer pk;
	const char *why;
	long len;

	while (used < n_all && (len = mp_check(all + used, n_all - used, &why)) > 0) {
		if (len > 5 && is_end(all + used))
			break;
		used += (size_t)len;
		objects++;
	}
	*n = 0;
	if (objects == 0)
		return all;
	msgpack_sbuffer_init(&end);
	msgpack_packer_init(&pk, &end, msgpack_sbuffer_write);
	msgpack_pack_map(&pk, 1);
	mp_pack_str(&pk, "end");
	msgpack_pack_map(&pk, 2);
	mp_pack_str(&pk, "records");
	msgpack_pack_uint64(&pk, objects - 1);
	mp_pack_str(&pk, "xxh3");
	msgpack_pack_uint64(&pk, XXH3_64bits(all, used));
	all = xrealloc(all, used + end.size, 1);
	memcpy(all + used, end.data, end.size);
	*n = used + end.size;
	msgpack_sbuffer_destroy(&end);
	return all;
}

/* -- the run before ------------------------------------------------------------------------------------------------- */

/* The header that this run writes. */
static int same_header(const struct samples *s)
{
	json_t *steps = made_merge(NULL, s->made), *args = s->args ? json_deep_copy(s->args) : json_object();
	int same;

	json_array_append_new(steps, json_pack("{s:s, s:s, s:o}", "tool", cli_name(), "version", COPPICE_VERSION, "args", args));
	same = json_equal(steps, rec_made(s->old)) && json_equal(s->meta, rec_meta(s->old));
	json_decref(steps);
	return same;
}

/* Opens what is whole of FILE.part, if there is one and it is of this run. */
static void open_old(struct samples *s)
{
	FILE *f = fopen(s->part, "rb");
	unsigned char *bytes = NULL, *whole;
	size_t n = 0, cap = 0, got;

	if (f == NULL)
		return;
	do {
		if (n == cap)
			bytes = xrealloc(bytes, cap = cap ? 2 * cap : 1 << 20, 1);
		n += got = fread(bytes + n, 1, cap - n, f);
	} while (got > 0);
	fclose(f);
	whole = samples_repair(bytes, n, &n);
	free(bytes);
	s->kept = fdopen(memfd_create("samples", MFD_CLOEXEC), "w+b");
	if (s->kept == NULL || fwrite(whole, 1, n, s->kept) != n || fflush(s->kept) != 0)
		die("%s: out of memory", s->part);
	free(whole);
	if (n == 0)
		return;
	s->kept_files[0] = xasprintf("/proc/self/fd/%d", fileno(s->kept));
	s->old = rec_open(s->kept_files, KIND_SAMPLE);
	if (!same_header(s)) {
		warn("%s: is of another run: begun anew", s->part);
		rec_close(s->old);
		s->old = NULL;
	}
}

struct samples *samples_open(const char *path, const json_t *made, const json_t *args, const json_t *meta)
{
	struct samples *s = xcalloc(1, sizeof *s);

	s->path = path;
	s->part = xasprintf("%s.part", path);
	s->fresh = xasprintf("%s.part-%ld", path, (long)getpid());
	s->made = made;
	s->args = args;
	s->meta = meta;
	open_old(s);
	s->f = fopen(s->fresh, "wb");
	if (s->f == NULL)
		die("%s: %s", s->fresh, strerror(errno));
	temp_add(s->fresh);
	s->out = rec_create(s->f, s->fresh, KIND_SAMPLE, made, args, meta, 1);
	return s;
}

/* From here on the new file has all that the old one had. */
static void publish(struct samples *s)
{
	if (s->published)
		return;
	if (rename(s->fresh, s->part) != 0)
		die("%s: %s", s->part, strerror(errno));
	temp_done(s->fresh);
	s->published = 1;
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
	if (s->old == NULL)
		publish(s);
	sample_write(s->out, x);
}

void samples_close(struct samples *s)
{
	struct out_file o;
	struct rec_out *out;
	struct rec_in *in;
	struct sample x;

	rec_finish(s->out);
	if (fclose(s->f) != 0)
		die("%s: write: %s", s->part, strerror(errno));
	publish(s);
	in = rec_open((char *const[]){ s->part, NULL }, KIND_SAMPLE);
	o = out_open(s->path);
	out = rec_create(o.f, s->path, KIND_SAMPLE, s->made, s->args, s->meta, 0);
	while (sample_read(in, &x))
		sample_write(out, &x);
	rec_finish(out);
	rec_close(in);
	out_close(&o);
	unlink(s->part);
	if (s->old != NULL)
		rec_close(s->old);
	if (s->kept != NULL)
		fclose(s->kept);
	free(s->kept_files[0]);
	free(s->part);
	free(s->fresh);
	free(s);
}
