/* tok - see tok.h
 */
#include "token/tok_own.h"

#include "file/utf8.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <stdlib.h>
#include <string.h>

struct tok_scratch {
	struct bpe_cache *cache;
	struct split_work *split;
	struct token_ids ids;
	struct tok_buffer {
		char *s;
		size_t cap;
	} repaired, normal, spaced;
	int failed; /* a regular expression gave up */
};

static char *reserve(struct tok_buffer *b, size_t n)
{
	if (n > b->cap) {
		free(b->s);
		b->cap = n + n / 2;
		b->s = xmalloc(b->cap);
	}
	return b->s;
}

static struct tok_scratch *scratch_new(void)
{
	struct tok_scratch *s = xcalloc(1, sizeof *s);

	s->cache = bpe_cache_new();
	s->split = split_work_new();
	return s;
}

void tok_out_free(struct tok_out *out)
{
	struct tok_scratch *s = out->scratch;

	if (s) {
		bpe_cache_free(s->cache);
		split_work_free(s->split);
		free(s->ids.id);
		free(s->repaired.s);
		free(s->normal.s);
		free(s->spaced.s);
		free(s);
	}
	memset(out, 0, sizeof *out);
}

static void encode_pieces(const struct tok *t, struct tok_scratch *w, const struct split *p,
	struct split_iter *it)
{
	uint32_t len[BPE_PIECES];
	const char *s;
	int n;

	for (;;) {
		s = it->s + it->at;
		n = split_next(p, w->split, it, len, BPE_PIECES);
		if (n <= 0)
			break;
		bpe_encode(&t->bpe, &t->vocab, w->cache, &w->ids, s, len, n, it->s + it->n);
	}
	w->failed |= n < 0;
}

/* The pieces of s, n >= 1, under the rules from number `rule` on, into tokens. */
static void encode_split(const struct tok *t, struct tok_scratch *w, const char *s, size_t n,
	int rule)
{
	const struct split *p = &t->split[rule];
	struct split_iter it = { s, n };
	uint32_t len[BPE_PIECES], id;
	char *spaced;
	int k;

	if (p->kind == SPLIT_ADD_SPACE && *s != ' ') {
		spaced = reserve(&w->spaced, n + 1);
		spaced[0] = ' ';
		memcpy(spaced + 1, s, n);
		it = (struct split_iter){ spaced, n + 1 };
	}
	if (p->kind == SPLIT_JOINTS && t->whole && (id = vocab_find(&t->vocab, s, n)) != NO_ID) {
		token_ids_add(&w->ids, &id, 1);
		return;
	}
	if (rule == t->n_splits - 1) {
		encode_pieces(t, w, p, &it);
		return;
	}
	for (s = it.s; (k = split_next(p, w->split, &it, len, BPE_PIECES)) > 0;)
		for (int i = 0; i < k; s += len[i++])
			encode_split(t, w, s, len[i], rule + 1);
	w->failed |= k < 0;
}

static int prefixed(enum prefix p, const char *s, size_t n, int first)
{
	int space = *s == ' ' || (n >= 3 && !memcmp(s, "\xe2\x96\x81", 3));

	return p == PREFIX_ALWAYS || (p == PREFIX_UNLESS_SPACE && !space) ||
		(p == PREFIX_FIRST && first && !space);
}

/* SentencePiece's normal form of s, n >= 1, into out (room for n + 1). */
static size_t spm_normal(const struct tok *t, char *out, const char *s, size_t n, int first)
{
	size_t k = (size_t)prefixed(t->prefix, s, n, first);

	out[0] = ' ';
	return k + vocab_from_spm(out + k, s, n);
}

