/* text - see text.h
 */
#include "text.h"

#include "cli.h"
#include "input.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LINE_MAX_BYTES = 64 << 20, READ_BYTES = 1 << 18 };

struct text_in {
	char *const *next;		/* files to come */
	int stdin_next;			/* none was named */
	const char *name, *field;
	int lines;
	struct input *input;		/* NULL: between files */
	char *buf;			/* decompressed bytes, [cap]; those from start to end are not read yet */
	size_t start, end, cap;
	uint64_t line, doc, taken;	/* taken: of the files before this one */
	char *text;			/* of a JSON line, unescaped */
	size_t cap_text;
	char *place;
};

struct text_in *text_open(char *const *files, const char *field, int lines)
{
	struct text_in *in = xcalloc(1, sizeof *in);

	in->next = files;
	in->stdin_next = !files || !*files;
	in->field = field ? field : "text";
	in->lines = lines;
	in->name = "-";
	return in;
}

void text_close(struct text_in *in)
{
	if (in->input)
		input_close(in->input);
	free(in->buf);
	free(in->text);
	free(in->place);
	free(in);
}

const char *text_file(const struct text_in *in)
{
	struct text_in *own = (struct text_in *)in;
	const char *name = strcmp(in->name, "-") ? in->name : "standard input";

	free(own->place);
	return own->place = xasprintf("%s:%llu", name, (unsigned long long)in->line);
}

uint64_t text_taken(const struct text_in *in)
{
	return in->taken + (in->input ? input_taken(in->input) : 0);
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
	if (in->stdin_next)
		in->name = "-", in->stdin_next = 0;
	else if (in->next && *in->next)
		in->name = *in->next++;
	else
		return 0;
	in->input = input_open(in->name);
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
	got = input_read(in->input, in->buf + in->end, in->cap - in->end);
	in->end += got;
	return got;
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
		if (!in->input && !next_file(in))
			return 0;
		if (next_line(in, line, n))
			return 1;
		in->taken += input_taken(in->input);
		input_close(in->input);
		in->input = NULL;
	}
}

int text_next(struct text_in *in, const char **text, size_t *n, uint64_t *doc)
{
	const char *why;

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
		die("%s: %s", text_file(in), why);
	*text = in->text;
	return 1;
}

char *text_slurp(const char *path, size_t max, size_t *n)
{
	struct input *in = input_open(path);
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
