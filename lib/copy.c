/* copy - bytes from one file to another, by the kernel where it can
 */
#include "copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP = 16 << 20, BUFFER = 1 << 20 };

int copy_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("%s: open: %s", path, strerror(errno));
	return fd;
}

/* Up to n bytes through a buffer: for file systems that the kernel can't copy between. */
static ssize_t copy_by_hand(int out, int in, off_t offset, size_t n)
{
	char *buffer = xmalloc(BUFFER);
	ssize_t got = pread(in, buffer, n < BUFFER ? n : BUFFER, offset), done = 0;

	while (done < got) {
		ssize_t w = write(out, buffer + done, got - done);

		if (w < 0 && errno != EINTR) {
			got = -1;
			break;
		}
		done += w > 0 ? w : 0;
	}
	free(buffer);
	return got;
}

void copy_range(struct out_file *out, int in, const char *in_name, uint64_t offset, uint64_t n)
{
	int by_hand = 0;

	if (fflush(out->f))
		die("%s: write: %s", out->path, strerror(errno));
	while (n) {
		size_t step = n < STEP ? n : STEP;
		off_t from = offset;
		ssize_t got = by_hand ? copy_by_hand(fileno(out->f), in, from, step)
			: copy_file_range(in, &from, fileno(out->f), NULL, step, 0);

		if (got < 0 && !by_hand && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP
				|| errno == EPERM || errno == EBADF)) {
			by_hand = 1;
			continue;
		}
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die("%s: write: %s", out->path, strerror(errno));
		if (got == 0 && !by_hand)	/* some kernels give nothing where reading would give bytes */
			by_hand = 1;
		else if (got == 0)
			die("%s: is shorter than it was", in_name);
		offset += got;
		n -= got;
		progress_add(got / 1e6);
	}
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
