/* scores - scores written for programs and people, and read back as parts of one evaluation
 *
 * A model has one record, with the sums that its parts add up to; the models stand in the order of
 * the stream that they came from. Parts are merged position by position: each part lists the same
 * models.
 */
#ifndef COPPICE_SCORES_H
#define COPPICE_SCORES_H

#include "model/model.h"
#include "sys/fault.h"

/* All of it stays the caller's. */
struct scores {
	const struct score *list; /* [n], one of each model */
	int n;
	const json_t *provenance, *args,
		*meta; /* of the stream's header, as rec_create takes them */
	char *(*note)(const struct score
			*s); /* returns the end of the line for people, new; NULL: it has none */
	char *(*over)(const struct score *s); /* what all are over, as a metric's (task.h) */
	int table;                            /* 1: tables as lm-eval prints them instead */
	/* A file for the results as lm-eval writes them (results.h): an object of one model, a list
	 * of several. It gets its name when standard output has all. NULL: none. */
	const char *json;
};
/* Writes a stream of scores to standard output, unless that is a terminal, and prints them on
 * standard error: one in a line, several in a table. With table, prints lm-eval's tables to
 * standard output, and nothing else. Dies where not all could be written. */
void scores_write(const struct scores *s);

/* Adds to the meta of samples what it has beside that of the scores: the models, and the hash of
 * the task's items. */
void scores_samples_meta(json_t *meta, const struct models *m, const char *hash);
/* Returns the meta that the header of every evaluation has, new: the task and the arithmetic. */
json_t *scores_meta(const char *task);

/* Score streams that are parts of one evaluation. */
struct parts {
	const char *task; /* in: the one that all must be of, NULL: any; out: which */
	/* in: is called with each score of model i, counted from 0: 0, or -1 with err */
	int (*add)(void *ctx, int i, const struct score *s, struct fault *err);
	void *ctx;
	char *own_task;           /* out: the task, owned */
	struct model_rec **model; /* out: [n], owned */
	int n;
	json_t *provenance, *meta; /* out: of all parts, owned */
};
/* Reads all streams of the files, named as rec_open takes them, and hands each score to add. Dies
 * with one line where parts have other models, another task, or a meta that disagrees. */
void parts_read(struct parts *p, char *const *files);
void parts_free(struct parts *p);

#endif
