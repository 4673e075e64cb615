/* c4 - the sequences of a tokens stream as a task: every token but a sequence's first is predicted
 *
 * Named after the corpus that the loss is measured on; any tokens stream will do.
 */
#ifndef COPPICE_C4_H
#define COPPICE_C4_H

#include "eval/task.h"
#include "stream/sequences.h"

/* c4_close frees all of it. */
struct c4 {
	struct sequences *sequences;
	uint64_t skip;    /* the number of the first one in the stream */
	json_t *meta;     /* of all streams, merged */
	struct docs docs; /* the documents of the sequences */
	char hash[17];    /* of all ids and lengths, for the samples' meta */
};
/* Reads the sequences as sequences_load does, and returns them, new. Dies where the meta of two
 * streams disagree. */
struct c4 *c4_open(char *const *files, uint64_t skip, uint64_t limit);
void c4_close(struct c4 *c);
/* Returns the task, with loss_metric. It refers to c. */
struct task c4_task(struct c4 *c);

#endif
