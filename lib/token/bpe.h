/* bpe - byte pair encoding: the merges of a vocabulary, and a piece of text made into tokens by
 * them
 *
 * Every family ends here. What makes them differ is what they start from (bytes or characters) and
 * where the rank of a merge comes from: a list of merges, or the rank or score of the token that it
 * gives. The neighbours of lowest rank are merged first, the leftmost of equals, until no merge is
 * left.
 */
#ifndef COPPICE_BPE_H
#define COPPICE_BPE_H

#include "token/vocab.h"
#include "sys/fault.h"

struct bpe_merge {
	uint32_t rank, id;
};

struct bpe {
	int by_char; /* start from characters, else from bytes */
	int whole;   /* a piece that is a token is that token, whatever the merges say */
	/* token of each byte: to start from, or for unknown characters; NO_ID: none */
	uint32_t byte[256];
	uint32_t unknown; /* token of what is neither, NO_ID: it is left out */
	int fuse_unknown; /* 1: one such token for several unknown characters in a row */
	/* hash table: left << 32 | right, all ones: empty; apart from what it gives, since */
	uint64_t *pair;
	struct bpe_merge *merge; /* many pairs that are looked up are not there */
	uint32_t mask, n, shift;
	/* [128 * 128] the merges of two ASCII characters; no such: rank UINT32_MAX */
	struct bpe_merge *first;
};

/* Room for n merges; before bpe_add. */
void bpe_init(struct bpe *b, uint32_t n);
/* 0, or -1 with err: the pair is there already. */
int bpe_add(struct bpe *b, uint32_t left, uint32_t right, uint32_t rank, uint32_t id,
	struct fault *err);
/* All merges of two reached tokens into a third, ranked by rank[id] of that. 0, or -1 with err. */
int bpe_from_ranks(struct bpe *b, const struct vocab *v, const uint32_t *rank, struct fault *err);
/* Ranks from SentencePiece's scores, the highest first, equal ones for equal scores. New, [n];
 * NULL: a score is NaN. */
uint32_t *bpe_ranks_of_scores(const float *score, uint32_t n);
/* After the last merge, and when byte and the vocabulary are complete. */
void bpe_index(struct bpe *b, const struct vocab *v);
void bpe_free(struct bpe *b);

/* The tokens of a piece, valid UTF-8, n >= 1, into id, which has room for n. Their number. Time n
 * log n. */
size_t bpe_piece(const struct bpe *b, const struct vocab *v, uint32_t *id, const char *piece,
	size_t n);

struct token_ids {
	uint32_t *id;
	size_t n, cap;
};
void token_ids_reserve(struct token_ids *out, size_t more); /* for so many more */
void token_ids_add(struct token_ids *out, const uint32_t *id, size_t n);

/* Pieces that were made into tokens before; one per thread. */
struct bpe_cache;
struct bpe_cache *bpe_cache_new(void);
void bpe_cache_free(struct bpe_cache *c);

enum { BPE_PIECES = 64 };
/* Adds the tokens of at most BPE_PIECES pieces that stand one behind the other. end: where what may
 * be read ends, at or after the end of the last. */
void bpe_encode(const struct bpe *b, const struct vocab *v, struct bpe_cache *c,
	struct token_ids *out, const char *text, const uint32_t *len, int n_pieces,
	const char *end);

#endif
