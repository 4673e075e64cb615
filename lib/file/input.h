/* input - the bytes of one file, or of standard input: plain, or unpacked as its first bytes tell
 *
 * Packings are gzip, zstd with windows of any length, xz, bzip2, lzip and lz4; several members one
 * after the other are one text. A truncated file must not pass for a short one: it is an error
 * where packed data end early, are damaged or have something else behind them. All functions die
 * with one line.
 */
#ifndef COPPICE_INPUT_H
#define COPPICE_INPUT_H

#include <stddef.h>
#include <stdint.h>

struct input;
/* Opens the file at path, which the caller keeps; "-" is standard input. */
struct input *input_open(const char *path);
/* The same for streams of records: plain bytes may follow packed ones. */
struct input *input_open_mixed(const char *path);
/* Reads at most n > 0 bytes into to, as soon as there are some. Returns how many; 0: the end. */
size_t input_read(struct input *in, void *to, size_t n);
uint64_t input_bytes_read(const struct input *in); /* of the file so far, still packed */
/* Makes the file one of this run's inputs (inputs.h): its bytes are hashed as they are read, and
 * those that were not are read by input_close, but for a pipe, whose hash is then not known. Before
 * the first input_read. */
void input_is_data(struct input *in);
void input_close(struct input *in);

#endif
