/* resources - memory and threads, or death, for every library in the process
 *
 * jansson, oneDNN, zstd, libgomp and libc itself ask for memory and threads, and where there are
 * none some of them crash, some call the file damaged, and some leave out what they could not hold
 * and go on. A program's own malloc takes the place of libc's for all that is linked to it. These
 * pass each call on to the next definition, libc's or that of a library that was loaded before (a
 * profiler's, a test's), and end the program where it has nothing to give: in one line, from any
 * thread, whatever locks are held. What is freed goes to libc or to that library as ever.
 *
 * Sanitizers have definitions of their own, and end the program themselves.
 */
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void out_of_memory(size_t bytes)
{
	char text[64], *p = text + sizeof text;

	strcpy(p -= sizeof " bytes asked for", " bytes asked for");
	if (bytes == 0 || bytes == SIZE_MAX)
		die_now(NULL, "out of memory");
	for (; bytes; bytes /= 10)
		*--p = (char)('0' + bytes % 10);
	die_now("out of memory", p);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

/* What calls are passed to; libc's until the next ones are known, for looking them up may take
 * memory too. */
static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void *(*memalign)(size_t, size_t);
} next = { __libc_malloc, __libc_calloc, __libc_realloc, __libc_memalign };

static void find(void *to, const char *name)
{
	void *f = dlsym(RTLD_NEXT, name);

	if (f)
		memcpy(to, &f, sizeof f);
}

/* The first call comes before main, while there is one thread. */
static void find_next(void)
{
	static int begun;

	if (begun)
		return;
	begun = 1;
	find(&next.malloc, "malloc");
	find(&next.calloc, "calloc");
	find(&next.realloc, "realloc");
	find(&next.memalign, "memalign");
}

void *malloc(size_t bytes)
{
	void *p;

	find_next();
	p = next.malloc(bytes);
	if (!p)
		out_of_memory(bytes);
	return p;
}

void *calloc(size_t count, size_t size)
{
	void *p;

	find_next();
	p = next.calloc(count, size);
	if (!p)
		out_of_memory(__builtin_mul_overflow(count, size, &size) ? SIZE_MAX : size);
	return p;
}

/* Of 0 bytes it frees and gives nothing. */
void *realloc(void *old, size_t bytes)
{
	void *p;

	find_next();
	p = next.realloc(old, bytes);
	if (!p && (bytes || !old))
		out_of_memory(bytes);
	return p;
}

void *reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory(SIZE_MAX);
	return realloc(old, bytes);
}

/* An alignment that there is not is no want of memory: the caller hears of it. */
void *memalign(size_t alignment, size_t bytes)
{
	void *p;

	find_next();
	errno = 0;
	p = next.memalign(alignment, bytes);
	if (!p && errno != EINVAL)
		out_of_memory(bytes);
	return p;
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
	return memalign(alignment, bytes);
}

int posix_memalign(void **to, size_t alignment, size_t bytes)
{
	void *p;

	if (alignment % sizeof(void *) || (alignment & (alignment - 1)) || !alignment)
		return EINVAL;
	p = memalign(alignment, bytes);
	if (!p)
		return EINVAL;
	*to = p;
	return 0;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	int (*libc)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	void *p = dlsym(RTLD_NEXT, "pthread_create");
	char why[128];
	int rc;

	memcpy(&libc, &p, sizeof libc);
	rc = libc(thread, attr, run, arg);
	if (rc) {
		stpcpy(stpcpy(stpcpy(why, "another one cannot be started ("),
			       setting(SETTING_THREADS)),
			", ulimit -v, ulimit -u)");
		die_now("out of memory, or of threads", why);
	}
	return rc;
}

#endif
