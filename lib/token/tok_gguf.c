/* tok_gguf - the tokenizer in a GGUF file (coppice-tokenizers(7), GGUF TOKENIZERS)
 */
#include "token/tok_own.h"

#include "file/gguf.h"
#include "sys/fault.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

#define KEY "tokenizer.ggml."

struct tok_gguf_reader {
	struct tok *t;
	const struct gguf *g;
	int spm;
	struct fault *err;
};

/* Pre-tokenisers by the names that llama.cpp gives them. */
static const struct pre_tokenizer {
	const char *pre, *patterns[4];
	int numbers, whole, adds_bos;
} families[] = {
	{ "gpt-2", { split_gpt2 } },
	{ "phi-2", { split_gpt2 } },
	{ "smollm", { split_gpt2 }, .numbers = 1 },
	{ "llama-bpe", { split_llama3 }, .whole = 1, .adds_bos = 1 },
	{ "llama3", { split_llama3 }, .whole = 1, .adds_bos = 1 },
	{ "llama-v3", { split_llama3 }, .whole = 1, .adds_bos = 1 },
	{ "qwen2", { split_qwen } },
	{ "deepseek-r1-qwen", { split_qwen } },
	{ "default", { "[\\p{P}\\$\\+<=>\\^~\\|]+", split_gpt2, "\\p{N}+", "[0-9][0-9][0-9]" } },
};

static int wrong(const struct tok_gguf_reader *r, const char *key, const char *what)
{
	return fault(r->err, KEY "%s: %s", key, what);
}

static int refused(const struct tok_gguf_reader *r, const char *key, struct gguf_str s)
{
	return fault(r->err, KEY "%s: \"%.*s\" is not supported", key, (int)(s.n < 64 ? s.n : 64),
		s.s);
}

static int get_flag(const struct tok_gguf_reader *r, const char *key, int otherwise, int *v)
{
	char name[64];
	int rc;

	snprintf(name, sizeof name, KEY "%s", key);
	*v = otherwise;
	rc = gguf_bool(r->g, name, v);
	return rc < 0 ? wrong(r, key, "no bool") : 0;
}

/* A token's id; absent: otherwise. -1 for an id that no token has. */
static int get_id(const struct tok_gguf_reader *r, const char *key, int64_t otherwise, int64_t *id)
{
	char name[64];
	uint64_t v = (uint64_t)otherwise;

	snprintf(name, sizeof name, KEY "%s", key);
	if (gguf_uint(r->g, name, &v) < 0)
		return wrong(r, key, "no number");
	*id = vocab_has(&r->t->vocab, v) ? (int64_t)v : -1;
	return 0;
}

static int add_one(const struct tok_gguf_reader *r, uint32_t id, struct gguf_str s, int64_t type)
{
	int byte = tok_byte_named(s.s, s.n);

	if (type < TOKEN_NORMAL || type > TOKEN_BYTE || (type == TOKEN_BYTE && !r->spm))
		return fault(r->err, KEY "token_type: %lld of token %u is not supported",
			(long long)type, id);
	if (type == TOKEN_BYTE && byte < 0)
		return fault(r->err, KEY "tokens: token %u is not the name of a byte", id);
	if (type == TOKEN_BYTE)
		return tok_add_token(r->t, 0, id, (char[]){ (char)byte }, 1, TOKEN_BYTE, r->err);
	if (tok_add_token(r->t, !r->spm, id, s.s, s.n, (enum token_type)type, r->err))
		return -1;
	if (type == TOKEN_NORMAL || type == TOKEN_UNUSED)
		return 0;
	return added_add(&r->t->raw, s.s, s.n, (struct added_token){ id }, r->err);
}

static int read_tokens(const struct tok_gguf_reader *r)
{
	const struct gguf_pair *tokens = gguf_array(r->g, KEY "tokens", GGUF_STRING);
	const struct gguf_pair *types = gguf_array(r->g, KEY "token_type", GGUF_I32);
	struct gguf_strings it = { tokens };
	struct gguf_str s;

	if (!tokens || tokens->count == 0 || tokens->count > VOCAB_MAX)
		return wrong(r, "tokens", "no list of tokens");
	if (types ? types->count != tokens->count : gguf_pair(r->g, KEY "token_type") != NULL)
		return wrong(r, "token_type", "not one number for each token");
	for (uint32_t id = 0; gguf_next_string(&it, &s); id++)
		if (add_one(r, id, s, types ? gguf_int_at(types, id) : TOKEN_NORMAL))
			return -1;
	return vocab_index(&r->t->vocab, r->err);
}

static int read_spm(const struct tok_gguf_reader *r)
{
	const struct gguf_pair *scores = gguf_array(r->g, KEY "scores", GGUF_F32);
	uint32_t n = r->t->vocab.n, *rank;
	int64_t unknown = -1;
	float *score;
	int space, rc;

	if (!scores || scores->count != n)
		return wrong(r, "scores", "not one number for each token");
	if (get_id(r, "unknown_token_id", 0, &unknown) ||
		get_flag(r, "add_space_prefix", 1, &space))
		return -1;
	r->t->bpe.unknown = unknown < 0 ? NO_ID : (uint32_t)unknown;
	r->t->bpe.fuse_unknown = 1;
	if (tok_set_spm(r->t, space ? PREFIX_ALWAYS : PREFIX_NONE, r->err))
		return -1;
	score = xcalloc(n, sizeof *score);
	for (uint32_t i = 0; i < n; i++)
		score[i] = gguf_f32_at(scores, i);
	rank = bpe_ranks_of_scores(score, n);
	free(score);
	if (!rank)
		return wrong(r, "scores", "a score is not a number");
	rc = bpe_from_ranks(&r->t->bpe, &r->t->vocab, rank, r->err);
	free(rank);
	return rc;
}

