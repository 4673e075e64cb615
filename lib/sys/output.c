/* output - files and folders that appear whole, and together with what standard output says of them
 *
 * A file stays open, and so locked, until it has its name: else another run could take PATH.part
 * for a leftover.
 */
#include "sys/output.h"

#include "sys/die.h"
#include "sys/map.h"
#include "sys/memory.h"
#include "sys/signals.h"
#include "sys/steady.h"
#include "sys/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct waiting {
	FILE *f; /* of a file, else NULL */
	char *temp, *path, *rest, *said;
	struct waiting *next;
} * first, **last = &first;

/* -- files ------------------------------------------------------------------------------------- */

/* A device or a pipe is written in place: renaming over /dev/null would be a sad surprise. */
static int is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

struct out_file out_open_as(const char *path, const char *temp)
{
	struct out_file o = { .path = xstrdup(path), .temp = xstrdup(temp) };

	o.fd = temp_claim(temp, NULL, path);
	temp_own(temp);
	if (ftruncate(o.fd, 0))
		die("%s: create: %s", path, strerror(errno));
	o.f = steady_writer(o.fd, path);
	return o;
}

struct out_file out_open(const char *path)
{
	struct out_file o = { .path = xstrdup(path) };
	char *temp = xasprintf("%s.part", path);
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		die("%s: is a folder", path);
	if (!is_special(path)) {
		free(o.path);
		o = out_open_as(path, temp);
	} else {
		o.fd = open(path, O_WRONLY | O_CLOEXEC);
		if (o.fd < 0)
			die("%s: create: %s", path, strerror(errno));
		o.f = steady_writer(o.fd, path);
	}
	free(temp);
	return o;
}

/* 0, or -1. What is no file of a disk needs no sync. */
static int sync_fd(int fd)
{
	return fsync(fd) && errno != EINVAL && errno != ENOTSUP && errno != EROFS ? -1 : 0;
}

/* All bytes are on the disk. */
static void settle(const struct out_file *o)
{
	int bad = ferror(o->f);

	if (bad || fflush(o->f) || sync_fd(o->fd))
		die("%s: write: %s", o->path, strerror(errno));
}

/* A folder's entry is on disk only when the folder is: opened before the rename, after which
 * nothing may fail, and synced after it. Some file systems cannot; then the rename must do. */
static int open_folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash ? xasprintf("%.*s", (int)(slash - path) + 1, path) : xstrdup(".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(folder);
	return fd;
}

static void sync_folder(int fd)
{
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

void out_close(struct out_file *o)
{
	settle(o);
	if (o->temp) {
		int folder = open_folder_of(o->path);

		if (rename(o->temp, o->path))
			die("%s: rename: %s", o->path, strerror(errno));
		temp_done(o->temp);
		sync_folder(folder);
	}
	if (fclose(o->f))
		die("%s: write: %s", o->path, strerror(errno));
	free(o->temp);
	free(o->path);
	*o = (struct out_file){ 0 };
}

/* -- what waits -------------------------------------------------------------------------------- */

static void wait_for_stdout(struct waiting w)
{
	*last = xmalloc(sizeof w);
	**last = w;
	last = &(*last)->next;
}

void out_finish(struct out_file *o, const char *rest)
{
	settle(o);
	wait_for_stdout((struct waiting){
		o->f, o->temp, o->path, rest ? xstrdup(rest) : NULL, NULL, NULL });
	*o = (struct out_file){ 0 };
}

struct out_folder out_folder_open(const char *path)
{
	struct out_folder o = { .path = xstrdup(path), .part = xasprintf("%s.part", path) };
	char *lock = xasprintf("%s/.coppice", o.part);
	struct stat st;

	o.temp = xasprintf("%s/new", o.part);
	temp_claim(o.part, lock, path);
	temp_own(o.part);
	free(lock);
	if (!lstat(path, &st))
		die("%s: exists", path);
	temp_remove(o.temp);
	if (mkdir(o.temp, 0777))
		die("%s: create: %s", o.temp, strerror(errno));
	return o;
}

void out_folder_finish(struct out_folder *o, const char *said)
{
	wait_for_stdout((struct waiting){
		NULL, o->temp, o->path, o->part, said ? xstrdup(said) : NULL, NULL });
	*o = (struct out_folder){ 0 };
}

/* A file may take a file's place, a folder only a free one. Not every file system knows the
 * flag. */
static void give_name(const struct waiting *w)
{
	int folder = open_folder_of(w->path), bad;

	temp_hold();
	bad = w->f ? rename(w->temp, w->path)
		   : renameat2(AT_FDCWD, w->temp, AT_FDCWD, w->path, RENAME_NOREPLACE);
	if (bad && !w->f && errno == EINVAL)
		bad = rename(w->temp, w->path);
	temp_release();
	if (bad)
		die("%s: rename: %s", w->path, strerror(errno));
	temp_done(w->temp);
	sync_folder(folder);
}

int out_publish(void)
{
	struct waiting *w;
	int some = first != NULL;

	map_check();
	if (first && sync_fd(STDOUT_FILENO))
		die("standard output: write: %s", strerror(errno));
	if (first)
		signals_ignore();
	while ((w = first)) {
		first = w->next;
		give_name(w);
		if (w->rest)
			temp_remove(w->rest);
		if (w->f)
			fclose(w->f); /* was settled */
		if (w->said)
			say("%s", w->said);
		free(w->temp);
		free(w->path);
		free(w->rest);
		free(w->said);
		free(w);
	}
	last = &first;
	return some;
}

/* Who reads a pipe to its end must find what the records name, and who could not be told must
 * not. */
void stdout_close(void)
{
	int bad = ferror(stdout), settled = 0;

	errno = 0;
	bad |= fflush(stdout);
	if (!bad)
		settled = out_publish();
	if (bad || (fclose(stdout) && !settled))
		die("standard output: write: %s", errno ? strerror(errno) : "failed");
}
