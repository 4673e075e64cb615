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

/* Parses text[0..n), one JSON value with at most max_nodes nodes, of which an object counts as five
 * and an array as three. White space around it and a byte order mark in front are allowed. 0 with
 * *j, new, or -1 with err. */
int json_parse(json_t **j, const char *text, size_t n, size_t max_nodes, struct fault *err);
/* The same for one line of a data set: at most 2^16 nodes, and err names no line. */
int json_parse_line(json_t **j, const char *text, size_t n, struct fault *err);
/* The same for a regular file of at most max bytes; err does not name it. Where text is not NULL,
 * *text becomes a copy of the file's *n_text bytes, new. */
int json_load_path(json_t **j, const char *path, size_t max, char **text, size_t *n_text,
	struct fault *err);

/* Fetch the value of a key of o into *v. 1; 0 where it is absent or null, and *v stays as it was;
 * -1 with err where it has another type or is out of range. A real that is whole counts as an
 * integer, and an integer as a real; reals must be finite. */
int json_get_int(const json_t *o, const char *key, int64_t min, int64_t max, int64_t *v,
	struct fault *err);
int json_get_real(const json_t *o, const char *key, double *v, struct fault *err);
int json_get_bool(const json_t *o, const char *key, int *v, struct fault *err);
int json_get_string(const json_t *o, const char *key, const char **v, struct fault *err);
/* Fetches a count, which must be there and be an integer from 0 to 2^53: 0 with *n, or -1. */
int json_get_count(const json_t *o, const char *key, uint64_t *n);
/* Returns 1 where the key is absent, null, false, or an empty array, object or string; else 0. */
int json_is_unset(const json_t *o, const char *key);

/* For JSON that we build ourselves. json_put sets a key of o and json_add appends to an array; both
 * own v afterwards. They die where v is NULL, which jansson returns for a text that is not UTF-8
 * and for NaN. */
void json_put(json_t *o, const char *key, json_t *v);
void json_add(json_t *array, json_t *v);

#endif
