/* tar - see tar.h
 *
 * libarchive takes a file that was cut between two members for whole: only the mark of the end
 * tells them apart. It is given decompressed bytes, since it doesn't check a gzip file's sum.
 */
#include "file/tar.h"

#include "file/input.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

enum { BLOCK = 512, READ_BYTES = 1 << 16 };
#define MAX_MEMBER ((int64_t)1 << 50)

struct tar {
	const char *path;
	struct input *in;
	struct archive *a;
	struct archive_entry *e; /* the current member */
	int64_t end;             /* where the last member ends, padding included */
	char buf[READ_BYTES];
};

static void check(const struct tar *t, int r)
{
	if (r != ARCHIVE_OK)
		die("%s: as a tar file: %s", t->path,
			archive_error_string(t->a) ? archive_error_string(t->a) : "not readable");
}

static la_ssize_t more(struct archive *a, void *ctx, const void **bytes)
{
	struct tar *t = ctx;

	(void)a;
	*bytes = t->buf;
	return (la_ssize_t)input_read(t->in, t->buf, sizeof t->buf);
}

struct tar *tar_open(const char *path)
{
	struct tar *t = xcalloc(1, sizeof *t);

	t->path = path;
	if ((t->a = archive_read_new()) == NULL)
		die("out of memory");
	t->in = input_open(path);
	input_is_data(t->in);
	check(t, archive_read_support_format_tar(t->a));
	check(t, archive_read_open(t->a, t, NULL, more, NULL));
	return t;
}

const char *tar_next(struct tar *t)
{
	int r;

	while ((r = archive_read_next_header(t->a, &t->e)) == ARCHIVE_OK) {
		int64_t size = archive_entry_size(t->e);

		if (size < 0 || size > MAX_MEMBER)
			die("%s: a file of %lld bytes in it", t->path, (long long)size);
		t->end = archive_filter_bytes(t->a, 0) + (size + BLOCK - 1) / BLOCK * BLOCK;
		if (archive_entry_filetype(t->e) == AE_IFREG &&
			archive_entry_pathname(t->e) != NULL)
			return archive_entry_pathname(t->e);
	}
	if (r != ARCHIVE_EOF)
		check(t, r);
	if (archive_filter_bytes(t->a, 0) <= t->end)
		die("%s: cut: ends without the mark of a tar file's end", t->path);
	/* so that a packed file is seen to be whole */
	while (input_read(t->in, t->buf, sizeof t->buf) > 0)
		;
	return NULL;
}

char *tar_slurp(struct tar *t, size_t max, size_t *n)
{
	int64_t size = archive_entry_size(t->e);
	char *bytes;

	if ((uint64_t)size > max)
		die("%s: %s: more than %zu bytes", t->path, archive_entry_pathname(t->e), max);
	*n = (size_t)size;
	bytes = xmalloc(*n + 1);
	for (size_t have = 0; have < *n;) {
		la_ssize_t got = archive_read_data(t->a, bytes + have, *n - have);

		if (got <= 0)
			check(t, got < 0 ? (int)got : ARCHIVE_FATAL);
		have += (size_t)got;
	}
	bytes[*n] = '\0';
	return bytes;
}

void tar_close(struct tar *t)
{
	archive_read_free(t->a);
	input_close(t->in);
	free(t);
}
