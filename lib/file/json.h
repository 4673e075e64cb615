/* json - JSON text from outside, bounded, and its values, checked
 *
 * jansson parses; what it would not refuse by itself is refused here: duplicate keys, files and
 * trees beyond a limit. Integers beyond 64 bits (tokenizer configs have some) become reals.
 */
#ifndef COPPICE_JSON_H
#define COPPICE_JSON_H

#include "sys/fault.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* One JSON value of at most max_nodes nodes (an object weighs five, an array three) from n bytes;
 * white space around it and a byte order mark are allowed. 0 with a new *j, or -1 with err. */
int json_parse(json_t **j, const char *text, size_t n, size_t max_nodes, struct fault *err);
/* The same of one line of a data set, at most 2^16 nodes. */
int json_parse_line(json_t **j, const char *text, size_t n, struct fault *err);
/* The same from a regular file of at most max bytes; the error has no file name. text: NULL, or
 * gets the bytes (new, n_text of them). */
int json_load_path(json_t **j, const char *path, size_t max, char **text, size_t *n_text,
	struct fault *err);

/* The value of a key: 1 and *v set, 0 where it is absent or null (*v stays), -1 with err: of
 * another type, or out of range. A real that is whole counts as an integer, an integer as a real;
 * reals must be finite. */
int json_get_int(const json_t *o, const char *key, int64_t min, int64_t max, int64_t *v,
	struct fault *err);
int json_get_real(const json_t *o, const char *key, double *v, struct fault *err);
int json_get_bool(const json_t *o, const char *key, int *v, struct fault *err);
int json_get_string(const json_t *o, const char *key, const char **v, struct fault *err);
/* The same for a count, which must be there and an integer from 0 to 2^53: 0, or -1. */
int json_get_count(const json_t *o, const char *key, uint64_t *n);
/* 1 where the key is absent, null, false, an empty array, object or string. */
int json_is_unset(const json_t *o, const char *key);

/* What we make ourselves. Sets a key, adds an element: v is taken over, and NULL, which jansson
 * gives for a text that is not UTF-8 and for NaN, is not left out: it dies. json_made: j itself, as
 * json_pack gives it, or death. */
void json_put(json_t *o, const char *key, json_t *v);
void json_add(json_t *array, json_t *v);
json_t *json_made(json_t *j);

#endif
