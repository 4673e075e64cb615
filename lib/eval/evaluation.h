/* evaluation - the items of a task through every model: samples kept, scores written, parts merged
 *
 * Models that may share a pass (pass_together) are worked on together, group by group in the order
 * of their first; in a group item by item, and for each item the models in their order. Samples
 * come in that order, and a run that goes on takes them over in it.
 */
#ifndef COPPICE_EVALUATION_H
#define COPPICE_EVALUATION_H

#include "cli/eval_options.h"
#include "eval/task.h"

/* What is evaluated, and where the results go. The caller owns all of it. */
struct evaluation {
	const struct models *models;
	const json_t *provenance; /* the steps of all streams that were read */
	const json_t *args;       /* this tool's own step: the options that shape the result */
	const json_t *meta; /* what the scores' header says, but for the documents and tokenizers */
	/* whether every outcome is also written to a file of samples (samples.h), with its prompt,
	 * and whether tables are printed instead of a score stream (scores.h) */
	const struct eval_options *options;
	/* 1: nothing is evaluated, and what it would take is printed (forecast.h) */
	int plan;
};

/* Evaluates the task. Writes one score a model to standard output, and prints them on standard
 * error. Dies with one line where the task does not suit a model, memory is too little, or a
 * log-probability is not finite. */
void evaluation_run(const struct evaluation *e, const struct task *t);

/* Reads score streams, files as rec_open takes them, that are parts of one evaluation of the task
 * with this name (NULL: of any one task) and metric, and writes and prints their scores added up.
 * options as in struct evaluation. Dies where the parts do not belong together. */
void evaluation_merge(const char *task, const struct metric *metric, char *const *files,
	const struct eval_options *options);

#endif
