/* copy - bytes from one file to another, by the kernel where it can
 *
 * copy_file_range is fast, or shares blocks, where both places lie alike in their pages. Elsewhere
 * it moves each page in two pieces, and a few threads through buffers of their own are faster. What
 * is written is sent on to the disk at once: the end waits for it anyway.
 */
#include "sys/copy.h"

#include "sys/die.h"
#include "sys/map.h"
#include "sys/progress.h"
#include "sys/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP = 64 << 20, BLOCK = 4 << 20, BUFFER = 1 << 20, PAGE = 4096, THREADS = 4 };
/* beside 0 and numbers of errno: in has ended; the kernel does not copy here */
enum { SHORT = -1, REFUSED = -2 };

int copy_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("%s: open: %s", path, strerror(errno));
	if (!map_is_of(path, fd))
		die("%s: another file has taken its place while it was read: run it again", path);
	return fd;
}

/* A block through a buffer. 0, SHORT or a number of errno. */
static int copy_by_hand(int out, off_t to, int in, off_t from, size_t n)
{
	char *buffer = malloc(BUFFER);
	ssize_t got = 0, done;
	int rc = buffer ? 0 : ENOMEM;

	while (n && !rc) {
		got = pread(in, buffer, n < BUFFER ? n : BUFFER, from);
		if (got <= 0) {
			rc = got == 0 ? SHORT : errno == EINTR ? 0 : errno;
			continue;
		}
		for (ssize_t at = 0; at < got && !rc; at += done) {
			done = pwrite(out, buffer + at, got - at, to + at);
			if (done < 0) {
				rc = errno == EINTR ? 0 : errno;
				done = 0;
			}
		}
		from += got;
		to += got;
		n -= got;
	}
	free(buffer);
	return rc;
}

/* The same by the kernel, or REFUSED with nothing lost. */
static int copy_by_kernel(int out, off_t to, int in, off_t from, size_t n)
{
	ssize_t got;

	while (n) {
		got = copy_file_range(in, &from, out, &to, n, 0);
		if (got == 0) /* some kernels give nothing where reading would give bytes */
			return copy_by_hand(out, to, in, from, n);
		if (got < 0 &&
			(errno == EXDEV || errno == EINVAL || errno == ENOSYS ||
				errno == EOPNOTSUPP || errno == EPERM || errno == EBADF))
			return REFUSED;
		if (got < 0 && errno != EINTR)
			return errno;
		n -= got > 0 ? got : 0;
	}
	return 0;
}

/* For any thread. */
static int copy_block(int out, off_t to, int in, off_t from, size_t n)
{
	int rc = (to ^ from) % PAGE ? REFUSED : copy_by_kernel(out, to, in, from, n);

	if (rc == REFUSED)
		rc = copy_by_hand(out, to, in, from, n);
	sync_file_range(out, to, n, SYNC_FILE_RANGE_WRITE); /* refused: no harm */
	return rc;
}

static int copy_step(int out, off_t to, int in, off_t from, size_t n)
{
	int threads = threads_held() < THREADS ? threads_held() : THREADS, failed = 0;

#pragma omp parallel for num_threads(threads) schedule(dynamic) if (n > BLOCK)
	for (size_t at = 0; at < n; at += BLOCK) {
		int rc = copy_block(out, to + at, in, from + at, n - at < BLOCK ? n - at : BLOCK);

		if (rc)
#pragma omp atomic write
			failed = rc;
	}
	return failed;
}

/* Where the next byte goes. */
static off_t place(struct out_file *out)
{
	off_t at = fflush(out->f) ? -1 : lseek(out->fd, 0, SEEK_CUR);

	if (at < 0)
		die("%s: write: %s", out->path, strerror(errno));
	return at;
}

void copy_flush(struct out_file *out, uint64_t n)
{
	sync_file_range(out->fd, place(out) - (off_t)n, n, SYNC_FILE_RANGE_WRITE);
}

void copy_range(struct out_file *out, int in, const char *in_name, uint64_t offset, uint64_t n)
{
	off_t to = place(out);
	int rc;

	for (size_t step; n; n -= step, offset += step, to += step) {
		step = n < STEP ? n : STEP;
		rc = copy_step(out->fd, to, in, offset, step);
		if (rc == SHORT)
			die("%s: is shorter than it was", in_name);
		if (rc)
			die("%s: write: %s", out->path, strerror(rc));
		progress_add(step / 1e6);
	}
	if (lseek(out->fd, to, SEEK_SET) != to)
		die("%s: write: %s", out->path, strerror(errno));
}

void copy_file(const char *from, const char *to)
{
	int in = copy_open(from);
	struct out_file out = out_open(to);
	struct stat st;

	if (fstat(in, &st))
		die("%s: %s", from, strerror(errno));
	copy_range(&out, in, from, 0, st.st_size);
	out_close(&out);
	close(in);
}
