/* clock - loaded before a tool: time passes by looking at the clock
 *
 * Each look at CLOCK_MONOTONIC finds it CLOCK_TICK seconds (1) later than the one before, and sleep
 * takes no time, so that what a tool says of its progress depends on its work alone.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *t)
{
	static double now = 1000;
	const char *tick = getenv("CLOCK_TICK");

	if (clock != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, clock, t);
	now += tick ? atof(tick) : 1;
	t->tv_sec = (time_t)now;
	t->tv_nsec = (long)((now - (double)t->tv_sec) * 1e9);
	return 0;
}

int usleep(useconds_t us)
{
	(void)us;
	return 0;
}
