/* mpjson - msgpack objects as JSON text and back, losing nothing
 *
 * jansson has no integers from 2^63 up, no bin and no floats that are not finite, so records go
 * their own way:
 *   floats           as many digits as give them back, always with a point or an exponent
 *   not finite       "inf", "-inf"; null for NaN, and "nan" where null means another thing; a NaN
 *                    of other bits: "nan:" and its bits in hex
 *   tensors          {"dtype":..., "shape":[...], "data":[flat list]}, or a summary in place of
 *                    data
 *   other bin        {"bin":"hex digits"}
 */
#ifndef COPPICE_MPJSON_H
#define COPPICE_MPJSON_H

#include "stream/kinds.h"
#include "sys/fault.h"

#include <msgpack.h>
#include <stdio.h>

/* Prints an object as one JSON value without a line break. full: tensors with all their numbers,
 * else as a summary. */
void mpjson_print(FILE *f, const msgpack_object *o, int full);
/* The same of the map o, a record of kind k: a NaN is "nan" where the table allows nil. */
void mpjson_print_record(FILE *f, enum kind k, const msgpack_object *o, int full);
/* Prints an object as one field of a TSV line: a string as it is, but for backslashes, tabs and
 * line ends, which are escaped; the values of arrays and tensors with commas between; nothing for
 * nil, and where o is NULL. */
void mpjson_print_field(FILE *f, const msgpack_object *o);

/* The type that mpjson_parse gives an integer beyond 64 bits, which msgpack has none for: via.f64
 * is the nearest float. */
enum { MPJSON_BIG = MSGPACK_OBJECT_FLOAT32 };

/* Parses text[0..n), one JSON value and nothing after it, into *o. Its containers and the strings
 * that have escapes are allocated in zone; other strings stay in the text, which must live as long.
 * 0, or -1 with *why, a static text. */
int mpjson_parse(const char *text, size_t n, msgpack_zone *zone, msgpack_object *o,
	const char **why);

/* Packs a record of kind k from its JSON form, which mpjson_parse gave: the known keys in the
 * table's order, then those that the table does not have. Where the table has a float, the JSON may
 * have an integer, null or one of the words above; where it has a tensor, a list of numbers. 0, or
 * -1 with err: "key 'x': why". What the types alone don't say is left to kind_check. */
int mpjson_pack(msgpack_packer *pk, enum kind k, const msgpack_object *json, struct fault *err);

#endif
