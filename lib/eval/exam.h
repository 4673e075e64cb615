/* exam - an exam taken by models: answers counted, samples kept, scores written, parts merged
 *
 * All that eval-mmlu and eval-boolq do alike between reading their questions and the end.
 */
#ifndef COPPICE_EXAM_H
#define COPPICE_EXAM_H

#include "eval/accuracy.h"
#include "eval/score.h"

struct sitting {
	const struct exam *exam;
	const uint64_t *number;    /* of each question, for meta.docs; NULL: its row */
	const char *style, *split; /* for meta; split NULL: there are none */
	int64_t order_seed;        /* for meta; -1: there is none */
	const char *hash;          /* of the questions, for the samples' meta */
	/* a BOS token in front of each prompt, or none; both 0: as the tokenizer has it */
	int bos, no_bos;
	json_t *args;                        /* for made; owned by the caller; BOS is added to it */
	const char *samples;                 /* file, or NULL */
	int prompts;                         /* samples have them */
	int table;                           /* as scores_write takes it */
	const struct model_settings *models; /* the models that take the exam */
};
/* Opens the models, takes the exam, writes and says the scores. */
void exam_take(const struct sitting *s);
/* The same for scores that are there. task: "mmlu" or "boolq". */
void exam_merge(const char *task, char *const *files, int table);

#endif
