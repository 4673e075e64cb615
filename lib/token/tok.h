/* tok - tokenizers: byte-level BPE and SentencePiece BPE, from tokenizer.json, tokenizer.model or
 * GGUF
 *
 * coppice-tokenizers(7). Exact, or refused by name: an unknown normaliser or pre-tokeniser is an
 * error, not a guess.
 */
#ifndef COPPICE_TOK_H
#define COPPICE_TOK_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct tok;
/* A folder, a GGUF file, or one of the tokenizer's files itself. Dies with one line. */
struct tok *tok_open(const char *model);
/* The same for what -m of a tool may name (ref.h): also a model of the hub, or a model stream. A
 * stream's models must have one base; where: NULL, or --base. Its weights need not be there, but
 * then it is said that nobody knows whether it is the right one. provenance: gets the steps of the stream
 * (NULL: none). */
struct tok *tok_open_model(const char *model, const char *where, json_t **provenance);
/* tok_open for a folder or a GGUF file whose tokenizer is wanted but not needed: NULL where it has
 * none that can be read, said with -v. */
struct tok *tok_find(const char *model);
void tok_close(struct tok *t);

/* One per thread: scratch space and the result of the last tok_encode. */
struct tok_out {
	const uint32_t *ids; /* [n], until the next tok_encode */
	size_t n;
	uint64_t replaced; /* bytes of invalid UTF-8 replaced so far */
	int failed;        /* 1: a regular expression of the tokenizer's own gave up on this text */
	struct tok_scratch *scratch;
};
/* Ids of a text, BOS in front if the tokenizer's rule (or tok_set_bos) says so. Thread-safe on one
 * struct tok. Invalid UTF-8 becomes U+FFFD, a maximal subpart each. Zero-initialise out before the
 * first call. */
void tok_encode(const struct tok *t, struct tok_out *out, const char *text, size_t n);
void tok_out_free(struct tok_out *out);

/* 1, 0: BOS in front of every text, or of none, whatever the tokenizer's rule
 * (coppice-tokenizers(7), BOS); dies if it has no BOS. -1: by its rule, with a warning where its
 * files disagree in it. */
void tok_set_bos(struct tok *t, int on);
int tok_adds_bos(const struct tok *t);
int64_t tok_bos(const struct tok *t); /* id of BOS, -1: there is none */
int64_t tok_eos(const struct tok *t);
uint32_t tok_size(const struct tok *t); /* largest id + 1 */
/* 16 hex digits, equal for all files of one vocabulary: vocab_hash */
const char *tok_hash(const struct tok *t);
/* The bytes that a token stands for in text (U+2581 one byte, a special token none), for bits per
 * byte. */
size_t tok_bytes(const struct tok *t, uint32_t id);

#endif
