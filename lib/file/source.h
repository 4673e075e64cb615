/* source - the decompressed bytes of several files, one file after the other
 *
 * How a file is compressed is told by its first bytes (input.h).
 */
#ifndef COPPICE_SOURCE_H
#define COPPICE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

struct source;
/* Opens files, NULL-terminated paths that the caller keeps; "-", or no path at all, is standard
 * input. mixed: plain bytes may follow compressed ones, as input_open_mixed says, and the
 * files are streams; else they are data, and among this run's inputs (inputs.h). No file is open
 * before the first source_next. */
struct source *source_open(char *const *files, int mixed);
/* Goes to the start of the next file: 1, or 0 where there is none. */
int source_next(struct source *s);
/* Reads at most n > 0 bytes of the open file, as soon as there are some, into to. Returns how many;
 * 0: the file ends. Dies where a read fails, or compressed data is damaged or cut short. */
size_t source_read(struct source *s, void *to, size_t n);
const char *source_name(const struct source *s);    /* of the file last opened, for messages */
uint64_t source_bytes_read(const struct source *s); /* of all files so far, still compressed */
void source_close(struct source *s);

#endif
