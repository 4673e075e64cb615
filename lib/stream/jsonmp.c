/* jsonmp - JSON text as msgpack objects
 */
#include "file/json_scan.h"
#include "file/utf8.h"
#include "stream/mp.h"
#include "stream/mpjson.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_DEPTH = 2 * MP_DEPTH };

struct parser {
	struct json_scan scan;
	msgpack_zone *zone;
	int depth;
	msgpack_object *stack; /* values of the lists that are open */
	size_t n, cap;
};

static int fail(struct parser *j, const char *why)
{
	return json_scan_fail(&j->scan, why);
}

static void *zone_alloc(struct parser *j, size_t bytes)
{
	void *p = msgpack_zone_malloc(j->zone, bytes ? bytes : 1);

	if (!p)
		die("out of memory: %zu bytes asked for", bytes);
	return p;
}

static void push(struct parser *j, const msgpack_object *o)
{
	if (j->n == j->cap) {
		j->cap = j->cap ? 2 * j->cap : 256;
		j->stack = xrealloc(j->stack, j->cap, sizeof *j->stack);
	}
	j->stack[j->n++] = *o;
}

/* The float that a token is, which the scan has checked: strtod takes more than JSON does. */
static int parse_float(struct parser *j, const char *from, msgpack_object *o)
{
	size_t n = (size_t)(j->scan.at - from);
	char s[64], *long_one = n < sizeof s ? NULL : xmalloc(n + 1);

	memcpy(long_one ? long_one : s, from, n);
	(long_one ? long_one : s)[n] = 0;
	o->type = MSGPACK_OBJECT_FLOAT64;
	o->via.f64 = strtod(long_one ? long_one : s, NULL);
	free(long_one);
	return isfinite(o->via.f64) ? 0 : fail(j, "a number beyond float64");
}

static int parse_big(struct parser *j, const char *from, msgpack_object *o)
{
	int r = parse_float(j, from, o);

	o->type = (msgpack_object_type)MPJSON_BIG;
	return r;
}

static int parse_integer(struct parser *j, const char *from, msgpack_object *o)
{
	int negative = *from == '-';
	uint64_t v = 0;

	for (const char *s = from + negative; s < j->scan.at; s++)
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return parse_big(j, from, o);
	if (negative && v > (uint64_t)1 << 63)
		return parse_big(j, from, o);
	if (negative && !v) { /* as a float is printed that is one */
		o->type = MSGPACK_OBJECT_FLOAT64;
		o->via.f64 = -0.0;
	} else if (negative) {
		o->type = MSGPACK_OBJECT_NEGATIVE_INTEGER;
		o->via.i64 = (int64_t)-v;
	} else {
		o->type = MSGPACK_OBJECT_POSITIVE_INTEGER;
		o->via.u64 = v;
	}
	return 0;
}

static int parse_number(struct parser *j, msgpack_object *o)
{
	const char *from = j->scan.at;
	int whole;

	if (json_scan_number(&j->scan, &whole))
		return -1;
	return whole ? parse_integer(j, from, o) : parse_float(j, from, o);
}

/* A string after its opening quote. One without escapes stays in the text. */
static int parse_string(struct parser *j, msgpack_object *o)
{
	const char *from = j->scan.at, *s = from;
	struct json_scan again = j->scan;
	char *copy;
	size_t n;

	if (json_scan_string(&j->scan, NULL, &n))
		return -1;
	if (j->scan.halves)
		return fail(j, "a broken escape in a string");
	if (n > MP_BYTES)
		return fail(j, "a string of more than 1 GiB");
	if (n < (size_t)(j->scan.at - 1 - from)) {
		s = copy = zone_alloc(j, n);
		json_scan_string(&again, copy, &n);
	}
	if (utf8_valid(s, n) != n)
		return fail(j, "a string is not UTF-8");
	o->type = MSGPACK_OBJECT_STR;
	o->via.str.ptr = s;
	o->via.str.size = (uint32_t)n;
	return 0;
}

