/* feed - see feed.h
 */
#define XXH_INLINE_ALL
#include "feed.h"

#include "cli.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { CHUNK_BYTES = 128 << 10, CHUNK_DOCS = 256, CHUNKS_A_THREAD = 4 };

/* Some documents one after the other, and their ids. */
struct chunk {
	char *text;
	size_t n_text, cap_text;
	struct doc { uint64_t number; size_t n_text, n_ids; } doc[CHUNK_DOCS];
	int n_docs;
	uint32_t *ids;
	size_t n_ids, cap_ids;
	int encoded;
	const char *failed;	/* NULL, or what is wrong with document failed_doc */
	uint64_t failed_doc;
};

/* A document kept as long as it is among the sample's smallest. */
struct kept { uint64_t hash, number; char *text; size_t n; };

struct feed {
	const struct feed_opts *o;
	struct feed_counts counts;
	struct worker { struct feed *feed; struct tok_out out; pthread_t thread; } *worker;	/* [n_workers], main first */
	int n_workers;
	struct chunk *ring;		/* [n_ring]: chunk k of the input is at k % n_ring */
	uint64_t n_ring, filled, taken, written;	/* chunks so far; filled, taken, over and encoded under the lock */
	int over;			/* the input has ended */
	pthread_mutex_t lock;
	pthread_cond_t more, done;	/* a chunk is filled, or the input over; a chunk is encoded */
	struct kept *kept;		/* the sample: a heap with the largest on top, then in input order */
	size_t n_kept, next_kept, cap_kept;
	uint64_t progress;		/* bytes of the input */
};

/* The next document of the input that is to be looked at: 1, or 0. */
static int next_input(struct feed *f, const char **text, size_t *n, uint64_t *doc)
{
	uint64_t now;

	while (f->counts.docs < f->o->limit && text_next(f->o->in, text, n, doc)) {
		now = text_taken(f->o->in);
		progress_add((double)(now - f->progress));
		f->progress = now;
		if (*doc < f->o->skip)
			continue;
		f->counts.docs++;
		if (*n)
			return 1;
		f->counts.empty++;
	}
	return 0;
}

static int kept_less(const struct kept *a, const struct kept *b)
{
	return a->hash != b->hash ? a->hash < b->hash : a->number < b->number;
}

static void kept_swap(struct kept *a, struct kept *b)
{
	struct kept t = *a;

	*a = *b;
	*b = t;
}

static void kept_sink(struct feed *f, size_t i)
{
	size_t child;

	for (; (child = 2 * i + 1) < f->n_kept; i = child) {
		if (child + 1 < f->n_kept && kept_less(&f->kept[child], &f->kept[child + 1]))
			child++;
		if (!kept_less(&f->kept[i], &f->kept[child]))
			break;
		kept_swap(&f->kept[i], &f->kept[child]);
	}
}

static void kept_rise(struct feed *f, size_t i)
{
	for (; i && kept_less(&f->kept[(i - 1) / 2], &f->kept[i]); i = (i - 1) / 2)
		kept_swap(&f->kept[i], &f->kept[(i - 1) / 2]);
}

static void keep(struct feed *f, const char *text, size_t n, uint64_t doc)
{
	struct kept k = { XXH3_64bits_withSeed(&doc, sizeof doc, f->o->seed), doc, NULL, n };
	int full = f->n_kept == f->o->sample;

	if (full && !kept_less(&k, &f->kept[0]))
		return;
	k.text = xmalloc(n);
	memcpy(k.text, text, n);
	if (full) {
		free(f->kept[0].text);
		f->kept[0] = k;
		kept_sink(f, 0);
		return;
	}
	if (f->n_kept == f->cap_kept) {
		f->cap_kept = 2 * f->cap_kept + 64;
		f->kept = xrealloc(f->kept, f->cap_kept, sizeof *f->kept);
	}
	f->kept[f->n_kept++] = k;
	kept_rise(f, f->n_kept - 1);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = ((const struct kept *)a)->number, y = ((const struct kept *)b)->number;

	return (x > y) - (x < y);
}

static void draw_sample(struct feed *f)
{
	const char *text;
	uint64_t doc;
	size_t n;

	while (next_input(f, &text, &n, &doc))
		keep(f, text, n, doc);
	if (f->n_kept)
		qsort(f->kept, f->n_kept, sizeof *f->kept, by_number);
}

static int next_doc(struct feed *f, const char **text, size_t *n, uint64_t *doc)
{
	const struct kept *k;

	if (!f->o->sample)
		return next_input(f, text, n, doc);
	if (f->next_kept == f->n_kept)
		return 0;
	k = &f->kept[f->next_kept++];
	*text = k->text;
	*n = k->n;
	*doc = k->number;
	return 1;
}

static void chunk_add(struct chunk *c, const char *text, size_t n, uint64_t doc)
{
	if (c->n_text + n > c->cap_text) {
		c->cap_text = 2 * (c->n_text + n);
		c->text = xrealloc(c->text, c->cap_text, 1);
	}
	memcpy(c->text + c->n_text, text, n);
	c->n_text += n;
	c->doc[c->n_docs++] = (struct doc){ doc, n, 0 };
}

