/* bpe_cache - words come again and again: most pieces are answered by one look-up in a table of
 * those met lately
 *
 * A short piece is a key of 16 bytes, which is compared and hashed without a loop; a batch of keys
 * is made before the first is looked up, so that the table's lines are on their way. Four keys
 * share a set: a new one takes the last place, and moves forward each time it is met again, so that
 * rare words don't drive out common ones. Longer pieces, and those of many tokens, have a smaller
 * table of larger slots.
 */
#define XXH_INLINE_ALL
#include "token/bpe.h"

#include "sys/hugepage.h"
#include "sys/memory.h"
#include "sys/simd.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { KEY_BYTES = 16, KEY_IDS = 3, SETS = 1 << 15, SET_SHIFT = 64 - 15, WAYS = 4 };
enum { LONG_BYTES = 46, LONG_IDS = 20, LONG_SLOTS = 1 << 13 };
static const uint32_t MANY = UINT32_MAX;

/* The piece, zeros, its length in the last byte, so that no key is zero; its tokens, or MANY: see
 * the longer ones. */
struct word {
	uint8_t key[KEY_BYTES];
	uint32_t id[KEY_IDS], n_ids;
};
struct set {
	struct word way[WAYS];
};
struct long_word {
	uint8_t n, n_ids;
	char piece[LONG_BYTES];
	uint32_t id[LONG_IDS];
};

struct bpe_cache {
	struct set set[SETS];
	struct long_word slot[LONG_SLOTS];
};

struct bpe_cache *bpe_cache_new(void)
{
	return hugepage_new(sizeof(struct bpe_cache));
}

void bpe_cache_free(struct bpe_cache *c)
{
	free(c);
}

void token_ids_reserve(struct token_ids *out, size_t more)
{
	if (out->n + more > out->cap) {
		out->cap = 2 * out->cap + more + 256;
		out->id = xrealloc(out->id, out->cap, sizeof *out->id);
	}
}

void token_ids_add(struct token_ids *out, const uint32_t *id, size_t n)
{
	token_ids_reserve(out, n);
	memcpy(out->id + out->n, id, n * sizeof *id);
	out->n += n;
}

/* n < KEY_BYTES */
static inline bytes16 key_of(const char *piece, size_t n, const char *end)
{
	static const uint8_t mask[2 * KEY_BYTES] = { 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255 };
	char copy[KEY_BYTES] = { 0 };
	bytes16 key;

	if (end - piece >= KEY_BYTES) {
		key = bytes16_load(piece) & bytes16_load(mask + KEY_BYTES - n);
	} else {
		memcpy(copy, piece, n);
		key = bytes16_load(copy);
	}
	key[KEY_BYTES - 1] = (uint8_t)n;
	return key;
}

static inline uint32_t set_of(bytes16 key)
{
	uint64_t a = ((words2)key)[0] * 0x9e3779b97f4a7c15u;
	uint64_t b = ((words2)key)[1] * 0xc2b2ae3d27d4eb4fu;

	a ^= b ^ b >> 32;
	return (uint32_t)((a ^ a >> 32) * 0x9e3779b97f4a7c15u >> SET_SHIFT);
}

static inline int is_key(const struct word *w, bytes16 key)
{
	return bytes16_tops((bytes16)(bytes16_load(w->key) == key)) == 0xffff;
}

static inline int is_empty(const struct word *w)
{
	return w->key[KEY_BYTES - 1] == 0;
}

/* All ids that a word could have are written, and those that it has not are overwritten next: out
 * has the capacity for all. */
static inline void add_word(struct token_ids *out, const struct word *w)
{
	bytes16_store(out->id + out->n, bytes16_load(w->id));
	out->n += w->n_ids;
}

static void encode_long(const struct bpe *b, const struct vocab *v, struct bpe_cache *c,
	struct token_ids *out, const char *piece, size_t n)
{
	struct long_word *w = &c->slot[XXH3_64bits(piece, n) & (LONG_SLOTS - 1)];
	uint32_t *id = out->id + out->n;
	size_t n_ids;

	if (w->n == n && !memcmp(w->piece, piece, n)) {
		memcpy(id, w->id, w->n_ids * sizeof *id);
		out->n += w->n_ids;
		return;
	}
	n_ids = bpe_piece(b, v, id, piece, n);
	out->n += n_ids;
	if (n > LONG_BYTES || n_ids > LONG_IDS)
		return;
	w->n = (uint8_t)n;
	w->n_ids = (uint8_t)n_ids;
	memcpy(w->piece, piece, n);
	memcpy(w->id, id, n_ids * sizeof *id);
}

static void encode_new(const struct bpe *b, const struct vocab *v, struct bpe_cache *c,
	struct token_ids *out, struct word *w, bytes16 key, const char *piece, size_t n)
{
	uint32_t *id = out->id + out->n;
	size_t n_ids = bpe_piece(b, v, id, piece, n);

	bytes16_store(w->key, key);
	if (n_ids > KEY_IDS) {
		w->n_ids = MANY;
		encode_long(b, v, c, out, piece, n);
		return;
	}
	w->n_ids = (uint32_t)n_ids;
	memcpy(w->id, id, n_ids * sizeof *id);
	out->n += n_ids;
}

static inline void encode_word(const struct bpe *b, const struct vocab *v, struct bpe_cache *c,
	struct token_ids *out, struct word *way, bytes16 key, const char *piece, size_t n)
{
	struct word *w = way, before;

	if (!is_key(w, key)) {
		while (++w < way + WAYS - 1 && !is_key(w, key) && !is_empty(w))
			;
		if (!is_key(w, key)) {
			encode_new(b, v, c, out, w, key, piece, n);
			return;
		}
		before = w[-1];
		w[-1] = *w;
		*w-- = before;
	}
	if (w->n_ids == MANY)
		encode_long(b, v, c, out, piece, n);
	else
		add_word(out, w);
}

void bpe_encode(const struct bpe *b, const struct vocab *v, struct bpe_cache *c,
	struct token_ids *out, const char *text, const uint32_t *len, int n_pieces, const char *end)
{
	struct set *set[BPE_PIECES];
	bytes16 key[BPE_PIECES];
	const char *s = text;

	for (int i = 0; i < n_pieces; s += len[i++]) {
		if (len[i] >= KEY_BYTES)
			continue;
		key[i] = key_of(s, len[i], end);
		set[i] = &c->set[set_of(key[i])];
		__builtin_prefetch(&set[i]->way[0], 1);
		__builtin_prefetch(&set[i]->way[WAYS / 2], 1);
	}
	token_ids_reserve(out, (size_t)(s - text) + KEY_IDS + 1);
	s = text;
	for (int i = 0; i < n_pieces; s += len[i++]) {
		if (len[i] < KEY_BYTES)
			encode_word(b, v, c, out, set[i]->way, key[i], s, len[i]);
		else
			encode_long(b, v, c, out, s, len[i]);
	}
}
