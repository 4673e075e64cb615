/* recjson - records of a kind from their JSON form, parsed
 */
#include "file/half.h"
#include "stream/mp.h"
#include "stream/mpjson.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* null, "nan", "inf", "-inf", "nan:BITS", `digits` hex digits for the bits: 1, the bits of that
 * float in *bits. */
static int float_word(const msgpack_object *o, int digits, uint64_t quiet, uint64_t *bits)
{
	uint64_t infinity = digits == 16 ? 0x7ff0000000000000
		: digits == 8            ? 0x7f800000
		: quiet == 0x7fc0        ? 0x7f80
					 : 0x7c00;
	char s[24], *end;

	if (o->type == MSGPACK_OBJECT_NIL)
		return *bits = quiet, 1;
	if (o->type != MSGPACK_OBJECT_STR || o->via.str.size >= sizeof s)
		return 0;
	memcpy(s, o->via.str.ptr, o->via.str.size);
	s[o->via.str.size] = 0;
	*bits = strcmp(s, "nan") == 0    ? quiet
		: strcmp(s, "inf") == 0  ? infinity
		: strcmp(s, "-inf") == 0 ? infinity | (uint64_t)1 << (4 * digits - 1)
					 : 0;
	if (*bits)
		return 1;
	if (strncmp(s, "nan:", 4) || strlen(s) != 4 + (size_t)digits ||
		strspn(s + 4, "0123456789abcdef") != (size_t)digits)
		return 0;
	*bits = strtoull(s + 4, &end, 16);
	/* some bit below the exponent */
	return (*bits & infinity) == infinity && (*bits & ((infinity & -infinity) - 1));
}

static int number(const msgpack_object *o, double *v)
{
	if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
		*v = (double)o->via.u64;
	else if (o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER)
		*v = (double)o->via.i64;
	else if (o->type == MSGPACK_OBJECT_FLOAT64 || o->type == (msgpack_object_type)MPJSON_BIG)
		*v = o->via.f64;
	else
		return 0;
	return 1;
}

/* One element of a tensor as its bits: 0, or -1: it is no value of the dtype. */
static int element(const char *dtype, const msgpack_object *o, uint64_t *bits)
{
	double v;
	float f;
	uint32_t b;

	if (dtype[0] == 'u') {
		*bits = o->via.u64;
		return o->type == MSGPACK_OBJECT_POSITIVE_INTEGER &&
				*bits <= UINT64_MAX >> (64 - 8 * dtype_size(dtype))
			? 0
			: -1;
	}
	if (strcmp(dtype, "i32") == 0) {
		*bits = (uint32_t)o->via.i64;
		return (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER && o->via.u64 <= INT32_MAX) ||
				(o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER &&
					o->via.i64 >= INT32_MIN)
			? 0
			: -1;
	}
	if (float_word(o, (int)dtype_size(dtype) * 2,
		    dtype[0] == 'b'           ? 0x7fc0
			    : dtype[1] == '3' ? 0x7fc00000
					      : 0x7e00,
		    bits))
		return 0;
	if (!number(o, &v))
		return -1;
	f = (float)v;
	memcpy(&b, &f, sizeof b);
	*bits = dtype[0] == 'b' ? f32_to_bf16(f) : dtype[1] == '3' ? b : f32_to_f16(f);
	return isfinite(f) ? 0 : -1;
}

/* The list, or the lists in lists, as flat bytes. n: elements so far. NULL, or what is wrong. */
static const char *flatten(const char *dtype, const msgpack_object *list, int dims,
	const uint64_t *shape, char *out, size_t *n)
{
	size_t size = dtype_size(dtype);
	const char *why;
	uint64_t bits;

	if (list->type != MSGPACK_OBJECT_ARRAY || list->via.array.size != shape[0])
		return "shape and data do not agree";
	for (uint32_t i = 0; i < list->via.array.size; i++) {
		const msgpack_object *v = &list->via.array.ptr[i];

		if (dims > 1) {
			if ((why = flatten(dtype, v, dims - 1, shape + 1, out, n)))
				return why;
			continue;
		}
		if (element(dtype, v, &bits))
			return "an element is no value of its dtype";
		for (size_t b = 0; b < size; b++)
			out[*n * size + b] = (char)(bits >> (8 * b));
		++*n;
	}
	return NULL;
}

