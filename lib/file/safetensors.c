/* safetensors - one file's tensors; see safetensors.h
 */
#include "file/safetensors.h"

#include "file/json.h"
#include "file/sniff.h"
#include "sys/fault.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_HEADER = 100000000, MAX_NODES = 1 << 20 };

static const struct {
	const char *name;
	enum tensor_type type;
	int bits;
} dtypes[] = {
	{ "F32", T_F32, 32 },
	{ "F16", T_F16, 16 },
	{ "BF16", T_BF16, 16 },
	{ "U8", T_U8, 8 },
	{ "F64", T_OTHER, 64 },
	{ "I64", T_OTHER, 64 },
	{ "U64", T_OTHER, 64 },
	{ "C64", T_OTHER, 64 },
	{ "I32", T_OTHER, 32 },
	{ "U32", T_OTHER, 32 },
	{ "I16", T_OTHER, 16 },
	{ "U16", T_OTHER, 16 },
	{ "I8", T_OTHER, 8 },
	{ "BOOL", T_OTHER, 8 },
	{ "F8_E4M3", T_OTHER, 8 },
	{ "F8_E5M2", T_OTHER, 8 },
	{ "F8_E8M0", T_OTHER, 8 },
	{ "F6_E2M3", T_OTHER, 6 },
	{ "F6_E3M2", T_OTHER, 6 },
	{ "F4", T_OTHER, 4 },
};

static int find_dtype(const char *name)
{
	for (int i = 0; i < (int)(sizeof dtypes / sizeof *dtypes); i++)
		if (strcmp(dtypes[i].name, name) == 0)
			return i;
	return -1;
}

static int whole_number(const json_t *j, uint64_t *v)
{
	if (!json_is_integer(j) || json_integer_value(j) < 0)
		return 0;
	*v = (uint64_t)json_integer_value(j);
	return 1;
}

static int read_shape(struct st_tensor *t, const json_t *shape, uint64_t *values, struct fault *err)
{
	if (!json_is_array(shape) || json_array_size(shape) > ST_DIMS)
		return fault(err, "%s: shape is no array of up to %d numbers", t->name, ST_DIMS);
	t->n_dims = (int)json_array_size(shape);
	*values = 1;
	for (int i = 0; i < t->n_dims; i++) {
		if (!whole_number(json_array_get(shape, (size_t)i), &t->dims[i]))
			return fault(err, "%s: shape is no array of whole numbers", t->name);
		if (__builtin_mul_overflow(*values, t->dims[i], values) || *values >> 58)
			return fault(err, "%s: its size is beyond all bounds", t->name);
	}
	return 0;
}

/* One entry of the header; n: bytes of data in the file. */
static int read_tensor(struct st_tensor *t, const json_t *o, const unsigned char *data, uint64_t n,
	struct fault *err)
{
	const json_t *offsets = json_object_get(o, "data_offsets");
	uint64_t values = 0, begin, end;
	int d;

	if (!json_is_object(o))
		return fault(err, "%s: its entry in the header is no object", t->name);
	if (!json_is_string(json_object_get(o, "dtype")))
		return fault(err, "%s: has no dtype", t->name);
	t->dtype = json_string_value(json_object_get(o, "dtype"));
	d = find_dtype(t->dtype);
	if (d < 0)
		return fault(err, "%s: unknown dtype %s", t->name, t->dtype);
	t->type = dtypes[d].type;
	if (read_shape(t, json_object_get(o, "shape"), &values, err))
		return -1;
	if (json_array_size(offsets) != 2 || !whole_number(json_array_get(offsets, 0), &begin) ||
		!whole_number(json_array_get(offsets, 1), &end))
		return fault(err, "%s: data_offsets are no two whole numbers", t->name);
	if (begin > end || end > n)
		return fault(err, "%s: its data ends beyond the file; is the file whole?", t->name);
	t->bytes = end - begin;
	if (values * (uint64_t)dtypes[d].bits % 8 ||
		values * (uint64_t)dtypes[d].bits / 8 != t->bytes)
		return fault(err, "%s: its shape needs another number of bytes than it has",
			t->name);
	t->data = data + begin;
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct st_tensor *s = a, *t = b;

