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
/* Opens the tokenizer of model, a folder, a GGUF file, or one of the tokenizer's own files; new,
 * closed by tok_close. Dies with one line where it has none that can be read exactly. */
struct tok *tok_open(const char *model);
/* The same for all that ref.h opens: also a model of the hub, or a model stream, whose models must
 * have one base. where: where that base is, NULL: where the stream says. The base's weights need
 * not be there; it is then warned that nothing says whether it is the right one. *provenance
 * becomes the steps of the stream, new; NULL where there is none. */
struct tok *tok_open_model(const char *model, const char *where, json_t **provenance);
/* The same as tok_open for a folder or a GGUF file, but NULL where it has no tokenizer that can be
 * read, with a note of the reason. */
struct tok *tok_find(const char *model);
void tok_close(struct tok *t);

/* The result of the last tok_encode and its scratch memory, one for each thread. Begins as
 * zeros. */
struct tok_out {
	const uint32_t *ids; /* [n], until the next tok_encode */
	size_t n;
	uint64_t replaced; /* bytes of invalid UTF-8 replaced so far */
	int failed;        /* 1: a regular expression of the tokenizer's own gave up on this text */
	struct tok_scratch *scratch;
};
/* Makes the ids of text[0..n), with BOS in front where the tokenizer's rule, or tok_set_bos, says
 * so; they belong to out. Invalid UTF-8 becomes U+FFFD, one for each maximal subpart. Several
 * threads may use one t, each with an out of its own. */
void tok_encode(const struct tok *t, struct tok_out *out, const char *text, size_t n);
void tok_out_free(struct tok_out *out);

/* 1, 0: BOS in front of every text, or of none, whatever the tokenizer's rule
 * (coppice-tokenizers(7), BOS); dies if it has no BOS. -1: by its rule, with a warning where its
 * files disagree in it. */
void tok_set_bos(struct tok *t, int on);
int tok_adds_bos(const struct tok *t); /* 1 where BOS is put in front of texts, else 0 */
/* Ids of BOS and EOS; -1: there is none. BOS is put in by tok_encode; tests alone ask for it. */
int64_t tok_bos(const struct tok *t);
int64_t tok_eos(const struct tok *t);
uint32_t tok_size(const struct tok *t); /* largest id + 1 */
/* Returns vocab_hash as 16 hex digits: the same for all files of one vocabulary. */
const char *tok_hash(const struct tok *t);
/* Returns the number of bytes that a token stands for in a text, U+2581 being one and a special
 * token none; for losses in bits per byte. */
size_t tok_bytes(const struct tok *t, uint32_t id);

#endif
