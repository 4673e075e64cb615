/* added - see added.h
 */
#include "token/added.h"

#include "file/utf8.h"
#include "sys/fault.h"
#include "sys/memory.h"
#include "sys/simd.h"
#include "token/vocab.h"

#include <stdlib.h>
#include <string.h>

/* The slot of node's child by byte, or the empty one where it belongs. */
static uint32_t slot_of(const struct added *a, uint32_t node, unsigned char byte)
{
	uint64_t key = ((uint64_t)node << 8 | byte) + 1;
	uint32_t s = (uint32_t)(key * 0x9e3779b97f4a7c15u >> 40) & a->mask;

	while (a->key[s] && a->key[s] != key)
		s = (s + 1) & a->mask;
	return s;
}

static void grow(struct added *a)
{
	uint64_t *key = a->key;
	uint32_t *child = a->child, old = a->mask + 1, i, s;

	if (key && 2 * a->n_nodes < old)
		return;
	a->mask = key ? 2 * old - 1 : 255;
	a->key = xcalloc(a->mask + 1, sizeof *a->key);
	a->child = xcalloc(a->mask + 1, sizeof *a->child);
	for (i = 0; key && i < old; i++)
		if (key[i]) {
			s = slot_of(a, (uint32_t)((key[i] - 1) >> 8), (unsigned char)(key[i] - 1));
			a->key[s] = key[i];
			a->child[s] = child[i];
		}
	free(key);
	free(child);
}

static uint32_t new_node(struct added *a)
{
	if (a->n_nodes == a->cap_nodes) {
		a->cap_nodes = 2 * a->cap_nodes + 256;
		a->end = xrealloc(a->end, a->cap_nodes, sizeof *a->end);
	}
	a->end[a->n_nodes] = 0;
	return a->n_nodes++;
}

static uint32_t child_made(struct added *a, uint32_t node, unsigned char byte)
{
	uint32_t s;

	grow(a);
	s = slot_of(a, node, byte);
	if (!a->key[s]) {
		a->key[s] = ((uint64_t)node << 8 | byte) + 1;
		a->child[s] = new_node(a);
	}
	return a->child[s];
}

static void set_add(uint8_t set[2][16], unsigned char c)
{
	set[c >> 7][c & 15] |= (uint8_t)(1 << (c >> 4 & 7));
}

int added_add(struct added *a, const char *text, size_t n, struct added_token token,
	struct fault *err)
{
	uint32_t node = 0;

	if (n == 0 || n > TOKEN_MAX)
		return fault(err, "added token %u: %zu bytes long, not 1 to %d", token.id, n,
			TOKEN_MAX);
	if (!a->n_nodes)
		new_node(a);
	for (size_t i = 0; i < n; i++)
		node = child_made(a, node, (unsigned char)text[i]);
	if (a->end[node])
		return fault(err, "added tokens %u and %u are the same text",
			a->token[a->end[node] - 1].id, token.id);
	if (a->n == a->cap) {
		a->cap = 2 * a->cap + 64;
		a->token = xrealloc(a->token, a->cap, sizeof *a->token);
	}
	a->token[a->n++] = token;
	a->end[node] = a->n;
	set_add(a->first, (unsigned char)text[0]);
	if (n > 1)
		set_add(a->second, (unsigned char)text[1]);
	else
		memset(a->second, 0xff, sizeof a->second);
	return 0;
}

void added_free(struct added *a)
{
	free(a->token);
	free(a->key);
	free(a->child);
	free(a->end);
	memset(a, 0, sizeof *a);
}

/* The longest token at s: its length, 0: none. */
static size_t longest(const struct added *a, const char *s, size_t n, uint32_t *token)
{
	uint32_t node = 0, slot;
	size_t i, best = 0;

	for (i = 0; i < n; i++) {
		slot = slot_of(a, node, (unsigned char)s[i]);
		if (!a->key[slot])
			break;
		node = a->child[slot];
		if (a->end[node]) {
			best = i + 1;
			*token = a->end[node] - 1;
		}
	}
	return best;
}

static int in_set(const uint8_t set[2][16], unsigned char c)
{
	return set[c >> 7][c & 15] >> (c >> 4 & 7) & 1;
}

/* Which of sixteen bytes are in the set: not zero there. */
static inline bytes16 in_set_16(const uint8_t set[2][16], bytes16 bytes)
{
	const bytes16 bit = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
	bytes16 ascii = bytes16_pick(bytes16_load(set[0]), bytes & 15);
	bytes16 other = bytes16_pick(bytes16_load(set[1]), bytes & 15);
	bytes16 is_other = (bytes16)(bytes >= 128);

	return ((other & is_other) | (ascii & ~is_other)) & bytes16_pick(bit, bytes >> 4);
}

/* The next place whose two bytes some token begins with, or whose first byte is the last of the
 * text. */
static size_t next_candidate(const struct added *a, const char *text, size_t n, size_t i)
{
	bytes16 first, second;
	unsigned places;

	for (; i + 17 <= n; i += 16) {
		first = in_set_16(a->first, bytes16_load(text + i));
		second = in_set_16(a->second, bytes16_load(text + i + 1));
		places = bytes16_tops((bytes16)((first != 0) & (second != 0)));
		if (places)
			return i + (size_t)__builtin_ctz(places);
	}
	for (; i < n; i++)
		if (in_set(a->first, (unsigned char)text[i]) &&
			(i + 1 == n || in_set(a->second, (unsigned char)text[i + 1])))
			break;
	return i;
}

/* The character that ends at text[at], at > 0; *start is where it begins. */
static uint32_t before(const char *text, size_t at, size_t *start)
{
	size_t len;

	do
		at--;
	while (at && ((unsigned char)text[at] & 0xc0) == 0x80);
	*start = at;
	return utf8_get(text + at, &len);
}

static int stands_alone(const char *text, size_t n, size_t start, size_t end)
{
	size_t len;

	return (start == 0 || !utf8_is_word(before(text, start, &len))) &&
		(end == n || !utf8_is_word(utf8_get(text + end, &len)));
}

static int is_space(const struct added *a, uint32_t c)
{
	return c == ' ' ? !a->spm : utf8_class_of(c) == CLASS_SPACE;
}

static void swallow(const struct added *a, const struct added_token *t, const char *text, size_t n,
	size_t from, struct added_match *m)
{
	size_t at, len;

	while (t->lstrip && m->start > from && is_space(a, before(text, m->start, &at)))
		m->start = at;
	while (t->rstrip && m->end < n && is_space(a, utf8_get(text + m->end, &len)))
		m->end += len;
}

int added_next(const struct added *a, const char *text, size_t n, size_t from,
	struct added_match *m)
{
	const struct added_token *t;
	uint32_t token = 0;
	size_t i, len;

	if (!a->n)
		return 0;
	for (i = from; (i = next_candidate(a, text, n, i)) < n; i += len) {
		len = longest(a, text + i, n - i, &token);
		if (!len) {
			len = 1;
			continue;
		}
		t = &a->token[token];
		if (t->single_word && !stands_alone(text, n, i, i + len))
			continue;
		*m = (struct added_match){ i, i + len, t->id };
		swallow(a, t, text, n, from, m);
		return 1;
	}
	return 0;
}
