/* request - items in one batch, the log-probabilities that they request, and their outcomes
 *
 * A prompt is a segment, or the child of its header's; a choice of several tokens is a child of its
 * prompt, without its last token. The prompt's last row has requests for the first tokens of all
 * choices, the rows of a choice for its tokens behind the first; where a choice has an end of the
 * prompt of its own, its rows have requests for what follows that. A sequence is a segment of its
 * own, and each of its rows but the last has a request for the token that follows.
 */
#ifndef COPPICE_REQUEST_H
#define COPPICE_REQUEST_H

#include "eval/task.h"
#include "forward/batch.h"

/* Zero-initialise; requests_free frees what it holds. */
struct requests {
	struct batch batch;
	struct request {
		size_t number;    /* of the item in its task */
		struct item item; /* its ids no longer hold; its choices are owned */
		size_t first;     /* the first of its rows in `row` */
	} * list;                 /* [n] */
	size_t n, capacity;

	/* The rows of the batch that have requests, the ids whose log-probabilities they want, and
	 * where in these each row's begin: as pass_output takes them. */
	size_t *row;   /* [n_rows] */
	uint32_t *id;  /* [n_ids] */
	size_t *first; /* [n_rows + 1] */
	size_t n_rows, capacity_rows, n_ids, capacity_ids;
	int header; /* the segment of the last header; only while the batch has one */
};

/* Returns the number of rows that an item adds to the batch. */
size_t requests_rows(const struct requests *r, const struct item *it);
/* Returns the number that it adds to an empty one: the most that requests_rows can be. */
size_t item_rows(const struct item *it);
void requests_add(struct requests *r, size_t number, const struct item *it);
/* Returns the outcome of item i of the batch from logp[n_ids] and top[n_rows] as pass_output gives
 * them; top is only used for questions. */
struct outcome requests_outcome(const struct requests *r, size_t i, const float *logp,
	const uint32_t *top);
/* Returns the choice with the largest log-probability over its length, the first of equals; -1
 * where the item is not by_length. */
int item_choice_norm(const struct item *it, const float *logp);
void requests_clear(struct requests *r);
void requests_free(struct requests *r);

#endif
