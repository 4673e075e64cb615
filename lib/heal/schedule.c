/* schedule - the learning rate of each step; see schedule.h
 */
#include "heal/schedule.h"

#include <math.h>
#include <string.h>

static const char *const names[] = { "cosine", "constant" };

int schedule_find(const char *name)
{
	for (int i = 0; i < 2; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

double schedule_rate(enum schedule s, double peak, int64_t step, int64_t warmup, int64_t steps)
{
	if (step < warmup)
		return peak * ((double)step / (double)warmup);
	if (s == SCHEDULE_CONSTANT)
		return peak;
	double rest = steps > warmup ? (double)(step - warmup) / (double)(steps - warmup) : 1.0;
	return peak * fmax(0.0, 0.5 * (1.0 + cos(M_PI * rest)));
}
