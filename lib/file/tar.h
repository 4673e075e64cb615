/* tar - the files in a tar file, one after the other; plain, gzip or zstd
 */
#ifndef COPPICE_TAR_H
#define COPPICE_TAR_H

#include <stddef.h>

struct tar;
struct tar *tar_open(const char *path); /* dies with one line, as all of these */
/* The next plain file's path in it, until the next call; NULL: the end, with its mark. */
const char *tar_next(struct tar *t);
/* That file's bytes, at most max. New, NUL-terminated beyond n. Once for each file. */
char *tar_slurp(struct tar *t, size_t max, size_t *n);
void tar_close(struct tar *t);

#endif
