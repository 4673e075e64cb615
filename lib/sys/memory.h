/* memory - allocation that succeeds, or ends the program
 *
 * So it is in all libraries of the process too (resources.c): where malloc, calloc, realloc and
 * their like return, there is memory. All memory is freed with free.
 */
#ifndef COPPICE_MEMORY_H
#define COPPICE_MEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* xmalloc(0) is allowed; xcalloc and xrealloc end the program where count * size overflows. */
void *xmalloc(size_t bytes);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t count, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Ends the program by die_now. bytes: what was asked for; 0 or SIZE_MAX: that is not known. */
void out_of_memory(size_t bytes) __attribute__((noreturn));

#ifdef __cplusplus
}
#endif
#endif
