/* temp - files that must not outlive a failure, and places that one run at a time may write at
 *
 * Removal also happens in a signal handler, so it allocates nothing and calls only what is safe
 * there: folders are read with getdents64 into the stack. A slot of the registry that is done keeps
 * its strings until it is used again, for the handler may be reading them.
 *
 * A claim is registered before its file is made, and owned only once it is locked. In between it is
 * removed where it is empty and no one else holds it: then it is ours, or a leftover of nobody's.
 */
#include "sys/temp.h"

#include "sys/die.h"
#include "sys/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SLOTS = 256 };
enum claim_state { DONE, CLAIMED, OURS };
static struct slot {
	/* what to remove; the file whose lock says whose it is: path itself, or one in it */
	char *path, *lock;
	int fd; /* of lock, -1: not open yet */
	enum claim_state state;
} slots[SLOTS];

struct entry { /* struct linux_dirent64 */
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

/* At the program's end standard input and output may make room: the next of them to be closed;
 * otherwise beyond them. */
static volatile sig_atomic_t spare = STDOUT_FILENO + 1;

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
			for (long i = 0; i < n;) {
				const struct entry *e = (const struct entry *)(buf + i);

				if (strcmp(e->name, ".") && strcmp(e->name, "..")) {
					remove_tree(fd, e->name);
					removed += faccessat(fd, e->name, F_OK,
							   AT_SYMLINK_NOFOLLOW) != 0;
				}
				i += e->len;
			}
		}
	}
}

/* A folder to be removed. The program may end because it had no descriptor left. */
static int open_folder(int at, const char *path)
{
	int fd;

	do
		fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	while (fd < 0 && errno == EMFILE && spare <= STDOUT_FILENO && close(spare++) == 0);
	return fd;
}

static void remove_tree(int at, const char *path)
{
	int fd;

	if (unlinkat(at, path, 0) == 0 || (errno != EISDIR && errno != EPERM))
		return;
	fd = open_folder(at, path);
	if (fd < 0)
		return;
	remove_inside(fd);
	close(fd);
	unlinkat(at, path, AT_REMOVEDIR);
}

/* 1: the open file still has its name. */
static int is_named(int fd, const char *path)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_dev == b.st_dev &&
		a.st_ino == b.st_ino;
}

static void remove_claimed(const struct slot *s)
{
	int fd = s->fd < 0 ? open(s->lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : s->fd;
	struct stat st;

	if (fd >= 0 &&
		(flock(fd, LOCK_EX | LOCK_NB) || !is_named(fd, s->lock) || fstat(fd, &st) ||
			st.st_size || !S_ISREG(st.st_mode)))
		return;
	if (fd >= 0)
		unlink(s->lock);
	if (s->lock != s->path)
		rmdir(s->path); /* empty, or it stays */
}

/* The thread that removes, for good, or holds. */
static int at_it;

/* 0: it is this one from now on; else which it is. */
static int be_at_it(void)
{
	int none = 0;

	return __atomic_compare_exchange_n(&at_it, &none, gettid(), 0, __ATOMIC_SEQ_CST,
		       __ATOMIC_SEQ_CST)
		? 0
		: none;
}

void temp_hold(void)
{
	while (be_at_it())
		pause();
}

void temp_release(void)
{
	__atomic_store_n(&at_it, 0, __ATOMIC_SEQ_CST);
}

int temp_remove_all(void)
{
	int other = be_at_it();

	if (other)
		return other;
	spare = STDIN_FILENO;
	for (int i = 0; i < SLOTS; i++) {
		enum claim_state state = __atomic_exchange_n(&slots[i].state, DONE,
			__ATOMIC_ACQ_REL);

		if (state == CLAIMED)
			remove_claimed(&slots[i]);
		if (state == OURS)
			remove_tree(AT_FDCWD, slots[i].path);
	}
	return 0;
}

static void set_state(struct slot *s, enum claim_state state)
{
	__atomic_store_n(&s->state, state, __ATOMIC_RELEASE);
}

static struct slot *slot_new(const char *path, const char *lock, enum claim_state state)
{
	die_undoes(temp_remove_all);
	for (int i = 0; i < SLOTS; i++) {
		struct slot *s = &slots[i];

		if (s->state != DONE)
			continue;
		if (s->lock != s->path)
			free(s->lock);
		free(s->path);
		s->path = xstrdup(path);
		s->lock = lock ? xstrdup(lock) : s->path;
		s->fd = -1;
		set_state(s, state);
		return s;
	}
	die("%s: too many temporary files", path);
}

static struct slot *slot_of(const char *path)
{
	for (int i = 0; i < SLOTS; i++)
		if (slots[i].state != DONE && strcmp(slots[i].path, path) == 0)
			return &slots[i];
	return NULL;
}

void temp_add(const char *path)
{
	slot_new(path, NULL, OURS);
}

void temp_done(const char *path)
{
	struct slot *s = slot_of(path);

	if (s)
		set_state(s, DONE);
}

int temp_is_stdout(const struct stat *st)
{
	struct stat out;

	return !fstat(STDOUT_FILENO, &out) && out.st_dev == st->st_dev && out.st_ino == st->st_ino;
}

/* -- claims ------------------------------------------------------------------------------------ */

int temp_lock(int fd, const char *name)
{
	static int warned;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK)
			return 0;
		if (errno == EINTR)
			continue;
		if (!warned++)
			warn("%s: %s: this file system has no locks: nothing keeps two runs from "
			     "writing at once",
				name, strerror(errno));
		break;
	}
	return 1;
}

/* The folder of a claim is made, or found with the lock of the run that left it. An empty one is
 * made anew. A run that begins or ends just now puts its lock in or takes it away between two
 * looks. */
static void claim_folder(const struct slot *s, const char *name)
{
	if (mkdir(s->path, 0777) == 0)
		return;
	if (errno != EEXIST)
		die("%s: create: %s", name, strerror(errno));
	for (int looks = 0; looks < 100; looks++)
		if (rmdir(s->path) == 0 || errno == ENOENT || access(s->lock, F_OK) == 0)
			return;
	die("%s: %s is in the way, and nothing that a killed run left: move it", name, s->path);
}

/* The lock's file, opened or made: -1 where its folder has just gone. */
static int claim_open(struct slot *s, const char *name)
{
	struct stat st;
	int fd = open(s->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);

	s->fd = fd;
	if (fd < 0 && errno == ENOENT && s->lock != s->path)
		return -1;
	if (fd < 0 && errno != ELOOP && errno != EISDIR && errno != ENXIO)
		die("%s: create: %s", name, strerror(errno));
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		die("%s: %s is in the way, and no file: move it", name, s->lock);
	if (temp_is_stdout(&st)) {
		set_state(s, DONE);
		die("%s: %s is standard output, too", name, s->lock);
	}
	return fd;
}

int temp_claim(const char *path, const char *lock, const char *name)
{
	struct slot *s = slot_new(path, lock, CLAIMED);

	for (;;) {
		if (lock)
			claim_folder(s, name);
		int fd = claim_open(s, name);
		if (fd < 0)
			continue;
		if (!temp_lock(fd, name)) {
			set_state(s, DONE);
			die("%s: is being written by another run", name);
		}
		if (is_named(fd, s->lock))
			return fd;
		s->fd = -1; /* the run before has just ended */
		close(fd);
	}
}

void temp_own(const char *path)
{
	struct slot *s = slot_of(path);

	if (s)
		set_state(s, OURS);
}

void temp_remove(const char *path)
{
	remove_tree(AT_FDCWD, path);
	temp_done(path);
}
