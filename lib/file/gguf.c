/* gguf - a GGUF file's pairs and tensor infos; see gguf.h
 *
 * One cursor walks the file; it never moves past the end, and every count is compared with the
 * bytes that are left before anything is allocated for it.
 */
#include "file/gguf.h"

#include "file/sniff.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(BYTE_ORDER == LITTLE_ENDIAN, "files are read in their own byte order");

enum {
	MAX_PAIRS = 1 << 16,
	MAX_TENSORS = 1 << 16,
	MAX_NAME = 63, /* llama.cpp's limit */
	MAX_STRING = 64 << 20,
	MAX_ALIGNMENT = 1 << 20,
	/* bytes that the smallest pair takes: an empty key is counted, then refused */
	MIN_PAIR = 8 + 4 + 1,
	MIN_INFO = 8 + 4 + 8 + 4 + 8,
	AHEAD = 256 << 10,
};

static const uint8_t value_size[GGUF_TYPES] = {
	[GGUF_U8] = 1,
	[GGUF_I8] = 1,
	[GGUF_U16] = 2,
	[GGUF_I16] = 2,
	[GGUF_U32] = 4,
	[GGUF_I32] = 4,
	[GGUF_F32] = 4,
	[GGUF_BOOL] = 1,
	[GGUF_STRING] = 8 /* its length, at least */,
	[GGUF_U64] = 8,
	[GGUF_I64] = 8,
	[GGUF_F64] = 8,
};

struct cursor {
	const unsigned char *at, *end, *fetched; /* fetched: asked for up to there */
	struct fault *err;
};

static size_t left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

static int truncated(const struct cursor *c, const char *what)
{
	return fault(c->err, "the file ends within %s", what);
}

static int read_exactly(struct cursor *c, void *to, size_t n, const char *what)
{
	if (left(c) < n) {
		truncated(c, what);
		return -1;
	}
	memcpy(to, c->at, n);
	c->at += n;
	return 0;
}

static int take_string(struct cursor *c, struct gguf_str *s, const char *what)
{
	uint64_t n;

	if (c->at >= c->fetched) {
		c->fetched = c->at + (left(c) < AHEAD ? left(c) : AHEAD);
		map_fetch(c->at, (size_t)(c->fetched - c->at));
	}
	if (read_exactly(c, &n, 8, what))
		return -1;
	if (n > MAX_STRING)
		return fault(c->err, "%s: a string of %llu bytes", what, (unsigned long long)n);
	if (n > left(c))
		return truncated(c, what);
	*s = (struct gguf_str){ (const char *)c->at, (size_t)n };
	c->at += n;
	return 0;
}

/* The value or the values of a pair whose type is known: only moves on, checking. */
static int skip_values(struct cursor *c, const struct gguf_pair *p, const char *key)
{
	struct gguf_str s;

	if (p->count > left(c) / value_size[p->type])
		return fault(c->err, "%s: %llu values do not fit in the file", key,
			(unsigned long long)p->count);
	if (p->type != GGUF_STRING) {
		c->at += p->count * value_size[p->type];
		return 0;
	}
	for (uint64_t i = 0; i < p->count; i++)
		if (take_string(c, &s, key))
			return -1;
	return 0;
}

static int take_pair(struct cursor *c, struct gguf_pair *p)
{
	uint32_t type;
	char key[64];

	*p = (struct gguf_pair){ .raw = c->at, .count = 1 };
	if (take_string(c, &p->key, "the pairs"))
		return -1;
	if (p->key.n == 0 || p->key.n > 65535)
		return fault(c->err, "a key of %zu bytes", p->key.n);
	snprintf(key, sizeof key, "%.*s", (int)(p->key.n < 63 ? p->key.n : 63), p->key.s);
	if (read_exactly(c, &type, 4, key))
		return -1;
	if (type == GGUF_ARRAY) {
		p->array = 1;
		if (read_exactly(c, &type, 4, key) || read_exactly(c, &p->count, 8, key))
			return -1;
		if (type == GGUF_ARRAY)
			return fault(c->err, "%s: an array of arrays", key);
	}
	if (type >= GGUF_TYPES)
		return fault(c->err, "%s: unknown type of value %u", key, type);
	p->type = (enum gguf_type)type;
	p->value = c->at;
	if (skip_values(c, p, key))
		return -1;
	p->n_raw = (size_t)(c->at - p->raw);
	return 0;
}

