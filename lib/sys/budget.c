/* budget - see budget.h
 *
 * Pages of files count as used in a control group, but they make room when room is needed: a mapped
 * checkpoint is no reason to plan small.
 */
#include "sys/budget.h"

#include "sys/steady.h"
#include "sys/threads.h"

#include <ctype.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static size_t limit; /* 0: none was said */

void memory_set_limit(size_t bytes)
{
	limit = bytes;
}

size_t memory_limit(void)
{
	return limit;
}

/* The number that follows KEY at the start of a line; key "": the first word of the file. Otherwise
 * none. */
static size_t number_in(const char *path, const char *key, size_t none)
{
	char line[256];
	size_t n = none, n_key = strlen(key);
	FILE *f = steady_open(path);

	while (f && n == none && fgets(line, sizeof line, f)) {
		const char *p = line + n_key;

		if (strncmp(line, key, n_key) || (n_key && !strchr(": ", *p)))
			continue;
		p += strspn(p, ": \t");
		if (isdigit((unsigned char)*p))
			n = strtoull(p, NULL, 10);
	}
	if (f)
		fclose(f);
	return n;
}

/* What a control group has left; SIZE_MAX: there is none, or no limit. */
static size_t group_free(const char *max, const char *used, const char *stat, const char *cold,
	const char *warm)
{
	size_t most = number_in(max, "", SIZE_MAX), now = number_in(used, "", 0);
	size_t files = number_in(stat, cold, 0) + number_in(stat, warm, 0);

	now -= files < now ? files : now;
	return most == SIZE_MAX ? SIZE_MAX : most > now ? most - now : 0;
}

size_t memory_budget(void)
{
	size_t n = number_in("/proc/meminfo", "MemAvailable", 1 << 20) * 1024;
	size_t v2 = group_free("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current",
		"/sys/fs/cgroup/memory.stat", "inactive_file", "active_file");
	size_t v1 = group_free("/sys/fs/cgroup/memory/memory.limit_in_bytes",
		"/sys/fs/cgroup/memory/memory.usage_in_bytes", "/sys/fs/cgroup/memory/memory.stat",
		"total_inactive_file", "total_active_file");

	if (limit)
		return limit;
	n = v2 < n ? v2 : n;
	n = v1 < n ? v1 : n;
	return n / 10 * 9;
}

/* Code that is read in or made, stacks, and what each thread of a product keeps. */
enum { OWN = 24 << 20, OWN_THREAD = 5 << 19 };

/* What is allocated is the same from run to run, to some bytes of paths that rounding takes away;
 * what is resident is not, for pages of libraries come in as the system likes, and freed ones leave
 * so. */
size_t memory_heap(void)
{
	struct mallinfo2 heap = mallinfo2();

	return (heap.uordblks + heap.hblkhd) >> 20 << 20;
}

size_t memory_own(void)
{
	size_t now = limit ? memory_heap() : 0;

	return now + OWN + OWN_THREAD * (size_t)threads_held();
}

size_t memory_peak(void)
{
	return number_in("/proc/self/status", "VmHWM", 0) * 1024;
}