static const char *pack_list(msgpack_packer *pk, const char *dtype, const msgpack_object *list,
	int dims, const uint64_t *shape, int flat)
{
	uint64_t total = dtype_size(dtype), n_flat = 1;
	const char *why;
	size_t n = 0;
	char *bytes;

	for (int i = 0; i < dims; i++)
		if (__builtin_mul_overflow(total, shape[i], &total) || total > MP_BYTES)
			return "larger than 1 GiB";
	n_flat = total / dtype_size(dtype);
	if (flat && (list->type != MSGPACK_OBJECT_ARRAY || list->via.array.size != n_flat))
		return "shape and data do not agree";
	bytes = xmalloc(total);
	why = flat ? flatten(dtype, list, 1, &n_flat, bytes, &n)
		   : flatten(dtype, list, dims, shape, bytes, &n);
	if (!why) {
		msgpack_pack_map(pk, 3);
		mp_pack_str(pk, "dtype");
		mp_pack_str(pk, dtype);
		mp_pack_str(pk, "shape");
		msgpack_pack_array(pk, (size_t)dims);
		for (int i = 0; i < dims; i++)
			msgpack_pack_uint64(pk, shape[i]);
		mp_pack_str(pk, "data");
		msgpack_pack_bin_with_body(pk, bytes, total);
	}
	free(bytes);
	return why;
}

/* Static; for the main thread. */
static const char *summary(void)
{
	static char text[80];

	snprintf(text, sizeof text, "a summary, without its numbers (rec-cat %s has them)",
		setting(SETTING_FULL));
	return text;
}

/* {dtype, shape, data: [...]} */
static const char *pack_tensor_map(msgpack_packer *pk, const msgpack_object *o)
{
	const msgpack_object *dtype = map_find(o, "dtype"), *shape = map_find(o, "shape"),
			     *data = map_find(o, "data");
	uint64_t sizes[TENSOR_DIMS];
	char name[8] = "";

	if (!data)
		return map_find(o, "head") ? summary() : "data is missing";
	if (!dtype || dtype->type != MSGPACK_OBJECT_STR || dtype->via.str.size >= sizeof name)
		return "dtype not known";
	memcpy(name, dtype->via.str.ptr, dtype->via.str.size);
	if (!dtype_size(name))
		return "dtype not known";
	if (!shape || shape->type != MSGPACK_OBJECT_ARRAY || shape->via.array.size > TENSOR_DIMS)
		return "shape is no array of at most 8 sizes";
	for (uint32_t i = 0; i < shape->via.array.size; i++) {
		if (shape->via.array.ptr[i].type != MSGPACK_OBJECT_POSITIVE_INTEGER)
			return "shape is no array of at most 8 sizes";
		sizes[i] = shape->via.array.ptr[i].via.u64;
	}
	return pack_list(pk, name, data, (int)shape->via.array.size, sizes, 1);
}

/* A plain list, or lists in a list, where the table says what it must be. */
static const char *pack_plain_list(msgpack_packer *pk, const struct key *key,
	const msgpack_object *list)
{
	const msgpack_object *at = list;
	uint64_t shape[TENSOR_DIMS] = { 0 };

	for (int i = 0; i < key->dims && at && at->type == MSGPACK_OBJECT_ARRAY; i++) {
		shape[i] = at->via.array.size;
		at = shape[i] ? &at->via.array.ptr[0] : NULL;
	}
	return pack_list(pk, key->dtype, list, key->dims, shape, 0);
}

static const char *pack_hex(msgpack_packer *pk, const msgpack_object_str *hex)
{
	msgpack_object_str s = *hex;
	char *bytes = xmalloc(s.size / 2 + 1), pair[3] = "";

	for (uint32_t i = 0; i < s.size; i += 2) {
		memcpy(pair, s.ptr + i, 2);
		bytes[i / 2] = (char)strtoul(pair, NULL, 16);
	}
	msgpack_pack_bin_with_body(pk, bytes, s.size / 2);
	free(bytes);
	return NULL;
}

