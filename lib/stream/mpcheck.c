/* mpcheck - walks msgpack bytes from outside before a parser sees them
 *
 * msgpack-c allocates what a count says, five bytes being enough to ask for gigabytes, and takes
 * maps with duplicate keys. Here nothing is allocated but eight bytes for each key that has really
 * arrived.
 */
#include "file/utf8.h"
#include "stream/mp.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* One value's head: how many bytes it has, how many bytes of content follow, or how many values. */
struct head {
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
static struct head head_of(unsigned char c)
{
	static const struct head rest[32] = {
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
		return (struct head){ SCALAR, 1 };
	if (c < 0x90)
		return (struct head){ MAP, 1, c & 15 };
	if (c < 0xa0)
		return (struct head){ ARRAY, 1, c & 15 };
	if (c < 0xc0)
		return (struct head){ STR, 1, c & 31 };
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
static int duplicates(uint64_t *keys, size_t n)
{
	if (n < 2)
		return 0;
	qsort(keys, n, sizeof *keys, compare_hashes);
	for (size_t i = 1; i < n; i++)
		if (keys[i] == keys[i - 1])
			return 1;
	return 0;
}

static void add_key(struct mp_walk *w, const unsigned char *s, size_t n)
{
	if (w->n_keys == w->cap) {
		w->cap = w->cap ? 2 * w->cap : 64;
		w->keys = xrealloc(w->keys, w->cap, sizeof *w->keys);
	}
	w->keys[w->n_keys++] = XXH3_64bits(s, n);
}

/* Leaves all containers that are full. */
static const char *climb(struct mp_walk *w)
{
	while (w->depth && !w->level[w->depth - 1].left) {
		struct mp_level *top = &w->level[--w->depth];
		size_t n = top->is_map ? w->n_keys - top->keys : 0;

		if (n && duplicates(w->keys + top->keys, n))
			return "a key stands twice in one map";
		w->n_keys = top->keys;
	}
	return NULL;
}

static const char too_much[] = "takes more memory than it may";

static const char *descend(struct mp_walk *w, const struct head *h, size_t max)
{
	uint64_t values = h->type == MAP ? 2 * h->count : h->count;

	if (values > max - w->pos)
		return "more values than it can hold";
	if (values > MP_NODES - w->nodes)
		return "more than 2^24 values";
	if (w->most && values > (w->most - w->memory) / memory_of(SCALAR, 0))
		return too_much;
	if (w->depth == MP_DEPTH)
		return "nested more than 16 deep";
	w->nodes += values;
	w->level[w->depth++] = (struct mp_level){ values, h->type == MAP, w->n_keys };
	return NULL;
}

/* One value, or the head of a container. 1: walked; 0: more bytes are needed; -1: refused. */
static int step(struct mp_walk *w, const unsigned char *p, size_t n, const char **why)
{
	struct mp_level *in = w->depth ? &w->level[w->depth - 1] : NULL;
	int is_key = in && in->is_map && in->left % 2 == 0;
	size_t max = w->max ? w->max : MP_BYTES;
	struct head h;

	if (!n)
		return 0;
	h = head_of(*p);
	if (is_key && h.type != STR)
		return *why = "a key is no string", -1;
	if (h.type == REFUSED)
		return *why = *p == 0xc1 ? "no msgpack" : "an ext value", -1;
	if (n < h.bytes)
		return 0;
	if (h.type != SCALAR && h.bytes > 1)
		h.count = big_endian(p + 1, h.bytes - 1);
	if (h.bytes > max - w->pos)
		return *why = "too long", -1;
	if (w->most &&
		memory_of(h.type, h.type == STR || h.type == MAP ? h.count : 0) >
			w->most - w->memory)
		return *why = too_much, -1;
	if (h.type == STR || h.type == BIN) {
		if (h.count > max - w->pos - h.bytes)
			return *why = "too long", -1;
		if (n - h.bytes < h.count)
			return 0;
		if (h.type == STR && utf8_valid((const char *)p + h.bytes, h.count) != h.count)
			return *why = "a string is not UTF-8", -1;
		if (is_key)
			add_key(w, p + h.bytes, h.count);
		h.bytes += h.count;
	}
	if (in)
		in->left--;
	w->memory += memory_of(h.type, h.type == STR || h.type == MAP ? h.count : 0);
	w->pos += h.bytes;
	if ((h.type == ARRAY || h.type == MAP) && (*why = descend(w, &h, max)))
		return -1;
	return 1;
}

long mp_walk(struct mp_walk *w, const unsigned char *bytes, size_t n, const char **why)
{
	do {
		int r = step(w, bytes + w->pos, n - w->pos, why);

		if (r < 1)
			return r;
		if ((*why = climb(w)))
			return -1;
	} while (w->depth);
	return (long)w->pos;
}

void mp_walk_next(struct mp_walk *w)
{
	struct mp_walk fresh = { .max = w->max, .most = w->most, .keys = w->keys, .cap = w->cap };

	*w = fresh;
}

void mp_walk_free(struct mp_walk *w)
{
	free(w->keys);
	w->keys = NULL;
	w->cap = 0;
}

long mp_check(const unsigned char *bytes, size_t n, const char **why)
{
	struct mp_walk w = { 0 };
	long len = mp_walk(&w, bytes, n, why);

	mp_walk_free(&w);
	return len;
}
