/* map - a whole file as bytes, mapped and never read ahead of need
 *
 * Checkpoints are larger than memory: nothing of them is read but what is touched.
 */
#ifndef COPPICE_MAP_H
#define COPPICE_MAP_H

#include "sys/fault.h"

#include <stddef.h>

struct map {
	const unsigned char *bytes;
	size_t n;
};

/* Maps the file at path, which must be regular and not empty; symbolic links are followed. Returns
 * 0 with *m, which map_close unmaps, or -1 with err. */
int map_file(struct map *m, const char *path, struct fault *err);
void map_close(struct map *m);
/* Advise the kernel about the n bytes at p, in any mapping: map_forget, that they will not be
 * needed soon; map_fetch, that they will be. Only whole pages within them are forgotten, so that
 * neighbours lose nothing. */
void map_forget(const void *p, size_t n);
void map_fetch(const void *p, size_t n);
/* Sets whether the pages of m are touched in random order. on 1: only the pages that are touched
 * are read; 0, as at first: the pages behind them are read ahead. */
void map_scattered(const struct map *m, int on);
/* Reads the n bytes at p into memory now. Returns 0, or an errno where the file cannot give them
 * (EFAULT: it has become shorter). */
int map_read(const void *p, size_t n);

/* Dies where a mapped file was written to since it was mapped, for what was read may then be of two
 * versions. A file whose name another file has taken is still the one that was mapped. */
void map_check(void);
/* Returns 1 where the file mapped under this path is the open file fd, or none is mapped under it;
 * else 0. */
int map_is_of(const char *path, int fd);

/* Returns the path of the mapped file that address p is in; NULL where it is in none. *shorter
 * becomes 1 where the file no longer reaches as far as when it was mapped, else 0. Safe in a signal
 * handler. */
const char *map_whose(const void *p, int *shorter);

#endif
