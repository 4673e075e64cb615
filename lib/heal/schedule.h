/* schedule - the learning rate of each step: a warm-up, then a cosine to zero or a constant
 * (coppice-method(7), SCHEDULE)
 */
#ifndef COPPICE_SCHEDULE_H
#define COPPICE_SCHEDULE_H

#include <stdint.h>

enum schedule { SCHEDULE_COSINE, SCHEDULE_CONSTANT };

/* Returns the schedule of that name; -1: there is none. */
int schedule_find(const char *name);
/* Returns the rate of a step, 0 <= step < steps, which rises from 0 at step 0 to peak at step
 * warmup. */
double schedule_rate(enum schedule s, double peak, int64_t step, int64_t warmup, int64_t steps);

#endif
