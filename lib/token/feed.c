/* feed - see feed.h
 */
#define XXH_INLINE_ALL
#include "token/feed.h"

#include "sys/crew.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/progress.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { CHUNK_BYTES = 128 << 10, CHUNK_DOCS = 256, CHUNKS_A_THREAD = 4 };

/* Some documents one after the other, and their ids. */
struct feed_chunk {
	char *text;
	size_t n_text, cap_text;
	struct doc {
		uint64_t number;
		size_t n_text, n_ids;
	} doc[CHUNK_DOCS];
	int n_docs;
	uint32_t *ids;
	size_t n_ids, cap_ids;
	const char *failed; /* NULL, or what is wrong with document failed_doc */
	uint64_t failed_doc;
};

/* A document kept as long as it is among the sample's smallest. */
struct sampled_doc {
	uint64_t hash, number;
	char *text;
	size_t n;
};

struct feed {
	const struct feed_opts *o;
	struct feed_counts counts;
	struct tok_out *out;      /* [threads] */
	struct feed_chunk *chunk; /* [n_chunks], the crew's items */
	size_t n_chunks;
	struct sampled_doc
		*kept; /* the sample: a heap with the largest on top, then in input order */
	size_t n_kept, next_kept, cap_kept;
	uint64_t progress; /* bytes of the input */
};

/* The next document of the input that is to be looked at: 1, or 0. */
static int next_input(struct feed *f, const char **text, size_t *n, uint64_t *doc)
{
	uint64_t now;

	while (f->counts.docs < f->o->limit && text_next(f->o->in, text, n, doc)) {
		now = text_bytes_read(f->o->in);
		progress_add((double)(now - f->progress) / 1e6);
		f->progress = now;
		if (*doc < f->o->skip) {
			f->counts.skipped++;
			continue;
		}
		f->counts.docs++;
		if (*n)
			return 1;
		f->counts.empty++;
	}
	return 0;
}

static int kept_less(const struct sampled_doc *a, const struct sampled_doc *b)
{
	return a->hash != b->hash ? a->hash < b->hash : a->number < b->number;
}

static void kept_swap(struct sampled_doc *a, struct sampled_doc *b)
{
	struct sampled_doc t = *a;

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
	struct sampled_doc k = { XXH3_64bits_withSeed(&doc, sizeof doc, f->o->seed), doc, NULL, n };
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
	uint64_t x = ((const struct sampled_doc *)a)->number,
		 y = ((const struct sampled_doc *)b)->number;

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
	const struct sampled_doc *k;

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

static void chunk_add(struct feed_chunk *c, const char *text, size_t n, uint64_t doc)
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
static int read_chunk(struct feed *f, struct feed_chunk *c)
{
	const char *text;
	uint64_t doc;
	size_t n;

	c->n_text = 0;
	c->n_docs = 0;
	while (c->n_text < CHUNK_BYTES && c->n_docs < CHUNK_DOCS && next_doc(f, &text, &n, &doc))
		chunk_add(c, text, n, doc);
	return c->n_docs > 0;
}

static void encode_chunk(void *ctx, int thread, void *item)
{
	const struct feed *f = ctx;
	struct tok_out *out = &f->out[thread];
	struct feed_chunk *c = item;
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

static void write_chunk(struct feed *f, const struct feed_chunk *c)
{
	const uint32_t *ids = c->ids;

	if (c->failed)
		die("document %llu: %s", (unsigned long long)c->failed_doc, c->failed);
	for (int i = 0; i < c->n_docs; ids += c->doc[i++].n_ids)
		if (c->doc[i].n_ids)
			f->o->done(f->o->ctx, c->doc[i].number, ids, c->doc[i].n_ids);
	f->counts.ids += c->n_ids;
}

static void run(struct feed *f, struct crew *crew)
{
	struct feed_chunk *c;
	int more = 1;

	for (;;) {
		c = more ? crew_free_item(crew) : NULL;
		if (c && (more = read_chunk(f, c)))
			crew_give(crew);
		if (c)
			continue;
		c = crew_take(crew);
		if (!c)
			return;
		write_chunk(f, c);
	}
}

static void free_all(struct feed *f)
{
	for (int i = 0; i < f->o->threads; i++) {
		f->counts.replaced += f->out[i].replaced;
		tok_out_free(&f->out[i]);
	}
	for (size_t i = 0; i < f->n_chunks; i++) {
		free(f->chunk[i].text);
		free(f->chunk[i].ids);
	}
	for (size_t i = 0; i < f->n_kept; i++)
		free(f->kept[i].text);
	free(f->kept);
	free(f->chunk);
	free(f->out);
}

struct feed_counts feed_run(const struct feed_opts *o)
{
	struct feed f = { .o = o,
		.n_chunks = o->threads > 1 ? CHUNKS_A_THREAD * (size_t)o->threads : 1 };
	struct crew *crew;

	f.chunk = xcalloc(f.n_chunks, sizeof *f.chunk);
	f.out = xcalloc((size_t)o->threads, sizeof *f.out);
	if (o->sample)
		draw_sample(&f);
	crew = crew_new(o->threads, f.chunk, f.n_chunks, sizeof *f.chunk, encode_chunk, &f);
	run(&f, crew);
	crew_close(crew);
	free_all(&f);
	return f.counts;
}