static const char *other_type(uint32_t type)
{
	static const char *const names[] = {
		[4] = "Q4_2",
		[5] = "Q4_3",
		[9] = "Q8_1",
		[15] = "Q8_K",
		[16] = "IQ2_XXS",
		"IQ2_XS",
		"IQ3_XXS",
		"IQ1_S",
		"IQ4_NL",
		"IQ3_S",
		"IQ2_S",
		"IQ4_XS",
		"I8",
		"I16",
		"I32",
		"I64",
		"F64",
		"IQ1_M",
		[34] = "TQ1_0",
		"TQ2_0",
		[39] = "MXFP4",
		"NVFP4",
	};

	return type < sizeof names / sizeof *names && names[type] ? names[type] : "an unknown type";
}

/* dims and type are in place: checks them, sets bytes. */
static int size_tensor(const struct cursor *c, struct gguf_tensor *t, uint32_t type,
	const char *name)
{
	uint64_t values = 1, per_row;

	for (int i = 0; i < t->n_dims; i++)
		if (__builtin_mul_overflow(values, t->dims[i], &values) || values >> 60)
			return fault(c->err, "%s: its size is beyond all bounds", name);
	if (values == 0)
		return fault(c->err, "%s: a dimension is 0", name);
	t->type = (enum tensor_type)type;
	if (type >= T_NF4 || !tensor_bytes(t->type, 256))
		return fault(c->err, "%s: type %s (%u) is not supported", name, other_type(type),
			type);
	per_row = tensor_bytes(t->type, t->dims[0]);
	if (per_row == 0)
		return fault(c->err, "%s: rows of %llu values are no whole number of %s blocks",
			name, (unsigned long long)t->dims[0], tensor_type_name(t->type));
	if (__builtin_mul_overflow(per_row, values / t->dims[0], &t->bytes))
		return fault(c->err, "%s: its size is beyond all bounds", name);
	return 0;
}

static int take_info(struct cursor *c, struct gguf_tensor *t)
{
	uint32_t n_dims, type;
	char name[MAX_NAME + 1];

	*t = (struct gguf_tensor){ .raw = c->at, .dims = { 1, 1, 1, 1 } };
	if (take_string(c, &t->name, "the tensor infos"))
		return -1;
	if (t->name.n == 0 || t->name.n > MAX_NAME)
		return fault(c->err, "a tensor's name of %zu bytes", t->name.n);
	snprintf(name, sizeof name, "%.*s", (int)t->name.n, t->name.s);
	if (read_exactly(c, &n_dims, 4, name))
		return -1;
	if (n_dims < 1 || n_dims > 4)
		return fault(c->err, "%s: %u dimensions", name, n_dims);
	t->n_dims = (int)n_dims;
	if (read_exactly(c, t->dims, 8 * n_dims, name) || read_exactly(c, &type, 4, name) ||
		read_exactly(c, &t->offset, 8, name))
		return -1;
	t->n_raw = (size_t)(c->at - t->raw);
	return size_tensor(c, t, type, name);
}

/* llama.cpp reads only files whose tensors lie one after the other, each padded: so do we, and
 * nothing overlaps. */
static int place_tensors(struct gguf *g, const struct cursor *c, const unsigned char *bytes,
	size_t n)
{
	uint64_t next = 0;

	for (size_t i = 0; i < g->n_tensors; i++) {
		struct gguf_tensor *t = &g->tensors[i];

		if (t->offset != next)
			return fault(c->err,
				"%.*s: its data is not where the tensor before it ends",
				(int)t->name.n, t->name.s);
		if (t->offset > n - g->data_start || t->bytes > n - g->data_start - t->offset)
			return fault(c->err,
				"%.*s: its data ends beyond the file; is the file whole?",
				(int)t->name.n, t->name.s);
		t->data = bytes + g->data_start + t->offset;
		next = (t->offset + t->bytes + g->alignment - 1) / g->alignment * g->alignment;
	}
	return 0;
}

static int compare(struct gguf_str a, struct gguf_str b)
{
	int r = memcmp(a.s, b.s, a.n < b.n ? a.n : b.n);

	return r ? r : (a.n > b.n) - (a.n < b.n);
}

static int by_tensor_name(const void *a, const void *b, void *g)
{
	const struct gguf_tensor *t = ((struct gguf *)g)->tensors;

	return compare(t[*(const size_t *)a].name, t[*(const size_t *)b].name);
}

static int by_key(const void *a, const void *b)
{
	return compare(*(const struct gguf_str *)a, *(const struct gguf_str *)b);
}

