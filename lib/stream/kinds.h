/* kinds - the table of kinds: which keys a record has, of what type, and what they mean
 *
 * rec-make, rec-cat and every reader and writer of records go by this table alone. records.5 says
 * the same, and a test compares them.
 */
#ifndef COPPICE_KINDS_H
#define COPPICE_KINDS_H

#include "sys/fault.h"

#include <msgpack.h>
#include <stddef.h>

enum kind {
	KIND_TOKENS,
	KIND_HIDDEN,
	KIND_ANGLE,
	KIND_BLOCK,
	KIND_MODEL,
	KIND_LOSS,
	KIND_SAMPLE,
	KIND_SCORE,
	KIND_COST,
	KIND_COUNT,
	KIND_ANY = -1 /* for rec_open: whatever comes (rec-cat) */
};

enum key_type {
	KEY_COUNT, /* integer, 0 .. 2^64 - 1 */
	KEY_INT,   /* integer, 0 .. 2^31 - 1 */
	KEY_REAL,  /* float64; an integer is read too */
	KEY_SUM,   /* an integer of 64 bits, or a float64 */
	KEY_BOOL,
	KEY_TEXT,  /* str without NUL */
	KEY_BYTES, /* str, any UTF-8 */
	KEY_INTS,  /* array of KEY_INT */
	KEY_TENSOR,
	KEY_RECORD, /* map: a record of another kind */
};
enum { KEY_NIL = 1, KEY_OPTIONAL = 2 }; /* may be nil; may be absent */
enum { RULE_MAX = 63 };                 /* bytes of a rule's name */
enum { KEEP_MAX = 512 };                /* layers of a model, as llama.cpp */
enum { RESAMPLES = 100 };               /* sums of an angle's key `resamples` */

struct key {
	const char *name;
	enum key_type type;
	int flags;         /* KEY_NIL, KEY_OPTIONAL */
	const char *dtype; /* of a tensor */
	int dims;          /* of a tensor */
	enum kind record;  /* of KEY_RECORD */
	const char *help;  /* one line */
};

const char *kind_name(enum kind k); /* "tokens" and so on; static, as all texts here */
int kind_find(const char *name);    /* the kind of that name; -1: there is none */
/* One line: what a record of the kind is. The test that compares this table with records(5) prints
 * it. */
const char *kind_help(enum kind k);
/* Returns the keys of a kind in the order in which they are written. The name of the last entry is
 * NULL. */
const struct key *kind_keys(enum kind k);
/* Returns the key whose name is name[0..n); NULL where the kind has no such key. */
const struct key *key_find(enum kind k, const char *name, size_t n);
/* The keys that only some records of a kind have, by their task, which no table checks. kind_own
 * returns the name of number i, from 0; NULL after the last. kind_has_own: 1 where name is one. */
const char *kind_own(enum kind k, int i);
int kind_has_own(enum kind k, const char *name);
/* Writes the type of a key in words into s[n]: "tensor u32, 1-d", "integer, or nil". */
void key_type_name(const struct key *key, char *s, size_t n);

/* Checks that map is a whole record of the kind: its keys are there, have their types and make
 * sense together. Keys that the table does not have are allowed. 0, or -1 with err: "key 'ids':
 * missing". */
int kind_check(enum kind k, const msgpack_object *map, struct fault *err);

/* A tensor in a record: a map {dtype, shape, data}, whose data are little-endian and row-major. */
enum { TENSOR_DIMS = 8 };
struct rec_tensor {
	const char *dtype; /* static */
	size_t size;       /* bytes of an element */
	int dims;
	uint64_t shape[TENSOR_DIMS];
	uint64_t n;       /* elements */
	const char *data; /* n * size bytes, not aligned */
};
size_t dtype_size(const char *dtype); /* bytes of an element; 0: there is no such dtype */
/* Reads the tensor o into *t, which points into o. 0, or -1 with *why, a static text. */
int tensor_parse(const msgpack_object *o, struct rec_tensor *t, const char **why);

#endif
