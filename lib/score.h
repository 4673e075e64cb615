/* score - prompts and their choices through a pass: log-probabilities of the answers
 *
 * What eval-mmlu and eval-boolq share. A question is a prompt and some continuations; prompts that begin with the
 * same header share its rows (decisions.md 14). Questions are batched as they come, models are worked on together.
 */
#ifndef COPPICE_SCORE_H
#define COPPICE_SCORE_H

#include "model.h"
#include "tok.h"

struct question {
	const char *task, *subject;	/* subject may be NULL */
	uint64_t row;			/* in its file */
	const char *prompt;		/* bytes, n_prompt */
	size_t n_prompt;
	size_t n_header;		/* its first so many bytes are a header that others share; 0: none */
	const uint32_t *const *choice;	/* [n_choices]: ids of each continuation */
	const size_t *choice_len;	/* [n_choices], >= 1 */
	int n_choices;
	int answer;
};
struct answer {
	float logp[16];			/* of each choice: the sum over its tokens */
	int choice;			/* largest, the first of equals */
	int top;			/* 1: some choice's first token has the largest logit of the row */
	size_t ntok;			/* tokens of the prompt (cut ones not counted) */
	int cut;			/* tokens cut off the front: the prompt was longer than the context */
};
/* Every question through every model of the list. done is called once for each (question, model), questions in order,
 * models in order within one. Dies where a prompt or id doesn't fit. */
void score_questions(struct models *m, const struct tok *t, const struct question *q, size_t n,
	void (*done)(void *ctx, size_t question, int model, const struct answer *a), void *ctx);
/* Ids of a continuation as they follow a prompt: those of tokenize(prompt + text) after the prompt's own. Dies where
 * the prompt's tokens are no prefix (specs.md 10.1). Returns their number. */
size_t continuation_ids(const struct tok *t, const char *prompt, const char *text, uint32_t **ids);

#endif
