/* jsonmp - JSON text as msgpack objects
 */
#include "cli/cli.h"
#include "file/utf8.h"
#include "stream/mp.h"
#include "stream/mpjson.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_DEPTH = 2 * MP_DEPTH };

struct parser {
	const char *p, *end;
	msgpack_zone *zone;
	const char *why;
	int depth;
	msgpack_object *stack; /* values of the lists that are open */
	size_t n, cap;
};

static int fail(struct parser *j, const char *why)
{
	j->why = why;
	return -1;
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

static void skip_space(struct parser *j)
{
	while (j->p < j->end && strchr(" \t\r\n", *j->p) && *j->p)
		j->p++;
}

static int take(struct parser *j, char c)
{
	skip_space(j);
	if (j->p == j->end || *j->p != c)
		return 0;
	j->p++;
	return 1;
}

static size_t digits(struct parser *j)
{
	const char *from = j->p;

	while (j->p < j->end && *j->p >= '0' && *j->p <= '9')
		j->p++;
	return (size_t)(j->p - from);
}

/* The float that a token is, checked by hand before, for strtod takes more than JSON does. */
static int parse_float(struct parser *j, const char *from, msgpack_object *o)
{
	size_t n = (size_t)(j->p - from);
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

	for (const char *s = from + negative; s < j->p; s++)
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
	const char *from = j->p;
	int whole = 1;
	size_t n;

	j->p += *j->p == '-';
	n = digits(j);
	if (!n || (n > 1 && j->p[-(long)n] == '0'))
		return fail(j, "not a value of JSON");
	if (j->p < j->end && *j->p == '.') {
		j->p++;
		whole = 0;
		if (!digits(j))
			return fail(j, "a number ends in its point");
	}
	if (j->p < j->end && (*j->p == 'e' || *j->p == 'E')) {
		j->p++;
		whole = 0;
		j->p += j->p < j->end && (*j->p == '+' || *j->p == '-');
		if (!digits(j))
			return fail(j, "a number without its exponent");
	}
	return whole ? parse_integer(j, from, o) : parse_float(j, from, o);
}

static int hex4(struct parser *j, uint32_t *c)
{
	*c = 0;
	if (j->end - j->p < 4)
		return fail(j, "a broken \\u");
	for (int i = 0; i < 4; i++) {
		static const char hex[] = "0123456789abcdef0123456789ABCDEF";
		const char *at = *j->p ? strchr(hex, *j->p) : NULL;

		if (!at)
			return fail(j, "a broken \\u");
		*c = *c << 4 | (uint32_t)((at - hex) % 16);
		j->p++;
	}
	return 0;
}

/* After the backslash: one character to out, its length; 0: failed. */
static size_t unescape(struct parser *j, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint32_t c, low;
	const char *at;

	if (j->p == j->end)
		return 0;
	at = *j->p ? strchr(from, *j->p) : NULL;
	if (at) {
		j->p++;
		*out = to[at - from];
		return 1;
	}
	if (*j->p++ != 'u' || hex4(j, &c))
		return 0;
	if (c >= 0xd800 && c < 0xdc00) {
		if (j->end - j->p < 2 || j->p[0] != '\\' || j->p[1] != 'u')
			return 0;
		j->p += 2;
		if (hex4(j, &low) || low < 0xdc00 || low > 0xdfff)
			return 0;
		c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
	} else if (c >= 0xdc00 && c < 0xe000) {
		return 0;
	}
	return utf8_put(out, c);
}

static int parse_string(struct parser *j, msgpack_object *o)
{
	const char *from = ++j->p, *close = from;
	char *s;
	size_t n = 0, c;

	while (close < j->end && *close != '"')
		close += *close == '\\' ? 2 : 1;
	if (close >= j->end)
		return fail(j, "a string without its end");
	s = zone_alloc(j, (size_t)(close - from));
	while (j->p < close) {
		if ((unsigned char)*j->p < 0x20)
			return fail(j, "a control character in a string");
		if (*j->p != '\\') {
			s[n++] = *j->p++;
			continue;
		}
		j->p++;
		if (!(c = unescape(j, s + n)))
			return fail(j, "a broken escape in a string");
		n += c;
	}
	j->p = close + 1;
	if (utf8_valid(s, n) != n)
		return fail(j, "a string is not UTF-8");
	if (n > MP_BYTES)
		return fail(j, "a string of more than 1 GiB");
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

	j->p++;
	if (!take(j, ']')) {
		do {
			if (parse_value(j, &v))
				return -1;
			push(j, &v);
		} while (take(j, ','));
		if (!take(j, ']'))
			return fail(j, "a list without its end");
	}
	if (j->n - base > UINT32_MAX)
		return fail(j, "a list of more than 2^32 values");
	o->type = MSGPACK_OBJECT_ARRAY;
	o->via.array.size = (uint32_t)(j->n - base);
	o->via.array.ptr = pop_all(j, base);
	return 0;
}

static int key_known(const struct parser *j, size_t base, const msgpack_object *key)
{
	for (size_t i = base; i < j->n; i += 2)
		if (j->stack[i].via.str.size == key->via.str.size &&
			memcmp(j->stack[i].via.str.ptr, key->via.str.ptr, key->via.str.size) == 0)
			return 1;
	return 0;
}

static int parse_object(struct parser *j, msgpack_object *o)
{
	size_t base = j->n, n;
	msgpack_object key, v;
	const msgpack_object *flat;

	j->p++;
	if (!take(j, '}')) {
		do {
			skip_space(j);
			if (j->p == j->end || *j->p != '"')
				return fail(j, "a key is missing");
			if (parse_string(j, &key))
				return -1;
			if (key_known(j, base, &key))
				return fail(j, "a key stands twice in one object");
			if (!take(j, ':'))
				return fail(j, "a key without its colon");
			if (parse_value(j, &v))
				return -1;
			push(j, &key);
			push(j, &v);
		} while (take(j, ','));
		if (!take(j, '}'))
			return fail(j, "an object without its end");
	}
	n = (j->n - base) / 2;
	o->type = MSGPACK_OBJECT_MAP;
	o->via.map.size = (uint32_t)n;
	o->via.map.ptr = zone_alloc(j, n * sizeof *o->via.map.ptr);
	flat = pop_all(j, base);
	for (size_t i = 0; i < n; i++)
		o->via.map.ptr[i] = (msgpack_object_kv){ flat[2 * i], flat[2 * i + 1] };
	return 0;
}

static int parse_word(struct parser *j, const char *word, msgpack_object *o)
{
	size_t n = strlen(word);

	if ((size_t)(j->end - j->p) < n || memcmp(j->p, word, n))
		return fail(j, "not a value of JSON");
	j->p += n;
	o->type = *word == 'n' ? MSGPACK_OBJECT_NIL : MSGPACK_OBJECT_BOOLEAN;
	o->via.boolean = *word == 't';
	return 0;
}

static int parse_value(struct parser *j, msgpack_object *o)
{
	int r;

	skip_space(j);
	if (j->p == j->end)
		return fail(j, "a value is missing");
	if (*j->p == '[' || *j->p == '{') {
		if (j->depth++ == JSON_DEPTH)
			return fail(j, "nested too deep");
		r = *j->p == '[' ? parse_array(j, o) : parse_object(j, o);
		j->depth--;
		return r;
	}
	switch (*j->p) {
	case '"': return parse_string(j, o);
	case 't': return parse_word(j, "true", o);
	case 'f': return parse_word(j, "false", o);
	case 'n': return parse_word(j, "null", o);
	default: return parse_number(j, o);
	}
}

int mpjson_parse(const char *text, size_t n, msgpack_zone *zone, msgpack_object *o,
	const char **why)
{
	struct parser j = { .p = text, .end = text + n, .zone = zone };
	int r = parse_value(&j, o);

	skip_space(&j);
	if (!r && j.p != j.end)
		r = fail(&j, "something follows the value");
	free(j.stack);
	*why = j.why;
	return r;
}
