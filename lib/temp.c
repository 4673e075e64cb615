/* temp - files that must not outlive a failure, and outputs that appear whole or not at all
 *
 * Removal also happens in a signal handler, so it allocates nothing and calls only what is safe there: folders are
 * read with getdents64 into the stack. A slot of the registry that is done keeps its string until it is used again,
 * for the handler may be reading it.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SLOTS = 256 };
static struct { char *path; volatile int live; } slots[SLOTS];

struct entry {			/* struct linux_dirent64 */
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

static void remove_tree(int at, const char *path);

/* Reads from the start again after each round of removals, for removing may move the rest. */
static void remove_inside(int fd)
{
	_Alignas(8) char buf[2048];
	long n, removed = 1;

	while (removed) {
		removed = 0;
		lseek(fd, 0, SEEK_SET);
		while ((n = syscall(SYS_getdents64, fd, buf, sizeof buf)) > 0) {
			for (long i = 0; i < n; ) {
				const struct entry *e = (const struct entry *)(buf + i);

				if (strcmp(e->name, ".") && strcmp(e->name, "..")) {
					remove_tree(fd, e->name);
					removed += faccessat(fd, e->name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
				}
				i += e->len;
			}
		}
	}
}

static void remove_tree(int at, const char *path)
{
	int fd;

	if (unlinkat(at, path, 0) == 0 || (errno != EISDIR && errno != EPERM))
		return;
	fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	remove_inside(fd);
	close(fd);
	unlinkat(at, path, AT_REMOVEDIR);
}

void temp_remove_all(void)
{
	close(STDIN_FILENO);	/* a folder is opened, and there may be no descriptor left */
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].live) {
			slots[i].live = 0;
			remove_tree(AT_FDCWD, slots[i].path);
		}
}

void temp_add(const char *path)
{
	for (int i = 0; i < SLOTS; i++)
		if (!slots[i].live) {
			free(slots[i].path);
			slots[i].path = xstrdup(path);
			slots[i].live = 1;
			return;
		}
	die("%s: too many temporary files", path);
}

void temp_done(const char *path)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].live && strcmp(slots[i].path, path) == 0)
			slots[i].live = 0;
}

/* A device or a pipe is written in place: renaming over /dev/null would be a sad surprise. */
static int is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

struct out_file out_open(const char *path)
{
	struct out_file o = { .path = xstrdup(path) };
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		die("%s: is a folder", path);
	if (!is_special(path))
		o.temp = xasprintf("%s.part-%ld", path, (long)getpid());
	if (o.temp) {
		temp_add(o.temp);	/* first: a signal may come in between */
		unlink(o.temp);
	}
	o.fd = open(o.temp ? o.temp : path, O_WRONLY | O_CLOEXEC | (o.temp ? O_CREAT | O_EXCL : 0), 0666);
	if (o.fd < 0)
		die("%s: create: %s", path, strerror(errno));
	o.f = steady_writer(o.fd, path);
	return o;
}

/* A folder's entry is on disk only when the folder is. Some file systems cannot; then the rename must do. */
static void sync_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? xasprintf("%.*s", (int)(slash - path) + 1, path) : xstrdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(folder);
}

void out_close(struct out_file *o)
{
	int bad = ferror(o->f);

	if (fflush(o->f) || bad || (fsync(o->fd) && errno != EINVAL && errno != ENOTSUP && errno != EROFS))
		die("%s: write: %s", o->path, strerror(errno));
	if (fclose(o->f))
		die("%s: write: %s", o->path, strerror(errno));
	if (o->temp) {
		if (rename(o->temp, o->path))
			die("%s: rename: %s", o->path, strerror(errno));
		temp_done(o->temp);
		sync_folder_of(o->path);
	}
	free(o->temp);
	free(o->path);
	*o = (struct out_file){ 0 };
}
