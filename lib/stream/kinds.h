/* kinds - the table of kinds: which keys a record has, of what type, and what they mean
 *
 * The one place that rec-make, rec-cat and every reader go by. man/records.5 says the same; a test
 * compares them.
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

struct key {
	const char *name;
	enum key_type type;
	int flags;
	const char *dtype; /* of a tensor */
	int dims;
	enum kind record; /* of KEY_RECORD */
	const char *help; /* one line */
};

const char *kind_name(enum kind k);       /* "tokens" ... */
int kind_find(const char *name);          /* -1: no such kind */
const char *kind_help(enum kind k);       /* what one record is */
const struct key *kind_keys(enum kind k); /* in their order; the last one's name is NULL */
const struct key *key_find(enum kind k, const char *name, size_t n); /* NULL: not in the table */
/* "tensor u32 [1]", "integer or nil" */
void key_type_name(const struct key *key, char *s, size_t n);

/* Is a map a whole record of the kind? 0, or -1 with "key 'ids': missing" in err. Unknown keys are
 * allowed. */
int kind_check(enum kind k, const msgpack_object *map, struct fault *err);

/* A tensor: a map {dtype, shape, data}, data little-endian and row-major. */
enum { TENSOR_DIMS = 8 };
struct rec_tensor {
	const char *dtype; /* static */
	size_t size;       /* bytes of an element */
	int dims;
	uint64_t shape[TENSOR_DIMS];
	uint64_t n;       /* elements */
	const char *data; /* n * size bytes, not aligned */
};
size_t dtype_size(const char *dtype); /* 0: no such dtype */
int tensor_parse(const msgpack_object *o, struct rec_tensor *t, const char **why); /* 0, or -1 */

#endif