static void encode_late(const struct tok *t, struct tok_scratch *w, const char *s, size_t n,
	int first)
{
	uint32_t len;

	if (n && t->late) {
		n = spm_normal(t, reserve(&w->normal, n + 1), s, n, first);
		s = w->normal.s;
	}
	if (n && t->n_splits) {
		encode_split(t, w, s, n, 0);
	} else if (n) {
		len = (uint32_t)n;
		bpe_encode(&t->bpe, &t->vocab, w->cache, &w->ids, s, &len, 1, s + n);
	}
}

/* Normal text, in which the second kind of added tokens is left to cut out. */
static void encode_normal(const struct tok *t, struct tok_scratch *w, const char *s, size_t n,
	int first)
{
	struct added_match m;
	size_t at = 0;

	while (added_next(&t->norm, s, n, at, &m)) {
		encode_late(t, w, s + at, m.start - at, first && at == 0);
		token_ids_add(&w->ids, &m.id, 1);
		at = m.end;
	}
	encode_late(t, w, s + at, n - at, first && at == 0);
}

/* Text between added tokens; first: it is where the document begins. */
static void encode_gap(const struct tok *t, struct tok_scratch *w, const char *s, size_t n,
	int first)
{
	char *nfc = NULL;

	if (n == 0)
		return;
	if (t->normal == NORMAL_NFC && !utf8_is_nfc(s, n))
		s = nfc = utf8_nfc(s, n, &n);
	if (t->normal == NORMAL_SPM && !t->late) {
		n = spm_normal(t, reserve(&w->normal, n + 1), s, n, first);
		s = w->normal.s;
	}
	encode_normal(t, w, s, n, first);
	free(nfc);
}

static void encode_text(const struct tok *t, struct tok_scratch *w, const char *s, size_t n)
{
	struct added_match m;
	size_t at = 0;

	while (added_next(&t->raw, s, n, at, &m)) {
		encode_gap(t, w, s + at, m.start - at, at == 0);
		token_ids_add(&w->ids, &m.id, 1);
		at = m.end;
	}
	encode_gap(t, w, s + at, n - at, at == 0);
}

void tok_encode(const struct tok *t, struct tok_out *out, const char *text, size_t n)
{
	struct tok_scratch *w;
	uint32_t bos = (uint32_t)t->bos;
	size_t skip;

	if (!out->scratch)
		out->scratch = scratch_new();
	w = out->scratch;
	w->ids.n = 0;
	w->failed = 0;
	if (utf8_valid(text, n) < n) {
		n = utf8_repair(reserve(&w->repaired, 3 * n), text, n, &out->replaced);
		text = w->repaired.s;
	}
	if (t->adds_bos)
		token_ids_add(&w->ids, &bos, 1);
	encode_text(t, w, text, n);
	skip = t->adds_bos && w->ids.n > 1 && w->ids.id[1] == bos;
	out->ids = w->ids.id + skip;
	out->n = w->ids.n - skip;
	out->failed = w->failed;
}

int tok_add_split(struct tok *t, enum split_kind kind, struct fault *err)
{
	if (t->n_splits == SPLITS_MAX)
		return fault(err, "more than %d pre-tokenisers", SPLITS_MAX);
	t->split[t->n_splits++].kind = kind;
	return 0;
}

/* The byte pairs that a piece may not be cut at: those side by side in some reached token, across
 * which a merge may go; and those that may stand between two unknown characters, which may become
 * one. */
static uint8_t *joined_pairs(const struct vocab *v)
{
	uint8_t *joined = xcalloc(1 << 13, 1);
	const unsigned char *s;
	size_t n;

	for (int i = 0; i < 256; i++)
		for (int k = 0; k < 256; k++)
			if ((i >= 128 || v->ascii[i] == NO_ID) &&
				(k >= 128 || v->ascii[k] == NO_ID))
				joined[i << 5 | k >> 3] |= (uint8_t)(1 << (k & 7));
	for (uint32_t i = 0; i < v->n; i++) {
		s = (const unsigned char *)vocab_text(v, i, &n);
		for (size_t k = 1; v->token[i].reached && k < n; k++)
			joined[s[k - 1] << 5 | s[k] >> 3] |= (uint8_t)(1 << (s[k] & 7));
	}
	return joined;
}

