/* input - the bytes of one file, or of standard input: plain, gzip or zstd, told by the first bytes
 *
 * A cut file must not pass for a short one: gzip and zstd streams that end early are errors.
 */
#ifndef COPPICE_INPUT_H
#define COPPICE_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input;
struct input *input_open(const char *path);	/* "-": standard input. Dies with one line, as all of these */
size_t input_read(struct input *in, void *to, size_t n);	/* at most n > 0 bytes; 0: the end */
uint64_t input_taken(const struct input *in);	/* bytes of the file itself read so far */
void input_close(struct input *in);

#endif
