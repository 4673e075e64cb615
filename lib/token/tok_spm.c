/* tok_spm - SentencePiece's tokenizer.model of type BPE (coppice-tokenizers(7), SENTENCEPIECE BPE)
 *
 * Control pieces in a text are text here, as they are for SentencePiece itself.
 */
#include "token/tok_own.h"

#include "file/proto.h"
#include "sys/fault.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

enum { MODEL_BPE = 2 };

struct tok_spm_reader {
	struct tok *t;
	float *score; /* [n] */
	uint32_t n, cap;
	int64_t model_type, byte_fallback, suffix, unk, bos, eos; /* of the trainer's part */
	int64_t dummy_prefix, remove_spaces, escape;              /* of the normaliser's */
	struct fault *err;
};

static int damaged(const struct tok_spm_reader *r)
{
	return fault(r->err, "not a SentencePiece model: damaged protocol buffer");
}

/* A number field into its variable, if it is one of the list. */
struct number {
	uint32_t field;
	int64_t *to;
};

static int read_numbers(struct tok_spm_reader *r, struct proto p, const struct number *list,
	size_t n)
{
	struct proto_field f;
	int rc;

	while ((rc = proto_next(&p, &f)) > 0)
		for (size_t i = 0; i < n; i++)
			if (f.number == list[i].field) {
				if (f.type != PROTO_INT)
					return damaged(r);
				*list[i].to = (int32_t)f.value;
			}
	return rc < 0 ? damaged(r) : 0;
}

static int read_normalizer(struct tok_spm_reader *r, struct proto p)
{
	const struct number list[] = { { 3, &r->dummy_prefix }, { 4, &r->remove_spaces },
		{ 5, &r->escape } };
	struct proto q = p;
	struct proto_field f;

	while (proto_next(&q, &f) > 0)
		if (f.number == 2 && f.type == PROTO_BYTES && f.bytes.at < f.bytes.end)
			return fault(r->err,
				"a normaliser with a precompiled_charsmap is not supported");
	return read_numbers(r, p, list, 3);
}

static int add_piece(struct tok_spm_reader *r, const char *s, size_t n, float score, uint64_t type)
{
	uint32_t id = r->n;
	int byte;

	if (id == VOCAB_MAX)
		return fault(r->err, "more than %d pieces", VOCAB_MAX);
	if (r->n == r->cap) {
		r->cap = 2 * r->cap + 1024;
		r->score = xrealloc(r->score, r->cap, sizeof *r->score);
	}
	r->score[r->n++] = score;
	switch (type) {
	case TOKEN_BYTE:
		byte = tok_byte_named(s, n);
		if (byte < 0)
			return fault(r->err, "piece %u: not the name of a byte", id);
		return tok_add_token(r->t, 0, id, (char[]){ (char)byte }, 1, TOKEN_BYTE, r->err);
	case TOKEN_USER:
		if (tok_add_token(r->t, 0, id, s, n, TOKEN_USER, r->err))
			return -1;
		if (memchr(s, ' ', n)) /* normal text has none: it never matches */
			return 0;
		s = vocab_text(&r->t->vocab, id, &n);
		return added_add(&r->t->norm, s, n, (struct added_token){ id }, r->err);
	case TOKEN_NORMAL:
	case TOKEN_UNKNOWN:
	case TOKEN_CONTROL: return tok_add_token(r->t, 0, id, s, n, (enum token_type)type, r->err);
	default:
		return fault(r->err, "piece %u: type %llu is not supported", id,
			(unsigned long long)type);
	}
}

static int read_piece(struct tok_spm_reader *r, struct proto p)
{
	struct proto text = { 0 };
	struct proto_field f;
	float score = 0;
	uint64_t type = TOKEN_NORMAL;
	int rc;

	while ((rc = proto_next(&p, &f)) > 0) {
		if (f.number == 1 && f.type == PROTO_BYTES)
			text = f.bytes;
		else if (f.number == 2 && f.type == PROTO_32)
			score = proto_float(&f);
		else if (f.number == 3 && f.type == PROTO_INT)
			type = f.value;
		else if (f.number <= 3)
			return damaged(r);
	}
	if (rc < 0)
		return damaged(r);
	if (text.at == text.end)
		return fault(r->err, "piece %u is empty", r->n);
	return add_piece(r, (const char *)text.at, (size_t)(text.end - text.at), score, type);
}

static int read_model(struct tok_spm_reader *r, struct proto p)
{
	const struct number trainer[] = { { 3, &r->model_type }, { 24, &r->suffix },
		{ 35, &r->byte_fallback }, { 40, &r->unk }, { 41, &r->bos }, { 42, &r->eos } };
	struct proto_field f;
	int rc;

	while ((rc = proto_next(&p, &f)) > 0) {
		if (f.number >= 1 && f.number <= 3 && f.type != PROTO_BYTES)
			return damaged(r);
		if (f.number == 1 && read_piece(r, f.bytes))
			return -1;
		if (f.number == 2 && read_numbers(r, f.bytes, trainer, 6))
			return -1;
		if (f.number == 3 && read_normalizer(r, f.bytes))
			return -1;
	}
	return rc < 0 ? damaged(r) : 0;
}

static int check(const struct tok_spm_reader *r)
{
	if (!r->n)
		return damaged(r);
	if (r->model_type != MODEL_BPE)
		return fault(r->err, "SentencePiece model type %lld is not supported, only BPE",
			(long long)r->model_type);
	if (r->suffix)
		return fault(r->err, "treat_whitespace_as_suffix is not supported");
	if (r->remove_spaces || !r->escape)
		return fault(r->err, "%s is not supported",
			r->escape ? "remove_extra_whitespaces" : "escape_whitespaces false");
	if (!vocab_has(&r->t->vocab, (uint64_t)r->unk))
		return fault(r->err, "no piece has the id of the unknown one");
	return 0;
}

static int finish(struct tok_spm_reader *r)
{
	struct tok *t = r->t;
	uint32_t *rank;
	int rc;

	t->bpe.unknown = (uint32_t)r->unk;
	t->bpe.fuse_unknown = 1;
	if (vocab_index(&t->vocab, r->err) ||
		tok_set_spm(t, r->dummy_prefix ? PREFIX_ALWAYS : PREFIX_NONE, r->err))
		return -1;
	if ((r->byte_fallback != 0) != (t->bpe.byte[0] != NO_ID))
		return fault(r->err, "byte_fallback and the byte pieces disagree");
	t->bos = vocab_has(&t->vocab, (uint64_t)r->bos) ? r->bos : -1;
	t->eos = vocab_has(&t->vocab, (uint64_t)r->eos) ? r->eos : -1;
	t->adds_bos = t->bos >= 0;
	rank = bpe_ranks_of_scores(r->score, r->n);
	if (!rank)
		return fault(r->err, "a score is not a number");
	rc = bpe_from_ranks(&t->bpe, &t->vocab, rank, r->err);
	free(rank);
	return rc;
}

int tok_read_spm(struct tok *t, const char *bytes, size_t n, struct fault *err)
{
	struct tok_spm_reader r = { t, .model_type = 1, .bos = 1, .eos = 2, .dummy_prefix = 1,
		.remove_spaces = 1, .escape = 1, .err = err };
	struct proto p = { (const unsigned char *)bytes, (const unsigned char *)bytes + n };
	int rc;

	t->bos = t->eos = -1;
	rc = read_model(&r, p) || check(&r) || finish(&r) ? -1 : 0;
	free(r.score);
	return rc;
}
