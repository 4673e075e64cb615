/* bpe - see bpe.h
 *
 * Short pieces are merged by plain search over a few ranks; long ones, which a hostile text makes
 * as long as it likes, by a heap. Most pairs looked up are of two ASCII characters: these have a
 * small table of their own.
 */
#include "token/bpe.h"

#include "file/utf8.h"
#include "sys/fault.h"
#include "sys/memory.h"
#include "sys/hugepage.h"

#include <stdlib.h>
#include <string.h>

enum { SHORT = 64, ASCII = 128 };
static const uint32_t NO_RANK = UINT32_MAX;
static const uint64_t NO_PAIR = UINT64_MAX;

void bpe_init(struct bpe *b, uint32_t n)
{
	uint32_t size = 16;

	for (b->shift = 60; 2 * (uint64_t)size < 3 * (uint64_t)n; b->shift--)
		size *= 2;
	b->mask = size - 1;
	b->n = 0;
	b->pair = hugepage_new(size * sizeof *b->pair);
	b->merge = hugepage_new(size * sizeof *b->merge);
	memset(b->pair, 0xff, size * sizeof *b->pair);
}

void bpe_free(struct bpe *b)
{
	free(b->pair);
	free(b->merge);
	free(b->first);
	b->pair = NULL;
	b->merge = b->first = NULL;
}

static inline uint64_t pair_of(uint32_t left, uint32_t right)
{
	return (uint64_t)left << 32 | right;
}

static inline uint32_t slot_of(const struct bpe *b, uint64_t pair)
{
	return (uint32_t)(pair * 0x9e3779b97f4a7c15u >> b->shift);
}

/* Where a pair stands, or would; at is its slot_of. */
static inline uint32_t find(const struct bpe *b, uint64_t pair, uint32_t at)
{
	while (b->pair[at] != pair && b->pair[at] != NO_PAIR)
		at = (at + 1) & b->mask;
	return at;
}

/* 0, or -1: it is there already. */
static int insert(struct bpe *b, uint64_t pair, uint32_t rank, uint32_t id)
{
	uint32_t at = find(b, pair, slot_of(b, pair));

	if (b->pair[at] == pair)
		return -1;
	b->pair[at] = pair;
	b->merge[at] = (struct bpe_merge){ rank, id };
	b->n++;
	return 0;
}

int bpe_add(struct bpe *b, uint32_t left, uint32_t right, uint32_t rank, uint32_t id,
	struct fault *err)
{
	return insert(b, pair_of(left, right), rank, id)
		? fault(err, "merge of %u and %u stands twice", left, right)
		: 0;
}

/* The splits of one token into two reached ones: added, or only counted where b is NULL. */
static long add_splits(struct bpe *b, const struct vocab *v, uint32_t id, uint32_t rank,
	int by_char)
{
	const char *s = v->text + v->token[id].at;
	size_t n = v->token[id].n, i;
	uint32_t left, right;
	long found = 0;

	for (i = 1; i < n; i++) {
		if (by_char && ((unsigned char)s[i] & 0xc0) == 0x80)
			continue;
		left = vocab_find(v, s, i);
		if (left == NO_ID)
			continue;
		right = vocab_find(v, s + i, n - i);
		if (right == NO_ID)
			continue;
		if (b)
			insert(b, pair_of(left, right), rank, id);
		found++;
	}
	return found;
}

/* Merging starts from characters that are tokens: one that is none would be merged by its text
 * alone elsewhere. */
static int check_characters(const struct vocab *v, uint32_t id, struct fault *err)
{
	const char *s = v->text + v->token[id].at;
	size_t i, len;

	for (i = 0; i < v->token[id].n; i += len) {
		utf8_get(s + i, &len);
		if (vocab_find(v, s + i, len) == NO_ID)
			return fault(err, "token %u has a character that is no token", id);
	}
	return 0;
}

int bpe_from_ranks(struct bpe *b, const struct vocab *v, const uint32_t *rank, struct fault *err)
{
	uint64_t total = 0;
	uint32_t i;

	for (i = 0; i < v->n; i++) {
		if (!v->token[i].reached)
			continue;
		if (v->token[i].n > TOKEN_MAX)
			return fault(err, "token %u is longer than %d bytes", i, TOKEN_MAX);
		if (b->by_char && check_characters(v, i, err))
			return -1;
		total += (uint64_t)add_splits(NULL, v, i, 0, b->by_char);
	}
	if (total > 1u << 30)
		return fault(err, "more than %u merges", 1u << 30);
	bpe_init(b, (uint32_t)total);
	for (i = 0; i < v->n; i++)
		if (v->token[i].reached)
			add_splits(b, v, i, rank[i], b->by_char);
	return 0;
}