int tok_set_spm(struct tok *t, enum prefix prefix, struct fault *err)
{
	const struct vocab *v = &t->vocab;
	int n_bytes = 0;

	memset(t->bpe.byte, 0xff, sizeof t->bpe.byte);
	for (uint32_t i = 0; i < v->n; i++)
		if (v->token[i].type == TOKEN_BYTE) {
			t->bpe.byte[(unsigned char)v->text[v->token[i].at]] = i;
			n_bytes++;
		}
	if (n_bytes != 0 && n_bytes != 256)
		return fault(err, "%d byte tokens, not 256", n_bytes);
	if (v->ascii[' '] == NO_ID)
		return fault(err, "no token for U+2581");
	t->normal = NORMAL_SPM;
	t->prefix = prefix;
	t->bpe.by_char = 1;
	if (n_bytes == 0 && t->bpe.unknown == NO_ID)
		return 0;
	if (tok_add_split(t, SPLIT_JOINTS, err))
		return -1;
	t->split[t->n_splits - 1].joined = joined_pairs(v);
	t->whole = t->bpe.whole;
	t->bpe.whole = 0;
	return 0;
}

void tok_set_bytes(struct tok *t)
{
	for (int i = 0; i < 256; i++)
		t->bpe.byte[i] = vocab_find(&t->vocab, (char[]){ (char)i }, 1);
}

/* Returns the reached token that a file writes so; NO_ID: there is none. Its text goes to text,
 * which has a capacity of written.n. */
static uint32_t find_written(const struct tok *t, int alphabet, char *text, size_t *n_text,
	struct tok_text written)
{
	long len = alphabet ? vocab_from_alphabet(text, written.s, written.n)
			    : (long)vocab_from_spm(text, written.s, written.n);

	if (len <= 0)
		return NO_ID;
	*n_text = (size_t)len;
	return vocab_find(&t->vocab, text, *n_text);
}

int tok_add_merge(struct tok *t, int alphabet, uint32_t rank, struct tok_text left,
	struct tok_text right, struct fault *err)
{
	char text[2 * TOKEN_MAX];
	uint32_t l, r, joined;
	size_t a, b;

	if (left.n > TOKEN_MAX || right.n > TOKEN_MAX)
		return fault(err, "merge %u: a token of more than %d bytes", rank, TOKEN_MAX);
	l = find_written(t, alphabet, text, &a, left);
	if (l == NO_ID)
		return fault(err, "merge %u: no token \"%.*s\"", rank, (int)left.n, left.s);
	r = find_written(t, alphabet, text + a, &b, right);
	if (r == NO_ID)
		return fault(err, "merge %u: no token \"%.*s\"", rank, (int)right.n, right.s);
	joined = vocab_find(&t->vocab, text, a + b);
	if (joined == NO_ID)
		return fault(err, "merge %u: no token \"%.*s%.*s\"", rank, (int)left.n, left.s,
			(int)right.n, right.s);
	return bpe_add(&t->bpe, l, r, rank, joined, err);
}

int tok_add_merge_line(struct tok *t, int alphabet, uint32_t rank, const char *line, size_t n,
	struct fault *err)
{
	const char *space = n > 1 ? memchr(line + 1, ' ', n - 1) : NULL;
	size_t k = space ? (size_t)(space - line) : 0;

	if (!space)
		return fault(err, "merge %u: no space in it", rank);
	return tok_add_merge(t, alphabet, rank, (struct tok_text){ line, k },
		(struct tok_text){ space + 1, n - k - 1 }, err);
}

int tok_add_token(struct tok *t, int alphabet, uint64_t id, const char *s, size_t n,
	enum token_type type, struct fault *err)
{
	int reached = type == TOKEN_NORMAL && (alphabet || !memchr(s, ' ', n));
	char *text;
	long len;
	int rc;

