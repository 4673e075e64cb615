/* rows - see rows.h
 */
#include "eval/rows.h"

#include "cli/shortfall.h"
#include "sys/die.h"

int row_is_question(const struct question_rows *r, uint64_t row)
{
	return row >= r->skip && row - r->skip < r->limit;
}

/* 1: neither this row nor one behind it is wanted. */
static int is_done(const struct question_rows *r, uint64_t row)
{
	return row >= r->first && row >= r->skip && row - r->skip >= r->limit;
}

uint64_t rows_read(const struct question_rows *r, char *const *files)
{
	struct text_in *in = text_open(files, NULL, 1);
	const char *line;
	uint64_t doc, row = 0;
	size_t n;

	while (!is_done(r, row) && text_next(in, &line, &n, &doc)) {
		if (text_is_blank(line, n))
			continue;
		if (row < r->first || row_is_question(r, row))
			r->take(r->ctx, in, row, line, n);
		row++;
	}
	text_close(in);
	return row;
}

void rows_read_questions(const struct question_rows *r, char *const *files)
{
	const char *name = files[0] ? files[0] : "standard input";
	uint64_t rows = rows_read(r, files);

	if (rows <= r->skip && rows > 0 && r->limit > 0)
		die("%s: %llu questions: none is left after the first %llu", name,
			(unsigned long long)rows, (unsigned long long)r->skip);
	if (rows <= r->skip || r->limit == 0)
		die("%s: no question", name);
	shortfall(files, "questions", rows, r->skip, r->limit);
}
