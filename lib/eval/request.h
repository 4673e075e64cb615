/* request - items in one batch: the rows that they take, what is asked of these, and the outcomes
 *
 * A prompt is a segment, or the child of its header's; a choice of several tokens is a child of its
 * prompt, without its last token. Of the prompt's last row the first tokens of all choices are
 * asked, of a choice's rows the token that follows. A sequence is a segment alone, and of each row
 * but the last the next token is asked.
 */
#ifndef COPPICE_REQUEST_H
#define COPPICE_REQUEST_H

#include "eval/task.h"
#include "forward/batch.h"

/* Zero-initialise; what it holds is its own. */
struct requests {
	struct batch batch;
	struct request {
		size_t number;    /* of the item in its task */
		struct item item; /* its ids no longer hold */
		size_t first;     /* of the rows asked, its first */
	} * list;                 /* [n] */
	size_t n, capacity;

	size_t *row;   /* [n_rows]: rows of the batch whose output is asked for, as pass_output */
	size_t *first; /* [n_rows + 1]: where the ids that are asked of each begin */
	uint32_t *id;  /* [n_ids] */
	size_t n_rows, capacity_rows, n_ids, capacity_ids;
	int header; /* the segment of the last header; only while the batch has one */
};

/* The rows that an item adds to the batch. */
size_t requests_rows(const struct requests *r, const struct item *it);
/* Those that it takes alone: the most that requests_rows can be. */
size_t item_rows(const struct item *it);
void requests_add(struct requests *r, size_t number, const struct item *it);
/* What a model makes of request i. logp [n_ids], top [n_rows]: what pass_output gives for all that
 * is asked. top is only looked at for questions. */
struct outcome requests_outcome(const struct requests *r, size_t i, const float *logp,
	const uint32_t *top);
void requests_clear(struct requests *r);
void requests_free(struct requests *r);

#endif
