/* jit - the memory that oneDNN writes its code into
 *
 * It comes from mmap, and oneDNN does not look whether it came. These take the place of libc's for
 * all that is linked to the program, pass each call on to the next definition, and end the program
 * where that has no memory. Mappings of files answer for themselves (map.c).
 */
#include "sys/memory.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

void *mmap(void *at, size_t bytes, int prot, int flags, int fd, off_t offset)
{
	static void *(*next)(void *, size_t, int, int, int, off_t);
	void *p = next ? NULL : dlsym(RTLD_NEXT, "mmap");

	if (p)
		memcpy(&next, &p, sizeof next);
	p = next(at, bytes, prot, flags, fd, offset);
	if (p == MAP_FAILED && errno == ENOMEM && flags & MAP_ANONYMOUS)
		out_of_memory(bytes);
	return p;
}

int mprotect(void *at, size_t bytes, int prot)
{
	static int (*next)(void *, size_t, int);
	void *p = next ? NULL : dlsym(RTLD_NEXT, "mprotect");
	int rc;

	if (p)
		memcpy(&next, &p, sizeof next);
	rc = next(at, bytes, prot);
	if (rc && errno == ENOMEM)
		out_of_memory(bytes);
	return rc;
}

#endif
