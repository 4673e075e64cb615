/* rows - the lines of files as questions: those that --skip and --limit leave, and examples
 */
#ifndef COPPICE_ROWS_H
#define COPPICE_ROWS_H

#include "file/text.h"

#include <stdint.h>

/* Rows are numbered from 0, over all files; blank lines are none. Wanted are those from skip on, at
 * most limit (UINT64_MAX: all), and in any case the first `first`. */
struct question_rows {
	uint64_t skip, limit, first;
	/* is called with each row that is wanted, in their order */
	void (*take)(void *ctx, const struct text_in *in, uint64_t row, const char *line, size_t n);
	void *ctx;
};
/* Reads the files, named as text_open takes them, as far as rows are wanted; returns how many rows
 * were read. */
uint64_t rows_read(const struct question_rows *r, char *const *files);
int row_is_question(const struct question_rows *r,
	uint64_t row); /* 1: it is from skip on, and in limit */
/* Reads the questions, as rows_read. Dies with one line where there is none, or none is left; warns
 * where there are fewer than limit. */
void rows_read_questions(const struct question_rows *r, char *const *files);

#endif
