/* ignore - keys of a model's files that are read as if they were not there
 *
 * A user may name keys that a reader would refuse. They are taken out of what was read. What was
 * ignored so shapes every result: it is part of this tool's step in `made`, and whoever reads a
 * stream so made ignores the same. The list is the process's own.
 */
#ifndef COPPICE_IGNORE_H
#define COPPICE_IGNORE_H

#include <jansson.h>

/* Adds a key, as a refusal names it, or a pattern of fnmatch; the text must live as long as the
 * process. 0, or -1: it is empty, or there are too many. */
int ignore_add(const char *pattern);
/* 1: this key is to be ignored; it then counts as used. */
int ignore_covers(const char *key);
/* Takes ignored keys out of an object, members of members by their path ("rope_scaling.factor").
 * Returns how many. */
int ignore_strip(json_t *object);
/* What was used so far, for `made`: a new sorted array of strings, or NULL. */
json_t *ignore_used(void);
/* Adds what the tools before used, from the steps of a stream. Dies where they are too many. */
void ignore_inherit(const json_t *provenance);

#endif
