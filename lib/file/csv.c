/* csv - see csv.h
 *
 * One pass over the bytes. Cells are copied into one block that cannot be longer than the input and
 * an end for each cell, so that nothing grows with a count that the file claims.
 */
#include "file/csv.h"

#include "file/utf8.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

struct csv_reader {
	const char *p, *end;
	char *to;
	size_t line;
	struct fault *err;
};

static int refuse(struct csv_reader *r, size_t line, const char *why)
{
	fault(r->err, "line %zu: %s", line, why);
	return -1;
}

/* Steps over one line end of any of the three forms. */
static void line_end(struct csv_reader *r)
{
	if (*r->p++ == '\r' && r->p < r->end && *r->p == '\n')
		r->p++;
	r->line++;
}

static int at_cell_end(const struct csv_reader *r)
{
	return r->p == r->end || *r->p == ',' || *r->p == '\n' || *r->p == '\r';
}

static int quoted_cell(struct csv_reader *r)
{
	size_t line = r->line;

	for (r->p++; r->p < r->end; r->p++) {
		if (*r->p == '"') {
			if (r->p + 1 == r->end || r->p[1] != '"')
				break;
			r->p++;
		}
		r->line += *r->p == '\n' ||
			(*r->p == '\r' && (r->p + 1 == r->end || r->p[1] != '\n'));
		*r->to++ = *r->p;
	}
	if (r->p == r->end)
		return refuse(r, line, "a quote is never closed");
	r->p++;
	if (!at_cell_end(r))
		return refuse(r, r->line, "text after a closing quote");
	return 0;
}

static int one_cell(struct csv_reader *r)
{
	if (r->p < r->end && *r->p == '"') {
		if (quoted_cell(r) < 0)
			return -1;
	} else {
		while (!at_cell_end(r))
			*r->to++ = *r->p++;
	}
	*r->to++ = '\0';
	return 0;
}

/* A file of n bytes has at most n + 1 cells and n rows. */
static int count_cells(const char *bytes, size_t n, size_t *cells, size_t *rows)
{
	*cells = *rows = 1;
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\0')
			return -1;
		*rows += bytes[i] == '\n' || bytes[i] == '\r';
		*cells += bytes[i] == ',' || bytes[i] == '\n' || bytes[i] == '\r';
	}
	return 0;
}

static int one_row(struct csv *c, struct csv_reader *r)
{
	size_t k = c->first[c->n_rows];

	c->line[c->n_rows] = r->line;
	for (;;) {
		c->cell[k++] = r->to;
		if (one_cell(r) < 0)
			return -1;
		if (r->p == r->end || *r->p != ',')
			break;
		r->p++;
	}
	if (r->p < r->end)
		line_end(r);
	c->first[++c->n_rows] = k;
	return 0;
}

int csv_parse(struct csv *c, const char *bytes, size_t n, struct fault *err)
{
	struct csv_reader r = { bytes, bytes + n, NULL, 1, err };
	size_t cells, rows;

	*c = (struct csv){ 0 };
	if (count_cells(bytes, n, &cells, &rows) < 0) {
		fault(err, "contains a NUL byte");
		return -1;
	}
	if (utf8_valid(bytes, n) < n) {
		fault(err, "byte %zu: not UTF-8", utf8_valid(bytes, n));
		return -1;
	}
	c->text = r.to = xmalloc(n + cells);
	c->cell = xcalloc(cells, sizeof *c->cell);
	c->line = xcalloc(rows, sizeof *c->line);
	c->first = xcalloc(rows + 1, sizeof *c->first);
	if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		r.p += 3;
	while (r.p < r.end) {
		if (*r.p == '\n' || *r.p == '\r') {
			line_end(&r);
		} else if (one_row(c, &r) < 0) {
			csv_free(c);
			return -1;
		}
	}
	return 0;
}

void csv_free(struct csv *c)
{
	free(c->text);
	free(c->cell);
	free(c->line);
	free(c->first);
	*c = (struct csv){ 0 };
}
