/* gguf - a GGUF file, mapped: its pairs of key and value and its tensors, checked
 * (coppice-files(5), GGUF)
 *
 * Nothing is copied: keys, strings and arrays point into the mapped file, at any alignment, so
 * numbers are read through the functions here. After gguf_parse every count, length and offset has
 * been checked against the bytes.
 */
#ifndef COPPICE_GGUF_H
#define COPPICE_GGUF_H

#include "file/tensor.h"
#include "sys/map.h"
#include "sys/fault.h"

#include <stdint.h>

enum gguf_type {
	GGUF_U8,
	GGUF_I8,
	GGUF_U16,
	GGUF_I16,
	GGUF_U32,
	GGUF_I32,
	GGUF_F32,
	GGUF_BOOL,
	GGUF_STRING,
	GGUF_ARRAY,
	GGUF_U64,
	GGUF_I64,
	GGUF_F64,
	GGUF_TYPES
};

struct gguf_str {
	const char *s;
	size_t n;
}; /* not NUL-terminated */

struct gguf_pair {
	struct gguf_str key;
	enum gguf_type type;        /* of the value, or of an array's elements (never GGUF_ARRAY) */
	int array;                  /* 1: an array of count values */
	uint64_t count;             /* 1 for what is no array */
	const unsigned char *value; /* the value, or the first element */
	const unsigned char *raw;   /* the whole pair in the file, for copying */
	size_t n_raw;
};

struct gguf_tensor {
	struct gguf_str name;  /* 1 .. 63 bytes */
	enum tensor_type type; /* one of those that tensor_bytes knows */
	int n_dims;            /* 1 .. 4 */
	uint64_t dims[4];      /* dims[0] is the fastest: {in, out}; 1 beyond n_dims */
	uint64_t offset;       /* from the start of the data */
	uint64_t bytes;
	const unsigned char *data;
	const unsigned char *raw; /* its info in the file */
	size_t n_raw;
};

struct gguf {
	struct map map; /* owned by gguf_open; empty after a bare gguf_parse */
	uint32_t version, alignment;
	struct gguf_pair *pairs;
	struct gguf_tensor *tensors;
	size_t n_pairs, n_tensors;
	size_t *by_name;   /* [n_tensors], tensors sorted by name */
	size_t data_start; /* offset of the data in the file */
};

/* Maps and parses the file at path; new, freed by gguf_close. Dies with one line where it cannot be
 * read or is refused. */
struct gguf *gguf_open(const char *path);
void gguf_close(struct gguf *g);
/* Parses bytes[0..n), which must stay until gguf_free, into *g. 0, or -1 with err, and nothing to
 * free. */
int gguf_parse(struct gguf *g, const unsigned char *bytes, size_t n, struct fault *err);
void gguf_free(struct gguf *g);

/* Return the tensor, or the pair, of that name; NULL: there is none. */
const struct gguf_tensor *gguf_tensor(const struct gguf *g, const char *name);
const struct gguf_pair *gguf_pair(const struct gguf *g, const char *key);

/* Fetch the single value of a key into *v. 1; 0 where the key is absent; -1 where its value has
 * another type. An integer may have any integer type, if its value fits. A string has at most
 * 64 MiB. */
int gguf_uint(const struct gguf *g, const char *key, uint64_t *v);
int gguf_float(const struct gguf *g, const char *key, double *v); /* f32 or f64 */
int gguf_bool(const struct gguf *g, const char *key, int *v);
int gguf_string(const struct gguf *g, const char *key, struct gguf_str *v);
int gguf_str_is(struct gguf_str s, const char *text); /* 1 where s is the text, else 0 */

/* Returns the pair of a key whose value is an array of that type; NULL where the key is absent, or
 * has another value. */
const struct gguf_pair *gguf_array(const struct gguf *g, const char *key, enum gguf_type type);
float gguf_f32_at(const struct gguf_pair *p, uint64_t i); /* element i of an array of GGUF_F32 */
/* Returns element i of an array of integers or bools; a u64 beyond the largest int64_t gives that
 * one. */
int64_t gguf_int_at(const struct gguf_pair *p, uint64_t i);
/* A place in an array of strings: begins as { pair }. gguf_next_string gives the next string in *s:
 * 1, or 0 after the last. */
struct gguf_strings {
	const struct gguf_pair *pair;
	const unsigned char *at;
	uint64_t done;
};
int gguf_next_string(struct gguf_strings *it, struct gguf_str *s);

#endif
