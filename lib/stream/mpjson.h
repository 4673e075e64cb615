/* mpjson - msgpack objects as JSON text and back, losing nothing
 *
 * jansson has no integers from 2^63 up, no bin and no floats that are not finite, so records go
 * their own way:
 *   floats           as many digits as give them back, always with a point or an exponent
 *   not finite       "inf", "-inf", "nan"; a NaN of other bits: "nan:" and its bits in hex
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

/* full: tensors with all their numbers */
void mpjson_print(FILE *f, const msgpack_object *o, int full);
/* One field of a TSV line: a string as it is (backslash, tab and line ends escaped), arrays and
 * tensors joined by commas, nil and NULL empty. */
void mpjson_print_field(FILE *f, const msgpack_object *o);

/* The type of an integer beyond 64 bits, which msgpack has not: via.f64 is the number, for who
 * takes a float. */
enum { MPJSON_BIG = MSGPACK_OBJECT_FLOAT32 };

/* One JSON value and nothing after it; objects and strings lie in the zone, strings without escapes
 * in the text. 0, or -1 with a reason. */
int mpjson_parse(const char *text, size_t n, msgpack_zone *zone, msgpack_object *o,
	const char **why);

/* A record of the kind from its JSON form, packed in the table's order, unknown keys after the
 * known ones. Where the table wants a float, integers and the words above are one; where it wants a
 * tensor, a plain list will do. 0, or -1 with "key 'x': why" in err. What the types alone don't say
 * is left to kind_check. */
int mpjson_pack(msgpack_packer *pk, enum kind k, const msgpack_object *json, struct fault *err);

#endif
