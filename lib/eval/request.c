/* request - see request.h
 */
#include "eval/request.h"

#include "eval/loss.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

/* -- rows -------------------------------------------------------------------------------------- */

/* 1: the item begins with the header that is in the batch already. */
static int shares_header(const struct requests *r, const struct item *it)
{
	const struct segment *s;

	if (r->batch.n == 0 || r->header < 0 || it->n_header == 0)
		return 0;
	s = &r->batch.seg[r->header];
	return s->len == it->n_header &&
		memcmp(r->batch.ids + s->first, it->ids, s->len * sizeof *it->ids) == 0;
}

size_t item_rows(const struct item *it)
{
	size_t rows = it->n;

	for (int c = 0; c < it->n_choices; c++)
		rows += it->choice[c].n - 1;
	return rows;
}

size_t requests_rows(const struct requests *r, const struct item *it)
{
	return item_rows(it) - (shares_header(r, it) ? it->n_header : 0);
}

/* The prompt's segment, or the sequence's. */
static int add_segment(struct requests *r, const struct item *it)
{
	if (r->batch.n == 0)
		r->header = -1;
	if (it->n == 0)
		return -1;
	if (it->n_header == 0)
		return batch_add(&r->batch, it->ids, it->n, -1);
	if (!shares_header(r, it))
		r->header = batch_add(&r->batch, it->ids, it->n_header, -1);
	return batch_add(&r->batch, it->ids + it->n_header, it->n - it->n_header, r->header);
}

/* -- what is requested ------------------------------------------------------------------------- */

static void request_row(struct requests *r, size_t row)
{
	if (r->n_rows + 1 >= r->capacity_rows) {
		r->capacity_rows = r->capacity_rows ? 2 * r->capacity_rows : 256;
		r->row = xrealloc(r->row, r->capacity_rows, sizeof *r->row);
		r->first = xrealloc(r->first, r->capacity_rows, sizeof *r->first);
	}
	r->row[r->n_rows] = row;
	r->first[r->n_rows++] = r->n_ids;
}

/* Of the row requested last. */
static void request_id(struct requests *r, uint32_t id)
{
	if (r->n_ids == r->capacity_ids) {
		r->capacity_ids = r->capacity_ids ? 2 * r->capacity_ids : 1024;
		r->id = xrealloc(r->id, r->capacity_ids, sizeof *r->id);
	}
	r->id[r->n_ids++] = id;
	r->first[r->n_rows] = r->n_ids;
}

static void request_sequence(struct requests *r, const struct item *it, int segment)
{
	for (size_t i = 1; i < it->n; i++) {
		request_row(r, r->batch.seg[segment].first + i - 1);
		request_id(r, it->ids[i]);
	}
}

/* The first tokens of the choices that follow the prompt's last row. */
static void request_firsts(struct requests *r, const struct item *it, int segment)
{
	int some = 0;

	for (int c = 0; c < it->n_choices; c++) {
		if (it->choice[c].given > 0)
			continue;
		if (!some)
			request_row(r, batch_last_row(&r->batch, segment));
		request_id(r, it->choice[c].id[0]);
		some = 1;
	}
}

/* The first token that its own segment is asked for. */
static size_t first_inside(const struct continuation *choice)
{
	return choice->given > 1 ? choice->given : 1;
}

static void request_choices(struct requests *r, const struct item *it, int segment)
{
	request_firsts(r, it, segment);
	for (int c = 0; c < it->n_choices; c++) {
		const struct continuation *choice = &it->choice[c];
		int child;

		if (choice->n == 1)
			continue;
		child = batch_add(&r->batch, choice->id, choice->n - 1, segment);
		for (size_t i = first_inside(choice); i < choice->n; i++) {
			request_row(r, r->batch.seg[child].first + i - 1);
			request_id(r, choice->id[i]);
		}
	}
}

/* A copy of the choices and their ids, in one piece. */
static struct continuation *choices_copy(const struct item *it)
{
	size_t ids = 0, n = (size_t)it->n_choices;
	struct continuation *copy;
	uint32_t *id;

