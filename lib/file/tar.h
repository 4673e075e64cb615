/* tar - the files in a tar file, one after the other; how it is packed is told by its first bytes
 * (input.h)
 */
#ifndef COPPICE_TAR_H
#define COPPICE_TAR_H

#include <stddef.h>

struct tar;
/* All functions here die with one line where the file cannot be read or is damaged. */
struct tar *tar_open(const char *path);
/* Goes to the next regular file in t and returns its path, which holds until the next call; NULL
 * where there are no more, and the mark of the tar file's end was there. */
const char *tar_next(struct tar *t);
/* Returns the *n bytes of that file, new, with a NUL behind them; dies where they are more than
 * max. May be called once for each file. */
char *tar_slurp(struct tar *t, size_t max, size_t *n);
void tar_close(struct tar *t);

#endif
