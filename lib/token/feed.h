/* feed - documents through a tokenizer on all threads, in order, in bounded memory
 *
 * The main thread reads, decompresses and writes; the others tokenise, and the main thread too
 * where they don't keep up. The result does not depend on the number of threads.
 */
#ifndef COPPICE_FEED_H
#define COPPICE_FEED_H

#include "file/text.h"
#include "token/tok.h"

struct feed_opts {
	const struct tok *tok;
	struct text_in *in;
	int threads;
	/* documents of the input to pass over, and then to look at; UINT64_MAX: all */
	uint64_t skip, limit;
	/* how many of those to use: the ones of smallest XXH3(number) with the seed, in input
	 * order; 0: all */
	uint64_t sample;
	uint64_t seed;
	size_t longest; /* ids of a document to make, SIZE_MAX: all */
	/* called with each document, in order, on the main thread */
	void (*done)(void *ctx, uint64_t doc, const uint32_t *ids, size_t n);
	void *ctx;
};
struct feed_counts {
	uint64_t skipped;     /* passed over: skip of them, or all that there are */
	uint64_t docs, empty; /* looked at; of them empty, for which done is not called */
	uint64_t replaced;    /* bytes of invalid UTF-8 */
	uint64_t ids;         /* handed to done */
};
/* Tokenises the documents of o->in. Dies where one cannot be read or tokenised. */
struct feed_counts feed_run(const struct feed_opts *o);

#endif
