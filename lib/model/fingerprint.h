/* fingerprint - what tells one base from another, whatever it is called and wherever it lies
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

/* 16 hex digits and a NUL. The folder's files must be open (folder_map). */
void fingerprint_folder(const struct folder *f, char fingerprint[17]);
void fingerprint_gguf(const struct gguf *g, char fingerprint[17]);
/* The same of a path, with no check of the model beyond what its files need to be read. Dies with
 * one line. */
void fingerprint_of(const char *path, char fingerprint[17]);
/* What stands for a tensor's bytes: all of a small one, else its start, middle and end. The pages
 * are then dropped. */
void fingerprint_sample(XXH3_state_t *h, const unsigned char *data, uint64_t bytes);

#endif
