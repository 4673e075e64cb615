/* cpus - how many threads are of use: CPUs that this process may run on, or fewer where a control
 * group gives it less time or OMP_NUM_THREADS asks for fewer
 */
#include "cli/cli.h"

#include "sys/environment.h"

#include <omp.h>

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

int cpus(void)
{
	double quota, period, most = omp_get_num_procs();

	if (two_numbers(&quota, &period, "/sys/fs/cgroup/cpu.max", NULL) ||
		two_numbers(&quota, &period, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
			"/sys/fs/cgroup/cpu/cpu.cfs_period_us"))
		most = quota / period < most ? quota / period : most;
	return environment_threads(most < 1 ? 1 : (int)most);
}

int threads_held(int threads)
{
	int most = omp_get_thread_limit();

	omp_set_dynamic(0);
	if (omp_get_max_active_levels() < 1)
		omp_set_max_active_levels(1);
	threads = threads < most ? threads : most;
	omp_set_num_threads(threads);
	return threads;
}
