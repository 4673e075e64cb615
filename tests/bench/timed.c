/* timed - runs a command, and says what it took
 *
 *   timed FILE COMMAND ...
 *
 * FILE gets one line: wall, user and system seconds, and the most memory in KiB that one process of
 * it held. The status is the command's.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

int main(int argc, char *argv[])
{
	struct rusage used;
	int status, e;
	double start;
	pid_t pid;
	FILE *f;

	if (argc < 3)
		return fputs("usage: timed FILE COMMAND ...\n", stderr), 2;
	start = now();
	e = posix_spawnp(&pid, argv[2], NULL, NULL, argv + 2, environ);
	if (e)
		return fprintf(stderr, "timed: %s: %s\n", argv[2], strerror(e)), 1;
	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			return perror("timed"), 1;
	start = now() - start;
	f = fopen(argv[1], "w");
	if (!f)
		return perror(argv[1]), 1;
	fprintf(f, "%.4f %.4f %.4f %ld\n", start, seconds(used.ru_utime), seconds(used.ru_stime),
		used.ru_maxrss);
	if (ferror(f) | fclose(f))
		return perror(argv[1]), 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
