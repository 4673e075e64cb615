/* tok_merges - vocab.json and merges.txt, with added_tokens.json: GPT-2, CodeGen and so Phi-2 (specs.md 6.4)
 */
#include "tok_own.h"

#include "fault.h"
#include "json.h"

#include <string.h>

enum { NODES_MAX = 1 << 22, MERGES_MAX = 1 << 24 };

static int read_vocab(struct tok *t, const json_t *vocab, char *err, size_t n_err)
{
	const char *s;
	json_t *id;

	json_object_foreach((json_t *)vocab, s, id) {
		if (!json_is_integer(id) || json_integer_value(id) < 0)
			return fault(err, n_err, "vocab.json: the id of \"%.64s\" is no number", s);
		if (tok_add_token(t, 1, (uint64_t)json_integer_value(id), s, strlen(s), TOKEN_NORMAL, err, n_err))
			return -1;
	}
	return 0;
}

static int read_added(struct tok *t, const json_t *added, char *err, size_t n_err)
{
	struct added_token token = { 0 };
	const char *s;
	json_t *id;

	json_object_foreach((json_t *)added, s, id) {
		if (!json_is_integer(id) || json_integer_value(id) < 0 || json_integer_value(id) >= VOCAB_MAX)
			return fault(err, n_err, "added_tokens.json: the id of \"%.64s\" is no number", s);
		token.id = (uint32_t)json_integer_value(id);
		if (tok_add_token(t, 1, token.id, s, strlen(s), TOKEN_USER, err, n_err)
			|| added_add(&t->raw, s, strlen(s), token, err, n_err))
			return -1;
	}
	return 0;
}

/* GPT-2's only special token, which stands in vocab.json like any other. */
static int find_special(struct tok *t, char *err, size_t n_err)
{
	static const char name[] = "<|endoftext|>";
	uint32_t id = vocab_named(&t->vocab, name, sizeof name - 1);

	if (id == NO_ID)
		return 0;
	t->eos = id;
	t->vocab.token[id].type = TOKEN_CONTROL;
	return added_add(&t->raw, name, sizeof name - 1, (struct added_token){ id }, err, n_err);
}

static int read_merges(struct tok *t, const char *s, size_t n, char *err, size_t n_err)
{
	const char *end = s + n, *eol;
	uint32_t rank = 0;
	size_t len, lines = 1, i;

	for (i = 0; i < n; i++)
		lines += s[i] == '\n';
	if (lines > MERGES_MAX)
		return fault(err, n_err, "merges.txt: more than %d lines", MERGES_MAX);
	bpe_init(&t->bpe, (uint32_t)lines);
	for (; s < end; s = eol + 1) {
		eol = memchr(s, '\n', (size_t)(end - s));
		eol = eol ? eol : end;
		len = (size_t)(eol - s) - (eol > s && eol[-1] == '\r');
		if (len == 0 || (rank == 0 && len > 8 && !memcmp(s, "#version", 8)))
			continue;
		if (tok_add_merge_line(t, 1, rank++, s, len, err, n_err))
			return -1;
	}
	return 0;
}

int tok_read_merges(struct tok *t, const char *vocab, size_t n_vocab, const char *merges, size_t n_merges,
	const char *added, size_t n_added, char *err, size_t n_err)
{
	json_t *v = NULL, *a = NULL;
	int rc = -1;

	t->bos = t->eos = -1;
	t->bpe.unknown = NO_ID;
	if (tok_add_split(t, SPLIT_GPT2, err, n_err) || json_parse(&v, vocab, n_vocab, NODES_MAX, err, n_err))
		return -1;
	if (added && json_parse(&a, added, n_added, NODES_MAX, err, n_err))
		rc = -1;
	else if (!json_is_object(v) || (a && !json_is_object(a)))
		rc = fault(err, n_err, "vocab.json or added_tokens.json is no object");
	else
		rc = read_vocab(t, v, err, n_err) || vocab_index(&t->vocab, err, n_err) || find_special(t, err, n_err)
			|| (a && read_added(t, a, err, n_err)) || read_merges(t, merges, n_merges, err, n_err) ? -1 : 0;
	json_decref(v);
	json_decref(a);
	if (!rc)
		tok_set_bytes(t);
	return rc;
}