	if (s->data != t->data)
		return s->data < t->data ? -1 : 1;
	return (s->bytes > t->bytes) - (s->bytes < t->bytes);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct st_tensor *)a)->name, ((const struct st_tensor *)b)->name);
}

/* Each tensor begins where the one before it ends, and the last ends with the file. */
static int check_tiling(struct st *s, const unsigned char *data, uint64_t n, struct fault *err)
{
	const unsigned char *next = data;

	qsort(s->tensors, s->n, sizeof *s->tensors, by_place);
	for (size_t i = 0; i < s->n; i++) {
		if (s->tensors[i].data != next)
			return fault(err, "%s: there is a hole or an overlap before its data",
				s->tensors[i].name);
		next += s->tensors[i].bytes;
	}
	if (next != data + n)
		return fault(err, "there are %llu bytes after the last tensor",
			(unsigned long long)(data + n - next));
	qsort(s->tensors, s->n, sizeof *s->tensors, by_name);
	return 0;
}

static int check_metadata(const json_t *meta, struct fault *err)
{
	const char *key;
	json_t *v;

	if (!json_is_object(meta))
		return fault(err, "__metadata__ is no object");
	json_object_foreach((json_t *)(uintptr_t)meta, key,
		v) if (!json_is_string(v)) return fault(err, "__metadata__: %s is no string", key);
	return 0;
}

static int read_header(struct st *s, const unsigned char *data, uint64_t n, struct fault *err)
{
	const char *name;
	json_t *o;

	if (!json_is_object(s->header))
		return fault(err, "its header is no JSON object");
	s->tensors = xcalloc(json_object_size(s->header), sizeof *s->tensors);
	json_object_foreach(s->header, name, o)
	{
		if (strcmp(name, "__metadata__") == 0) {
			if (check_metadata(o, err))
				return -1;
			continue;
		}
		s->tensors[s->n].name = name;
		if (read_tensor(&s->tensors[s->n++], o, data, n, err))
			return -1;
	}
	return check_tiling(s, data, n, err);
}

int st_parse(struct st *s, const unsigned char *bytes, size_t n, struct fault *err)
{
	const char *what = sniff_as(bytes, n, SNIFF_BINARY);
	uint64_t header = 0;

	*s = (struct st){ 0 };
	if (n && what && (n < 9 || bytes[8] != '{'))
		return fault(err, "is no safetensors file: it %s", what);
	if (n < 8)
		return fault(err, "is no safetensors file: it has %zu bytes", n);
	memcpy(&header, bytes, 8);
	if (header > n - 8 || header > MAX_HEADER)
		return fault(err, "is no safetensors file, or cut: a header of %llu bytes",
			(unsigned long long)header);
	map_fetch(bytes, 8 + header);
	if (header == 0 || bytes[8] != '{')
		return fault(err, "is no safetensors file: its header does not begin with {");
	if (json_parse(&s->header, (const char *)bytes + 8, header, MAX_NODES, err) ||
		read_header(s, bytes + 8 + header, n - 8 - header, err)) {
		st_free(s);
		return -1;
	}
	return 0;
}

int st_open(struct st *s, const char *path, struct fault *err)
{
	struct map m;

	*s = (struct st){ 0 };
	if (map_file(&m, path, err))
		return -1;
	map_scattered(&m, 1);
	if (st_parse(s, m.bytes, m.n, err)) {
		map_close(&m);
		return -1;
	}
	map_scattered(&m, 0);
	s->map = m;
	return 0;
}

void st_free(struct st *s)
{
	json_decref(s->header);
	free(s->tensors);
	map_close(&s->map);
	*s = (struct st){ 0 };
}

const struct st_tensor *st_find(const struct st *s, const char *name)
{
	struct st_tensor want = { .name = name };

	return s->n ? bsearch(&want, s->tensors, s->n, sizeof want, by_name) : NULL;
}
