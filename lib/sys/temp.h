/* temp - files that must not outlive a failure, and places that one run at a time may write at
 *
 * A claim's name is the same in every run (PATH.part), so that what a killed one left is found by
 * the next: a lock, which the kernel drops with its holder, tells the two apart.
 */
#ifndef COPPICE_TEMP_H
#define COPPICE_TEMP_H

#include <sys/stat.h>

/* temp_add registers a file, or a folder with all in it, to be removed when the program fails;
 * temp_done cancels that. */
void temp_add(const char *path);
void temp_done(const char *path);
/* Removes all that is registered, at the end of the program; safe in a signal handler. Returns 0,
 * or the number of the thread that is removing it already and will end the program: another one, or
 * this one where the signal came during its own call. */
int temp_remove_all(void);
/* Between temp_hold and temp_release nothing registered is removed, so that the files in a folder
 * can be renamed: a signal in between has no effect on them. Where the handler of another thread is
 * removing them already, the program is ending, and temp_hold does not return. */
void temp_hold(void);
void temp_release(void);

/* Claims path for this process until the returned descriptor is closed. lock NULL: the descriptor
 * is of the file path, with what an earlier run left in it; else path is a folder, and the
 * descriptor is of the file at the path lock in it. Both are created where they are missing. Dies
 * where a live run holds the claim, or path is something else; name is what the user called it.
 * Until temp_own is called, a failure removes path only where it is empty; after that, always. */
int temp_claim(const char *path, const char *lock, const char *name);
void temp_own(const char *path);
/* removes a file or a folder now */
void temp_remove(const char *path);
/* Locks an open file or folder for this process. Returns 1, or 0 where another process has the
 * lock. Warns, once, where the file system has no locks. */
int temp_lock(int fd, const char *name);
/* 1 where st is the file that standard output goes to, else 0 */
int temp_is_stdout(const struct stat *st);

#endif
