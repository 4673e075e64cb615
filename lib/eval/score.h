/* score - prompts and their choices through a pass: log-probabilities of the answers
 *
 * What eval-mmlu and eval-boolq share. An exam is a list of questions; each has a prompt and the
 * same few choices to follow it. Prompts that begin with the same header share its rows (a segment,
 * the questions its children; a choice of several tokens is a child of its question). Models of one
 * base and quantisation are worked on together.
 */
#ifndef COPPICE_SCORE_H
#define COPPICE_SCORE_H

#include "model/model.h"
#include "token/tok.h"

#include <stdio.h>

enum { MAX_CHOICES = 16 };

struct question {
	const char *subject; /* may be NULL */
	uint64_t row;        /* in its file */
	int answer;          /* the right choice */
};
struct exam {
	const char *task;
	const struct question *question; /* [n] */
	size_t n;
	int shots; /* asked for */
	/* Writes a question's prompt with the first so many of its shots; returns how many of its
	 * bytes are a header that other questions have too (0: none). */
	size_t (*prompt)(const void *source, size_t question, int shots, FILE *to);
	const void *source;
	/* texts; all prompts of an exam end alike, so the first one settles their tokens */
	const char *choice[MAX_CHOICES];
	int n_choices;
	/* 1: a choice is the last token of its text alone; 0: the tokens that follow a prompt's
	 * own */
	int bare;
};
struct answer {
	float logp[MAX_CHOICES]; /* of each choice: the sum over its tokens */
	int choice;              /* largest, the first of equals */
	int top;     /* 1: some choice's first token has the row's largest logit; 0: another has */
	size_t ntok; /* tokens of the prompt as it was used */
	size_t cut;  /* tokens cut off its front: too long for the context even without shots */
	int shots;   /* that the context had room for */
};
/* Every question through every model: group by group (models that may share a pass, in order of
 * their first), in a group question by question, for each the models in order. */
struct score_hooks {
	/* An answer that is known already: fills in logp, choice, top and returns 1; once it has
	 * returned 0 it is not asked again. NULL: none is known. */
	int (*known)(void *ctx, size_t question, int model, struct answer *a);
	void (*done)(void *ctx, size_t question, int model, const struct answer *a);
	void (*batch)(void *ctx); /* after each batch; may be NULL */
	void *ctx;
};
/* bos: as tok_set_bos takes it. Returns what meta.tokenizer says: {hash, size, bos}, or a list of
 * such where the models have several. New. */
json_t *score_run(const struct models *m, const struct exam *e, int bos,
	const struct score_hooks *h);

/* The models in groups of one pass each: group[i] = number of model i's group; returns the number
 * of groups. */
int score_groups(const struct models *m, int *group);
/* The models of one group, to be given to pass_open: [*n], new; index[*n] their numbers in the
 * list. */
struct model *score_group(const struct models *m, const int *group, int g, int *n, int **index);

/* Ids of a continuation as they follow a prompt: those of tokenize(prompt + text) after the
 * prompt's own. Dies where the prompt's tokens are no prefix. New; *n ids. */
uint32_t *continuation_ids(const struct tok *t, const char *prompt, size_t n_prompt,
	const char *text, size_t *n);

#endif
