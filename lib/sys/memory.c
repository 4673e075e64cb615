/* memory - see memory.h
 */
#include "sys/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
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
