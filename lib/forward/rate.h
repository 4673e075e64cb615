/* rate - how fast tokens go through, for -v
 */
#ifndef COPPICE_RATE_H
#define COPPICE_RATE_H

/* Returns the seconds since some fixed moment in the past. */
double rate_now(void);
/* Prints with note how many tokens went through a second, the FLOP/s of their products, and the
 * share that this is of the FLOP/s that the machine's maker gives, where that is known. flops are
 * those of all the tokens together. Prints nothing where there were no tokens. */
void rate_note(double tokens, double flops, double seconds);

#endif
