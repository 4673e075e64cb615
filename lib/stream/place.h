/* place - where an output may go: never over what is read, never into a folder that is
 *
 * Every output that a user names passes here before anything long is done. What can't be written
 * later is refused now.
 */
#ifndef COPPICE_PLACE_H
#define COPPICE_PLACE_H

#include "stream/kinds.h"

/* Nothing may be written into this folder from now on. what: "base" or "adapter", for the message.
 * Whoever opens one says so. */
void place_keep_out(const char *folder, const char *what);

/* A folder to be made, or one to go on in: the path without slashes at its end, new. Dies where it
 * is, holds or lies in one that nothing may be written into, or in the hub's cache, or where none
 * can be made. */
char *place_of_folder(const char *path);
/* A file for a stream of kind k: the path, links followed to what they name, new. The same, and
 * dies where the file exists and is no stream of that kind. */
char *place_of_stream(const char *path, enum kind k);
/* 1: the bytes that a file begins with are a stream's of that kind, compressed or not, with an end
 * or without. */
int place_is_stream(const unsigned char *bytes, size_t n, enum kind k);

#endif
