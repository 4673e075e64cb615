/* tok_merges - vocab.json and merges.txt: GPT-2, CodeGen and so Phi-2 (coppice-tokenizers(7), VOCAB
 * AND MERGES), and Qwen2
 *
 * The two files don't say how text is split before it is merged: whoever reads them has to know.
 */
#include "token/tok_own.h"

#include "file/json.h"
#include "sys/fault.h"

#include <string.h>

enum { NODES_MAX = 1 << 22, MERGES_MAX = 1 << 24 };

static int read_vocab(struct tok *t, const json_t *vocab, struct fault *err)
{
	const char *s;
	json_t *id;

	json_object_foreach((json_t *)vocab, s, id)
	{
		if (!json_is_integer(id) || json_integer_value(id) < 0)
			return fault(err, "vocab.json: the id of \"%.64s\" is no number", s);
		if (tok_add_token(t, 1, (uint64_t)json_integer_value(id), s, strlen(s),
			    TOKEN_NORMAL, err))
			return -1;
	}
	return 0;
}

static int flag(const json_t *o, const char *key, int otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

/* One of the added tokens; one without an id is a token of the vocabulary, or none. Those that are
 * new are numbered from next on: some versions of transformers take the id that is said, others
 * number them themselves. */
static int read_added(struct tok *t, const json_t *vocab, const json_t *o, uint64_t *next,
	struct fault *err)
{
	const json_t *content = json_object_get(o, "content"), *id = json_object_get(o, "id"),
		     *known;
	enum token_type type = flag(o, "special", 0) ? TOKEN_CONTROL : TOKEN_USER;
	const char *s = json_string_value(content);
	size_t n = json_string_length(content);
	struct added_token token = { 0, (uint8_t)flag(o, "single_word", 0),
		(uint8_t)flag(o, "lstrip", 0), (uint8_t)flag(o, "rstrip", 0) };

	known = json_object_getn(vocab, s, n);
	if (!id && !known)
		return 0;
	id = id ? id : known;
	if (known ? !json_equal(known, id) : json_integer_value(id) != (json_int_t)*next)
		return fault(err, "added token \"%.64s\" has the id %lld, but %s", s,
			(long long)json_integer_value(id),
			known ? "another in vocab.json" : "not the next that is free");
	token.id = (uint32_t)json_integer_value(id);
	*next += !known;
	if (!known && tok_add_token(t, 1, token.id, s, n, type, err))
		return -1;
	t->vocab.token[token.id].type = (uint8_t)type;
	return tok_add_added(t, s, n, flag(o, "normalized", type == TOKEN_USER), token, err);
}

/* GPT-2's only special token, which stands in vocab.json like any other, and which nobody has to
 * name. */
static int find_special(struct tok *t, const json_t *more, struct fault *err)
{
	static const char name[] = "<|endoftext|>";
	uint32_t id = vocab_named(&t->vocab, name, sizeof name - 1);
	const json_t *o;
	size_t i;

	if (id == NO_ID)
		return 0;
	t->eos = id;
	json_array_foreach(more, i,
		o) if (!strcmp(json_string_value(json_object_get(o, "content")), name)) return 0;
	t->vocab.token[id].type = TOKEN_CONTROL;
	return added_add(&t->raw, name, sizeof name - 1, (struct added_token){ id }, err);
}

static int read_all_added(struct tok *t, const json_t *vocab, const json_t *more, struct fault *err)
{
	uint64_t next = json_object_size(vocab);
	const json_t *o;
	size_t i;

	json_array_foreach(more, i, o) if (read_added(t, vocab, o, &next, err)) return -1;
	return find_special(t, more, err);
}

static int read_merges(struct tok *t, const char *s, size_t n, struct fault *err)
{
	const char *end = s + n, *eol;
	uint32_t rank = 0;
	size_t len, lines = 1, i;

	for (i = 0; i < n; i++)
		lines += s[i] == '\n';
	if (lines > MERGES_MAX)
		return fault(err, "merges.txt: more than %d lines", MERGES_MAX);
	bpe_init(&t->bpe, (uint32_t)lines);
	for (; s < end; s = eol + 1) {
		eol = memchr(s, '\n', (size_t)(end - s));
		eol = eol ? eol : end;
		len = (size_t)(eol - s) - (eol > s && eol[-1] == '\r');
		if (len == 0 || (rank == 0 && len > 8 && !memcmp(s, "#version", 8)))
			continue;
		if (tok_add_merge_line(t, 1, rank++, s, len, err))
			return -1;
	}
	return 0;
}

/* GPT-2's own vocabulary, by its hash: what all of transformers' files of it have. */
int tok_is_gpt2(const char *vocab, size_t n)
{
	static const char gpt2[] = "649f48594584c1c6";
	struct tok t = { 0 };
	struct fault err;
	char hash[17];
	json_t *v = NULL;

	if (!json_parse(&v, vocab, n, NODES_MAX, &err) && json_is_object(v) &&
		!read_vocab(&t, v, &err))
		snprintf(hash, sizeof hash, "%016llx", (unsigned long long)vocab_hash(&t.vocab));
	else
		*hash = 0;
	json_decref(v);
	tok_parts_free(&t);
	return !strcmp(hash, gpt2);
}

/* The text is split, then each piece begins with a space where add_space says so; GPT-2's own rule
 * has it the other way round. */
static int set_rule(struct tok *t, const struct merges_rule *rule, struct fault *err)
{
	int first = rule->split == SPLIT_GPT2;

	t->normal = rule->nfc ? NORMAL_NFC : NORMAL_NONE;
	if (rule->add_space && first && tok_add_split(t, SPLIT_ADD_SPACE, err))
		return -1;
	if (tok_add_split(t, rule->split, err))
		return -1;
	return rule->add_space && !first ? tok_add_split(t, SPLIT_ADD_SPACE, err) : 0;
}

int tok_read_merges(struct tok *t, const struct merges_rule *rule, struct tok_text vocab,
	struct tok_text merges, const json_t *more, struct fault *err)
{
	json_t *v = NULL;
	int rc = -1;

	t->bos = t->eos = -1;
	t->bpe.unknown = NO_ID;
	if (set_rule(t, rule, err) || json_parse(&v, vocab.s, vocab.n, NODES_MAX, err))
		return -1;
	if (!json_is_object(v))
		rc = fault(err, "vocab.json is no object");
	else
		rc = read_vocab(t, v, err) || vocab_index(&t->vocab, err) ||
				read_all_added(t, v, more, err) ||
				read_merges(t, merges.s, merges.n, err)
			? -1
			: 0;
	json_decref(v);
	if (!rc)
		tok_set_bytes(t);
	return rc;
}
