/* ignore - keys of a model's files that are read as if they were not there
 *
 * A user may name keys that a reader would refuse. They are taken out of what was read. What was
 * ignored so shapes every result: it is part of this tool's step in `made`, and whoever reads a
 * stream so made ignores the same. The list is the process's own.
 */
#ifndef COPPICE_IGNORE_H
#define COPPICE_IGNORE_H

#include <jansson.h>

/* Adds a pattern: a key as a refusal names it, or several by fnmatch's wildcards. The text must
 * live as long as the process. 0, or -1 where it is empty, or there are too many. */
int ignore_add(const char *pattern);
/* Returns 1 where a pattern matches this key, which then counts as used; else 0. */
int ignore_covers(const char *key);
/* Removes the keys that are to be ignored from an object, those of objects in it by their path
 * ("rope_scaling.factor"). Returns how many. */
int ignore_strip(json_t *object);
/* Returns the keys used so far, for `made`: a new sorted array of strings; NULL: none. */
json_t *ignore_used(void);
/* Adds the keys that the tools before this one used, as the steps in provenance say. Dies where
 * they are too many. */
void ignore_inherit(const json_t *provenance);

#endif
