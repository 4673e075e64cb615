/* rope - what the forward and the backward rotation share
 */
#ifndef COPPICE_CPU_ROPE_H
#define COPPICE_CPU_ROPE_H

#include "cpu/cpu.h"

/* The cosines and sines [n][2][rotary / 2] of the angles of positions 0 .. n-1. Called by the main
 * thread; valid until its next call. */
const float *rope_table(const struct heads *h, size_t n);
/* The largest position of any row, plus 1. */
size_t segments_longest(const struct segments *s);
/* The position of each row, into pos[rows]. */
void segments_positions(size_t *pos, const struct segments *s);

#endif