struct scored {
	float score;
	uint32_t id;
};

static int by_score(const void *a, const void *b)
{
	float x = ((const struct scored *)a)->score, y = ((const struct scored *)b)->score;

	return (x < y) - (x > y);
}

uint32_t *bpe_ranks_of_scores(const float *score, uint32_t n)
{
	uint32_t *rank = xcalloc(n, sizeof *rank), i, r = 0;
	struct scored *s = xcalloc(n, sizeof *s);

	for (i = 0; i < n; i++) {
		s[i] = (struct scored){ score[i], i };
		if (score[i] != score[i]) {
			free(rank);
			free(s);
			return NULL;
		}
	}
	qsort(s, n, sizeof *s, by_score);
	for (i = 0; i < n; i++) {
		r += i && s[i].score != s[i - 1].score;
		rank[s[i].id] = r;
	}
	free(s);
	return rank;
}

/* The rank of merging two neighbours, NO_RANK: none, and what it gives; at is their slot_of. */
static inline uint32_t rank_at(const struct bpe *b, uint64_t pair, uint32_t at, uint32_t *joined)
{
	at = find(b, pair, at);
	if (b->pair[at] == NO_PAIR)
		return NO_RANK;
	*joined = b->merge[at].id;
	return b->merge[at].rank;
}

static inline uint32_t rank_of(const struct bpe *b, uint32_t left, uint32_t right, uint32_t *joined)
{
	uint64_t pair = pair_of(left, right);

	return rank_at(b, pair, slot_of(b, pair), joined);
}

static uint32_t ascii_token(const struct bpe *b, const struct vocab *v, int c)
{
	return b->by_char ? v->ascii[c] : b->byte[c];
}

void bpe_index(struct bpe *b, const struct vocab *v)
{
	struct bpe_merge *f;
	uint32_t left, right;

	b->first = xcalloc(ASCII * ASCII, sizeof *b->first);
	for (int i = 0; i < ASCII * ASCII; i++) {
		f = &b->first[i];
		left = ascii_token(b, v, i / ASCII);
		right = ascii_token(b, v, i % ASCII);
		f->rank = left == NO_ID || right == NO_ID ? NO_RANK
							  : rank_of(b, left, right, &f->id);
	}
}

/* Symbols in a row; rank and joined are of a symbol and its right neighbour. */
struct row {
	uint32_t *id, n, rank[SHORT], joined[SHORT];
};

/* piece: the text, where each byte of it has its token; else NULL. */
static void rank_all(const struct bpe *b, struct row *r, const char *piece)
{
	const struct bpe_merge *f;

	for (uint32_t i = 0; i + 1 < r->n; i++) {
		if (piece && !((piece[i] | piece[i + 1]) & 0x80)) {
			f = &b->first[piece[i] * ASCII + piece[i + 1]];
			r->rank[i] = f->rank;
			r->joined[i] = f->id;
		} else {
			r->rank[i] = rank_of(b, r->id[i], r->id[i + 1], &r->joined[i]);
		}
	}
}

/* Both neighbours of a symbol that is new: what the second needs is under way while the first is
 * looked up. */
static inline void rerank_both(const struct bpe *b, struct row *r, uint32_t at)
{
	uint64_t pair;
	uint32_t slot;

	if (at + 1 == r->n) {
		r->rank[at - 1] = rank_of(b, r->id[at - 1], r->id[at], &r->joined[at - 1]);
		return;
	}
	pair = pair_of(r->id[at], r->id[at + 1]);
	slot = slot_of(b, pair);
	__builtin_prefetch(&b->pair[slot]);
	__builtin_prefetch(&b->merge[slot]);
	if (at)
		r->rank[at - 1] = rank_of(b, r->id[at - 1], r->id[at], &r->joined[at - 1]);
	r->rank[at] = rank_at(b, pair, slot, &r->joined[at]);
}

static size_t merge_short(const struct bpe *b, uint32_t *id, size_t n, const char *piece)
{
	struct row r = { id, (uint32_t)n };
	uint32_t at, i;

	rank_all(b, &r, piece);
	while (r.n > 1) {
		for (at = 0, i = 1; i + 1 < r.n; i++)
			at = r.rank[i] < r.rank[at] ? i : at;
		if (r.rank[at] == NO_RANK)
			break;
		id[at] = r.joined[at];
		r.n--;
		for (i = at + 1; i < r.n; i++) {
			id[i] = id[i + 1];
			r.rank[i] = r.rank[i + 1];
			r.joined[i] = r.joined[i + 1];
		}
		if (r.n > 1)
			rerank_both(b, &r, at);
	}
	return r.n;
}

/* A heap of (rank, position) as one number, smallest first. */
struct heap {
	uint64_t *key;
	size_t n, cap;
};

