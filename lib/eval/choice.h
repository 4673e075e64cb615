/* choice - questions with a few choices each, as a task: prompts and choices become tokens
 *
 * A prompt is tokenised whole, since with some vocabularies the last line break of a header joins
 * what follows. Its header is marked where the prompt's tokens begin with those of the header
 * without its trailing white space, whether or not another question has the same: a question's
 * arithmetic must not depend on its neighbours.
 */
#ifndef COPPICE_CHOICE_H
#define COPPICE_CHOICE_H

#include "eval/task.h"
#include "token/tok.h"

struct question {
	const char *subject; /* NULL: none */
	uint64_t row;        /* its number in its file */
	int answer;          /* the right choice */
	int n_choices;       /* where the choices differ from question to question */
};

/* A choice of one question. */
struct choice_text {
	/* ends the prompt of this choice alone; NULL: all choices have the question's prompt */
	const char *lead;
	const char *text; /* follows the prompt and a blank */
};

/* The questions of a task; all of it belongs to who made them (mmlu.h, boolq.h, quiz.h). */
struct questions {
	const char *task;                /* "mmlu" */
	const struct question *question; /* [n] */
	size_t n;
	int shots; /* examples in front of each question, as far as the context has space */
	/* Writes a question's prompt with the first so many of its examples; returns how many of
	 * its bytes are a header that other questions have too, 0: none. */
	size_t (*prompt)(const void *source, size_t question, int shots, FILE *to);
	const void *source;
	/* Where the choices differ from question to question, and n_choices is 0: returns one of
	 * them. It becomes tokens as the Language Model Evaluation Harness has it: the prompt's
	 * own, without the white space at its end, and what prompt and choice together have behind
	 * as many. A prompt too long for the context loses tokens at its front, for each choice as
	 * many as it must; it keeps its examples. */
	struct choice_text (*choice_of)(const void *source, size_t question, int choice);
	/* Else the choices' texts. All prompts end alike, so the first one settles their tokens. */
	const char *choice[MAX_CHOICES];
	int n_choices;
	/* 1: a choice is the last token of its text alone; 0: it is the tokens that follow the
	 * prompt's own */
	int bare;
	const char *hash;        /* of all questions and examples: 16 hex digits */
	const struct docs *docs; /* the questions' numbers */
	struct metric metric;
};

/* Returns the task of the questions q, which stay the caller's and are needed until choice_close.
 * bos tells whether a BOS token is put in front of each prompt, as for tok_set_bos. */
struct task choice_open(const struct questions *q, int bos);
void choice_close(struct task *t);

/* Returns the ids of a text as they follow a prompt: those of the prompt with the text behind it,
 * without those of the prompt alone. They are new; the caller frees id. Dies where the former do
 * not begin with the latter. */
struct continuation continuation_of(const struct tok *t, const char *prompt, size_t n_prompt,
	const char *text);

#endif
