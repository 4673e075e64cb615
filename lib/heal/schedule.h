/* schedule - the learning rate of each step: a warm-up, then a cosine to zero or a constant
 * (coppice-method(7), SCHEDULE)
 */
#ifndef COPPICE_SCHEDULE_H
#define COPPICE_SCHEDULE_H

#include <stdint.h>

enum schedule { SCHEDULE_COSINE, SCHEDULE_CONSTANT };

/* The schedule of a name, or -1: there is none of that name. */
int schedule_find(const char *name);
/* The rate of a step, 0 <= step < steps. It rises from 0 at step 0 to peak at step warmup. */
double schedule_rate(enum schedule s, double peak, int64_t step, int64_t warmup, int64_t steps);

#endif
