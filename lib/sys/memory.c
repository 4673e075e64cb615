/* memory - memory or death, and how much of it to plan for
 *
 * What is free is what the machine has available, or less where a control group (a container) sets
 * a limit. Pages of files count as used there, but they make room when room is needed: a mapped
 * checkpoint is no reason to plan small.
 */
#include "cli/cli.h"

#include <ctype.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void *or_die(void *p, size_t bytes)
{
	if (!p)
		out_of_memory(bytes);
	return p;
}

static size_t product(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory(SIZE_MAX);
	return bytes ? bytes : 1;
}

void *xmalloc(size_t bytes)
{
	return or_die(malloc(bytes ? bytes : 1), bytes);
}

void *xcalloc(size_t count, size_t size)
{
	size_t bytes = product(count, size);

	return or_die(calloc(bytes, 1), bytes);
}

void *xrealloc(void *p, size_t count, size_t size)
{
	size_t bytes = product(count, size);

	return or_die(realloc(p, bytes), bytes);
}

char *xstrdup(const char *s)
{
	return or_die(strdup(s), strlen(s) + 1);
}

char *xasprintf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return or_die(n < 0 ? NULL : s, 0);
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
static size_t group_free(const char *limit, const char *used, const char *stat, const char *cold,
	const char *warm)
{
	size_t most = number_in(limit, "", SIZE_MAX), now = number_in(used, "", 0);
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

	if (common.memory)
		return common.memory;
	n = v2 < n ? v2 : n;
	n = v1 < n ? v1 : n;
	return n / 10 * 9;
}

/* Code that is read in or made, stacks, and what each thread of a product keeps. */
enum { OWN = 24 << 20, OWN_THREAD = 5 << 19 };

/* What is allocated is the same from run to run, to some bytes of paths that rounding takes away;
 * what is resident is not, for pages of libraries come in as the system likes, and freed ones leave
 * so. */
size_t memory_own(void)
{
	struct mallinfo2 heap = mallinfo2();
	size_t now = common.memory ? (heap.uordblks + heap.hblkhd) >> 20 << 20 : 0;

	return now + OWN + OWN_THREAD * (size_t)common.threads;
}

size_t memory_peak(void)
{
	return number_in("/proc/self/status", "VmHWM", 0) * 1024;
}
