/* rate - how fast tokens go through, for -v
 */
#ifndef COPPICE_RATE_H
#define COPPICE_RATE_H

/* Seconds since some moment in the past. */
double rate_now(void);
/* With -v, says how many tokens went through a second, the FLOP/s of their products, and the share
 * that this is of the machine's own FLOP/s, where its maker's number is known. flops are those of
 * all the tokens. Says nothing where there were no tokens. */
void rate_note(double tokens, double flops, double seconds);

#endif
