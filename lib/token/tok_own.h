/* tok_own - what a tokenizer is made of; for the tok_*.c files, one a family, that fill it in
 *
 * The work on a text, in order: added tokens cut out (raw), the rest normalised, more added tokens
 * cut out (norm), the rest split into pieces by one rule after the other, each piece merged (bpe).
 * A family is a choice of each.
 */
#ifndef COPPICE_TOK_OWN_H
#define COPPICE_TOK_OWN_H

#include "token/added.h"
#include "token/bpe.h"
#include "token/split.h"
#include "token/tok.h"
#include "token/vocab.h"
#include "sys/fault.h"

#include <jansson.h>

enum { SPLITS_MAX = 8 };

enum normal {
	NORMAL_NONE,
	NORMAL_NFC,
	NORMAL_SPM, /* U+2581 and " " are one character; a space goes in front as `prefix` says */
};
enum prefix {
	PREFIX_NONE,
	PREFIX_ALWAYS,       /* a space in front of every text that is not empty */
	PREFIX_UNLESS_SPACE, /* unless it begins with one */
	PREFIX_FIRST,        /* the same, only where the text begins, not after an added token */
};

struct tok {
	struct vocab vocab;
	struct bpe bpe;
	struct added raw, norm;
	enum normal normal;
	enum prefix prefix;
	int late; /* NORMAL_SPM comes after norm's tokens are cut out: it is a pre-tokeniser */
	struct split split[SPLITS_MAX];
	int n_splits;
	int whole; /* what SPLIT_JOINTS would cut is one token if it is one as a whole */
	int adds_bos;
	int quiet;   /* only wanted, not needed: nothing is warned of */
	char *doubt; /* what files say of BOS and is not obeyed, for a warning; NULL: nothing */
	int cut;     /* the file also says where to cut or fill up a text, which has no say here */
	int64_t bos, eos; /* ids, -1: none */
	uint32_t size;
	char hash[17];
};

/* The families. Each fills a struct tok of zeros from untrusted bytes: 0, or -1 with err; what it
 * made until then is freed by tok_parts_free. */
/* tokenizer.json. more: NULL, or an array like its added_tokens: what other files say of them; an
 * entry without id is one of the vocabulary's, if it is there. */
int tok_read_json(struct tok *t, const char *bytes, size_t n, const json_t *more,
	struct fault *err);
/* SentencePiece */
int tok_read_spm(struct tok *t, const char *bytes, size_t n, struct fault *err);
struct gguf;
int tok_read_gguf(struct tok *t, const struct gguf *g, struct fault *err);
int tok_is_ranks(const char *bytes, size_t n); /* 1: the first line is "base64 number" */
/* tiktoken */
int tok_read_ranks(struct tok *t, const char *bytes, size_t n, struct fault *err);
/* vocab.json and merges.txt, by a rule that they don't say themselves. more: as above. */
struct merges_rule {
	enum split_kind split;
	int nfc, add_space;
};
int tok_read_merges(struct tok *t, const struct merges_rule *rule, const char *vocab,
	size_t n_vocab, const char *merges, size_t n_merges, const json_t *more, struct fault *err);
int tok_is_gpt2(const char *vocab, size_t n); /* 1: a vocab.json with GPT-2's own 50257 tokens */

/* Steps that they share. */
int tok_add_split(struct tok *t, enum split_kind kind, struct fault *err);
/* SentencePiece: the merge loop starts from characters; where none is left out the text is cut at
 * SPLIT_JOINTS, which changes nothing but the speed. Needs the indexed vocabulary, bpe.unknown and
 * bpe.whole. */
int tok_set_spm(struct tok *t, enum prefix prefix, struct fault *err);
/* Byte-level: the merge loop starts from the tokens of bytes. Needs the indexed vocabulary. */
void tok_set_bytes(struct tok *t);
/* One line of merges, "a b", split at the first space after position 0, or the halves apart; both
 * in the byte alphabet (alphabet 1) or in SentencePiece's writing. */
int tok_add_merge(struct tok *t, int alphabet, uint32_t rank, const char *left, size_t n_left,
	const char *right, size_t n_right, struct fault *err);
int tok_add_merge_line(struct tok *t, int alphabet, uint32_t rank, const char *line, size_t n,
	struct fault *err);
/* A token as a file of byte-level (alphabet 1) or SentencePiece tokens writes it. Normal ones
 * become reached; those of type BYTE are given as the one byte; all others of a byte-level file are
 * raw text. */
int tok_add_token(struct tok *t, int alphabet, uint64_t id, const char *s, size_t n,
	enum token_type type, struct fault *err);
/* The byte that "<0x0A>" names, -1: not such a name. */
int tok_byte_named(const char *s, size_t n);
/* Adds text to the tokens cut out first, or to those cut out of normal text, as which it is
 * normalised. */
int tok_add_added(struct tok *t, const char *s, size_t n, int normalized, struct added_token token,
	struct fault *err);
void tok_finish(struct tok *t); /* size, hash, bpe_index */
void tok_parts_free(struct tok *t);

#endif
