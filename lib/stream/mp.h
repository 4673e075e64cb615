/* mp - msgpack objects: checked before anything else sees them, searched, and as JSON
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
	/* bytes that a header, or what JSON is made of, may take as msgpack's and jansson's
	 * trees */
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

/* that msgpack's and jansson's trees of it take, about */
size_t mp_memory(const msgpack_object *o);

const msgpack_object *map_find(const msgpack_object *map, const char *key); /* NULL: absent */
int mp_is_str(const msgpack_object *o, const char *s);                      /* 1: the string s */
long double mp_number(const msgpack_object *o);      /* an integer or a float, exactly */
void mp_pack_str(msgpack_packer *pk, const char *s); /* NULL: nil */

/* By way of jansson, for headers. New; NULL where JSON has no form: bin, unsigned numbers >=
 * 2^63. */
json_t *mp_to_json(const msgpack_object *o);
void mp_from_json(msgpack_packer *pk, const json_t *j);

#endif
