/* place - where an output may be written: never over what is read, never into a folder that exists
 *
 * Every output that a user names is checked here before anything long is done, so that what cannot
 * be written later is refused at once. All functions die with one line that names the path.
 */
#ifndef COPPICE_PLACE_H
#define COPPICE_PLACE_H

#include "stream/kinds.h"

/* Forbids outputs in a folder from now on. Whoever opens a model's folder to read calls it. what:
 * "base" or "adapter", for the message; static. */
void place_keep_out(const char *folder, const char *what);

/* Returns the path of a folder to write, without slashes at its end; new. Dies where the folder is,
 * holds, or lies in one that is forbidden, or lies in the hub's cache, or where none can be
 * created. */
char *place_of_folder(const char *path);
/* Returns the path of a file to write a stream of kind k to, with links followed to what they name;
 * new. Dies for the same reasons, and where the file exists and is no stream of that kind. */
char *place_of_stream(const char *path, enum kind k);
/* The same of a file of JSON, which is written over nothing but JSON. */
char *place_of_json(const char *path);
/* Returns 1 where bytes[0..n), the beginning of a file, are the beginning of a stream of kind k,
 * compressed or not; else 0. */
int place_is_stream(const unsigned char *bytes, size_t n, enum kind k);

#endif
