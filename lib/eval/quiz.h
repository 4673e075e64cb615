/* quiz - the questions of a choice task from JSON lines, each with choices of its own
 * (coppice-method(7), CHOICE TASKS)
 *
 * A line is read by the form that the first one has (form.h), or by templates (template.h). A
 * prompt is the examples with their answers, then the question's own; the examples are a header
 * that questions share.
 */
#ifndef COPPICE_QUIZ_H
#define COPPICE_QUIZ_H

#include "eval/choice.h"
#include "eval/form.h"
#include "eval/template.h"

/* Where the questions come from; all of it stays the caller's. */
struct quiz_source {
	char *const *files; /* named as text_open takes them */
	/* the examples are its first rows; NULL: they are the first rows of files but for the
	 * question itself and its copies */
	const char *train;
	int form;                          /* -1: that of the first line */
	const struct templates *templates; /* in place of a form; NULL: by form */
	int shots;                         /* examples in each prompt */
	uint64_t skip, limit;              /* questions; limit UINT64_MAX: all */
};

/* quiz_close frees all of it. */
struct quiz {
	struct quiz_source from;
	int form;           /* that the lines have */
	struct posed *item; /* [n]: the questions */
	struct posed
		*shot; /* [n_shots]: the examples; where they are of files, so many of the first
			     * rows that enough are left beside any question and its copies */
	struct question *question; /* [n] */
	size_t n, n_shots;
	struct docs docs;    /* the questions' numbers */
	char hash[17];       /* of all lines that were read, for the samples' meta */
	char shots_hash[17]; /* of the examples, which parts must have alike */
};
/* Reads the questions and returns them, new. Dies with one line where a line is none, there are too
 * few, or the first has no form that is known. */
struct quiz *quiz_open(const struct quiz_source *from);
void quiz_close(struct quiz *q);
/* Returns the questions for choice_open, with picks_metric; task and norm: the task's name, which
 * stays the caller's, and what is the value. They refer to q. */
struct questions quiz_questions(const struct quiz *q, const char *task, int norm);
/* Writes a prompt as struct questions wants it. quiz: a struct quiz. */
size_t quiz_prompt(const void *quiz, size_t question, int shots, FILE *to);

#endif
