/* text - see text.h
 */
#include "file/text.h"

#include "file/input.h"
#include "file/sniff.h"
#include "file/source.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_MAX_BYTES = 64 << 20, READ_BYTES = 1 << 18 };

struct text_in {
	struct source *src;
	int is_open; /* 0: between files */
	int several; /* files were named */
	const char *field;
	int lines;
	char *buf; /* decompressed bytes, [cap]; those from start to end are not read yet */
	size_t start, end, cap;
	uint64_t line, doc;
	char *text; /* of a JSON line, unescaped */
	size_t cap_text;
	char *place;
};

struct text_in *text_open(char *const *files, const char *field, int lines)
{
	struct text_in *in = xcalloc(1, sizeof *in);

	in->src = source_open(files, 0);
	in->several = files && *files && files[1];
	in->field = field ? field : "text";
	in->lines = lines;
	return in;
}

void text_close(struct text_in *in)
{
	source_close(in->src);
	free(in->buf);
	free(in->text);
	free(in->place);
	free(in);
}

const char *text_file(const struct text_in *in)
{
	struct text_in *own = (struct text_in *)in;
	free(own->place);
	return own->place = xasprintf("%s:%llu", source_name(in->src),
		       (unsigned long long)in->line);
}

uint64_t text_bytes_read(const struct text_in *in)
{
	return source_bytes_read(in->src);
}

uint64_t text_total(char *const *files)
{
	uint64_t total = 0;
	struct stat st;

	for (; files && *files; files++) {
		if (stat(*files, &st) || !S_ISREG(st.st_mode))
			return 0;
		total += (uint64_t)st.st_size;
	}
	return total;
}

static int next_file(struct text_in *in)
{
	if (!source_next(in->src))
		return 0;
	in->is_open = 1;
	in->start = in->end = 0;
	in->line = 0;
	return 1;
}

/* More bytes behind those that are left; 0: the file ends. */
static size_t fill(struct text_in *in)
{
	size_t got;

	if (in->start) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	if (in->cap - in->end < READ_BYTES) {
		in->cap = 2 * in->cap + READ_BYTES;
		in->buf = xrealloc(in->buf, in->cap, 1);
	}
	got = source_read(in->src, in->buf + in->end, in->cap - in->end);
	in->end += got;
	return got;
}

/* What the file seems to be where it is not what was wanted: of its first line, which begins at
 * buf; else NULL. */
static const char *seems(const struct text_in *in)
{
	return in->line == 1 ? sniff_as(in->buf, in->end, SNIFF_UNPACKED) : NULL;
}

/* At a file's start: a byte order mark is no text. Plain lines may be anything but what is
 * certainly no text. */
static void begin_file(struct text_in *in)
{
	const char *what;

	while (in->end < (in->lines ? SNIFF_BYTES : 3) && fill(in))
		;
	what = in->end && in->lines ? sniff_as(in->buf, in->end, SNIFF_UNPACKED) : NULL;
	if (what &&
		(memchr(in->buf, 0, in->end < SNIFF_BYTES ? in->end : SNIFF_BYTES) ||
			strstr(what, "Git LFS") || strstr(what, "UTF-16")))
		die("%s: %s", source_name(in->src), what);
	if (in->end >= 3 && !memcmp(in->buf, "\xef\xbb\xbf", 3))
		in->start = 3;
}

/* The next line of the open file, without its line break: 1, or 0 at its end. */
static int next_line(struct text_in *in, const char **line, size_t *n)
{
	size_t seen = 0, left;
	char *eol;

	for (;;) {
		left = in->end - in->start - seen;
		eol = left ? memchr(in->buf + in->start + seen, '\n', left) : NULL;
		if (eol)
			break;
		seen = in->end - in->start;
		if (seen > LINE_MAX_BYTES) {
			in->line++;
			if (seems(in))
				die("%s: %s", source_name(in->src), seems(in));
			die("%s: a line of more than %d MiB", text_file(in), LINE_MAX_BYTES >> 20);
		}
		if (!fill(in))
			break;
	}
	if (!eol && in->start == in->end)
		return 0;
	*line = in->buf + in->start;
	*n = eol ? (size_t)(eol - *line) : in->end - in->start;
	in->start += *n + (eol != NULL);
	in->line++;
	*n -= *n && (*line)[*n - 1] == '\r';
	return 1;
}

int text_is_blank(const char *s, size_t n)
{
	while (n && (*s == ' ' || *s == '\t' || *s == '\r')) {
		s++;
		n--;
	}
	return n == 0;
}

static int any_line(struct text_in *in, const char **line, size_t *n)
{
	for (;;) {
		if (!in->is_open) {
			if (!next_file(in))
				return 0;
			begin_file(in);
		}
		if (next_line(in, line, n))
			return 1;
		if (in->several && !in->line) /* of one, the reader says what it misses */
			warn("%s: is empty", source_name(in->src));
		in->is_open = 0;
	}
}

int text_next(struct text_in *in, const char **text, size_t *n, uint64_t *doc)
{
	struct fault why;

	do
		if (!any_line(in, text, n))
			return 0;
	while (!in->lines && text_is_blank(*text, *n));
	*doc = in->doc++;
	if (in->lines)
		return 1;
	if (*n > in->cap_text) {
		in->cap_text = *n + *n / 2;
		free(in->text);
		in->text = xmalloc(in->cap_text);
	}
	if (text_json_field(in->text, n, *text, *n, in->field, &why))
		text_bad(in, why.text);
	*text = in->text;
	return 1;
}

void text_bad(const struct text_in *in, const char *why)
{
	const char *what = seems(in);
	size_t at = 0;

	if (what)
		die("%s: %s", source_name(in->src), what);
	while (at < in->end && memchr(" \t\r", in->buf[at], 3))
		at++;
	if (in->line == 1 && at < in->end && in->buf[at] == '[')
		die("%s: is a JSON array, not JSON lines: jq -c '.[]' makes lines of it",
			source_name(in->src));
	die("%s: %s", text_file(in), why);
}

static char *slurp(struct input *in, const char *path, size_t max, size_t *n)
{
	size_t cap = 1 << 16, got;
	char *bytes = xmalloc(cap + 1);

	*n = 0;
	while ((got = input_read(in, bytes + *n, cap - *n)) > 0) {
		*n += got;
		if (*n > max)
			die("%s: more than %zu bytes", path, max);
		if (*n == cap) {
			cap *= 2;
			bytes = xrealloc(bytes, cap + 1, 1);
		}
	}
	input_close(in);
	bytes[*n] = 0;
	return bytes;
}

char *text_slurp(const char *path, size_t max, size_t *n)
{
	return slurp(input_open(path), path, max, n);
}

char *text_slurp_data(const char *path, size_t max, size_t *n)
{
	struct input *in = input_open(path);

	input_is_data(in);
	return slurp(in, path, max, n);
}