/* 0: there are no more documents. */
static int read_chunk(struct feed *f, struct chunk *c)
{
	const char *text;
	uint64_t doc;
	size_t n;

	c->n_text = 0;
	c->n_docs = 0;
	c->encoded = 0;
	while (c->n_text < CHUNK_BYTES && c->n_docs < CHUNK_DOCS && next_doc(f, &text, &n, &doc))
		chunk_add(c, text, n, doc);
	return c->n_docs > 0;
}

/* For any thread. */
static void encode_chunk(const struct feed *f, struct chunk *c, struct tok_out *out)
{
	const char *text = c->text;
	size_t n;

	c->n_ids = 0;
	for (int i = 0; i < c->n_docs; text += c->doc[i++].n_text) {
		tok_encode(f->o->tok, out, text, c->doc[i].n_text);
		if (out->failed && !c->failed) {
			c->failed = "the pre-tokeniser's regular expression gives up";
			c->failed_doc = c->doc[i].number;
		}
		n = out->n < f->o->longest ? out->n : f->o->longest;
		if (c->n_ids + n > c->cap_ids) {
			c->cap_ids = 2 * (c->n_ids + n);
			c->ids = xrealloc(c->ids, c->cap_ids, sizeof *c->ids);
		}
		memcpy(c->ids + c->n_ids, out->ids, n * sizeof *c->ids);
		c->n_ids += n;
		c->doc[i].n_ids = n;
	}
}

static void write_chunk(struct feed *f, const struct chunk *c)
{
	const uint32_t *ids = c->ids;

	if (c->failed)
		die("document %llu: %s", (unsigned long long)c->failed_doc, c->failed);
	for (int i = 0; i < c->n_docs; ids += c->doc[i++].n_ids)
		if (c->doc[i].n_ids)
			f->o->done(f->o->ctx, c->doc[i].number, ids, c->doc[i].n_ids);
	f->counts.ids += c->n_ids;
}

/* Encodes the next chunk, if there is one; under the lock, which is open meanwhile. */
static int work_one(struct worker *w)
{
	struct feed *f = w->feed;
	struct chunk *c;

	if (f->taken == f->filled)
		return 0;
	c = &f->ring[f->taken++ % f->n_ring];
	pthread_mutex_unlock(&f->lock);
	encode_chunk(f, c, &w->out);
	pthread_mutex_lock(&f->lock);
	c->encoded = 1;
	pthread_cond_signal(&f->done);
	return 1;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	struct feed *f = w->feed;

	pthread_mutex_lock(&f->lock);
	while (work_one(w) || !f->over)
		if (f->taken == f->filled && !f->over)
			pthread_cond_wait(&f->more, &f->lock);
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* Threads that can't be had are done without. */
static void start_workers(struct feed *f)
{
	f->worker = xcalloc((size_t)f->o->threads, sizeof *f->worker);
	for (int i = 0; i < f->o->threads; i++) {
		f->worker[i].feed = f;
		if (i && pthread_create(&f->worker[i].thread, NULL, work, &f->worker[i]))
			return;
		f->n_workers = i + 1;
	}
}

/* Fills the next chunk of the ring. */
static void read_one(struct feed *f)
{
	int more = read_chunk(f, &f->ring[f->filled % f->n_ring]);

	pthread_mutex_lock(&f->lock);
	f->filled += more;
	f->over = !more;
	if (more)
		pthread_cond_signal(&f->more);
	else
		pthread_cond_broadcast(&f->more);
	pthread_mutex_unlock(&f->lock);
}

/* Until the oldest chunk is encoded, lends a hand. */
static void await_oldest(struct feed *f)
{
	pthread_mutex_lock(&f->lock);
	while (!f->ring[f->written % f->n_ring].encoded)
		if (!work_one(&f->worker[0]))
			pthread_cond_wait(&f->done, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

static void run(struct feed *f)
{
	while (!f->over || f->written < f->filled) {
		if (!f->over && f->filled - f->written < f->n_ring) {
			read_one(f);
			continue;
		}
		await_oldest(f);
		write_chunk(f, &f->ring[f->written++ % f->n_ring]);
	}
}

static void free_all(struct feed *f)
{
	for (int i = 0; i < f->n_workers; i++) {
		if (i)
			pthread_join(f->worker[i].thread, NULL);
		f->counts.replaced += f->worker[i].out.replaced;
		tok_out_free(&f->worker[i].out);
	}
	for (uint64_t i = 0; i < f->n_ring; i++) {
		free(f->ring[i].text);
		free(f->ring[i].ids);
	}
	for (size_t i = 0; i < f->n_kept; i++)
		free(f->kept[i].text);
	free(f->kept);
	free(f->ring);
	free(f->worker);
}

struct feed_counts feed_run(const struct feed_opts *o)
{
	struct feed f = { .o = o, .n_ring = o->threads > 1 ? CHUNKS_A_THREAD * (uint64_t)o->threads : 1,
		.lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };

	f.ring = xcalloc(f.n_ring, sizeof *f.ring);
	if (o->sample)
		draw_sample(&f);
	start_workers(&f);
	run(&f);
	free_all(&f);
	return f.counts;
}