static int is_hex(const msgpack_object *o)
{
	if (o->type != MSGPACK_OBJECT_STR || o->via.str.size % 2)
		return 0;
	for (uint32_t i = 0; i < o->via.str.size; i++)
		if (!memchr("0123456789abcdef", o->via.str.ptr[i], 16))
			return 0;
	return 1;
}

/* A value that the table says nothing of. */
static const char *pack_any(msgpack_packer *pk, const msgpack_object *o)
{
	const msgpack_object *bin = map_find(o, "bin");
	const char *why = NULL;

	if (o->type == MSGPACK_OBJECT_ARRAY) {
		msgpack_pack_array(pk, o->via.array.size);
		for (uint32_t i = 0; i < o->via.array.size && !why; i++)
			why = pack_any(pk, &o->via.array.ptr[i]);
		return why;
	}
	if (o->type == (msgpack_object_type)MPJSON_BIG)
		return "an integer beyond 64 bits";
	if (o->type != MSGPACK_OBJECT_MAP)
		return msgpack_pack_object(pk, *o), NULL;
	if (o->via.map.size == 1 && bin && is_hex(bin))
		return pack_hex(pk, &bin->via.str);
	if (o->via.map.size == 3 && map_find(o, "dtype") && map_find(o, "shape") &&
		map_find(o, "data"))
		return pack_tensor_map(pk, o);
	msgpack_pack_map(pk, o->via.map.size);
	for (uint32_t i = 0; i < o->via.map.size && !why; i++) {
		msgpack_pack_object(pk, o->via.map.ptr[i].key);
		why = pack_any(pk, &o->via.map.ptr[i].val);
	}
	return why;
}

static const char *pack_real(msgpack_packer *pk, const msgpack_object *o)
{
	uint64_t bits;
	double v;

	if (float_word(o, 16, 0x7ff8000000000000, &bits))
		memcpy(&v, &bits, sizeof v);
	else if (!number(o, &v))
		return "no number";
	msgpack_pack_double(pk, v);
	return NULL;
}

static const char *pack_known(msgpack_packer *pk, const struct key *key, const msgpack_object *o,
	struct fault *err)
{
	if (o->type == MSGPACK_OBJECT_NIL && key->flags & KEY_NIL)
		return msgpack_pack_nil(pk), NULL;
	if (key->type == KEY_REAL ||
		(key->type == KEY_SUM && o->type != MSGPACK_OBJECT_POSITIVE_INTEGER &&
			o->type != MSGPACK_OBJECT_NEGATIVE_INTEGER))
		return pack_real(pk, o);
	if (key->type == KEY_TENSOR)
		return o->type == MSGPACK_OBJECT_MAP ? pack_tensor_map(pk, o)
						     : pack_plain_list(pk, key, o);
	if (key->type == KEY_RECORD && o->type == MSGPACK_OBJECT_MAP)
		return mpjson_pack(pk, key->record, o, err) ? err->text : NULL;
	return pack_any(pk, o);
}

int mpjson_pack(msgpack_packer *pk, enum kind k, const msgpack_object *json, struct fault *err)
{
	const msgpack_object *v;
	const char *why = NULL;
	struct fault inner;

	if (json->type != MSGPACK_OBJECT_MAP)
		return fault(err, "is no object");
	msgpack_pack_map(pk, json->via.map.size);
	for (const struct key *key = kind_keys(k); key->name; key++) {
		if (!(v = map_find(json, key->name)))
			continue;
		mp_pack_str(pk, key->name);
		if ((why = pack_known(pk, key, v, &inner)))
			return fault(err, "key '%s': %s", key->name, why);
	}
	for (uint32_t i = 0; i < json->via.map.size; i++) {
		const msgpack_object_kv *kv = &json->via.map.ptr[i];

		if (key_find(k, kv->key.via.str.ptr, kv->key.via.str.size))
			continue;
		msgpack_pack_object(pk, kv->key);
		if ((why = pack_any(pk, &kv->val)))
			return fault(err, "key '%.*s': %s",
				(int)(kv->key.via.str.size < 64 ? kv->key.via.str.size : 64),
				kv->key.via.str.ptr, why);
	}
	return 0;
}
