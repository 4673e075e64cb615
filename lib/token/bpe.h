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

/* Begins an empty b with the capacity for n merges. */
void bpe_init(struct bpe *b, uint32_t n);
/* Adds the merge of the tokens left and right into id: 0, or -1 with err where the pair is there
 * already. */
int bpe_add(struct bpe *b, uint32_t left, uint32_t right, uint32_t rank, uint32_t id,
	struct fault *err);
/* Adds all merges of two reached tokens of v into a third, whose rank is rank[id]. 0, or -1 with
 * err. */
int bpe_from_ranks(struct bpe *b, const struct vocab *v, const uint32_t *rank, struct fault *err);
/* Returns the ranks of SentencePiece's scores, [n], new: 0 for the highest, equal ranks for equal
 * scores; NULL where a score is NaN. */
uint32_t *bpe_ranks_of_scores(const float *score, uint32_t n);
/* Prepares b for use, after the last merge and once b->byte and v are complete. */
void bpe_index(struct bpe *b, const struct vocab *v);
void bpe_free(struct bpe *b);

/* Writes the tokens of piece[0..n), valid UTF-8, n >= 1, to id, which has a capacity of n. Returns
 * how many. Takes time n log n. */
size_t bpe_piece(const struct bpe *b, const struct vocab *v, uint32_t *id, const char *piece,
	size_t n);

struct token_ids { /* a list that grows; begins as zeros, and id is freed with free */
	uint32_t *id;
	size_t n, cap;
};
void token_ids_reserve(struct token_ids *out, size_t more); /* capacity for so many more */
void token_ids_add(struct token_ids *out, const uint32_t *id, size_t n);

/* A cache of pieces and their tokens, one for each thread. */
struct bpe_cache;
struct bpe_cache *bpe_cache_new(void);
void bpe_cache_free(struct bpe_cache *c);

enum { BPE_PIECES = 64 };
/* Adds the tokens of n_pieces <= BPE_PIECES pieces to out. The pieces stand one behind the other
 * from text on, and have len[n_pieces] bytes. end: where the memory that may be read ends, at or
 * after the end of the last piece. */
void bpe_encode(const struct bpe *b, const struct vocab *v, struct bpe_cache *c,
	struct token_ids *out, const char *text, const uint32_t *len, int n_pieces,
	const char *end);

#endif
