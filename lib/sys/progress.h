/* progress - how far a long piece of work is, on standard error
 *
 * A terminal gets one live line with rate and time left, anything else (a log) a plain line every
 * half minute. Nothing is printed before three seconds have passed, or in a quiet program. One
 * piece of work at a time; for the main thread.
 */
#ifndef COPPICE_PROGRESS_H
#define COPPICE_PROGRESS_H

/* Starts a piece of work. what names it ("reading"), unit is what is counted ("MB"), total is the
 * number of units, 0 where it is not known. The texts must live until progress_end. */
void progress_start(const char *what, const char *unit, double total);
void progress_add(double done);
void progress_end(void);

#endif
