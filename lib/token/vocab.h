/* vocab - the tokens of a tokenizer: text by id, and id by text
 *
 * Texts are kept as they stand in a document: the byte alphabet of byte-level vocabularies is
 * undone, SentencePiece's U+2581 is a space, a byte token is its byte. So one vocabulary is the
 * same thing in every file format.
 */
#ifndef COPPICE_VOCAB_H
#define COPPICE_VOCAB_H

#include "sys/fault.h"

#include <stddef.h>
#include <stdint.h>

/* ids; bytes of a token that merges or matches are made from */
enum { VOCAB_MAX = 1 << 22, TOKEN_MAX = 512 };
static const uint32_t NO_ID = UINT32_MAX;

/* The numbers of SentencePiece and GGUF. NONE: no token has this id. */
enum token_type {
	TOKEN_NONE,
	TOKEN_NORMAL,
	TOKEN_UNKNOWN,
	TOKEN_CONTROL,
	TOKEN_USER,
	TOKEN_UNUSED,
	TOKEN_BYTE
};

struct token {
	uint32_t at, n; /* its text */
	uint8_t type;
	uint8_t reached; /* 1: text becomes this token by merging, so it is found by its text */
};

struct vocab {
	struct token *token; /* [n] */
	uint32_t n, cap;
	char *text;
	size_t n_text, cap_text;
	uint64_t *slot; /* hash table of the reached ids */
	uint32_t mask;
	uint32_t ascii[128]; /* the reached token of one such character, NO_ID: none */
};

/* Adds a token. 0, or -1 with err where another has the id, or the id is too large or the text too
 * long. */
int vocab_add(struct vocab *v, uint64_t id, const char *text, size_t n, enum token_type type,
	int reached, struct fault *err);
/* Prepares v for use, after the last vocab_add. 0, or -1 with err where two reached tokens have the
 * same text. */
int vocab_index(struct vocab *v, struct fault *err);
/* Returns the id of the reached token of this text; NO_ID: there is none. */
uint32_t vocab_find(const struct vocab *v, const char *text, size_t n);
/* Returns the smallest id of any token of this text; NO_ID: there is none. Slow; for the names of
 * special tokens. */
uint32_t vocab_named(const struct vocab *v, const char *text, size_t n);
/* Returns the text of a token, *n bytes, which belongs to v. */
const char *vocab_text(const struct vocab *v, uint32_t id, size_t *n);
int vocab_has(const struct vocab *v, uint64_t id); /* 1 where some token has this id, else 0 */
/* Returns XXH3 of all tokens in the order of their ids, unused ones left out: of each its id and
 * its length, u32 little-endian, and its text. */
uint64_t vocab_hash(const struct vocab *v);
void vocab_free(struct vocab *v);

/* Undoes the byte alphabet (coppice-tokenizers(7), BYTE ALPHABET) of text[0..n), and writes the
 * bytes to out, which has a capacity of n. Returns their number; -1 where a character is not in the
 * alphabet. */
long vocab_from_alphabet(char *out, const char *text, size_t n);
/* Copies text[0..n), as SentencePiece writes it, to out, which has a capacity of n, with a space
 * for each U+2581. Returns the length of out. */
size_t vocab_from_spm(char *out, const char *text, size_t n);

#endif