static int parse_value(struct parser *j, msgpack_object *o);

/* Pops what was pushed since `base` into the zone. */
static msgpack_object *pop_all(struct parser *j, size_t base)
{
	size_t bytes = (j->n - base) * sizeof *j->stack;
	msgpack_object *copy = zone_alloc(j, bytes);

	if (bytes)
		memcpy(copy, j->stack + base, bytes);
	j->n = base;
	return copy;
}

static int parse_array(struct parser *j, msgpack_object *o)
{
	size_t base = j->n;
	msgpack_object v;

	if (!json_scan_next(&j->scan, ']')) {
		do {
			if (parse_value(j, &v))
				return -1;
			push(j, &v);
		} while (json_scan_next(&j->scan, ','));
		if (!json_scan_next(&j->scan, ']'))
			return fail(j, "a list without its end");
	}
	if (j->n - base > UINT32_MAX)
		return fail(j, "a list of more than 2^32 values");
	o->type = MSGPACK_OBJECT_ARRAY;
	o->via.array.size = (uint32_t)(j->n - base);
	o->via.array.ptr = pop_all(j, base);
	return 0;
}

/* A key, its colon and its value, pushed. */
static int parse_member(struct parser *j)
{
	msgpack_object key, v;

	if (!json_scan_next(&j->scan, '"'))
		return fail(j, "a key is missing");
	if (parse_string(j, &key))
		return -1;
	if (!json_scan_next(&j->scan, ':'))
		return fail(j, "a key without its colon");
	push(j, &key);
	if (parse_value(j, &v))
		return -1;
	push(j, &v);
	return 0;
}

static int parse_object(struct parser *j, msgpack_object *o)
{
	size_t base = j->n, n;

	if (!json_scan_next(&j->scan, '}')) {
		do
			if (parse_member(j))
				return -1;
		while (json_scan_next(&j->scan, ','));
		if (!json_scan_next(&j->scan, '}'))
			return fail(j, "an object without its end");
	}
	n = (j->n - base) / 2;
	if (n > UINT32_MAX)
		return fail(j, "an object of more than 2^32 keys");
	o->type = MSGPACK_OBJECT_MAP;
	o->via.map.size = (uint32_t)n;
	o->via.map.ptr = (msgpack_object_kv *)pop_all(j, base); /* two objects each */
	return mp_repeats_key(&o->via.map) ? fail(j, "a key stands twice in one object") : 0;
}

static int parse_name(struct parser *j, msgpack_object *o)
{
	char name = json_scan_name(&j->scan);

	if (!name)
		return parse_number(j, o);
	o->type = name == 'n' ? MSGPACK_OBJECT_NIL : MSGPACK_OBJECT_BOOLEAN;
	o->via.boolean = name == 't';
	return 0;
}

static int parse_value(struct parser *j, msgpack_object *o)
{
	int is_array, r;

	json_scan_blank(&j->scan);
	if (j->scan.at == j->scan.end)
		return fail(j, "a value is missing");
	if (json_scan_next(&j->scan, '"'))
		return parse_string(j, o);
	is_array = json_scan_next(&j->scan, '[');
	if (!is_array && !json_scan_next(&j->scan, '{'))
		return parse_name(j, o);
	if (j->depth++ == JSON_DEPTH)
		return fail(j, "nested too deep");
	r = is_array ? parse_array(j, o) : parse_object(j, o);
	j->depth--;
	return r;
}

int mpjson_parse(const char *text, size_t n, msgpack_zone *zone, msgpack_object *o,
	const char **why)
{
	struct parser j = { .scan = { text, text + n }, .zone = zone };
	int r = parse_value(&j, o);

	json_scan_blank(&j.scan);
	if (!r && j.scan.at != j.scan.end)
		r = fail(&j, "something follows the value");
	free(j.stack);
	*why = j.scan.why;
	return r;
}
