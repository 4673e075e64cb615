/* map - a whole file as bytes; see map.h
 */
#include "sys/map.h"

#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	"files are mapped: their numbers are little-endian");

/* Every mapping that there is, for map_whose; an entry that is closed serves again. Only added to,
 * at the front, so that a signal handler may go through them at any moment. */
static struct mapping {
	const unsigned char *bytes; /* NULL: closed */
	size_t n;
	struct stat st; /* of the time when it was mapped */
	char *path;
	struct mapping *next;
} * known;
static pthread_mutex_t knowing = PTHREAD_MUTEX_INITIALIZER;

static void remember(const struct map *m, const struct stat *st, const char *path)
{
	struct mapping *k;
	char *copy = xstrdup(path), *old = NULL;

	pthread_mutex_lock(&knowing);
	for (k = known; k && k->bytes; k = k->next)
		;
	if (!k) {
		k = xcalloc(1, sizeof *k);
		k->next = known;
		__atomic_store_n(&known, k, __ATOMIC_RELEASE);
	}
	old = k->path;
	k->path = copy;
	k->n = m->n;
	k->st = *st;
	__atomic_store_n(&k->bytes, m->bytes, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&knowing);
	free(old);
}

static void forget(const struct map *m)
{
	pthread_mutex_lock(&knowing);
	for (struct mapping *k = known; k; k = k->next)
		if (k->bytes == m->bytes)
			k->bytes = NULL;
	pthread_mutex_unlock(&knowing);
}

const char *map_whose(const void *p, int *shorter)
{
	const unsigned char *at = p;
	struct stat st;

	for (struct mapping *k = __atomic_load_n(&known, __ATOMIC_ACQUIRE); k; k = k->next)
		if (k->bytes && at >= k->bytes && at < k->bytes + k->n) {
			*shorter = !stat(k->path, &st) && (size_t)st.st_size < k->n;
			return k->path;
		}
	return NULL;
}

static int same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

void map_check(void)
{
	struct stat st;

	for (const struct mapping *k = known; k; k = k->next)
		if (k->bytes && !stat(k->path, &st) && same_file(&st, &k->st) &&
			(st.st_size != k->st.st_size || st.st_mtim.tv_sec != k->st.st_mtim.tv_sec ||
				st.st_mtim.tv_nsec != k->st.st_mtim.tv_nsec))
			die("%s: was written to while it was read: run it again", k->path);
}

int map_is_of(const char *path, int fd)
{
	struct stat st;

	for (const struct mapping *k = known; k; k = k->next)
		if (k->bytes && !strcmp(k->path, path) &&
			!(fstat(fd, &st) == 0 && same_file(&st, &k->st)))
			return 0;
	return 1;
}

static int map_fd(struct map *m, int fd, struct stat *at, struct fault *err)
{
	void *p;

	if (fstat(fd, at))
		return fault(err, "%s", strerror(errno));
	if (!S_ISREG(at->st_mode))
		return fault(err, "is no regular file");
	if (at->st_size == 0)
		return fault(err, "is empty");
	p = mmap(NULL, (size_t)at->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return fault(err,
			errno == ENOMEM ? "cannot be mapped: out of memory"
					: "cannot be mapped: %s",
			strerror(errno));
	m->bytes = p;
	m->n = (size_t)at->st_size;
	return 0;
}

int map_file(struct map *m, const char *path, struct fault *err)
{
	/* O_NONBLOCK: a FIFO is refused at once instead of being waited for */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int ok;

	*m = (struct map){ 0 };
	if (fd < 0)
		return fault(err, "%s", strerror(errno));
	ok = map_fd(m, fd, &st, err);
	close(fd);
	if (!ok)
		remember(m, &st, path);
	return ok;
}

void map_close(struct map *m)
{
	if (m->bytes) {
		forget(m);
		munmap((void *)(uintptr_t)m->bytes, m->n);
	}
	*m = (struct map){ 0 };
}

void map_forget(const void *p, size_t n)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)p + page - 1) / page * page;
	uintptr_t to = ((uintptr_t)p + n) / page * page;

	if (from < to)
		madvise((void *)from, to - from, MADV_DONTNEED);
}

/* The kernel takes no more at once than it would read ahead on its own. */
void map_fetch(const void *p, size_t n)
{
	enum { STEP = 128 << 10 };
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (uintptr_t)p / page * page, end = (uintptr_t)p + n;

	for (; n && from < end; from += STEP)
		madvise((void *)from, end - from < STEP ? end - from : STEP, MADV_WILLNEED);
}

void map_scattered(const struct map *m, int on)
{
	if (m->bytes)
		madvise((void *)(uintptr_t)m->bytes, m->n, on ? MADV_RANDOM : MADV_NORMAL);
}

int map_read(const void *p, size_t n)
{
#ifdef MADV_POPULATE_READ
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = (uintptr_t)p / page * page;

	if (n && madvise((void *)from, (uintptr_t)p + n - from, MADV_POPULATE_READ) &&
		errno != EINVAL)
		return errno;
#endif
	return 0;
}