static int unique_names(struct gguf *g, const struct cursor *c)
{
	g->by_name = xcalloc(g->n_tensors, sizeof *g->by_name);
	for (size_t i = 0; i < g->n_tensors; i++)
		g->by_name[i] = i;
	qsort_r(g->by_name, g->n_tensors, sizeof *g->by_name, by_tensor_name, g);
	for (size_t i = 1; i < g->n_tensors; i++) {
		struct gguf_str a = g->tensors[g->by_name[i - 1]].name,
				b = g->tensors[g->by_name[i]].name;

		if (compare(a, b) == 0)
			return fault(c->err, "tensor %.*s is there twice", (int)a.n, a.s);
	}
	return 0;
}

static int unique_keys(const struct gguf *g, const struct cursor *c)
{
	struct gguf_str *keys = xcalloc(g->n_pairs, sizeof *keys), twice = { 0 };

	for (size_t i = 0; i < g->n_pairs; i++)
		keys[i] = g->pairs[i].key;
	qsort(keys, g->n_pairs, sizeof *keys, by_key);
	for (size_t i = 1; i < g->n_pairs; i++)
		if (compare(keys[i - 1], keys[i]) == 0)
			twice = keys[i];
	free(keys);
	return twice.s ? fault(c->err, "key %.*s is there twice",
				 (int)(twice.n < 200 ? twice.n : 200), twice.s)
		       : 0;
}

static int take_head(struct gguf *g, struct cursor *c, uint64_t *n_tensors, uint64_t *n_pairs)
{
	const char *what = sniff_as(c->at, left(c), SNIFF_BINARY);
	char magic[4];

	if (read_exactly(c, magic, 4, "its head"))
		return -1;
	if (memcmp(magic, "GGUF", 4))
		return fault(c->err, "is no GGUF file%s%s", what ? ": it " : "", what ? what : "");
	if (read_exactly(c, &g->version, 4, "its head"))
		return -1;
	if (g->version != 2 && g->version != 3)
		return fault(c->err, "GGUF version %u%s; 2 and 3 are supported", g->version,
			g->version && !(g->version & 0xffff) ? " (big-endian)" : "");
	if (read_exactly(c, n_tensors, 8, "its head") || read_exactly(c, n_pairs, 8, "its head"))
		return -1;
	if (*n_pairs > MAX_PAIRS || *n_pairs > left(c) / MIN_PAIR)
		return fault(c->err, "%llu pairs do not fit in the file",
			(unsigned long long)*n_pairs);
	if (*n_tensors > MAX_TENSORS || *n_tensors > left(c) / MIN_INFO)
		return fault(c->err, "%llu tensors do not fit in the file",
			(unsigned long long)*n_tensors);
	return 0;
}

static int set_alignment(struct gguf *g, const struct cursor *c)
{
	const struct gguf_pair *p = gguf_pair(g, "general.alignment");
	int64_t a;

	g->alignment = 32;
	if (!p)
		return 0;
	if (p->array || p->type != GGUF_U32)
		return fault(c->err, "general.alignment has another type than u32");
	a = gguf_int_at(p, 0);
	if (a < 1 || a > MAX_ALIGNMENT || (a & (a - 1)))
		return fault(c->err, "general.alignment is %lld, which is no power of two up to %d",
			(long long)a, MAX_ALIGNMENT);
	g->alignment = (uint32_t)a;
	return 0;
}

static int parse(struct gguf *g, struct cursor *c, const unsigned char *bytes, size_t n)
{
	uint64_t n_tensors = 0, n_pairs = 0, start;

	if (take_head(g, c, &n_tensors, &n_pairs))
		return -1;
	g->pairs = xcalloc((size_t)n_pairs, sizeof *g->pairs);
	for (; g->n_pairs < n_pairs; g->n_pairs++)
		if (take_pair(c, &g->pairs[g->n_pairs]))
			return -1;
	if (unique_keys(g, c) || set_alignment(g, c))
		return -1;
	g->tensors = xcalloc((size_t)n_tensors, sizeof *g->tensors);
	for (; g->n_tensors < n_tensors; g->n_tensors++)
		if (take_info(c, &g->tensors[g->n_tensors]))
			return -1;
	if (unique_names(g, c))
		return -1;
	start = ((uint64_t)(c->at - bytes) + g->alignment - 1) / g->alignment * g->alignment;
	if (start > n && n_tensors)
		return truncated(c, "the padding before its data");
	g->data_start = start > n ? n : (size_t)start;
	return place_tensors(g, c, bytes, n);
}

int gguf_parse(struct gguf *g, const unsigned char *bytes, size_t n, struct fault *err)
{
	struct cursor c = { bytes, bytes + n, bytes, err };

	*g = (struct gguf){ 0 };
	if (parse(g, &c, bytes, n) == 0)
		return 0;
	gguf_free(g);
	return -1;
}

