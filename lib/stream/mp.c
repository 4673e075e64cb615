/* mp - searching msgpack objects, and headers by way of jansson
 */
#include "stream/mp.h"

#include <string.h>

static int is_str(const msgpack_object *o, const char *s, size_t n)
{
	return o->type == MSGPACK_OBJECT_STR && o->via.str.size == n &&
		memcmp(o->via.str.ptr, s, n) == 0;
}

int mp_is_str(const msgpack_object *o, const char *s)
{
	return is_str(o, s, strlen(s));
}

long double mp_number(const msgpack_object *o)
{
	if (o->type == MSGPACK_OBJECT_POSITIVE_INTEGER)
		return (long double)o->via.u64;
	return o->type == MSGPACK_OBJECT_NEGATIVE_INTEGER ? (long double)o->via.i64
							  : (long double)o->via.f64;
}

const msgpack_object *map_find(const msgpack_object *map, const char *key)
{
	size_t n = strlen(key);

	if (map->type != MSGPACK_OBJECT_MAP)
		return NULL;
	for (uint32_t i = 0; i < map->via.map.size; i++)
		if (is_str(&map->via.map.ptr[i].key, key, n))
			return &map->via.map.ptr[i].val;
	return NULL;
}

void mp_pack_str(msgpack_packer *pk, const char *s)
{
	if (s)
		msgpack_pack_str_with_body(pk, s, strlen(s));
	else
		msgpack_pack_nil(pk);
}

static json_t *array_to_json(const msgpack_object_array *a)
{
	json_t *j = json_array(), *v;

	for (uint32_t i = 0; i < a->size; i++)
		if (!(v = mp_to_json(&a->ptr[i])) || json_array_append_new(j, v))
			return json_decref(j), NULL;
	return j;
}

/* jansson's objects end a key at a NUL, so such a key has no form either. */
static json_t *map_to_json(const msgpack_object_map *m)
{
	json_t *j = json_object(), *v;

	for (uint32_t i = 0; i < m->size; i++) {
		const msgpack_object_str *k = &m->ptr[i].key.via.str;
		char *key = k->size ? strndup(k->ptr, k->size) : strdup("");

		v = key && strlen(key) == k->size ? mp_to_json(&m->ptr[i].val) : NULL;
		if (!v || json_object_set_new(j, key, v)) {
			free(key);
			json_decref(j);
			return NULL;
		}
		free(key);
	}
	return j;
}

json_t *mp_to_json(const msgpack_object *o)
{
	switch (o->type) {
	case MSGPACK_OBJECT_NIL: return json_null();
	case MSGPACK_OBJECT_BOOLEAN: return json_boolean(o->via.boolean);
	case MSGPACK_OBJECT_POSITIVE_INTEGER:
		return o->via.u64 > INT64_MAX ? NULL : json_integer((json_int_t)o->via.u64);
	case MSGPACK_OBJECT_NEGATIVE_INTEGER: return json_integer(o->via.i64);
	case MSGPACK_OBJECT_FLOAT32:
	case MSGPACK_OBJECT_FLOAT64: return json_real(o->via.f64);
	case MSGPACK_OBJECT_STR: return json_stringn(o->via.str.ptr, o->via.str.size);
	case MSGPACK_OBJECT_ARRAY: return array_to_json(&o->via.array);
	case MSGPACK_OBJECT_MAP: return map_to_json(&o->via.map);
	default: return NULL;
	}
}

void mp_from_json(msgpack_packer *pk, const json_t *j)
{
	const char *key;
	json_t *v;
	size_t i;

	switch (json_typeof(j)) {
	case JSON_NULL: msgpack_pack_nil(pk); break;
	case JSON_TRUE: msgpack_pack_true(pk); break;
	case JSON_FALSE: msgpack_pack_false(pk); break;
	case JSON_INTEGER: msgpack_pack_int64(pk, json_integer_value(j)); break;
	case JSON_REAL: msgpack_pack_double(pk, json_real_value(j)); break;
	case JSON_STRING:
		msgpack_pack_str_with_body(pk, json_string_value(j), json_string_length(j));
		break;
	case JSON_ARRAY:
		msgpack_pack_array(pk, json_array_size(j));
		json_array_foreach(j, i, v) mp_from_json(pk, v);
		break;
	case JSON_OBJECT:
		msgpack_pack_map(pk, json_object_size(j));
		json_object_foreach((json_t *)j, key, v)
		{
			mp_pack_str(pk, key);
			mp_from_json(pk, v);
		}
		break;
	}
}
