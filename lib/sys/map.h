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

/* A regular file that is not empty; symbolic links are followed. 0, or -1 with err. */
int map_file(struct map *m, const char *path, struct fault *err);
void map_close(struct map *m);
/* What is known of bytes p .. p+n-1 of any mapping: they will not be needed soon; they will be.
 * Whole pages only, so that neighbours lose nothing. */
void map_forget(const void *p, size_t n);
void map_fetch(const void *p, size_t n);
/* Bytes of this mapping will be touched here and there: 1: only the pages that are touched are
 * read; 0: those that follow too, as at first. */
void map_scattered(const struct map *m, int on);
/* Has them at hand now: 0, or an errno where the file cannot give them (EFAULT: it has become
 * shorter). */
int map_read(const void *p, size_t n);

/* Dies where a mapped file was written to since: what was read of it may be of two. One that
 * another took the place of is still the one that was mapped. */
void map_check(void);
/* 1: no file is mapped under this path, or this descriptor is of the same one. */
int map_is_of(const char *path, int fd);

/* The path of the mapped file that address p lies in; NULL: in none. *cut: 1: the file no longer
 * reaches as far as it did when it was mapped. For signal handlers. */
const char *map_whose(const void *p, int *cut);

#endif
