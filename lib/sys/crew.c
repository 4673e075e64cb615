/* crew - see crew.h
 */
#include "sys/crew.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

struct crew {
	void (*work)(void *ctx, int thread, void *item);
	void *ctx;
	char *item;      /* [n] of size bytes: number k of all is at k % n */
	uint8_t *worked; /* [n] */
	size_t n, size;
	uint64_t given, begun, taken; /* items so far; all but taken under the lock */
	int over;
	pthread_mutex_t lock;
	pthread_cond_t more, done; /* an item is given, or all is over; an item is worked on */
	/* [n_hands], main first */
	struct hand {
		struct crew *crew;
		int number;
		pthread_t thread;
	} * hand;
	int n_hands;
};

/* Works on the next item, if there is one; under the lock, which is open meanwhile. */
static int work_one(struct crew *c, int thread)
{
	size_t at = c->begun % c->n;

	if (c->begun == c->given)
		return 0;
	c->begun++;
	pthread_mutex_unlock(&c->lock);
	c->work(c->ctx, thread, c->item + at * c->size);
	pthread_mutex_lock(&c->lock);
	c->worked[at] = 1;
	pthread_cond_signal(&c->done);
	return 1;
}

static void *hand(void *arg)
{
	struct hand *h = arg;
	struct crew *c = h->crew;

	pthread_mutex_lock(&c->lock);
	while (!c->over)
		if (!work_one(c, h->number))
			pthread_cond_wait(&c->more, &c->lock);
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct crew *crew_new(int threads, void *items, size_t n, size_t size,
	void (*work)(void *ctx, int thread, void *item), void *ctx)
{
	struct crew *c = xcalloc(1, sizeof *c);

	*c = (struct crew){ .work = work,
		.ctx = ctx,
		.item = items,
		.n = n,
		.size = size,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.more = PTHREAD_COND_INITIALIZER,
		.done = PTHREAD_COND_INITIALIZER };
	c->worked = xcalloc(n, 1);
	c->hand = xcalloc((size_t)threads, sizeof *c->hand);
	for (int i = 0; i < threads; i++) {
		c->hand[i] = (struct hand){ c, i };
		if (i && pthread_create(&c->hand[i].thread, NULL, hand, &c->hand[i]))
			die("a thread cannot be started");
	}
	c->n_hands = threads;
	return c;
}

void *crew_free_item(struct crew *c)
{
	return c->given - c->taken < c->n ? c->item + c->given % c->n * c->size : NULL;
}

void crew_give(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	c->worked[c->given++ % c->n] = 0;
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->lock);
}

void *crew_take(struct crew *c)
{
	size_t at = c->taken % c->n;

	if (c->taken == c->given)
		return NULL;
	pthread_mutex_lock(&c->lock);
	while (!c->worked[at])
		if (!work_one(c, 0))
			pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
	c->taken++;
	return c->item + at * c->size;
}

void crew_close(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	c->over = 1;
	pthread_cond_broadcast(&c->more);
	pthread_mutex_unlock(&c->lock);
	for (int i = 1; i < c->n_hands; i++)
		pthread_join(c->hand[i].thread, NULL);
	free(c->worked);
	free(c->hand);
	free(c);
}
