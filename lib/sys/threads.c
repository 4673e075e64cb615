/* threads - see threads.h
 */
#include "sys/threads.h"

#include "sys/environment.h"
#include "sys/steady.h"

#include <omp.h>

static int held = 1;

/* Two numbers from one or two files; 0: there are none, or no limit. */
static int two_numbers(double *quota, double *period, const char *path, const char *second)
{
	FILE *f = steady_open(path), *g = second ? steady_open(second) : NULL;
	int n = f ? fscanf(f, "%lf", quota) == 1 && fscanf(g ? g : f, "%lf", period) == 1 : 0;

	if (f)
		fclose(f);
	if (g)
		fclose(g);
	return n && *quota > 0 && *period > 0;
}

int threads_useful(void)
{
	double quota, period, most = omp_get_num_procs();

	if (two_numbers(&quota, &period, "/sys/fs/cgroup/cpu.max", NULL) ||
		two_numbers(&quota, &period, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
			"/sys/fs/cgroup/cpu/cpu.cfs_period_us"))
		most = quota / period < most ? quota / period : most;
	return environment_threads(most < 1 ? 1 : (int)most);
}

int threads_hold(int threads)
{
	int most = omp_get_thread_limit();

	omp_set_dynamic(0);
	if (omp_get_max_active_levels() < 1)
		omp_set_max_active_levels(1);
	held = threads < most ? threads : most;
	omp_set_num_threads(held);
	return held;
}

int threads_held(void)
{
	return held;
}