	if (type == TOKEN_BYTE)
		return vocab_add(&t->vocab, id, s, n, type, 0, err);
	if (utf8_valid(s, n) < n)
		return fault(err, "token %llu is not UTF-8", (unsigned long long)id);
	if (alphabet && type != TOKEN_NORMAL)
		return vocab_add(&t->vocab, id, s, n, type, 0, err);
	text = xmalloc(n);
	len = alphabet ? vocab_from_alphabet(text, s, n) : (long)vocab_from_spm(text, s, n);
	if (len < 0)
		rc = vocab_add(&t->vocab, id, s, n, type, 0, err);
	else
		rc = vocab_add(&t->vocab, id, text, (size_t)len, type, reached, err);
	free(text);
	return rc;
}

int tok_byte_named(const char *s, size_t n)
{
	static const char hex[] = "0123456789ABCDEF";
	const char *a, *b;

	if (n != 6 || memcmp(s, "<0x", 3) || s[5] != '>')
		return -1;
	a = memchr(hex, s[3], 16);
	b = memchr(hex, s[4], 16);
	return a && b ? (int)((a - hex) << 4 | (b - hex)) : -1;
}

int tok_add_added(struct tok *t, const char *s, size_t n, int normalized, struct added_token token,
	struct fault *err)
{
	char *text;
	int rc;

	if (utf8_valid(s, n) < n)
		return fault(err, "added token %u is not UTF-8", token.id);
	if (!normalized || t->normal == NORMAL_NONE || t->late || n == 0)
		return added_add(normalized ? &t->norm : &t->raw, s, n, token, err);
	if (t->normal == NORMAL_NFC) {
		text = utf8_nfc(s, n, &n);
	} else {
		text = xmalloc(n + 1);
		n = spm_normal(t, text, s, n, 1);
		t->norm.spm = 1;
	}
	rc = added_add(&t->norm, text, n, token, err);
	free(text);
	return rc;
}

void tok_finish(struct tok *t)
{
	const struct vocab *v = &t->vocab;

	for (uint32_t i = 0; i < v->n; i++)
		if (v->token[i].type != TOKEN_NONE && v->token[i].type != TOKEN_UNUSED)
			t->size = i + 1;
	bpe_index(&t->bpe, v);
	snprintf(t->hash, sizeof t->hash, "%016llx", (unsigned long long)vocab_hash(v));
}

void tok_parts_free(struct tok *t)
{
	for (int i = 0; i < t->n_splits; i++)
		split_free(&t->split[i]);
	vocab_free(&t->vocab);
	bpe_free(&t->bpe);
	added_free(&t->raw);
	added_free(&t->norm);
	free(t->doubt);
}

void tok_close(struct tok *t)
{
	tok_parts_free(t);
	free(t);
}

void tok_set_bos(struct tok *t, int on)
{
	if (on > 0 && t->bos < 0)
		die("%s: the tokenizer has no BOS token", setting(SETTING_BOS));
	if (on < 0 && t->doubt)
		warn("%s", t->doubt);
	if (on >= 0)
		t->adds_bos = on;
}

int tok_adds_bos(const struct tok *t)
{
	return t->adds_bos;
}

int64_t tok_bos(const struct tok *t)
{
	return t->bos;
}

int64_t tok_eos(const struct tok *t)
{
	return t->eos;
}

uint32_t tok_size(const struct tok *t)
{
	return t->size;
}

const char *tok_hash(const struct tok *t)
{
	return t->hash;
}

size_t tok_bytes(const struct tok *t, uint32_t id)
{
	enum token_type type = id < t->vocab.n ? t->vocab.token[id].type : TOKEN_NONE;

	return type == TOKEN_NORMAL || type == TOKEN_USER || type == TOKEN_BYTE
		? t->vocab.token[id].n
		: 0;
}
