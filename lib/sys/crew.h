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
/* Starts threads - 1 threads beside the calling one, which is thread 0. items is an array of n >= 1
 * items of `size` bytes each, owned by the caller; their contents are kept from one use of an item
 * to the next. Two items or more for each thread keep all of them busy. work is called with ctx,
 * the number of its thread, and one item; it must not call die (sys/die.h), but records an error in
 * the item. Returns the crew, new, freed by crew_close. */
struct crew *crew_new(int threads, void *items, size_t n, size_t size,
	void (*work)(void *ctx, int thread, void *item), void *ctx);
/* Returns an item to fill; NULL where all are in use, and the oldest must be taken first. */
void *crew_free_item(struct crew *c);
void crew_give(struct crew *c); /* hands out the item from crew_free_item */
/* Returns the item that was given first, once work is through with it; it is free from then on.
 * NULL: no item is in use. */
void *crew_take(struct crew *c);
/* Waits for the threads to end, and frees c. Items that were given and not taken may or may not
 * have been worked on. */
void crew_close(struct crew *c);

#endif
