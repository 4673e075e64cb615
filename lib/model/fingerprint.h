/* fingerprint - what tells one base from another, whatever its name and path
 *
 * XXH3 over the config (of a GGUF file: its architecture's own pairs), and of every tensor, by
 * name, its name, type, shape and size, and 4 KiB at its start, middle and end. A few pages of each
 * file are read for it, and no more.
 */
#ifndef COPPICE_FINGERPRINT_H
#define COPPICE_FINGERPRINT_H

#include "file/gguf.h"
#include "model/folder.h"

#include <xxhash.h>

/* Write the fingerprint, 16 hex digits and a NUL, of a folder, whose files folder_map has opened,
 * or of a GGUF file. */
void fingerprint_folder(const struct folder *f, char fingerprint[17]);
void fingerprint_gguf(const struct gguf *g, char fingerprint[17]);
/* The same for the model at path, which is checked only as far as its files must be readable. Dies
 * with one line where they are not. */
void fingerprint_of(const char *path, char fingerprint[17]);
/* Adds what stands for a tensor's bytes to h: all of a small tensor's, else its start, middle and
 * end. The pages are then dropped. */
void fingerprint_sample(XXH3_state_t *h, const unsigned char *data, uint64_t bytes);

#endif
