/* progress - how far a long piece of work is, on standard error
 *
 * A terminal gets one live line with rate and time left, cut to its width. Anything else, a log or
 * a terminal that is called dumb, gets a plain line every half minute. Nothing is printed before
 * three seconds have passed, or in a quiet program. One piece of work at a time; for the main
 * thread. Where none has been started, all functions do nothing.
 */
#ifndef COPPICE_PROGRESS_H
#define COPPICE_PROGRESS_H

#include <stddef.h>

/* Starts a piece of work. what names it ("reading"), or is empty where the program's name says it;
 * unit is what is counted ("MB"), total is the number of units, 0 where it is not known. The texts
 * must live until progress_end. */
void progress_start(const char *what, const char *unit, double total);
/* Changes what is under way. */
void progress_name(const char *what);
/* Units are done. */
void progress_add(double units);
/* Units were done by a run before: they count, and the rate does not. */
void progress_skip(double units);
/* So many of the units to come, up to the next progress_add, are worked on together, and
 * progress_step says how much of them is through: done of all steps. The work of batches is told
 * so by whoever makes their units, and the steps by whoever takes them through the layers. */
void progress_piece(double units);
void progress_step(size_t done, size_t all);
/* Ends it, and clears the line. */
void progress_end(void);

#endif
