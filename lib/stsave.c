#include "stsave.h"

#include "cli.h"
#include "json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

struct sink { struct out_file out; XXH3_state_t *hash; };

static void put(struct sink *s, const void *bytes, size_t n)
{
	if (fwrite(bytes, 1, n, s->out.f) != n)
		die("%s: write: %s", s->out.path, strerror(errno));
	XXH3_64bits_update(s->hash, bytes, n);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct stsave *)a)->name, ((const struct stsave *)b)->name);
}

static size_t rows_of(const struct stsave *t)
{
	return t->mat ? mat_rows(t->mat) : t->rows;
}

static size_t bytes_of(const struct stsave *t)
{
	return t->mat ? mat_rows(t->mat) * mat_cols(t->mat) * 4 : t->rows * t->cols * 8;
}

/* The header's JSON, padded with spaces so that the data begin at a multiple of 8. */
static void put_header(struct sink *s, const struct stsave *item, size_t n, const json_t *metadata)
{
	json_t *header = json_pack("{s:O}", "__metadata__", metadata);
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		size_t end = at + bytes_of(&item[i]), cols = item[i].mat ? mat_cols(item[i].mat) : item[i].cols;

		json_put(header, item[i].name, json_pack("{s:s, s:[I,I], s:[I,I]}", "dtype",
			item[i].mat ? "F32" : "F64", "shape", (json_int_t)rows_of(&item[i]), (json_int_t)cols,
			"data_offsets", (json_int_t)at, (json_int_t)end));
		at = end;
	}
	char *text = json_dumps(header, JSON_COMPACT);
	json_decref(header);
	if (!text)
		die("%s: out of memory", s->out.path);
	uint64_t used = strlen(text), size = (used + 7) / 8 * 8;
	put(s, &size, 8);
	put(s, text, used);
	put(s, "       ", size - used);
	free(text);
}

static void put_mat(struct sink *s, const struct mat *m)
{
	size_t cols = mat_cols(m), step = (1 << 20) / cols + 1;
	float *f = xmalloc(step * cols * sizeof *f);

	for (size_t r = 0; r < mat_rows(m); r += step) {
		size_t n = mat_rows(m) - r < step ? mat_rows(m) - r : step;

		mat_get(m, r, n, f);
		put(s, f, n * cols * sizeof *f);
	}
	free(f);
}

void stsave(const char *path, struct stsave *item, size_t n, const json_t *metadata, char print[17])
{
	struct sink s = { out_open(path), XXH3_createState() };

	if (!s.hash)
		die("%s: out of memory", path);
	XXH3_64bits_reset(s.hash);
	qsort(item, n, sizeof *item, by_name);
	put_header(&s, item, n, metadata);
	for (size_t i = 0; i < n; i++) {
		if (item[i].mat)
			put_mat(&s, item[i].mat);
		else
			put(&s, item[i].f64, bytes_of(&item[i]));
	}
	if (print)
		snprintf(print, 17, "%016llx", (unsigned long long)XXH3_64bits_digest(s.hash));
	XXH3_freeState(s.hash);
	out_close(&s.out);
}
