/* input - the bytes of one file, or of standard input: plain, or unpacked as its first bytes tell
 *
 * gzip, zstd (windows of any length), xz, bzip2, lzip, lz4; several members one after the other are
 * one text. A cut file must not pass for a short one: whatever ends early, is damaged or has
 * something else behind it is an error.
 */
#ifndef COPPICE_INPUT_H
#define COPPICE_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input;
/* "-": standard input. Dies with one line, as all of these */
struct input *input_open(const char *path);
/* The same for streams of records: after a member plain bytes may follow. */
struct input *input_open_mixed(const char *path);
/* at most n > 0 bytes, as soon as there are some; 0: the end */
size_t input_read(struct input *in, void *to, size_t n);
uint64_t input_bytes_read(const struct input *in); /* bytes of the file itself read so far */
void input_close(struct input *in);

#endif
