/* schedule - the learning rate of each step: warm-up, then a cosine to zero or a constant
 * (coppice-method(7), SCHEDULE)
 */
#ifndef COPPICE_SCHEDULE_H
#define COPPICE_SCHEDULE_H

#include <stdint.h>

enum schedule { SCHEDULE_COSINE, SCHEDULE_CONSTANT };

int schedule_find(const char *name); /* -1: no such schedule */
const char *schedule_name(enum schedule s);
/* Of step 0 <= step < steps; step 0 of a warm-up has rate 0. */
double schedule_rate(enum schedule s, double peak, int64_t step, int64_t warmup, int64_t steps);

#endif
