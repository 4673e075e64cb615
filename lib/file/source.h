/* source - the decompressed bytes of some files, one after the other
 *
 * Each file is zstd frames (skippable ones are skipped) or, told by its first bytes, not compressed
 * at all; other packings are undone as well (input.h).
 */
#ifndef COPPICE_SOURCE_H
#define COPPICE_SOURCE_H

#include <stddef.h>

struct source;
/* NULL-terminated paths, owned by the caller; "-", or none at all, is standard input. */
struct source *source_open(char *const *files);
int source_next(struct source *s); /* 1: at the next file's start; 0: there is none */
/* What is there, at most n > 0 bytes; 0: the file ends. Dies where a read fails or a frame is
 * damaged or cut. */
size_t source_read(struct source *s, void *to, size_t n);
const char *source_name(const struct source *s);
void source_close(struct source *s);

#endif
