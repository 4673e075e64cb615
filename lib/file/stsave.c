/* stsave - see stsave.h
 *
 * All is gone through twice: for the sum, which stands in the header, and to be written.
 */
#include "file/stsave.h"

#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { DIGITS = 16 };
static const char key[] = "coppice.xxh3", zeros[DIGITS + 1] = "0000000000000000";

struct stsave_sink {
	FILE *f;
	const char *path;
	XXH3_state_t *hash;
}; /* f NULL: only hashed */

static void put(struct stsave_sink *s, const void *bytes, size_t n)
{
	if (s->f && fwrite(bytes, 1, n, s->f) != n)
		die("%s: write: %s", s->path, strerror(errno));
	XXH3_64bits_update(s->hash, bytes, n);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct stsave *)a)->name, ((const struct stsave *)b)->name);
}

static size_t bytes_of(const struct stsave *t)
{
	return t->rows * t->cols * (t->f64 ? sizeof(double) : sizeof(float));
}

/* Where the digits of the sum stand in a header, or NULL. A string's own quotes are escaped: this
 * can be in none. */
static char *find_digits(const char *header, size_t n)
{
	char begin[sizeof key + 5];
	size_t n_begin = (size_t)snprintf(begin, sizeof begin, "\"%s\":\"", key);
	const char *p = memmem(header, n, begin, n_begin);

	return p && (size_t)(header + n - p) > n_begin + DIGITS ? (char *)(uintptr_t)p + n_begin
								: NULL;
}

/* The header's JSON, padded with spaces so that the data begin at a multiple of 8. New. */
static char *header_text(const struct stsave *item, size_t n, const json_t *metadata,
	const char *path)
{
	json_t *header = json_pack("{s:O}", "__metadata__", metadata);
	char *text, *padded;
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		size_t end = at + bytes_of(&item[i]);

		json_put(header, item[i].name,
			json_pack("{s:s, s:[I,I], s:[I,I]}", "dtype", item[i].f64 ? "F64" : "F32",
				"shape", (json_int_t)item[i].rows, (json_int_t)item[i].cols,
				"data_offsets", (json_int_t)at, (json_int_t)end));
		at = end;
	}
	text = json_dumps(header, JSON_COMPACT);
	json_decref(header);
	if (!text)
		die("%s: out of memory", path);
	padded = xasprintf("%s%*s", text, (int)(7 - (strlen(text) + 7) % 8), "");
	free(text);
	return padded;
}

static void put_rows(struct stsave_sink *s, const struct stsave *t)
{
	size_t step = (1 << 20) / t->cols + 1;
	float *f = xmalloc(step * t->cols * sizeof *f);

	for (size_t r = 0; r < t->rows; r += step) {
		size_t n = t->rows - r < step ? t->rows - r : step;

		t->get(t->source, r, n, f);
		put(s, f, n * t->cols * sizeof *f);
	}
	free(f);
}

/* The whole file: written, where the sink has a file. Its hash. */
static uint64_t put_all(struct stsave_sink *s, const char *header, const struct stsave *item,
	size_t n)
{
	uint64_t size = strlen(header);

	XXH3_64bits_reset(s->hash);
	put(s, &size, sizeof size);
	put(s, header, size);
	for (size_t i = 0; i < n; i++)
		if (item[i].f64)
			put(s, item[i].f64, bytes_of(&item[i]));
		else
			put_rows(s, &item[i]);
	return XXH3_64bits_digest(s->hash);
}

static void hex(char digits[DIGITS + 1], uint64_t hash)
{
	snprintf(digits, DIGITS + 1, "%016llx", (unsigned long long)hash);
}

void stsave(const char *path, struct stsave *item, size_t n, json_t *metadata, char fingerprint[17])
{
	struct out_file out = out_open(path);
	struct stsave_sink s = { NULL, path, XXH3_createState() };
	char *header, digits[DIGITS + 1];
	uint64_t hash;

	json_put(metadata, key, json_string(zeros));
	qsort(item, n, sizeof *item, by_name);
	header = header_text(item, n, metadata, path);
	hex(digits, put_all(&s, header, item, n));
	memcpy(find_digits(header, strlen(header)), digits, DIGITS);
	s.f = out.f;
	hash = put_all(&s, header, item, n);
	if (fingerprint)
		hex(fingerprint, hash);
	XXH3_freeState(s.hash);
	free(header);
	out_close(&out);
}

int stsave_sum_holds(const struct st *st)
{
	const unsigned char *bytes = st->map.bytes, *at;
	uint64_t n_header;
	struct stsave_sink s = { NULL, NULL, XXH3_createState() };
	char digits[DIGITS + 1];
	int holds;

	if (!s.hash)
		die("out of memory");
	memcpy(&n_header, bytes, sizeof n_header);
	at = (const unsigned char *)find_digits((const char *)bytes + 8, n_header);
	if (at) {
		XXH3_64bits_reset(s.hash);
		put(&s, bytes, (size_t)(at - bytes));
		put(&s, zeros, DIGITS);
		put(&s, at + DIGITS, (size_t)(bytes + st->map.n - at - DIGITS));
		hex(digits, XXH3_64bits_digest(s.hash));
	}
	holds = at ? !memcmp(digits, at, DIGITS) : -1;
	XXH3_freeState(s.hash);
	return holds;
}
