/* boolq - BoolQ's questions from JSON lines, and their prompts
 *
 * An object a line: question, passage, and label (SuperGLUE) or answer (the original), true or
 * false; a title stands in front of its passage as "Title -- ". Prompts byte for byte:
 * coppice-method(7), BOOLQ.
 */
#ifndef COPPICE_BOOLQ_H
#define COPPICE_BOOLQ_H

#include "eval/score.h"
#include "sys/fault.h"

enum boolq_style { BOOLQ_LM_EVAL, BOOLQ_PAPER };

struct boolq_item {
	char *passage, *question; /* owned; the title is in the passage */
	int answer;               /* 0 no, 1 yes */
};
/* One line of a file. 0, or -1 with one line in err. */
int boolq_parse(struct boolq_item *it, const char *line, size_t n, struct fault *err);
void boolq_item_free(struct boolq_item *it);

struct boolq {
	enum boolq_style style;
	struct boolq_item *item, *shot; /* [n], [n_shots] */
	struct question *question;      /* [n] */
	size_t n, n_shots;
	char hash[17]; /* of what was read, for the samples' meta */
};
/* files: as text_open takes them. train: where the shots come from, its first rows; NULL without
 * shots. */
struct boolq *boolq_open(char *const *files, const char *train, enum boolq_style style, int shots,
	uint64_t skip, uint64_t limit); /* dies with one line */
void boolq_close(struct boolq *b);
struct exam boolq_exam(const struct boolq *b);
size_t boolq_prompt(const void *boolq, size_t question, int shots, FILE *to); /* score.h */

#endif
