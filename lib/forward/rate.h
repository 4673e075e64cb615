/* rate - how fast tokens go through, for -v
 */
#ifndef COPPICE_RATE_H
#define COPPICE_RATE_H

double rate_now(void); /* seconds, from any moment on */
/* With -v: tokens a second, FLOP/s of the products, and their share of what the machine's maker
 * gives, where it is known. Nothing where there were no tokens. */
void rate_note(double tokens, double flops, double seconds);

#endif
