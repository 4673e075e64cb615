/* mp - msgpack objects: parsed from bytes of others, searched, packed, and as JSON
 */
#ifndef COPPICE_MP_H
#define COPPICE_MP_H

#include <jansson.h>
#include <msgpack.h>
#include <stddef.h>
#include <stdint.h>

enum {
	MP_DEPTH = 16,             /* containers within containers */
	MP_NODES = 1 << 24,        /* values in one object */
	MP_BYTES = 1 << 30,        /* length of one object */
	MP_HEADER_BYTES = 1 << 24, /* length of a header */
	/* bytes of memory that the trees of a header may take, msgpack's and jansson's together */
	MP_HEADER_MEMORY = 32 << 20,
};

/* A parser of msgpack objects from outside, which checks every byte: depth <= MP_DEPTH, values <=
 * MP_NODES, strings of UTF-8, string keys without duplicates in every map, no ext values, counts
 * and lengths within the bytes. The caller sets max and most and leaves the rest zero. */
struct mp_parser {
	size_t max;  /* bytes of the longest object that is taken; 0: MP_BYTES */
	size_t most; /* bytes of memory that its trees may take (MP_HEADER_MEMORY); 0: any */

	const unsigned char *bytes; /* where the object begins */
	size_t pos;                 /* bytes of it that are parsed */
	size_t memory, nodes;       /* what its trees take so far, and its values */
	int depth;
	struct mp_level {
		msgpack_object *whole, *next; /* the container; its value to come */
		uint64_t left;                /* values to come */
	} level[MP_DEPTH];
	msgpack_object object; /* its strings lie in the bytes, its containers in the zone */
	msgpack_zone *zone;
};
/* Parses the object at bytes[0..n) as far as it reaches. Returns its length, with p->object, which
 * holds until mp_parser_next; 0 where more bytes are needed: call it again with a larger n, and it
 * goes on where it was, or begins again where the bytes have moved; -1 where the object is refused,
 * with *why, a static text. Dies where memory is short. */
long mp_parse(struct mp_parser *p, const unsigned char *bytes, size_t n, const char **why);
void mp_parser_next(struct mp_parser *p); /* forgets the object, so that the next may come */
void mp_parser_free(struct mp_parser *p);

/* The same of one object that is there, without keeping it. */
long mp_check(const unsigned char *bytes, size_t n, const char **why);
/* 1 where a key, all being strings, stands twice in the map. */
int mp_repeats_key(const msgpack_object_map *map);

/* Returns about how many bytes of memory msgpack's and jansson's trees of an object take
 * together. */
size_t mp_memory(const msgpack_object *o);

/* Returns the value of a key; NULL where map has no such key or is no map. */
const msgpack_object *map_find(const msgpack_object *map, const char *key);
int mp_is_str(const msgpack_object *o, const char *s); /* 1 where o is the string s, else 0 */
/* Returns the number that o, an integer or a float, is; exactly. */
long double mp_number(const msgpack_object *o);
void mp_pack_str(msgpack_packer *pk, const char *s); /* packs a string; nil where s is NULL */

/* Returns an object as jansson's tree, new; NULL where JSON, or jansson, has no form for it: bin,
 * numbers from 2^63 up, a key with a NUL. For headers; records go through mpjson.h. */
json_t *mp_to_json(const msgpack_object *o);
void mp_from_json(msgpack_packer *pk, const json_t *j); /* packs jansson's tree */

#endif