static int read_merges(const struct tok_gguf_reader *r)
{
	const struct gguf_pair *merges = gguf_array(r->g, KEY "merges", GGUF_STRING);
	struct gguf_strings it = { merges };
	struct gguf_str s;

	if (!merges || merges->count > 1 << 24)
		return wrong(r, "merges", "no list of merges");
	bpe_init(&r->t->bpe, (uint32_t)merges->count);
	for (uint32_t rank = 0; gguf_next_string(&it, &s); rank++)
		if (tok_add_merge_line(r->t, 1, rank, s.s, s.n, r->err))
			return -1;
	return 0;
}

static const struct pre_tokenizer *find_family(struct gguf_str pre)
{
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (gguf_str_is(pre, families[i].pre))
			return &families[i];
	return NULL;
}

static int read_bytes(const struct tok_gguf_reader *r, int *adds_bos)
{
	struct gguf_str pre = { "default", 7 };
	const struct pre_tokenizer *f;

	if (gguf_string(r->g, KEY "pre", &pre) < 0)
		return wrong(r, "pre", "no string");
	f = find_family(pre);
	if (!f)
		return refused(r, "pre", pre);
	if (f->numbers && tok_add_split(r->t, SPLIT_NUMBERS, r->err))
		return -1;
	for (int i = 0; i < 4 && f->patterns[i]; i++)
		if (tok_add_split(r->t, SPLIT_REGEX, r->err) ||
			split_parse(&r->t->split[r->t->n_splits - 1], f->patterns[i], r->err))
			return -1;
	r->t->bpe.whole = f->whole;
	r->t->bpe.unknown = NO_ID;
	*adds_bos = f->adds_bos;
	tok_set_bytes(r->t);
	return read_merges(r);
}

/* Pairs of the tokenizer that are obeyed or change no ids here; of the others each could. */
static const char *const known[] = {
	"model",
	"pre",
	"tokens",
	"token_type",
	"scores",
	"merges",
	"add_bos_token",
	"add_eos_token",
	"add_space_prefix",
	"token_type_count",
	"suppress_tokens",
};

static int ends_in_id(struct gguf_str key)
{
	static const char end[] = "_token_id";
	size_t n = sizeof end - 1;

	return key.n > n && !memcmp(key.s + key.n - n, end, n);
}

/* 1: the pair says no: false, 0, or a list of nothing. */
static int says_no(const struct gguf_pair *p)
{
	return p->array ? p->count == 0
			: p->type != GGUF_STRING && p->type != GGUF_F32 && p->type != GGUF_F64 &&
			gguf_int_at(p, 0) == 0;
}

static int refuse_unknown(const struct tok_gguf_reader *r)
{
	const size_t n = sizeof KEY - 1;

	for (size_t i = 0; i < r->g->n_pairs; i++) {
		const struct gguf_pair *p = &r->g->pairs[i];
		struct gguf_str key = { p->key.s + n, p->key.n - n };
		int ok = p->key.n <= n || memcmp(p->key.s, KEY, n) || ends_in_id(key) || says_no(p);

		for (size_t k = 0; !ok && k < sizeof known / sizeof *known; k++)
			ok = gguf_str_is(key, known[k]);
		if (!ok)
			return fault(r->err, "%.*s is set, which is not supported",
				(int)(p->key.n < 100 ? p->key.n : 100), p->key.s);
	}
	return 0;
}

int tok_read_gguf(struct tok *t, const struct gguf *g, struct fault *err)
{
	struct tok_gguf_reader r = { t, g, 0, err };
	struct gguf_str model;
	int adds_bos = 1, adds_eos;

	t->bos = t->eos = -1;
	if (gguf_string(g, KEY "model", &model) <= 0)
		return wrong(&r, "model", "no string");
	r.spm = gguf_str_is(model, "llama");
	if (!r.spm && !gguf_str_is(model, "gpt2"))
		return refused(&r, "model", model);
	if (refuse_unknown(&r) || read_tokens(&r) ||
		(r.spm ? read_spm(&r) : read_bytes(&r, &adds_bos)))
		return -1;
	if (get_id(&r, "bos_token_id", r.spm ? 1 : -1, &t->bos) ||
		get_id(&r, "eos_token_id", r.spm ? 2 : -1, &t->eos) ||
		get_flag(&r, "add_bos_token", adds_bos, &t->adds_bos) ||
		get_flag(&r, "add_eos_token", 0, &adds_eos))
		return -1;
	if (adds_eos)
		return wrong(&r, "add_eos_token", "a token after the text is not supported");
	if (t->adds_bos && t->bos < 0)
		return wrong(&r, "bos_token_id", "no token has it");
	return 0;
}
