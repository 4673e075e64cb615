/* tok_json - Hugging Face's tokenizer.json (coppice-tokenizers(7), BYTE-LEVEL BPE)
 *
 * The file describes a pipeline of parts. Those that the families here are made of are read; any
 * other is refused by its name, since a guess would give other tokens.
 */
#include "token/tok_own.h"

#include "file/json.h"
#include "sys/fault.h"

#include <string.h>

enum { MERGES_MAX = 1 << 24, NODES_MAX = 1 << 22 };
static const char low_line[] = "\xe2\x96\x81";

/* Keys of the file, of its model, and of the parts that are read: each is obeyed below, or changes
 * no ids. */
static const char top_keys[] = " version truncation padding added_tokens normalizer pre_tokenizer "
			       "post_processor decoder model ";
static const char model_keys[] = " type dropout unk_token continuing_subword_prefix "
				 "end_of_word_suffix fuse_unk byte_fallback"
				 " ignore_merges vocab merges ";
static const char part_keys[] = " type normalizers pretokenizers processors prepend pattern "
				"content add_prefix_space trim_offsets"
				" use_regex replacement str_rep prepend_scheme split "
				"individual_digits behavior invert single pair special_tokens ";

struct tok_json_reader {
	struct tok *t;
	int alphabet, spm, each_space; /* ByteLevel; U+2581 for spaces; a piece for each space */
	enum prefix prefix;
	const json_t *more; /* what other files say of added tokens */
	uint64_t next_id;   /* of the next added token that is not in the vocabulary */
	struct fault *err;
};

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static int flag(const json_t *o, const char *key, int otherwise)
{
	const json_t *v = json_object_get(o, key);

	return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

static int absent(const json_t *v)
{
	return !v || json_is_null(v);
}

/* What is set besides these keys, with a blank between and around, is refused: nobody knows what it
 * does. */
static int only(struct tok_json_reader *r, const json_t *o, const char *what, const char *keys)
{
	const char *key;
	json_t *v;
	char word[128];

	json_object_foreach((json_t *)(uintptr_t)o, key, v)
	{
		snprintf(word, sizeof word, " %.100s ", key);
		if (!strstr(keys, word) && !json_is_unset(o, key))
			return fault(r->err, "%s: key \"%.64s\" is not known", what, key);
	}
	return 0;
}

/* Calls part on an object, or on each in order where it is a Sequence. */
static int each_part(struct tok_json_reader *r, const json_t *o, const char *what, const char *list,
	int (*part)(struct tok_json_reader *, const json_t *, const char *type))
{
	const char *type = text_of(o, "type");
	const json_t *parts, *p;
	size_t i;

	if (absent(o))
		return 0;
	if (!json_is_object(o) || !*type)
		return fault(r->err, "%s: no object with a type", what);
	if (strcmp(type, "Sequence"))
		return part(r, o, type) || only(r, o, what, part_keys) ? -1 : 0;
	parts = json_object_get(o, list);
	if (!json_is_array(parts))
		return fault(r->err, "%s: a Sequence without %s", what, list);
	json_array_foreach(parts, i, p)
	{
		type = text_of(p, "type");
		if (!*type || !strcmp(type, "Sequence"))
			return fault(r->err,
				"%s: part %zu of the Sequence: type \"%s\" is not supported", what,
				i, type);
		if (part(r, p, type) || only(r, p, what, part_keys))
			return -1;
	}
	return 0;
}

static int read_normalizer(struct tok_json_reader *r, const json_t *o, const char *type)
{
	if (!strcmp(type, "NFC")) {
		r->t->normal = NORMAL_NFC;
		return 0;
	}
	if (!strcmp(type, "Prepend") && !strcmp(text_of(o, "prepend"), low_line)) {
		r->prefix = PREFIX_ALWAYS;
		return 0;
	}
	if (!strcmp(type, "Replace") && !strcmp(text_of(o, "content"), low_line) &&
		!strcmp(text_of(json_object_get(o, "pattern"), "String"), " ")) {
		r->spm = 1;
		return 0;
	}
	return fault(r->err, "normalizer %s is not supported, or not with these settings", type);
}

static int read_byte_level(struct tok_json_reader *r, const json_t *o)
{
	r->alphabet = 1;
	if (flag(o, "add_prefix_space", 1) && tok_add_split(r->t, SPLIT_ADD_SPACE, r->err))
		return -1;
	return flag(o, "use_regex", 1) ? tok_add_split(r->t, SPLIT_GPT2, r->err) : 0;
}

static int read_metaspace(struct tok_json_reader *r, const json_t *o)
{
	const char *scheme = text_of(o, "prepend_scheme");

	if (strcmp(text_of(o, "replacement"), low_line) || r->spm || r->t->n_splits)
		return fault(r->err,
			"pre_tokenizer Metaspace is not supported with these settings");
	r->spm = r->t->late = 1;
	r->each_space = flag(o, "split", 1);
	if (!*scheme)
		r->prefix = flag(o, "add_prefix_space", 1) ? PREFIX_UNLESS_SPACE : PREFIX_NONE;
	else if (!strcmp(scheme, "always"))
		r->prefix = PREFIX_UNLESS_SPACE;
	else if (!strcmp(scheme, "first"))
		r->prefix = PREFIX_FIRST;
	else if (!strcmp(scheme, "never"))
		r->prefix = PREFIX_NONE;
	else
		return fault(r->err, "pre_tokenizer Metaspace: prepend_scheme \"%s\"", scheme);
	return r->each_space ? tok_add_split(r->t, SPLIT_EACH_SPACE, r->err) : 0;
}

static int add_pattern(struct tok_json_reader *r, const char *pattern)
{
	if (tok_add_split(r->t, SPLIT_REGEX, r->err))
		return -1;
	return split_parse(&r->t->split[r->t->n_splits - 1], pattern, r->err);
}

static int read_pre_tokenizer(struct tok_json_reader *r, const json_t *o, const char *type)
{
	const char *pattern;

	if (r->alphabet || r->t->late)
		return fault(r->err,
			"pre_tokenizer %s after ByteLevel or Metaspace is not supported", type);
	if (!strcmp(type, "ByteLevel"))
		return read_byte_level(r, o);
	if (!strcmp(type, "Metaspace"))
		return read_metaspace(r, o);
	if (!strcmp(type, "Digits"))
		return flag(o, "individual_digits", 0) ? tok_add_split(r->t, SPLIT_NUMBERS, r->err)
						       : add_pattern(r, "\\p{N}+");
	if (strcmp(type, "Split"))
		return fault(r->err, "pre_tokenizer %s is not supported", type);
	pattern = text_of(json_object_get(o, "pattern"), "Regex");
	if (!*pattern || strcmp(text_of(o, "behavior"), "Isolated") || flag(o, "invert", 0))
		return fault(r->err,
			"pre_tokenizer Split: only a Regex with behavior Isolated is supported");
	return add_pattern(r, pattern);
}

static int read_token(struct tok_json_reader *r, const char *s, const json_t *number, int fallback)
{
	int byte = fallback && !r->alphabet ? tok_byte_named(s, strlen(s)) : -1;
	uint64_t id = (uint64_t)json_integer_value(number);

	if (!json_is_integer(number) || json_integer_value(number) < 0)
		return fault(r->err, "model.vocab: the id of \"%.64s\" is no number", s);
	if (byte >= 0)
		return tok_add_token(r->t, 0, id, (char[]){ (char)byte }, 1, TOKEN_BYTE, r->err);
	return tok_add_token(r->t, r->alphabet, id, s, strlen(s), TOKEN_NORMAL, r->err);
}

static int read_vocab(struct tok_json_reader *r, const json_t *model)
{
	int fallback = flag(model, "byte_fallback", 0);
	json_t *vocab = json_object_get(model, "vocab"), *id;
	const char *s;

	if (!json_is_object(vocab))
		return fault(r->err, "model.vocab is no object");
	json_object_foreach(vocab, s, id) if (read_token(r, s, id, fallback)) return -1;
	return 0;
}

static struct tok_text merge_half(const json_t *string)
{
	return (struct tok_text){ json_string_value(string), json_string_length(string) };
}

static int read_merge(struct tok_json_reader *r, uint32_t rank, const json_t *m)
{
	const json_t *a = json_array_get(m, 0), *b = json_array_get(m, 1);

	if (json_is_string(m))
		return tok_add_merge_line(r->t, r->alphabet, rank, json_string_value(m),
			json_string_length(m), r->err);
	if (json_array_size(m) != 2 || !json_is_string(a) || !json_is_string(b))
		return fault(r->err, "merge %u is neither \"a b\" nor [\"a\", \"b\"]", rank);
	return tok_add_merge(r->t, r->alphabet, rank, merge_half(a), merge_half(b), r->err);
}

static int read_merges(struct tok_json_reader *r, const json_t *model)
{
	const json_t *merges = json_object_get(model, "merges"), *m;
	size_t i;

	if (!json_is_array(merges) || json_array_size(merges) > MERGES_MAX)
		return fault(r->err, "model.merges is no array of at most %d merges", MERGES_MAX);
	bpe_init(&r->t->bpe, (uint32_t)json_array_size(merges));
	json_array_foreach(merges, i, m) if (read_merge(r, (uint32_t)i, m)) return -1;
	return 0;
}

static int read_unknown(struct tok_json_reader *r, const json_t *model)
{
	const json_t *unknown = json_object_get(model, "unk_token"), *id;

	r->t->bpe.unknown = NO_ID;
	r->t->bpe.fuse_unknown = flag(model, "fuse_unk", 0);
	if (absent(unknown))
		return 0;
	id = json_object_get(json_object_get(model, "vocab"), text_of(model, "unk_token"));
	if (!json_is_integer(id))
		return fault(r->err, "model.unk_token is not in the vocabulary");
	r->t->bpe.unknown = (uint32_t)json_integer_value(id);
	return 0;
}

static int read_model(struct tok_json_reader *r, const json_t *model)
{
	const char *type = text_of(model, "type"),
		   *affix[] = { "continuing_subword_prefix", "end_of_word_suffix" };
	const json_t *dropout = json_object_get(model, "dropout");

	if (!json_is_object(model))
		return fault(r->err, "no object \"model\"");
	if (*type && strcmp(type, "BPE"))
		return fault(r->err, "model type %s is not supported, only BPE", type);
	if (only(r, model, "model", model_keys))
		return -1;
	if (!absent(dropout) && json_number_value(dropout) != 0)
		return fault(r->err,
			"model.dropout: tokens that depend on chance are not supported");
	for (int i = 0; i < 2; i++)
		if (*text_of(model, affix[i]))
			return fault(r->err, "model.%s is not supported", affix[i]);
	if (!r->alphabet && !r->spm)
		return fault(r->err, "neither ByteLevel nor U+2581 for spaces is not supported");
	r->t->bpe.whole = flag(model, "ignore_merges", 0);
	if (read_vocab(r, model) || vocab_index(&r->t->vocab, r->err) || read_unknown(r, model) ||
		read_merges(r, model))
		return -1;
	if (r->alphabet) {
		tok_set_bytes(r->t);
		return 0;
	}
	return tok_set_spm(r->t, r->prefix, r->err);
}

/* An added token, in the vocabulary too or beyond it. The tokenizers library numbers the latter by
 * itself. */
static int read_added(struct tok_json_reader *r, const json_t *o, const json_t *vocab)
{
	const json_t *id = json_object_get(o, "id"), *content = json_object_get(o, "content"),
		     *known;
	enum token_type type = flag(o, "special", 0) ? TOKEN_CONTROL : TOKEN_USER;
	const char *s = json_string_value(content), *text;
	size_t n = json_string_length(content), k;
	struct added_token token = { 0, (uint8_t)flag(o, "single_word", 0),
		(uint8_t)flag(o, "lstrip", 0), (uint8_t)flag(o, "rstrip", 0) };

	if (!s || !json_is_integer(id) || json_integer_value(id) < 0 ||
		json_integer_value(id) >= VOCAB_MAX)
		return fault(r->err, "an added token without content or with a wrong id");
	token.id = (uint32_t)json_integer_value(id);
	known = json_object_getn(vocab, s, n);
	if ((known ? (uint64_t)json_integer_value(known) : r->next_id) != token.id)
		return fault(r->err, "added token \"%.64s\" has the id %u, but %s", s, token.id,
			known ? "another in the vocabulary" : "not the next that is free");
	r->next_id += !known;
	if (!known && tok_add_token(r->t, r->alphabet, token.id, s, n, type, r->err))
		return -1;
	text = vocab_text(&r->t->vocab, token.id, &k);
	if (r->alphabet && (k != n || memcmp(text, s, n)))
		return fault(r->err, "added token \"%.64s\" is written in the byte alphabet", s);
	r->t->vocab.token[token.id].type = (uint8_t)type;
	return tok_add_added(r->t, s, n, flag(o, "normalized", 1), token, r->err);
}

/* What another file says of an added token: flags that hold instead, or a token more. */
static int merge_one(struct tok_json_reader *r, json_t *list, json_t *by_content, const json_t *o,
	const json_t *vocab)
{
	const json_t *content = json_object_get(o, "content"), *id = json_object_get(o, "id"),
		     *known;
	const char *s = json_string_value(content);
	size_t n = json_string_length(content);
	json_t *own = json_object_getn(by_content, s, n);

	if (own && id && !json_equal(json_object_get(own, "id"), id))
		return fault(r->err,
			"added token \"%.64s\" has the id %lld, but %lld in tokenizer_config.json "
			"or "
			"added_tokens.json",
			s, (long long)json_integer_value(json_object_get(own, "id")),
			(long long)json_integer_value(id));
	if (own && id)
		json_object_update(own, (json_t *)(uintptr_t)o);
	known = json_object_getn(vocab, s, n);
	if (own || (!id && !known))
		return 0;
	own = json_deep_copy(o);
	if (!id)
		json_object_set(own, "id", (json_t *)(uintptr_t)known);
	json_add(list, own);
	return 0;
}

/* The file's added tokens, with what other files say of them. New; NULL: err says what they
 * contradict. */
static json_t *merged(struct tok_json_reader *r, const json_t *added, const json_t *vocab)
{
	json_t *list = absent(added) ? json_array() : json_deep_copy(added),
	       *by_content = json_object(), *o;
	const json_t *more;
	size_t i;

	json_array_foreach(list, i, o)
	{
		const json_t *content = json_object_get(o, "content");

		if (json_is_string(content))
			json_object_setn(by_content, json_string_value(content),
				json_string_length(content), o);
	}
	json_array_foreach(r->more, i, more) if (merge_one(r, list, by_content, more, vocab))
	{
		json_decref(list);
		list = NULL;
		break;
	}
	json_decref(by_content);
	return list;
}

static int read_all_added(struct tok_json_reader *r, const json_t *top)
{
	const json_t *added = json_object_get(top, "added_tokens"), *o;
	const json_t *vocab = json_object_get(json_object_get(top, "model"), "vocab");
	json_t *list;
	size_t i;
	int rc = 0;

	if (!absent(added) && !json_is_array(added))
		return fault(r->err, "added_tokens is no array");
	list = merged(r, added, vocab);
	if (!list)
		return -1;
	r->next_id = json_object_size(vocab);
	for (i = 0; !rc && i < json_array_size(list); i++) {
		o = json_array_get(list, i);
		rc = read_added(r, o, vocab);
	}
	json_decref(list);
	return rc;
}

/* What stands around the text of a TemplateProcessing: nothing, or one special token in front. */
static int read_post_processor(struct tok_json_reader *r, const json_t *o, const char *type)
{
	const json_t *single = json_object_get(o, "single"), *ids, *id;
	const json_t *first = json_object_get(json_array_get(single, 0), "SpecialToken");
	size_t n = json_array_size(single);

	if (!strcmp(type, "ByteLevel"))
		return 0;
	if (strcmp(type, "TemplateProcessing"))
		return fault(r->err, "post_processor %s is not supported", type);
	if (!json_object_get(json_array_get(single, n - 1), "Sequence") || n > 2 ||
		(n == 2 && !first))
		return fault(r->err,
			"post_processor TemplateProcessing: more than BOS is not supported");
	if (n == 1)
		return 0;
	ids = json_object_get(json_object_get(json_object_get(o, "special_tokens"),
				      text_of(first, "id")),
		"ids");
	id = json_array_get(ids, 0);
	if (json_array_size(ids) != 1 || !json_is_integer(id) || json_integer_value(id) < 0 ||
		!vocab_has(&r->t->vocab, (uint64_t)json_integer_value(id)))
		return fault(r->err,
			"post_processor TemplateProcessing: no id for its special token");
	r->t->bos = json_integer_value(id);
	r->t->adds_bos = 1;
	return 0;
}

static int read_top(struct tok_json_reader *r, const json_t *top)
{
	r->t->truncates = !absent(json_object_get(top, "truncation")) ||
		!absent(json_object_get(top, "padding"));
	if (only(r, top, "the file", top_keys))
		return -1;
	if (each_part(r, json_object_get(top, "normalizer"), "normalizer", "normalizers",
		    read_normalizer))
		return -1;
	if (r->prefix != PREFIX_NONE && !r->spm)
		return fault(r->err, "normalizer Prepend without Replace is not supported");
	if (r->spm && r->t->normal == NORMAL_NFC)
		return fault(r->err, "normalizer NFC with Replace is not supported");
	if (each_part(r, json_object_get(top, "pre_tokenizer"), "pre_tokenizer", "pretokenizers",
		    read_pre_tokenizer))
		return -1;
	if (r->spm && (r->alphabet || r->t->normal == NORMAL_NFC || r->t->n_splits > r->each_space))
		return fault(r->err,
			"pre_tokenizer: other parts beside U+2581 for spaces are not supported");
	if (read_model(r, json_object_get(top, "model")) || read_all_added(r, top))
		return -1;
	return each_part(r, json_object_get(top, "post_processor"), "post_processor", "processors",
		read_post_processor);
}

int tok_read_json(struct tok *t, const char *bytes, size_t n, const json_t *more, struct fault *err)
{
	struct tok_json_reader r = { t, .more = more, .err = err };
	json_t *top;
	int rc;

	t->bos = t->eos = -1;
	if (json_parse(&top, bytes, n, NODES_MAX, err))
		return -1;
	rc = json_is_object(top) ? read_top(&r, top) : fault(err, "no JSON object");
	json_decref(top);
	return rc;
}
