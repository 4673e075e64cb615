/* unfilter - see unfilter.h
 *
 * libarchive passes over what it does not know: bytes behind bzip2 data, and a start that is too
 * short to be told. Both are found by what it took of the file.
 */
#include "file/unfilter.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct unfilter {
	const char *name;
	size_t (*more)(void *ctx, const void **bytes);
	void *ctx;
	uint64_t given;
	int begun, over;
	struct archive *a;
	const char *packing;
};

const char *unfilter_knows(const unsigned char *bytes, size_t n)
{
	static const struct {
		const char *name;
		unsigned char at[UNFILTER_BYTES], n;
	} known[] = {
		{ "xz", { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6 },
		{ "lzip", { 'L', 'Z', 'I', 'P', 1 }, 5 },
		{ "lz4", { 0x04, 0x22, 0x4d, 0x18 }, 4 },
	};
	static const unsigned char block[] = { 0x31, 0x41, 0x59, 0x26, 0x53, 0x59 },
				   end[] = { 0x17, 0x72, 0x45, 0x38, 0x50, 0x90 };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (!memcmp(bytes, known[i].at, n < known[i].n ? n : known[i].n))
			return known[i].name;
	if (memcmp(bytes, "BZh", n < 3 ? n : 3) || (n > 3 && (bytes[3] < '1' || bytes[3] > '9')))
		return NULL;
	n = n > UNFILTER_BYTES ? UNFILTER_BYTES : n;
	return n <= 4 || !memcmp(bytes + 4, block, n - 4) || !memcmp(bytes + 4, end, n - 4)
		? "bzip2"
		: NULL;
}

static la_ssize_t more(struct archive *a, void *ctx, const void **bytes)
{
	struct unfilter *u = ctx;
	size_t n = u->more(u->ctx, bytes);

	(void)a;
	if (!u->given && n)
		u->packing = unfilter_knows(*bytes, n);
	u->given += n;
	return (la_ssize_t)n;
}

static _Noreturn void broken(const struct unfilter *u)
{
	die("%s: cut short or damaged %s data", u->name, u->packing);
}

struct unfilter *unfilter_open(const char *name, size_t (*give)(void *ctx, const void **bytes),
	void *ctx)
{
	struct unfilter *u = xcalloc(1, sizeof *u);

	u->name = name;
	u->more = give;
	u->ctx = ctx;
	u->a = archive_read_new();
	if (!u->a || archive_read_support_filter_xz(u->a) ||
		archive_read_support_filter_bzip2(u->a) || archive_read_support_filter_lzip(u->a) ||
		archive_read_support_filter_lz4(u->a) || archive_read_support_format_raw(u->a) ||
		archive_read_support_format_empty(u->a))
		die("%s: libarchive does not read such files", name);
	return u;
}

/* Opens the packed data: 1, or 0: it holds nothing. */
static int begin(struct unfilter *u)
{
	struct archive_entry *e;
	int r;

	u->begun = 1;
	r = archive_read_open(u->a, u, NULL, more, NULL);
	if (!r)
		r = archive_read_next_header(u->a, &e);
	if ((r != ARCHIVE_OK && r != ARCHIVE_EOF) || archive_filter_count(u->a) < 2)
		broken(u);
	return r == ARCHIVE_OK;
}

static size_t end(struct unfilter *u)
{
	const void *bytes;

	u->over = 1;
	if ((uint64_t)archive_filter_bytes(u->a, -1) != u->given || u->more(u->ctx, &bytes))
		die("%s: bytes after the %s data that are none", u->name, u->packing);
	return 0;
}

size_t unfilter_read(struct unfilter *u, void *to, size_t n)
{
	la_ssize_t got;

	if (u->over)
		return 0;
	if (!u->begun && !begin(u))
		return end(u);
	got = archive_read_data(u->a, to, n);
	if (got < 0)
		broken(u);
	return got ? (size_t)got : end(u);
}

void unfilter_close(struct unfilter *u)
{
	if (u)
		archive_read_free(u->a);
	free(u);
}
