/* mmlu - MMLU's questions and their prompts (coppice-method(7), MMLU)
 *
 * The subjects stand in the order of their names, and in each its questions in the order of its
 * file. A prompt is a sentence that names the subject, the examples with their answers, and the
 * question with its choices A to D; what comes before the question is a header that all questions
 * of a subject share.
 */
#ifndef COPPICE_MMLU_H
#define COPPICE_MMLU_H

#include "eval/choice.h"
#include "eval/mmlu_read.h"

enum mmlu_style { MMLU_HENDRYCKS, MMLU_LM_EVAL };
enum { MMLU_MAX_SHOTS = 1000 };

struct mmlu_choice { /* which questions; all of it stays the caller's */
	struct mmlu_files from;
	enum mmlu_style style;
	int64_t order_seed;   /* of the order of the examples; -1: that of their file */
	uint64_t skip, limit; /* questions of each subject; limit UINT64_MAX: all */
};

/* mmlu_close frees all of it. */
struct mmlu {
	enum mmlu_style style;
	int shots;                    /* examples in each prompt */
	struct mmlu_subject *subject; /* [n_subjects] */
	int n_subjects;
	int *order;                /* [shots]: rows of dev, as they stand in every prompt */
	struct question *question; /* [n] */
	int *of;                   /* [n]: the subject of each question */
	size_t n;
	struct docs docs; /* the questions' numbers among all that were read */
	char hash[17];    /* of all questions and examples, for the samples' meta */
};
/* Reads the files and returns their questions, new. Dies with one line where the files are not as
 * mmlu_read needs them, or no question is left; warns where subjects have fewer questions than
 * limit. */
struct mmlu *mmlu_open(const struct mmlu_choice *c);
void mmlu_close(struct mmlu *m);
/* Returns the questions for choice_open, with mmlu_metric. They refer to m. */
struct questions mmlu_questions(const struct mmlu *m);
/* Writes a prompt as struct questions wants it. mmlu: a struct mmlu. */
size_t mmlu_prompt(const void *mmlu, size_t question, int shots, FILE *to);

#endif