void gguf_free(struct gguf *g)
{
	free(g->pairs);
	free(g->tensors);
	free(g->by_name);
	map_close(&g->map);
	*g = (struct gguf){ 0 };
}

struct gguf *gguf_open(const char *path)
{
	struct gguf *g = xcalloc(1, sizeof *g);
	struct fault err;
	struct map m;

	if (map_file(&m, path, &err))
		die("%s: %s", path, err.text);
	map_scattered(&m, 1);
	if (gguf_parse(g, m.bytes, m.n, &err))
		die("%s: %s", path, err.text);
	map_scattered(&m, 0);
	g->map = m;
	return g;
}

void gguf_close(struct gguf *g)
{
	if (!g)
		return;
	gguf_free(g);
	free(g);
}

/* -- look-ups ---------------------------------------------------------------------------------- */

const struct gguf_tensor *gguf_tensor(const struct gguf *g, const char *name)
{
	struct gguf_str want = { name, strlen(name) };
	size_t lo = 0, hi = g->n_tensors;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct gguf_tensor *t = &g->tensors[g->by_name[mid]];
		int r = compare(want, t->name);

		if (r == 0)
			return t;
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}

int gguf_str_is(struct gguf_str s, const char *text)
{
	return s.n == strlen(text) && memcmp(s.s, text, s.n) == 0;
}

const struct gguf_pair *gguf_pair(const struct gguf *g, const char *key)
{
	for (size_t i = 0; i < g->n_pairs; i++)
		if (gguf_str_is(g->pairs[i].key, key))
			return &g->pairs[i];
	return NULL;
}

static int is_int(enum gguf_type t)
{
	return t <= GGUF_I32 || t == GGUF_U64 || t == GGUF_I64;
}

int gguf_uint(const struct gguf *g, const char *key, uint64_t *v)
{
	const struct gguf_pair *p = gguf_pair(g, key);
	int64_t i;

	if (!p)
		return 0;
	if (p->array || !is_int(p->type) || (i = gguf_int_at(p, 0)) < 0)
		return -1;
	*v = (uint64_t)i;
	return 1;
}

int gguf_float(const struct gguf *g, const char *key, double *v)
{
	const struct gguf_pair *p = gguf_pair(g, key);

	if (!p)
		return 0;
	if (p->array || (p->type != GGUF_F32 && p->type != GGUF_F64))
		return -1;
	if (p->type == GGUF_F32)
		*v = gguf_f32_at(p, 0);
	else
		memcpy(v, p->value, 8);
	return 1;
}

int gguf_bool(const struct gguf *g, const char *key, int *v)
{
	const struct gguf_pair *p = gguf_pair(g, key);

	if (!p)
		return 0;
	if (p->array || p->type != GGUF_BOOL)
		return -1;
	*v = *p->value != 0;
	return 1;
}

int gguf_string(const struct gguf *g, const char *key, struct gguf_str *v)
{
	const struct gguf_pair *p = gguf_pair(g, key);

	if (!p)
		return 0;
	if (p->array || p->type != GGUF_STRING)
		return -1;
	*v = (struct gguf_str){ (const char *)p->value + 8,
		p->n_raw - (size_t)(p->value + 8 - p->raw) };
	return 1;
}

const struct gguf_pair *gguf_array(const struct gguf *g, const char *key, enum gguf_type type)
{
	const struct gguf_pair *p = gguf_pair(g, key);

	return p && p->array && p->type == type ? p : NULL;
}

float gguf_f32_at(const struct gguf_pair *p, uint64_t i)
{
	float f;

	memcpy(&f, p->value + 4 * i, 4);
	return f;
}

int64_t gguf_int_at(const struct gguf_pair *p, uint64_t i)
{
	const unsigned char *at = p->value + i * value_size[p->type];
	uint64_t u = 0;

	memcpy(&u, at, value_size[p->type]);
	switch (p->type) {
	case GGUF_I8: return (int8_t)u;
	case GGUF_I16: return (int16_t)u;
	case GGUF_I32: return (int32_t)u;
	case GGUF_I64: return (int64_t)u;
	default: return u > INT64_MAX ? INT64_MAX : (int64_t)u;
	}
}

int gguf_next_string(struct gguf_strings *it, struct gguf_str *s)
{
	uint64_t n;

	if (it->done == it->pair->count)
		return 0;
	if (!it->at)
		it->at = it->pair->value;
	memcpy(&n, it->at, 8);
	*s = (struct gguf_str){ (const char *)it->at + 8, (size_t)n };
	it->at += 8 + n;
	it->done++;
	return 1;
}
