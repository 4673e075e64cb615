/* tok_own - the parts of a tokenizer; for the tok_*.c files, one for each family, that fill it in
 *
 * A text is tokenised in this order: added tokens are taken out (raw), the rest is normalised, more
 * added tokens are taken out (norm), the rest is split into pieces by one rule after the other, and
 * each piece is merged (bpe). A family is a choice of each.
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
	int late; /* 1: NORMAL_SPM comes after norm's tokens are taken out, as a pre-tokeniser */
	struct split split[SPLITS_MAX];
	int n_splits;
	int whole; /* 1: what SPLIT_JOINTS would split is one token if it is one as a whole */
	int adds_bos;
	int quiet;     /* 1: the tokenizer is not needed, so nothing is warned of */
	char *doubt;   /* what files say of BOS and is not obeyed, for a warning; NULL: nothing */
	int truncates; /* 1: the file also says where to truncate or pad texts, which is ignored */
	int64_t bos, eos; /* ids, -1: none */
	uint32_t size;
	char hash[17];
};

/* n bytes of a file, owned by the caller. */
struct tok_text {
	const char *s;
	size_t n;
};

/* The families. Each fills a struct tok of zeros from untrusted bytes: 0, or -1 with err; either
 * way tok_parts_free frees what is there. */
/* Reads a tokenizer.json. more: NULL, or an array like its added_tokens, with what other files say
 * of them; an entry without an id is a token of the vocabulary, if it has one of that text. */
int tok_read_json(struct tok *t, const char *bytes, size_t n, const json_t *more,
	struct fault *err);
/* Reads a SentencePiece model. */
int tok_read_spm(struct tok *t, const char *bytes, size_t n, struct fault *err);
struct gguf;
int tok_read_gguf(struct tok *t, const struct gguf *g, struct fault *err);
int tok_is_ranks(const char *bytes, size_t n); /* 1 where the first line is "base64 number" */
/* Reads a file of tiktoken's ranks. */
int tok_read_ranks(struct tok *t, const char *bytes, size_t n, struct fault *err);
/* Reads a vocab.json and a merges.txt by a rule, which they do not say themselves. more: as
 * above. */
struct merges_rule {
	enum split_kind split;
	int nfc, add_space;
};
int tok_read_merges(struct tok *t, const struct merges_rule *rule, struct tok_text vocab,
	struct tok_text merges, const json_t *more, struct fault *err);
/* Returns 1 where a vocab.json has GPT-2's own 50257 tokens, else 0. */
int tok_is_gpt2(const char *vocab, size_t n);

/* What the families share. Those with err return 0, or -1. */
int tok_add_split(struct tok *t, enum split_kind kind, struct fault *err);
/* Makes t a SentencePiece tokenizer: merging starts from characters. Where no character is left
 * out, the text is split at SPLIT_JOINTS, which changes nothing but the speed. The vocabulary must
 * be indexed, and bpe.unknown and bpe.whole set. */
int tok_set_spm(struct tok *t, enum prefix prefix, struct fault *err);
/* Makes t a byte-level tokenizer: merging starts from the tokens of bytes. The vocabulary must be
 * indexed. */
void tok_set_bytes(struct tok *t);
/* Add a merge, of two halves, or of a line "a b", which is split at the first space after position
 * 0. They are written in the byte alphabet (alphabet 1) or as SentencePiece writes them (0). */
int tok_add_merge(struct tok *t, int alphabet, uint32_t rank, struct tok_text left,
	struct tok_text right, struct fault *err);
int tok_add_merge_line(struct tok *t, int alphabet, uint32_t rank, const char *line, size_t n,
	struct fault *err);
/* Adds a token as a file of byte-level tokens (alphabet 1) or SentencePiece's (0) writes it. Normal
 * ones become reached; those of TOKEN_BYTE are given as the one byte; all others of a byte-level
 * file are plain text. */
int tok_add_token(struct tok *t, int alphabet, uint64_t id, const char *s, size_t n,
	enum token_type type, struct fault *err);
/* Returns the byte that a name like "<0x0A>" means; -1: it is no such name. */
int tok_byte_named(const char *s, size_t n);
/* Adds an added token: to t->raw, or with normalized 1 to t->norm, and then s is normalised
 * first. */
int tok_add_added(struct tok *t, const char *s, size_t n, int normalized, struct added_token token,
	struct fault *err);
void tok_finish(struct tok *t); /* sets size and hash, and prepares the merges */
void tok_parts_free(struct tok *t);

#endif
