/* mpparse - msgpack bytes from outside, checked and made an object in one pass
 *
 * msgpack-c allocates what a count says, five bytes being enough to ask for gigabytes, and takes
 * maps with duplicate keys. Here a container is entered only once as many bytes have arrived as it
 * has values, so an object takes at most some dozen times the bytes that are really there.
 */
#include "file/utf8.h"
#include "stream/mp.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* One value's head: how many bytes it has, how many bytes of content follow, or how many values. */
struct mp_head {
	enum { SCALAR, STR, BIN, ARRAY, MAP, REFUSED } type;
	size_t bytes;
	uint64_t count;
};

static uint64_t big_endian(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* What the first byte says. bytes includes the length field, which is read later, and the content
 * of a number. */
static struct mp_head head_of(unsigned char c)
{
	static const struct mp_head rest[32] = {
		[0x00] = { SCALAR, 1 },
		[0x01] = { REFUSED, 1 },
		[0x02] = { SCALAR, 1 },
		[0x03] = { SCALAR, 1 },
		[0x04] = { BIN, 2 },
		[0x05] = { BIN, 3 },
		[0x06] = { BIN, 5 },
		[0x07] = { REFUSED, 1 },
		[0x08] = { REFUSED, 1 },
		[0x09] = { REFUSED, 1 },
		[0x0a] = { SCALAR, 5 },
		[0x0b] = { SCALAR, 9 },
		[0x0c] = { SCALAR, 2 },
		[0x0d] = { SCALAR, 3 },
		[0x0e] = { SCALAR, 5 },
		[0x0f] = { SCALAR, 9 },
		[0x10] = { SCALAR, 2 },
		[0x11] = { SCALAR, 3 },
		[0x12] = { SCALAR, 5 },
		[0x13] = { SCALAR, 9 },
		[0x14] = { REFUSED, 1 },
		[0x15] = { REFUSED, 1 },
		[0x16] = { REFUSED, 1 },
		[0x17] = { REFUSED, 1 },
		[0x18] = { REFUSED, 1 },
		[0x19] = { STR, 2 },
		[0x1a] = { STR, 3 },
		[0x1b] = { STR, 5 },
		[0x1c] = { ARRAY, 3 },
		[0x1d] = { ARRAY, 5 },
		[0x1e] = { MAP, 3 },
		[0x1f] = { MAP, 5 },
	};

	if (c < 0x80 || c >= 0xe0)
		return (struct mp_head){ SCALAR, 1 };
	if (c < 0x90)
		return (struct mp_head){ MAP, 1, c & 15 };
	if (c < 0xa0)
		return (struct mp_head){ ARRAY, 1, c & 15 };
	if (c < 0xc0)
		return (struct mp_head){ STR, 1, c & 31 };
	return rest[c - 0xc0];
}

/* Bytes that one value takes as a msgpack object and in jansson's tree, allocator and place in its
 * container included: an empty object of jansson's is a table of eight buckets. */
static size_t memory_of(int type, size_t n)
{
	switch (type) {
	case STR: return 128 + n;
	case MAP: return 320 + 64 * n;
	case ARRAY: return 160;
	default: return 64;
	}
}

size_t mp_memory(const msgpack_object *o)
{
	size_t sum;

	switch (o->type) {
	case MSGPACK_OBJECT_STR: return memory_of(STR, o->via.str.size);
	case MSGPACK_OBJECT_BIN: return memory_of(STR, o->via.bin.size);
	case MSGPACK_OBJECT_ARRAY:
		sum = memory_of(ARRAY, 0);
		for (uint32_t i = 0; i < o->via.array.size; i++)
			sum += mp_memory(&o->via.array.ptr[i]);
		return sum;
	case MSGPACK_OBJECT_MAP:
		sum = memory_of(MAP, o->via.map.size);
		for (uint32_t i = 0; i < o->via.map.size; i++)
			sum += mp_memory(&o->via.map.ptr[i].key) +
				mp_memory(&o->via.map.ptr[i].val);
		return sum;
	default: return memory_of(SCALAR, 0);
	}
}

static int compare_hashes(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Keys are compared by hash: two that differ and share one are as unlikely as they are welcome. */
static int repeats_hash(const msgpack_object_map *map)
{
	uint64_t *hashes = xmalloc(map->size * sizeof *hashes);
	int found = 0;

	for (uint32_t i = 0; i < map->size; i++)
		hashes[i] = XXH3_64bits(map->ptr[i].key.via.str.ptr, map->ptr[i].key.via.str.size);
	qsort(hashes, map->size, sizeof *hashes, compare_hashes);
	for (uint32_t i = 1; i < map->size; i++)
		found |= hashes[i] == hashes[i - 1];
	free(hashes);
	return found;
}

static int same_str(const msgpack_object_str *a, const msgpack_object_str *b)
{
	return a->size == b->size && memcmp(a->ptr, b->ptr, a->size) == 0;
}

int mp_repeats_key(const msgpack_object_map *map)
{
	if (map->size > 16)
		return repeats_hash(map);
	for (uint32_t i = 1; i < map->size; i++)
		for (uint32_t j = 0; j < i; j++)
			if (same_str(&map->ptr[i].key.via.str, &map->ptr[j].key.via.str))
				return 1;
	return 0;
}

static void set_unsigned(msgpack_object *o, uint64_t v)
{
	o->type = MSGPACK_OBJECT_POSITIVE_INTEGER;
	o->via.u64 = v;
}

static void set_signed(msgpack_object *o, int64_t v)
{
	o->type = v < 0 ? MSGPACK_OBJECT_NEGATIVE_INTEGER : MSGPACK_OBJECT_POSITIVE_INTEGER;
	o->via.i64 = v;
}

static void set_f32(msgpack_object *o, uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof f);
	o->type = MSGPACK_OBJECT_FLOAT32;
	o->via.f64 = (double)f;
}

static void set_f64(msgpack_object *o, uint64_t bits)
{
	o->type = MSGPACK_OBJECT_FLOAT64;
	memcpy(&o->via.f64, &bits, sizeof bits);
}

static void set_bool(msgpack_object *o, int v)
{
	o->type = MSGPACK_OBJECT_BOOLEAN;
	o->via.boolean = v != 0;
}

/* The scalar whose `bytes` bytes begin at p. */
static void scalar(const unsigned char *p, size_t bytes, msgpack_object *o)
{
	uint64_t v = big_endian(p + 1, bytes - 1);

	switch (*p) {
	case 0xc0: o->type = MSGPACK_OBJECT_NIL; break;
	case 0xc2:
	case 0xc3: set_bool(o, *p & 1); break;
	case 0xca: set_f32(o, (uint32_t)v); break;
	case 0xcb: set_f64(o, v); break;
	case 0xcc:
	case 0xcd:
	case 0xce:
	case 0xcf: set_unsigned(o, v); break;
	case 0xd0: set_signed(o, (int8_t)v); break;
	case 0xd1: set_signed(o, (int16_t)v); break;
	case 0xd2: set_signed(o, (int32_t)v); break;
	case 0xd3: set_signed(o, (int64_t)v); break;
	default: set_signed(o, (int8_t)*p);
	}
}

static void *zone_alloc(struct mp_parser *p, size_t bytes)
{
	void *new = msgpack_zone_malloc(p->zone, bytes);

	if (!new)
		die("out of memory: %zu bytes asked for", bytes);
	return new;
}

/* Leaves all containers that are full. NULL, or what is wrong. */
static const char *climb(struct mp_parser *p)
{
	while (p->depth && !p->level[p->depth - 1].left) {
		const msgpack_object *whole = p->level[--p->depth].whole;

		if (whole->type == MSGPACK_OBJECT_MAP && mp_repeats_key(&whole->via.map))
			return "a key stands twice in one map";
	}
	return NULL;
}

/* 1 where the next value is a key. */
static int is_key(const struct mp_parser *p)
{
	const struct mp_level *in = p->level + p->depth;

	return p->depth && in[-1].whole->type == MSGPACK_OBJECT_MAP && in[-1].left % 2 == 0;
}

static size_t memory_of_head(const struct mp_head *h)
{
	return memory_of(h->type, h->type == STR || h->type == MAP ? h->count : 0);
}

static const char too_much[] = "takes more memory than it may";

/* NULL, or why a container with so many values after its head cannot be. */
static const char *check_container(const struct mp_parser *p, const struct mp_head *h,
	uint64_t values)
{
	size_t max = p->max ? p->max : MP_BYTES;
	size_t own = memory_of_head(h);

	if (values > max - p->pos - h->bytes)
		return "more values than it can hold";
	if (values > MP_NODES - p->nodes)
		return "more than 2^24 values";
	if (p->most && values > (p->most - p->memory - own) / memory_of(SCALAR, 0))
		return too_much;
	return p->depth == MP_DEPTH ? "nested more than 16 deep" : NULL;
}

/* Makes *o a container whose values come next; n bytes follow its head. 1, 0 or -1 as step says. */
static int container(struct mp_parser *p, const struct mp_head *h, size_t n, msgpack_object *o,
	const char **why)
{
	uint64_t values = h->type == MAP ? 2 * h->count : h->count;
	msgpack_object *first = NULL;

	if ((*why = check_container(p, h, values)))
		return -1;
	if (n < values)
		return 0;
	if (values)
		first = zone_alloc(p, values * sizeof *first);
	if (h->type == MAP) {
		o->type = MSGPACK_OBJECT_MAP;
		o->via.map.size = (uint32_t)h->count;
		o->via.map.ptr = (msgpack_object_kv *)first;
	} else {
		o->type = MSGPACK_OBJECT_ARRAY;
		o->via.array.size = (uint32_t)h->count;
		o->via.array.ptr = first;
	}
	p->nodes += values;
	p->level[p->depth++] = (struct mp_level){ o, first, values };
	return 1;
}

/* A string or bin, of whose content n bytes are there. 1, 0 or -1 as step says. */
static int content(const struct mp_parser *p, const struct mp_head *h, const unsigned char *bytes,
	size_t n, msgpack_object *o, const char **why)
{
	size_t max = p->max ? p->max : MP_BYTES;

	if (h->count > max - p->pos - h->bytes)
		return *why = "too long", -1;
	if (n < h->count)
		return 0;
	if (h->type == STR && utf8_valid((const char *)bytes, h->count) != h->count)
		return *why = "a string is not UTF-8", -1;
	o->type = h->type == STR ? MSGPACK_OBJECT_STR : MSGPACK_OBJECT_BIN;
	o->via.str.ptr = (const char *)bytes; /* via.bin is laid out alike */
	o->via.str.size = (uint32_t)h->count;
	return 1;
}

/* The head that begins at bytes, of which n are there. 1, 0 or -1 as step says. */
static int read_head(const struct mp_parser *p, const unsigned char *bytes, size_t n,
	struct mp_head *h, const char **why)
{
	size_t max = p->max ? p->max : MP_BYTES;

	if (!n)
		return 0;
	*h = head_of(*bytes);
	if (is_key(p) && h->type != STR)
		return *why = "a key is no string", -1;
	if (h->type == REFUSED)
		return *why = *bytes == 0xc1 ? "no msgpack" : "an ext value", -1;
	if (n < h->bytes)
		return 0;
	if (h->type != SCALAR && h->bytes > 1)
		h->count = big_endian(bytes + 1, h->bytes - 1);
	if (h->bytes > max - p->pos)
		return *why = "too long", -1;
	return p->most && memory_of_head(h) > p->most - p->memory ? *why = too_much, -1 : 1;
}

/* The value of head h, which begins at bytes, into *o. 1, 0 or -1 as step says. */
static int read_value(struct mp_parser *p, const struct mp_head *h, const unsigned char *bytes,
	size_t n, msgpack_object *o, const char **why)
{
	switch (h->type) {
	case SCALAR: scalar(bytes, h->bytes, o); return 1;
	case STR:
	case BIN: return content(p, h, bytes + h->bytes, n - h->bytes, o, why);
	default: return container(p, h, n - h->bytes, o, why);
	}
}

/* One value, or the head of a container. 1: parsed; 0: more bytes are needed; -1: refused. */
static int step(struct mp_parser *p, const unsigned char *bytes, size_t n, const char **why)
{
	struct mp_level *in = p->depth ? &p->level[p->depth - 1] : NULL;
	struct mp_head h;
	int r = read_head(p, bytes, n, &h, why);

	if (r == 1)
		r = read_value(p, &h, bytes, n, in ? in->next : &p->object, why);
	if (r < 1)
		return r;
	if (in) {
		in->left--;
		in->next++;
	}
	p->memory += memory_of_head(&h);
	p->pos += h.bytes + (h.type == STR || h.type == BIN ? h.count : 0);
	return 1;
}

long mp_parse(struct mp_parser *p, const unsigned char *bytes, size_t n, const char **why)
{
	if (bytes != p->bytes) {
		mp_parser_next(p);
		p->bytes = bytes;
	}
	do {
		int r = step(p, bytes + p->pos, n - p->pos, why);

		if (r < 1)
			return r;
		if ((*why = climb(p)))
			return -1;
	} while (p->depth);
	return (long)p->pos;
}

void mp_parser_next(struct mp_parser *p)
{
	struct mp_parser fresh = { .max = p->max, .most = p->most, .zone = p->zone };

	*p = fresh;
	if (p->zone)
		msgpack_zone_clear(p->zone);
	else if (!(p->zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE)))
		die("out of memory");
}

void mp_parser_free(struct mp_parser *p)
{
	msgpack_zone_free(p->zone);
	p->zone = NULL;
}

long mp_check(const unsigned char *bytes, size_t n, const char **why)
{
	struct mp_parser p = { 0 };
	long len = mp_parse(&p, bytes, n, why);

	mp_parser_free(&p);
	return len;
}
