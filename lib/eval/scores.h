/* scores - what the eval tools do alike: a score a model out, parts of scores in
 *
 * A model has one record, with the sums that its parts add up to; the models stand in the stream's
 * order. Parts are merged position by position: each part lists the same models.
 */
#ifndef COPPICE_SCORES_H
#define COPPICE_SCORES_H

#include "model/model.h"
#include "sys/fault.h"

/* Writes the list to standard output where that is no terminal, and says it on stderr in a line or
 * a table. note: what that line ends with, new, or NULL. table: lm-eval's tables go to standard
 * output and nothing else is said. All borrowed. */
struct scores {
	const struct score *list; /* [n] */
	int n;
	const json_t *provenance, *args, *meta;
	char *(*note)(const struct score *s);
	int table;
};
void scores_write(const struct scores *s);

/* Adds what the meta of samples has beside the scores': the models, and the hash of what is asked
 * of them. */
void scores_samples_meta(json_t *meta, const struct models *m, const char *hash);
/* What every eval tool's made and meta say: the arithmetic. New. */
json_t *scores_args(const char *quant);
json_t *scores_meta(const char *task);

/* A count among a score's own keys, at most 2^53: 0, or -1 where there is none. */
int score_count(const json_t *own, const char *key, uint64_t *n);

/* Parts of one task. add: takes a record of model i (from 0) in; 0, or -1 with one line in err. */
struct parts {
	const char *task;
	int (*add)(void *ctx, int i, const struct score *s, struct fault *err);
	void *ctx;
	struct model_rec **model; /* out: [n], owned */
	int n;
	json_t *provenance, *meta; /* out: owned */
};
void parts_read(struct parts *p, char *const *files); /* dies with one line */
void parts_free(struct parts *p);

#endif