	for (size_t c = 0; c < n; c++)
		ids += it->choice[c].n;
	copy = xmalloc(n * sizeof *copy + ids * sizeof *id);
	id = (uint32_t *)(copy + n);
	for (size_t c = 0; c < n; c++) {
		copy[c] = it->choice[c];
		copy[c].id = memcpy(id, it->choice[c].id, copy[c].n * sizeof *id);
		id += copy[c].n;
	}
	return copy;
}

void requests_add(struct requests *r, size_t number, const struct item *it)
{
	int segment = add_segment(r, it);

	if (r->n == r->capacity) {
		r->capacity = r->capacity ? 2 * r->capacity : 64;
		r->list = xrealloc(r->list, r->capacity, sizeof *r->list);
	}
	r->list[r->n] = (struct request){ number, *it, r->n_rows };
	r->list[r->n].item.ids = NULL;
	r->list[r->n].item.choice = it->n_choices > 0 ? choices_copy(it) : NULL;
	r->n++;
	if (it->n_choices > 0)
		request_choices(r, it, segment);
	else
		request_sequence(r, it, segment);
}

/* -- outcomes ---------------------------------------------------------------------------------- */

/* Of the choices that follow the prompt's last row, their first tokens; returns the row behind. */
static size_t read_firsts(const struct requests *r, const struct request *q, const float *logp,
	const uint32_t *top, struct outcome *o)
{
	size_t next = r->first[q->first];
	int some = 0;

	for (int c = 0; c < q->item.n_choices; c++) {
		const struct continuation *choice = &q->item.choice[c];

		if (choice->given > 0)
			continue;
		o->logp[c] = logp[next++];
		o->top |= choice->id[0] == top[q->first];
		some = 1;
	}
	return q->first + (size_t)some;
}

static void read_choices(const struct requests *r, const struct request *q, const float *logp,
	const uint32_t *top, struct outcome *o)
{
	size_t row = read_firsts(r, q, logp, top, o);

	for (int c = 0; c < q->item.n_choices; c++) {
		const struct continuation *choice = &q->item.choice[c];

		for (size_t i = first_inside(choice); i < choice->n; i++, row++) {
			o->top |= i == choice->given && choice->id[i] == top[row];
			o->logp[c] += logp[r->first[row]];
		}
		if (o->logp[c] > o->logp[o->choice])
			o->choice = c;
	}
	o->choice_norm = item_choice_norm(&q->item, o->logp);
}

/* That of a choice; of two that are equally long, be it 0, the likelier one is the larger. */
static double by_length(const struct item *it, const float *logp, int i, int than)
{
	size_t length = it->choice[i].length;

	return (double)logp[i] / (length == it->choice[than].length ? 1.0 : (double)length);
}

int item_choice_norm(const struct item *it, const float *logp)
{
	int best = 0;

	for (int i = 1; i < it->n_choices; i++)
		if (by_length(it, logp, i, best) > by_length(it, logp, best, i))
			best = i;
	return it->by_length ? best : -1;
}

struct outcome requests_outcome(const struct requests *r, size_t i, const float *logp,
	const uint32_t *top)
{
	const struct request *q = &r->list[i];
	struct outcome o = { 0 };

	if (q->item.n_choices > 0) {
		read_choices(r, q, logp, top, &o);
	} else {
		o.nats = losses_nats(logp + r->first[q->first], q->item.n - 1);
		o.logp[0] = (float)-o.nats;
		o.choice = o.choice_norm = o.top = -1;
	}
	return o;
}

void requests_clear(struct requests *r)
{
	for (size_t i = 0; i < r->n; i++)
		free((void *)(uintptr_t)r->list[i].item.choice);
	batch_clear(&r->batch);
	r->n = r->n_rows = r->n_ids = 0;
}

void requests_free(struct requests *r)
{
	requests_clear(r);
	batch_free(&r->batch);
	free(r->list);
	free(r->row);
	free(r->first);
	free(r->id);
}
