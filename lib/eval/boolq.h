/* boolq - BoolQ's questions from JSON lines, and their prompts (coppice-method(7), BOOLQ)
 *
 * A line is an object with "question", "passage", and "label" (as SuperGLUE has it) or "answer" (as
 * the original has it), which is true or false; a "title" is put in front of the passage as
 * "Title -- ". A prompt is the examples with their answers, then the passage and the question. The
 * examples are the header that all questions share.
 */
#ifndef COPPICE_BOOLQ_H
#define COPPICE_BOOLQ_H

#include "eval/choice.h"
#include "sys/fault.h"

enum boolq_style { BOOLQ_LM_EVAL, BOOLQ_PAPER };

struct boolq_item {
	char *passage, *question; /* owned; the title is in the passage */
	int answer;               /* 0 no, 1 yes */
};
/* Reads one line of n bytes into *it, which boolq_item_free frees in any case. Returns 0, or -1
 * with err. */
int boolq_parse(struct boolq_item *it, const char *line, size_t n, struct fault *err);
void boolq_item_free(struct boolq_item *it);

/* All of it is owned, and freed by boolq_close. */
struct boolq {
	enum boolq_style style;
	struct boolq_item *item, *shot; /* [n], [n_shots] */
	struct question *question;      /* [n] */
	size_t n, n_shots;
	struct docs docs; /* the questions' numbers */
	char hash[17];    /* of all lines that were read, for the samples' meta */
};
/* Reads the questions from number skip on, at most limit of them; UINT64_MAX: all. files are named
 * as text_open takes them. The shots examples are the first rows of the file train, which is NULL
 * where shots is 0. Returns them, new. Dies with one line where a line is no question or there are
 * too few. */
struct boolq *boolq_open(char *const *files, const char *train, enum boolq_style style, int shots,
	uint64_t skip, uint64_t limit);
void boolq_close(struct boolq *b);
/* Returns the questions for choice_open, with accuracy_metric. They refer to b. */
struct questions boolq_questions(const struct boolq *b);
/* Writes a prompt as struct questions wants it. boolq: a struct boolq. */
size_t boolq_prompt(const void *boolq, size_t question, int shots, FILE *to);

#endif
