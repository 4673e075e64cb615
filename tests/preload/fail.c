/* fail - loaded before a tool: the nth call of a function fails
 *
 *   FAIL_CALL=NAME   malloc (every function that allocates), thread, or write, read, open, ...: see
 *                    below
 *   FAIL_AT=N        the Nth call from the start of the tool's main; 0: none
 *   FAIL_EVER=1      and all that follow
 *   FAIL_AS=E        with this errno (a number); short: read and write take one byte instead
 *   FAIL_COUNT=FILE  gets the number of calls when the tool ends well
 *
 * Messages (descriptor 2) always come through. The tool's main is taken to start where it ignores
 * SIGPIPE, which comes after it has started itself anew.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static const char *call; /* NULL: main has not begun */
static long at, count;
static int ever, as, is_short;

static const char *get(const char *name)
{
	const char *s = getenv(name);

	return s ? s : "";
}

static int hit(const char *name)
{
	long n;

	if (!call || strcmp(call, name))
		return 0;
	n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
	return at && (n == at || (ever && n > at));
}

/* 1: it is to fail, and errno is set. */
static int fails(const char *name)
{
	if (is_short || !hit(name))
		return 0;
	errno = as;
	return 1;
}

/* How many of n bytes this call takes. */
static size_t part(const char *name, size_t n)
{
	return is_short && n && hit(name) ? 1 : n;
}

sighandler_t signal(int sig, sighandler_t handler)
{
	struct sigaction a = { .sa_handler = handler };

	if (sig == SIGPIPE && !call) {
		at = atol(get("FAIL_AT"));
		ever = *get("FAIL_EVER") == '1';
		as = atoi(get("FAIL_AS"));
		is_short = !strcmp(get("FAIL_AS"), "short");
		call = get("FAIL_CALL");
	}
	sigaction(sig, &a, NULL);
	return handler;
}

__attribute__((destructor)) static void report(void)
{
	const char *path = get("FAIL_COUNT");
	char line[32];
	long n = count;
	int fd;

	call = "";
	fd = *path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
	if (fd >= 0 && write(fd, line, (size_t)snprintf(line, sizeof line, "%ld\n", n)) < 0)
		abort();
}

/* -- memory and threads ------------------------------------------------------------------------ */

void *malloc(size_t n)
{
	return fails("malloc") ? NULL : __libc_malloc(n);
}

void *calloc(size_t count_, size_t n)
{
	return fails("malloc") ? NULL : __libc_calloc(count_, n);
}

void *realloc(void *p, size_t n)
{
	return fails("malloc") ? NULL : __libc_realloc(p, n);
}

void *memalign(size_t alignment, size_t n)
{
	return fails("malloc") ? NULL : __libc_memalign(alignment, n);
}

void *mmap(void *p, size_t n, int prot, int flags, int fd, off_t offset)
{
	return fails("mmap") ? MAP_FAILED
			     : (void *)syscall(SYS_mmap, p, n, prot, flags, fd, offset);
}

int pthread_create(pthread_t *t, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	void *p = dlsym(RTLD_NEXT, "pthread_create");

	memcpy(&next, &p, sizeof next);
	return fails("thread") ? EAGAIN : next(t, attr, run, arg);
}

/* -- files ------------------------------------------------------------------------------------- */

ssize_t write(int fd, const void *b, size_t n)
{
	if (fd == STDERR_FILENO)
		return syscall(SYS_write, fd, b, n);
	return fails("write") ? -1 : syscall(SYS_write, fd, b, part("write", n));
}

ssize_t pwrite(int fd, const void *b, size_t n, off_t to)
{
	return fails("pwrite") ? -1 : syscall(SYS_pwrite64, fd, b, part("pwrite", n), to);
}

ssize_t read(int fd, void *b, size_t n)
{
	return fails("read") ? -1 : syscall(SYS_read, fd, b, part("read", n));
}

ssize_t pread(int fd, void *b, size_t n, off_t from)
{
	return fails("pread") ? -1 : syscall(SYS_pread64, fd, b, part("pread", n), from);
}

ssize_t copy_file_range(int in, off_t *from, int out, off_t *to, size_t n, unsigned flags)
{
	return fails("copy_file_range") ? -1
					: syscall(SYS_copy_file_range, in, from, out, to,
						  part("copy_file_range", n), flags);
}

int openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, int) : 0;
	va_end(ap);
	return fails("open") ? -1 : (int)syscall(SYS_openat, dir, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = flags & O_CREAT ? va_arg(ap, int) : 0;
	va_end(ap);
	return openat(AT_FDCWD, path, flags, mode);
}

/* It is closed all the same, as Linux does. */
int close(int fd)
{
	int failed = fails("close"), rc = (int)syscall(SYS_close, fd);

	if (failed)
		errno = as;
	return failed ? -1 : rc;
}

int fsync(int fd)
{
	return fails("fsync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int ftruncate(int fd, off_t n)
{
	return fails("ftruncate") ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}

int rename(const char *from, const char *to)
{
	return fails("rename") ? -1 : (int)syscall(SYS_rename, from, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	return fails("rename") ? -1
			       : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

int unlink(const char *path)
{
	return fails("unlink") ? -1 : (int)syscall(SYS_unlink, path);
}

int unlinkat(int dir, const char *path, int flags)
{
	return fails("unlink") ? -1 : (int)syscall(SYS_unlinkat, dir, path, flags);
}

int mkdir(const char *path, mode_t mode)
{
	return fails("mkdir") ? -1 : (int)syscall(SYS_mkdir, path, mode);
}

int fstat(int fd, struct stat *st)
{
	return fails("fstat") ? -1 : (int)syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH);
}
