/* A tar file, plain or packed by gzip, zstd, xz or bzip2: its files are read to the end, or it is
 * refused with a line. */
#include "file/tar.h"
#include "fuzz.h"

enum { MEMBER_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	const char *path = fuzz_file(bytes, n);
	struct tar *volatile t = NULL;
	jmp_buf died;

	if (setjmp(died) == 0) {
		fuzz_dies = &died;
		t = tar_open(path);
		while (tar_next(t)) {
			size_t size;
			char *member = tar_slurp(t, MEMBER_MAX, &size);

			holds(size <= MEMBER_MAX && !member[size]);
			free(member);
		}
	}
	fuzz_dies = NULL;
	if (t)
		tar_close(t);
	return 0;
}
