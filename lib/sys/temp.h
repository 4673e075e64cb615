/* temp - files that must not outlive a failure, and places that one run at a time may write at
 *
 * A claim's name is the same in every run (PATH.part), so that what a killed one left is found by
 * the next: a lock, which the kernel drops with its holder, tells the two apart.
 */
#ifndef COPPICE_TEMP_H
#define COPPICE_TEMP_H

#include <sys/stat.h>

/* Registers any file, or a folder with what is in it, to be removed when the program fails; and
 * takes it back. */
void temp_add(const char *path);
void temp_done(const char *path);
/* Removes what is registered, at the program's end; safe in a signal handler. Returns 0, or the
 * thread that is at it already and will end the program: another one, or this one where the
 * handler's signal came. */
int temp_remove_all(void);
/* From temp_hold to temp_release nothing registered is removed, so that what is in a folder can be
 * given its name: a signal that comes in between is too late. Where another thread's handler is
 * removing already, the program is ending, and temp_hold does not return. */
void temp_hold(void);
void temp_release(void);

/* Claims path for this process until the descriptor is closed, which is returned: of the file
 * path (lock NULL), with what a run before left in it, or of the file lock in the folder path.
 * Both are made where they are missing. Dies where a live run holds it, or something else stands
 * there; name is what the user called it. Until temp_own, a failure removes only what is empty;
 * after it, all. */
int temp_claim(const char *path, const char *lock, const char *name);
void temp_own(const char *path);
/* Removes it, whatever it is, now. */
void temp_remove(const char *path);
/* Locks an open file or folder for this process: 1, or 0: another one has it. Warns, once, where
 * there are no locks. */
int temp_lock(int fd, const char *name);
int temp_is_stdout(const struct stat *st); /* 1: the file that standard output goes to */

#endif
