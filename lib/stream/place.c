/* place - where an output may go: never over what is read, never into a folder that is
 */
#include "stream/place.h"

#include "sys/die.h"
#include "sys/memory.h"
#include "sys/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { LINKS = 40, BEGINNING = 1 << 18 }; /* more than a first block can have */

static struct kept_out {
	char *path;
	const char *what;
} * kept; /* folders as realpath names them */
static size_t n_kept;

void place_keep_out(const char *folder, const char *what)
{
	char *path = realpath(folder, NULL);

	if (!path)
		die("%s: %s", folder, strerror(errno));
	kept = xrealloc(kept, n_kept + 1, sizeof *kept);
	kept[n_kept++] = (struct kept_out){ path, what };
}

/* 1: path is the folder or in it; both as realpath names them. */
static int is_in(const char *path, const char *folder)
{
	size_t n = strcmp(folder, "/") ? strlen(folder) : 0;

	return !strncmp(path, folder, n) && (path[n] == '/' || !path[n]);
}

/* The folder that a path is in, resolved; new. */
static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = !slash ? xstrdup(".")
			    : xasprintf("%.*s", slash == path ? 1 : (int)(slash - path), path);
	char *full = realpath(name, NULL);

	if (!full)
		die("%s: %s", path, strerror(errno));
	free(name);
	return full;
}

/* The cache of huggingface_hub: models--ORG--NAME with blobs and snapshots in it. */
static void refuse_cache(const char *path, const char *parent)
{
	for (const char *p = parent; (p = strstr(p, "/models--")); p++) {
		const char *end = strchrnul(p + 1, '/');
		char *blobs = xasprintf("%.*s/blobs", (int)(end - parent), parent);

		if (!access(blobs, F_OK))
			die("%s: lies in the hub's cache, which is never written to", path);
		free(blobs);
	}
}

/* Of something that exists or will, in the folder parent. */
static void check(const char *path, const char *parent)
{
	char *self = realpath(path, NULL);

	for (size_t i = 0; i < n_kept; i++) {
		if (self && !strcmp(self, kept[i].path))
			die("%s: exists, and is the %s's folder", path, kept[i].what);
		if (self && is_in(kept[i].path, self))
			die("%s: exists, and the %s's folder %s lies in it", path, kept[i].what,
				kept[i].path);
		if (is_in(parent, kept[i].path))
			die("%s: lies in the %s's folder %s, which is never written to", path,
				kept[i].what, kept[i].path);
	}
	refuse_cache(path, parent);
	if (faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS))
		die("%s: create: %s", path, strerror(errno));
	free(self);
}

char *place_of_folder(const char *path)
{
	size_t n = strlen(path);
	char *own, *parent;
	struct stat st;

	while (n > 1 && path[n - 1] == '/')
		n--;
	own = xasprintf("%.*s", (int)n, path);
	if (!*own)
		misuse("an empty name is no folder's");
	parent = parent_of(own);
	check(own, parent);
	if (!stat(own, &st) && !S_ISDIR(st.st_mode))
		die("%s: exists, and is no folder", own);
	free(parent);
	return own;
}

/* -- files ------------------------------------------------------------------------------------- */

/* What a chain of links names at its end, there or not; new. */
static char *follow(const char *path)
{
	char *at = xstrdup(path), target[PATH_MAX], *next;
	ssize_t n;

	for (int i = 0; (n = readlink(at, target, sizeof target)) >= 0; i++) {
		const char *slash = strrchr(at, '/');

		if (i == LINKS || n == sizeof target)
			die("%s: %s", path, strerror(ELOOP));
		next = *target == '/' || !slash
			? xasprintf("%.*s", (int)n, target)
			: xasprintf("%.*s%.*s", (int)(slash + 1 - at), at, (int)n, target);
		free(at);
		at = next;
	}
	return at;
}

/* The bytes that a file holds, decompressed if they are zstd's, at most n. */
static size_t unpack(void *to, size_t n, const unsigned char *bytes, size_t n_bytes)
{
	static const unsigned char magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	ZSTD_outBuffer out = { to, n, 0 };
	ZSTD_inBuffer in = { bytes, n_bytes, 0 };
	ZSTD_DCtx *zstd;

	if (n_bytes < 4 || memcmp(bytes, magic, 4)) {
		n = n < n_bytes ? n : n_bytes;
		memcpy(to, bytes, n);
		return n;
	}
	if (!(zstd = ZSTD_createDCtx()))
		die("out of memory");
	while (out.pos < out.size && in.pos < in.size)
		if (ZSTD_isError(ZSTD_decompressStream(zstd, &out, &in)))
			break;
	ZSTD_freeDCtx(zstd);
	return out.pos;
}

/* A header's first two keys are always these (recout.c). */
int place_is_stream(const unsigned char *bytes, size_t n_bytes, enum kind k)
{
	const char *name = kind_name(k);
	char *head = xasprintf("\x84\xa7"
			       "coppice\x01\xa4kind%c%s",
		     (int)(0xa0 | strlen(name)), name),
	     first[64];
	size_t n = strlen(head), got = unpack(first, n, bytes, n_bytes);
	int is = got == n && !memcmp(first, head, n);

	free(head);
	return is;
}

/* 1: what begins so could have been written by this program. k KIND_ANY: JSON. */
static int could_be_ours(const unsigned char *bytes, size_t n, enum kind k)
{
	return k == KIND_ANY ? *bytes == '{' || *bytes == '[' : place_is_stream(bytes, n, k);
}

/* Only what this program could have written is written over. */
static void check_old(const char *path, enum kind k)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unsigned char *bytes = xmalloc(BEGINNING);
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 && errno == ENOENT) {
		free(bytes);
		return;
	}
	if (fd < 0 || fstat(fd, &st))
		die("%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		die("%s: is %s", path, S_ISDIR(st.st_mode) ? "a folder" : "no file");
	if (temp_is_stdout(&st))
		die("%s: is standard output, too", path);
	if (st.st_size && (n = pread(fd, bytes, BEGINNING, 0)) < 0)
		die("%s: read: %s", path, strerror(errno));
	if (st.st_size && !could_be_ours(bytes, (size_t)n, k))
		die("%s: exists, and is no %s%s: it is not written over", path,
			k == KIND_ANY ? "" : kind_name(k), k == KIND_ANY ? "JSON" : " stream");
	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS))
		die("%s: %s", path, strerror(errno));
	/* the journal of a run with another name */
	if (flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK)
		die("%s: is being written by another run", path);
	close(fd);
	free(bytes);
}

static char *place_of_file(const char *path, enum kind k)
{
	char *own = follow(path), *parent;
	size_t n = strlen(own);

	if (!n || own[n - 1] == '/')
		die("%s: is no file's name", path);
	parent = parent_of(own);
	check(own, parent);
	check_old(own, k);
	free(parent);
	return own;
}

char *place_of_stream(const char *path, enum kind k)
{
	return place_of_file(path, k);
}

char *place_of_json(const char *path)
{
	return place_of_file(path, KIND_ANY);
}
