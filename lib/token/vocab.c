/* vocab - see vocab.h
 */
#define XXH_INLINE_ALL
#include "token/vocab.h"

#include "file/utf8.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"
#include "sys/hugepage.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

static void grow_tokens(struct vocab *v, uint32_t n)
{
	uint32_t cap = v->cap ? v->cap : 1024;

	while (cap < n)
		cap *= 2;
	if (cap > v->cap) {
		v->token = xrealloc(v->token, cap, sizeof *v->token);
		memset(v->token + v->cap, 0, (cap - v->cap) * sizeof *v->token);
		v->cap = cap;
	}
	if (n > v->n)
		v->n = n;
}

int vocab_add(struct vocab *v, uint64_t id, const char *text, size_t n, enum token_type type,
	int reached, struct fault *err)
{
	if (id >= VOCAB_MAX)
		return fault(err, "token id %llu: more than %d ids", (unsigned long long)id,
			VOCAB_MAX);
	if (v->n_text + n > INT32_MAX)
		return fault(err, "token %llu: the tokens are too long", (unsigned long long)id);
	if (vocab_has(v, id))
		return fault(err, "two tokens have the id %llu", (unsigned long long)id);
	grow_tokens(v, (uint32_t)id + 1);
	while (v->n_text + n >= v->cap_text) { /* never NULL, for an empty one either */
		v->cap_text = v->cap_text ? 2 * v->cap_text : 1 << 16;
		v->text = xrealloc(v->text, v->cap_text, 1);
	}
	memcpy(v->text + v->n_text, text, n);
	v->token[id] = (struct token){ (uint32_t)v->n_text, (uint32_t)n, (uint8_t)type,
		reached && n > 0 };
	v->n_text += n;
	return 0;
}

/* A slot holds half of its token's hash above the id, so that hardly any other text is compared;
 * all ones: empty. */
static const uint64_t HASH_HALF = 0xffffffff00000000u, EMPTY = UINT64_MAX;

static uint64_t hash_of(const char *text, size_t n)
{
	return XXH3_64bits(text, n);
}

static int same(const struct vocab *v, uint32_t id, const char *text, size_t n)
{
	return v->token[id].n == n && !memcmp(v->text + v->token[id].at, text, n);
}

/* The reached token of this text and hash, NO_ID: none; *slot is where it stands, or would. */
static inline uint32_t find(const struct vocab *v, uint64_t hash, const char *text, size_t n,
	uint32_t *slot)
{
	uint32_t s = (uint32_t)hash & v->mask;

	for (; v->slot[s] != EMPTY; s = (s + 1) & v->mask)
		if (((v->slot[s] ^ hash) & HASH_HALF) == 0 &&
			same(v, (uint32_t)v->slot[s], text, n))
			return *slot = s, (uint32_t)v->slot[s];
	*slot = s;
	return NO_ID;
}

int vocab_index(struct vocab *v, struct fault *err)
{
	uint32_t size = 16, i, s, id;
	const struct token *t;
	uint64_t hash;

	while (size < 2 * v->n)
		size *= 2;
	v->mask = size - 1;
	free(v->slot);
	v->slot = hugepage_new(size * sizeof *v->slot);
	memset(v->slot, 0xff, size * sizeof *v->slot);
	for (i = 0; i < v->n; i++) {
		t = &v->token[i];
		if (!t->reached)
			continue;
		hash = hash_of(v->text + t->at, t->n);
		id = find(v, hash, v->text + t->at, t->n, &s);
		if (id != NO_ID)
			return fault(err, "tokens %u and %u are the same text", id, i);
		v->slot[s] = (hash & HASH_HALF) | i;
	}
	for (i = 0; i < 128; i++)
		v->ascii[i] = vocab_find(v, (char[]){ (char)i }, 1);
	return 0;
}

uint32_t vocab_find(const struct vocab *v, const char *text, size_t n)
{
	uint32_t slot;

	return find(v, hash_of(text, n), text, n, &slot);
}

uint32_t vocab_named(const struct vocab *v, const char *text, size_t n)
{
	for (uint32_t i = 0; i < v->n; i++)
		if (v->token[i].type != TOKEN_NONE && same(v, i, text, n))
			return i;
	return NO_ID;
}

const char *vocab_text(const struct vocab *v, uint32_t id, size_t *n)
{
	*n = v->token[id].n;
	return v->text + v->token[id].at;
}

int vocab_has(const struct vocab *v, uint64_t id)
{
	return id < v->n && v->token[id].type != TOKEN_NONE;
}

uint64_t vocab_hash(const struct vocab *v)
{
	XXH3_state_t *state = XXH3_createState();
	uint32_t i, head[2];
	uint64_t h;

	if (!state)
		die("out of memory");
	XXH3_64bits_reset(state);
	for (i = 0; i < v->n; i++) {
		if (v->token[i].type == TOKEN_NONE || v->token[i].type == TOKEN_UNUSED)
			continue;
		head[0] = i;
		head[1] = v->token[i].n;
		XXH3_64bits_update(state, head, sizeof head);
		XXH3_64bits_update(state, v->text + v->token[i].at, v->token[i].n);
	}
	h = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return h;
}

void vocab_free(struct vocab *v)
{
	free(v->token);
	free(v->text);
	free(v->slot);
	memset(v, 0, sizeof *v);
}

/* The byte that a character of the alphabet stands for, or -1. */
static int alphabet_byte(uint32_t c)
{
	if ((c >= 33 && c <= 126) || (c >= 161 && c <= 172) || (c >= 174 && c <= 255))
		return (int)c;
	if (c < 256 || c > 256 + 67)
		return -1;
	c -= 256;
	return c <= 32 ? (int)c : c < 67 ? (int)c + 127 - 33 : 173;
}

/* The byte that the character at text stands for, and how long it is; -1: none, as for what is no
 * UTF-8. The alphabet's characters take one byte or two. */
static int alphabet_step(const char *text, size_t n, size_t *len)
{
	const unsigned char *u = (const unsigned char *)text;

	*len = u[0] < 0x80 ? 1 : 2;
	if (*len == 1)
		return alphabet_byte(u[0]);
	if (n < 2 || u[0] < 0xc2 || u[0] > 0xdf || (u[1] & 0xc0) != 0x80)
		return -1;
	return alphabet_byte((uint32_t)(u[0] & 0x1f) << 6 | (u[1] & 0x3f));
}

long vocab_from_alphabet(char *out, const char *text, size_t n)
{
	size_t i = 0, len;
	long o = 0;
	int b;

	for (; i < n; i += len) {
		b = alphabet_step(text + i, n - i, &len);
		if (b < 0)
			return -1;
		out[o++] = (char)b;
	}
	return o;
}

size_t vocab_from_spm(char *out, const char *text, size_t n)
{
	size_t i = 0, o = 0;

	while (i < n)
		if (n - i >= 3 && !memcmp(text + i, "\xe2\x96\x81", 3)) {
			out[o++] = ' ';
			i += 3;
		} else {
			out[o++] = text[i++];
		}
	return o;
}
