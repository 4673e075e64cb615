/* task - what an evaluation measures: items, and the metric that their outcomes add up to
 *
 * An item is one question with the choices that may follow its prompt, or one sequence of tokens,
 * each of which is to be predicted from those before it. A task makes items out of tokens
 * (choice.h, c4.h); an evaluation takes them through models and hands every outcome to the metric
 * (evaluation.h).
 */
#ifndef COPPICE_TASK_H
#define COPPICE_TASK_H

#include "model/model.h"
#include "stream/meta.h"
#include "sys/fault.h"

#include <stdio.h>

enum { MAX_CHOICES = 128 };

/* The tokens that a choice adds to a prompt. */
struct continuation {
	uint32_t *id; /* [n] */
	size_t n;
	/* the first so many end the prompt of this choice, which other choices have not, and are
	 * not scored; 0: all choices have one prompt */
	size_t given;
	size_t length; /* characters of the choice's text, where it differs between questions */
};

/* All pointers are the task's. The ids and the choices hold until the next item is prepared, the
 * rest until the task ends its work on the base (struct task). */
struct item {
	/* [n]: of the prompt, or of the sequence; of a prompt that differs from choice to choice
	 * what all begin with, which may be nothing */
	const uint32_t *ids;
	size_t n;
	/* the first so many ids are a header, which items nearby begin with too and whose rows
	 * they may share; 0: there is none */
	size_t n_header;
	const struct continuation *choice; /* [n_choices] */
	int n_choices;                     /* 0: the item is a sequence */
	int by_length; /* 1: it is also told which choice is the likeliest by its length */

	const char *subject; /* NULL: none */
	uint64_t row;        /* its number in its file */
	int answer;          /* the right choice; -1 for a sequence */
	/* tokens dropped from the front of the prompt, which was too long for the context */
	size_t cut;
	int shots; /* the examples that the prompt shows */
	int fewer; /* 1: fewer than were to be shown, the context being too short */
};

/* What one model makes of one item. */
struct outcome {
	float logp[MAX_CHOICES]; /* of each choice, in nats: the sum over its tokens; of a sequence
	                          * one, of all tokens that it predicts */
	double nats;             /* of a sequence: -logp in full; of a question 0 */
	int choice;              /* the likeliest one, the first of equals; -1 for a sequence */
	int choice_norm;         /* the same by log-probability over length; -1: not by_length */
	/* 1: some choice begins with the token that the model finds likeliest; 0: none does; -1 for
	 * a sequence */
	int top;
};

/* Returns the number of log-probabilities in an outcome: one for each choice, or that of the
 * sequence. */
static inline size_t item_logps(const struct item *it)
{
	return it->n_choices > 0 ? (size_t)it->n_choices : 1;
}

/* Returns the tokens of the sequence or of the prompt, the longest where choices have their own. */
static inline size_t item_tokens(const struct item *it)
{
	size_t given = 0;

	for (int c = 0; c < it->n_choices; c++)
		given = it->choice[c].given > given ? it->choice[c].given : given;
	return it->n + given;
}

/* The sums of one model, of a type that only the metric's functions know, and what they amount
 * to. */
struct metric {
	size_t size; /* bytes of the sums; all zero, there are no outcomes in them */
	/* Sets what model the sums are of. text_bytes: the bytes of text that all predicted tokens
	 * stand for; 0: unknown. */
	void (*start)(void *sums, const struct model *m, uint64_t text_bytes);
	void (*add)(void *sums, const struct item *it, const struct outcome *o);
	/* Fills in the score's metric, value, stderr, count, sum, sumsq and own, which is returned
	 * too: new, the caller's. */
	json_t *(*score)(const void *sums, struct score *s);
	/* Adds the score of another part. Returns 0, or -1 with err. */
	int (*add_score)(void *sums, const struct score *s, struct fault *err);
	/* Returns what a line for people has of a score behind its value, new. */
	char *(*describe)(const struct score *s);
	/* Returns what all models' scores of an evaluation are over, such as "120 questions", which
	 * is said once; new. */
	char *(*over)(const struct score *s);
	void (*clear)(void *sums); /* frees what they hold; NULL: they hold nothing */
};

struct task {
	const char *name;        /* "mmlu" */
	const char *item, *unit; /* for messages: "question"; for progress: "questions" */
	size_t n;                /* items */
	double units;            /* in all: questions, or tokens of the sequences */
	size_t batch_rows;       /* more rows in a batch than these are of no use */
	const char *hash;        /* of all items: 16 hex digits */
	const struct docs *docs; /* the numbers of all items, for meta.docs */
	struct metric metric;

	void *source; /* what these functions are called with */
	/* Is called before the models of one base, of which m is the first. Returns the bytes of
	 * text that the predicted tokens stand for with it; 0: unknown. Dies where the base does
	 * not suit the items. */
	uint64_t (*begin)(void *source, const struct model *m);
	void (*prepare)(void *source, size_t i, struct item *it);
	void (*end)(void *source); /* of work on that base; NULL: there is nothing to end */
	/* Writes the text of an item's prompt with this many examples to `to`; NULL: the items have
	 * none. */
	void (*prompt)(const void *source, size_t i, int shots, FILE *to);
	/* Returns meta.tokenizer of all bases that there were, new. NULL: the meta has it already.
	 * */
	json_t *(*tokenizer)(const void *source);
};

#endif