static void heap_sink(struct heap *h, size_t i)
{
	uint64_t key = h->key[i];
	size_t child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && h->key[child + 1] < h->key[child])
			child++;
		if (h->key[child] >= key)
			break;
		h->key[i] = h->key[child];
		i = child;
	}
	h->key[i] = key;
}

static void heap_push(struct heap *h, uint64_t key)
{
	size_t i;

	if (h->n == h->cap) {
		h->cap = 2 * h->cap + 64;
		h->key = xrealloc(h->key, h->cap, sizeof *h->key);
	}
	for (i = h->n++; i && h->key[(i - 1) / 2] > key; i = (i - 1) / 2)
		h->key[i] = h->key[(i - 1) / 2];
	h->key[i] = key;
}

static uint64_t heap_pop(struct heap *h)
{
	uint64_t key = h->key[0];

	h->key[0] = h->key[--h->n];
	if (h->n)
		heap_sink(h, 0);
	return key;
}

/* A long piece: symbols in a linked list; rank and joined are those of a symbol and its right
 * neighbour. An entry of the heap is stale where the rank at its position is another one by now. */
struct symbol {
	uint32_t id, prev, next, rank, joined;
};

static void rerank(const struct bpe *b, struct heap *h, struct symbol *s, uint32_t at)
{
	uint32_t next = s[at].next;

	s[at].rank = next == NO_ID ? NO_RANK : rank_of(b, s[at].id, s[next].id, &s[at].joined);
	if (s[at].rank != NO_RANK)
		heap_push(h, (uint64_t)s[at].rank << 32 | at);
}

static size_t merge_long(const struct bpe *b, uint32_t *id, size_t n)
{
	struct symbol *s = xcalloc(n, sizeof *s);
	struct heap h = { 0 };
	uint32_t at, next;
	uint64_t key;
	size_t i, o = 0;

	for (i = 0; i < n; i++)
		s[i] = (struct symbol){ id[i], i ? (uint32_t)i - 1 : NO_ID,
			i + 1 < n ? (uint32_t)i + 1 : NO_ID };
	for (i = 0; i < n; i++)
		rerank(b, &h, s, (uint32_t)i);
	while (h.n) {
		key = heap_pop(&h);
		at = (uint32_t)key;
		if (s[at].rank != key >> 32)
			continue;
		next = s[at].next;
		s[at].id = s[at].joined;
		s[at].next = s[next].next;
		s[next].rank = NO_RANK;
		if (s[at].next != NO_ID)
			s[s[at].next].prev = at;
		rerank(b, &h, s, at);
		if (s[at].prev != NO_ID)
			rerank(b, &h, s, s[at].prev);
	}
	for (at = 0; at != NO_ID; at = s[at].next)
		id[o++] = s[at].id;
	free(h.key);
	free(s);
	return o;
}

static size_t start_bytes(const struct bpe *b, uint32_t *id, const char *piece, size_t n)
{
	size_t i, o = 0;
	uint32_t t;

	for (i = 0; i < n; i++) {
		t = b->byte[(unsigned char)piece[i]];
		if (t == NO_ID)
			t = b->unknown;
		if (t == NO_ID || (t == b->unknown && b->fuse_unknown && o && id[o - 1] == t))
			continue;
		id[o++] = t;
	}
	return o;
}

static size_t start_characters(const struct bpe *b, const struct vocab *v, uint32_t *id,
	const char *piece, size_t n)
{
	size_t i, k, len = 1, o = 0;
	uint32_t t;

	for (i = 0; i < n; i += len) {
		if ((unsigned char)piece[i] < 128) {
			len = 1;
			t = v->ascii[(unsigned char)piece[i]];
		} else {
			utf8_get(piece + i, &len);
			t = vocab_find(v, piece + i, len);
		}
		if (t != NO_ID) {
			id[o++] = t;
		} else if (b->byte[0] != NO_ID) {
			for (k = 0; k < len; k++)
				id[o++] = b->byte[(unsigned char)piece[i + k]];
		} else if (b->unknown != NO_ID &&
			!(b->fuse_unknown && o && id[o - 1] == b->unknown)) {
			id[o++] = b->unknown;
		}
	}
	return o;
}

size_t bpe_piece(const struct bpe *b, const struct vocab *v, uint32_t *id, const char *piece,
	size_t n)
{
	size_t k;

	if (b->whole && (id[0] = vocab_find(v, piece, n)) != NO_ID)
		return 1;
	k = b->by_char ? start_characters(b, v, id, piece, n) : start_bytes(b, id, piece, n);
	return k <= SHORT ? merge_short(b, id, k, k == n ? piece : NULL) : merge_long(b, id, k);
}
