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

/* A walk over the bytes of one object that may come in pieces. Zero-initialise before each object
 * but for keys and cap, which are kept from one object to the next and freed with mp_walk_free. */
struct mp_walk {
	size_t pos; /* bytes walked so far */
	size_t max; /* longest object, 0: MP_BYTES */
	/* memory that its trees may take (MP_HEADER_MEMORY), 0: not bounded but by the nodes */
	size_t most;
	size_t memory;
	size_t nodes;
	int depth;
	struct mp_level {
		uint64_t left; /* values to come */
		int is_map;
		size_t keys; /* where its keys begin in .keys */
	} level[MP_DEPTH];
	uint64_t *keys; /* hashes of the keys of all open maps */
	size_t n_keys, cap;
};
/* Goes on as far as bytes[0..n) reach: n never shrinks, the bytes before .pos are the same as
 * before. The object's length; 0: more bytes are needed; -1: refused, and *why says so. */
long mp_walk(struct mp_walk *w, const unsigned char *bytes, size_t n, const char **why);
void mp_walk_next(struct mp_walk *w); /* makes it ready for the next object */
void mp_walk_free(struct mp_walk *w);

/* The same for one object that is there: depth <= 16, nodes <= 2^24, UTF-8 strings, string keys
 * without duplicates in every map, no ext, counts and lengths within the bytes. */
long mp_check(const unsigned char *bytes, size_t n, const char **why);

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
