/* crew - work that the main thread hands to others in items, and takes back in the order it gave
 * them out
 *
 * For what reads, computes and writes: the main thread fills an item while the others work, and
 * lends a hand where they don't keep up, so that one thread is a crew as well and what comes out
 * depends on no number of threads.
 */
#ifndef COPPICE_CREW_H
#define COPPICE_CREW_H

#include <stddef.h>

struct crew;
/* work: gets an item, on thread 0 (main) to threads - 1; it may not die (die.h), but leaves word in
 * the item. items: [n] of `size` bytes each, the caller's, zeros or whatever is to be found in them
 * again; n >= 1. More than one for each thread are of use. */
struct crew *crew_new(int threads, void *items, size_t n, size_t size,
	void (*work)(void *ctx, int thread, void *item), void *ctx);
void *crew_free_item(struct crew *c); /* one to fill; NULL: all are handed out, take one first */
void crew_give(struct crew *c);       /* hands out the one from crew_free_item */
/* the oldest that was given, worked on, free from then on; NULL: there is none */
void *crew_take(struct crew *c);
/* waits for the threads; what was given and not taken is worked on or left */
void crew_close(struct crew *c);

#endif
