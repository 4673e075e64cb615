/* rope - what the forward and the backward rotation share
 */
#ifndef COPPICE_CPU_ROPE_H
#define COPPICE_CPU_ROPE_H

#include "cpu/cpu.h"

/* [n][2][rotary / 2]: cos | sin of the angles of positions 0 .. n-1; valid until the next call.
 * Main thread. */
const float *rope_table(const struct heads *h, size_t n);
size_t segments_longest(const struct segments *s);              /* largest position + 1 */
void segments_positions(size_t *pos, const struct segments *s); /* pos[rows] */

#endif
