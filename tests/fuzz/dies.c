/* dies - die() of a program under fuzzing: linked with --wrap=die, and the file that some parsers
 * want in place of bytes
 */
#include "fuzz.h"
#include "sys/environment.h"

#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

jmp_buf *fuzz_dies;

_Noreturn void __wrap_die(const char *fmt, ...);
_Noreturn void __wrap_die(const char *fmt, ...)
{
	va_list ap;

	if (fuzz_dies)
		longjmp(*fuzz_dies, 1);
	va_start(ap, fmt);
	fputs("died: ", stderr);
	vfprintf(stderr, fmt, ap);
	putc('\n', stderr);
	va_end(ap);
	abort();
}

const char *fuzz_file(const uint8_t *bytes, size_t n)
{
	static int fd = -1;
	static char path[32];

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, bytes, n, 0) != (ssize_t)n) {
		perror("memfd");
		exit(2);
	}
	return path;
}

/* In place of lib/sys/environment.c, which starts a tool anew before a sanitizer is there. */
int environment_threads(int threads)
{
	return threads;
}
