/* The merge loop: random vocabularies against the definition (scan for the lowest rank, leftmost of
 * equals, again and again); long pieces take the heap, so a megabyte without a space is made in
 * bounded time. Equal ids. */
#include "token/bpe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

static uint64_t seed = 7;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* A vocabulary over a, b, c whose longer tokens join two that are there; ranks repeat where
 * `ties`. */
static void random_vocab(struct vocab *v, struct bpe *b, int ties)
{
	struct fault err;
	char text[128];
	uint32_t rank[64], n = 3, left, right;
	size_t a, c;

	memset(b, 0, sizeof *b);
	memset(b->byte, 0xff, sizeof b->byte);
	b->unknown = NO_ID;
	for (uint32_t i = 0; i < 3; i++) {
		b->byte['a' + i] = i;
		assert_int_equal(vocab_add(v, i, &"abc"[i], 1, TOKEN_NORMAL, 1, &err), 0);
	}
	while (n < 40) {
		left = random_below(n);
		right = random_below(n);
		memcpy(text, vocab_text(v, left, &a), v->token[left].n);
		memcpy(text + a, vocab_text(v, right, &c), v->token[right].n);
		if (a + c > 20)
			continue;
		assert_int_equal(vocab_index(v, &err), 0);
		if (vocab_find(v, text, a + c) != NO_ID)
			continue;
		assert_int_equal(vocab_add(v, n++, text, a + c, TOKEN_NORMAL, 1, &err), 0);
	}
	for (uint32_t i = 0; i < n; i++)
		rank[i] = random_below(ties ? 6 : 1u << 30);
	assert_int_equal(vocab_index(v, &err), 0);
	assert_int_equal(bpe_from_ranks(b, v, rank, &err), 0);
	bpe_index(b, v);
}

/* As the definition has it, over the merges as a list. */
static size_t by_definition(const struct bpe *b, uint32_t *id, size_t n)
{
	const struct bpe_merge *m, *best;
	size_t at, i;

	for (;;) {
		best = NULL;
		for (i = 0; i + 1 < n; i++)
			for (uint32_t k = 0; k <= b->mask; k++) {
				m = &b->merge[k];
				if (b->pair[k] == ((uint64_t)id[i] << 32 | id[i + 1]) &&
					(!best || m->rank < best->rank)) {
					best = m;
					at = i;
				}
			}
		if (!best)
			return n;
		id[at] = best->id;
		memmove(id + at + 1, id + at + 2, (n - at - 2) * sizeof *id);
		n--;
	}
}

/* Pieces of a text, its bytes as they are: what is wanted of all of them. */
static size_t random_pieces(const struct bpe *b, uint32_t *want, char *text, uint32_t *len,
	int n_pieces)
{
	size_t at = 0, n = 0, i;

	for (int k = 0; k < n_pieces; at += len[k++]) {
		/* short, out of the cache, and the heap's */
		len[k] = 1 + random_below(random_below(10) ? 18 : 200);
		for (i = 0; i < len[k]; i++) {
			text[at + i] = (char)('a' + random_below(3));
			want[n + i] = (uint32_t)(text[at + i] - 'a');
		}
		n += by_definition(b, want + n, len[k]);
	}
	return n;
}

static void definition(void **state)
{
	struct bpe_cache *cache;
	struct token_ids out = { 0 };
	uint32_t want[200 * BPE_PIECES], len[BPE_PIECES];
	char text[200 * BPE_PIECES];
	size_t n, k;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct vocab v = { 0 };
		struct bpe b;

		random_vocab(&v, &b, round & 1);
		cache = bpe_cache_new();
		for (int i = 0; i < 20; i++) {
			int pieces = 1 + (int)random_below(BPE_PIECES), p;

			k = random_pieces(&b, want, text, len, pieces);
			for (n = 0, p = 0; p < pieces; p++)
				n += len[p];
			for (int twice = 0; twice < 2; twice++) {
				out.n = 0;
				bpe_encode(&b, &v, cache, &out, text, len, pieces, text + n);
				assert_int_equal(out.n, k);
				assert_memory_equal(out.id, want, k * sizeof *want);
			}
		}
		bpe_cache_free(cache);
		bpe_free(&b);
		vocab_free(&v);
	}
	free(out.id);
}

/* Runs of one letter, and of a pattern that merges again and again: 4 MB each, some seconds at the
 * very most. */
static void long_pieces(void **state)
{
	static const char *const patterns[] = { "a", "ab", "abc", "aab", "abacab" };
	struct bpe_cache *cache = bpe_cache_new();
	struct token_ids out = { 0 };
	struct vocab v = { 0 };
	struct bpe b;
	size_t n = 4 << 20, len, total;
	char *text = malloc(n);
	clock_t t = clock();

	(void)state;
	random_vocab(&v, &b, 0);
	for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
		for (size_t i = 0; i < n; i++)
			text[i] = patterns[p][i % strlen(patterns[p])];
		out.n = 0;
		bpe_encode(&b, &v, cache, &out, text, &(uint32_t){ (uint32_t)n }, 1, text + n);
		for (size_t i = total = 0; i < out.n; i++, total += len) {
			const char *s = vocab_text(&v, out.id[i], &len);

			assert_memory_equal(s, text + total, len);
		}
		assert_int_equal(total, n);
	}
	assert_true((double)(clock() - t) / CLOCKS_PER_SEC < 60);
	bpe_cache_free(cache);
	bpe_free(&b);
	vocab_free(&v);
	free(out.id);
	free(text);
}

static void scores(void **state)
{
	const float score[] = { 0, -1, -1, 5, -1e9f, -1e9f, 0 }, nan[] = { 0, 0.0f / 0.0f };
	const uint32_t want[] = { 1, 2, 2, 0, 3, 3, 1 };
	uint32_t *rank = bpe_ranks_of_scores(score, 7);

	(void)state;
	assert_memory_equal(rank, want, sizeof want);
	free(rank);
	assert_null(bpe_ranks_of_scores(nan, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(definition),
		cmocka_unit_test(long_pieces),
		cmocka_unit_test(scores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
