/* tok_beside - see tok_beside.h
 */
#include "token/tok_beside.h"

#include "file/json.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CONFIG_MAX = 16 << 20 };

#define WAY_OUT \
	"save it as tokenizer.json (in transformers: AutoTokenizer.from_pretrained, " \
	"save_pretrained)"

/* -- reading ----------------------------------------------------------------------------------- */

static json_t *load(const char *folder, const char *name)
{
	struct fault err;
	char *path = *folder ? xasprintf("%s/%s", folder, name) : xstrdup(name);
	struct stat st;
	json_t *o = NULL;

	if (lstat(path, &st) == 0 && json_load_path(&o, path, CONFIG_MAX, NULL, NULL, &err))
		die("%s: %s", path, err.text);
	if (o && !json_is_object(o))
		die("%s: is no JSON object", path);
	free(path);
	return o;
}

/* A token that a config names: a string, or an object with its content. NULL: none. */
static const json_t *content_of(const json_t *v)
{
	const json_t *content = json_is_object(v) ? json_object_get(v, "content") : v;

	return json_is_string(content) && json_string_length(content) ? content : NULL;
}

static json_t *token_of(const json_t *content)
{
	json_t *o = json_object();

	json_object_set(o, "content", (json_t *)(uintptr_t)content);
	return o;
}

struct numbered {
	int64_t id;
	json_t *token;
};

static int by_id(const void *a, const void *b)
{
	int64_t x = ((const struct numbered *)a)->id, y = ((const struct numbered *)b)->id;

	return (x > y) - (x < y);
}

static int64_t id_of_key(const char *key)
{
	size_t n = strlen(key);

	return n && n < 10 && strspn(key, "0123456789") == n ? atoll(key) : -1;
}

/* Tokens with their ids, of added_tokens_decoder and of added_tokens.json, which gives no flags. */
static struct numbered *numbered(const struct beside *b, size_t *n)
{
	const json_t *decoder = json_object_get(b->config, "added_tokens_decoder"), *content;
	struct numbered *list = xcalloc(json_object_size(decoder) + json_object_size(b->added) + 1,
		sizeof *list);
	json_t *seen = json_object(), *v;
	const char *key;

	*n = 0;
	json_object_foreach((json_t *)(uintptr_t)decoder, key, v)
	{
		content = content_of(v);
		if (!content)
			die("tokenizer_config.json: added_tokens_decoder: token %s has no content",
				key);
		list[*n] = (struct numbered){ id_of_key(key),
			json_is_object(v) ? json_deep_copy(v) : token_of(content) };
		json_object_setn(seen, json_string_value(content), json_string_length(content),
			json_true());
		++*n;
	}
	json_object_foreach(b->added, key, v) if (!json_object_get(seen, key))
	{
		list[*n].id = json_is_integer(v) ? json_integer_value(v) : -1;
		list[*n].token = json_object();
		json_put(list[(*n)++].token, "content", json_string(key));
	}
	json_decref(seen);
	for (size_t i = 0; i < *n; i++)
		json_put(list[i].token, "id", json_integer(list[i].id));
	qsort(list, *n, sizeof *list, by_id);
	return list;
}

/* A token named as a special one: those with an id learn that they are, others are appended. */
static void add_named(struct beside *b, json_t *seen, const json_t *v)
{
	const json_t *content = content_of(v);
	json_t *token;

	if (!content)
		return;
	token = json_object_getn(seen, json_string_value(content), json_string_length(content));
	if (!token) {
		token = json_is_object(v) ? json_deep_copy(v) : token_of(content);
		json_object_del(token, "id");
		json_object_setn_new(seen, json_string_value(content), json_string_length(content),
			token);
		json_array_append(b->tokens, token);
	} else if (json_object_get(token, "special")) {
		return;
	}
	json_put(token, "special", json_true());
	if (!json_object_get(token, "normalized"))
		json_put(token, "normalized", json_false());
}

static void add_all_named(struct beside *b, json_t *seen, const json_t *file)
{
	static const char *const one[] = { "bos_token", "eos_token", "unk_token", "sep_token",
		"pad_token", "cls_token", "mask_token" };
	static const char *const many[] = { "additional_special_tokens", "extra_special_tokens" };
	const json_t *list, *v;
	const char *key;
	json_t *o;
	size_t i;

	for (size_t k = 0; k < sizeof one / sizeof *one; k++)
		add_named(b, seen, json_object_get(file, one[k]));
	for (size_t k = 0; k < sizeof many / sizeof *many; k++) {
		list = json_object_get(file, many[k]);
		json_array_foreach(list, i, v) add_named(b, seen, v);
		json_object_foreach((json_t *)(uintptr_t)list, key, o) add_named(b, seen, o);
	}
}

static void list_tokens(struct beside *b)
{
	json_t *seen = json_object();
	size_t n;
	struct numbered *list = numbered(b, &n);

	b->tokens = json_array();
	for (size_t i = 0; i < n; i++) {
		const json_t *content = json_object_get(list[i].token, "content");

		json_object_setn(seen, json_string_value(content), json_string_length(content),
			list[i].token);
		json_add(b->tokens, list[i].token);
	}
	free(list);
	add_all_named(b, seen, b->config);
	add_all_named(b, seen, b->map);
	json_decref(seen);
}

void beside_read(struct beside *b, const char *folder)
{
	b->config = load(folder, "tokenizer_config.json");
	b->map = load(folder, "special_tokens_map.json");
	b->added = load(folder, "added_tokens.json");
	b->model = load(folder, "config.json");
	list_tokens(b);
}

void beside_free(struct beside *b)
{
	json_decref(b->config);
	json_decref(b->map);
	json_decref(b->added);
	json_decref(b->model);
	json_decref(b->tokens);
}

/* -- whose it is ------------------------------------------------------------------------------- */

/* Is a word one of a list with blanks between? */
static int among(const char *word, const char *list)
{
	size_t n = strlen(word);

	for (const char *p = list; n && (p = strstr(p, word)); p += n)
		if ((p == list || p[-1] == ' ') && (!p[n] || p[n] == ' '))
			return 1;
	return 0;
}

/* The tokenizer's class without "Fast"; "": none is said. */
static void class_of(const struct beside *b, char name[64])
{
	const char *s = json_string_value(json_object_get(b->config, "tokenizer_class"));
	size_t n;

	if (!s)
		s = json_string_value(json_object_get(b->model, "tokenizer_class"));
	snprintf(name, 64, "%s", s ? s : "");
	n = strlen(name);
	if (n > 4 && !strcmp(name + n - 4, "Fast"))
		name[n - 4] = 0;
}

/* Classes whose vocab.json and merges.txt we read, and the models that have them where no class is
 * said. */
static const struct class_family {
	const char *classes, *models;
	enum split_kind split;
	int nfc;
} families[] = {
	{ "GPT2Tokenizer CodeGenTokenizer", "gpt2 gpt_neo gptj codegen phi", SPLIT_GPT2, 0 },
	{ "Qwen2Tokenizer", "qwen2 qwen2_moe qwen3 qwen3_moe", SPLIT_QWEN, 1 },
};
enum { FAMILIES = sizeof families / sizeof *families };

static int flag(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

int beside_merges_rule(const struct beside *b, int bare, struct merges_rule *rule,
	struct fault *err)
{
	const char *model = json_string_value(json_object_get(b->model, "model_type"));
	int of_class = -1, of_model = -1, f;
	char name[64];

	class_of(b, name);
	for (int i = 0; i < FAMILIES; i++) {
		of_class = among(name, families[i].classes) ? i : of_class;
		of_model = model && among(model, families[i].models) ? i : of_model;
	}
	if (*name && of_class < 0)
		return fault(err,
			"tokenizer_class %s: how it splits text is not known here; " WAY_OUT, name);
	if (of_class >= 0 && of_model >= 0 && of_class != of_model)
		return fault(err,
			"tokenizer_class %s and model_type %s split text in different "
			"ways; " WAY_OUT,
			name, model);
	f = of_class >= 0 ? of_class : of_model;
	if (f < 0 && model)
		return fault(err,
			"no tokenizer_class, and model_type %s does not say how text is "
			"split; " WAY_OUT,
			model);
	if (f < 0 && !bare)
		return fault(err,
			"neither tokenizer_config.json nor config.json says whose it is; " WAY_OUT);
	f = f < 0 ? 0 : f;
	*rule = (struct merges_rule){ families[f].split, families[f].nfc,
		flag(b->config, "add_prefix_space") };
	return 0;
}

/* -- BOS and EOS ------------------------------------------------------------------------------- */

/* A token's id by the name that a config gives, or the id itself. */
static int64_t id_of(const struct tok *t, const json_t *v)
{
	uint32_t id;

	if (json_is_array(v))
		v = json_array_get(v, 0);
	if (json_is_integer(v))
		return json_integer_value(v) >= 0 &&
				vocab_has(&t->vocab, (uint64_t)json_integer_value(v))
			? json_integer_value(v)
			: -1;
	v = content_of(v);
	id = v ? vocab_named(&t->vocab, json_string_value(v), json_string_length(v)) : NO_ID;
	return id == NO_ID ? -1 : (int64_t)id;
}

/* What the well-known vocabularies call them, where nobody says. */
static void guess(struct tok *t)
{
	static const char *const bos[] = { "<s>", "<|begin_of_text|>", "<|endoftext|>" };
	static const char *const eos[] = { "</s>", "<|end_of_text|>", "<|endoftext|>" };
	uint32_t id;

	for (int i = 0; i < 3; i++) {
		id = vocab_named(&t->vocab, bos[i], strlen(bos[i]));
		if (t->bos < 0 && id != NO_ID && t->vocab.token[id].type == TOKEN_CONTROL)
			t->bos = id;
		id = vocab_named(&t->vocab, eos[i], strlen(eos[i]));
		if (t->eos < 0 && id != NO_ID && t->vocab.token[id].type == TOKEN_CONTROL)
			t->eos = id;
	}
}

void beside_specials(const struct beside *b, enum tok_file of, struct tok *t)
{
	const struct {
		const json_t *file;
		const char *bos, *eos;
	} configs[] = {
		{ b->config, "bos_token", "eos_token" },
		{ b->map, "bos_token", "eos_token" },
		{ b->model, "bos_token_id", "eos_token_id" },
	};
	const json_t *adds = json_object_get(b->config, "add_bos_token");
	char name[64];
	int named = 0;

	for (int i = 0; i < 3; i++) {
		if (t->bos < 0)
			t->bos = id_of(t, json_object_get(configs[i].file, configs[i].bos));
		if (t->eos < 0)
			t->eos = id_of(t, json_object_get(configs[i].file, configs[i].eos));
		if (i == 1)
			named = t->bos >= 0;
	}
	guess(t);
	if (of == TOK_SPM && json_is_boolean(adds))
		t->adds_bos = json_is_true(adds) && t->bos >= 0;
	class_of(b, name);
	if (of == TOK_MERGES) /* Qwen2's class has no BOS but where it is named */
		t->adds_bos = json_is_true(adds) && t->bos >= 0 &&
			(named || among(name, families[0].classes));
}

char *beside_doubt(const struct beside *b, enum tok_file of, const struct tok *t)
{
	const json_t *adds = json_object_get(b->config, "add_bos_token");

	if (of != TOK_JSON || !json_is_boolean(adds) || json_is_true(adds) == t->adds_bos ||
		t->bos < 0)
		return NULL;
	return xasprintf("tokenizer_config.json has add_bos_token %s, but tokenizer.json, which "
			 "decides, adds %s: %s or %s settles it",
		json_is_true(adds) ? "true" : "false", t->adds_bos ? "BOS" : "none",
		setting(SETTING_BOS), setting(SETTING_NO_BOS));
}

/* -- everything else --------------------------------------------------------------------------- */

/* Keys that change ids in some class of transformers, and not here. */
static int check_keys(const struct beside *b, enum tok_file of, const struct tok *t,
	struct fault *err)
{
	static const char *const refused[] = { "do_lower_case", "split_special_tokens",
		"sp_model_kwargs", "strip_accents", "fix_mistral_regex" };

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (!json_is_unset(b->config, refused[i]))
			return fault(err,
				"tokenizer_config.json: %s is set, which is not supported",
				refused[i]);
	if (flag(b->config, "add_eos_token") && of != TOK_JSON)
		return fault(err,
			"tokenizer_config.json: add_eos_token: a token after the text is not "
			"supported");
	if (flag(b->config, "add_eos_token") && !t->quiet)
		warn("tokenizer_config.json has add_eos_token true, but tokenizer.json, which "
		     "decides, adds none");
	return 0;
}

/* A class of its own makes its pre-tokeniser anew, with add_prefix_space as its config has it; the
 * general ones don't. */
static int check_prefix(const struct beside *b, enum tok_file of, const struct tok *t,
	struct fault *err)
{
	const json_t *v = json_object_get(b->config, "add_prefix_space");
	int adds = t->normal == NORMAL_SPM && t->prefix != PREFIX_NONE;
	char name[64];

	for (int i = 0; i < t->n_splits; i++)
		adds |= t->split[i].kind == SPLIT_ADD_SPACE;
	class_of(b, name);
	if ((of != TOK_JSON && of != TOK_SPM) || !json_is_boolean(v) || json_is_true(v) == adds ||
		among(name, "PreTrainedTokenizer TokenizersBackend"))
		return 0;
	return fault(err,
		"tokenizer_config.json has add_prefix_space %s, and this file has it %s: " WAY_OUT
		", or take the key out",
		json_is_true(v) ? "true" : "false", adds ? "true" : "false");
}

/* 1: a tokenizer.json splits text as this family's class does. */
static int splits_like(const struct tok *t, const struct class_family *f)
{
	return t->n_splits == 1 && t->split[0].kind == f->split &&
		(t->normal == NORMAL_NFC) == f->nfc;
}

/* The classes that read vocab.json split by their own rule in some versions of transformers,
 * whatever tokenizer.json says; so many models' files disagree that the difference is only told. */
static void warn_of_class(const struct beside *b, enum tok_file of, const struct tok *t)
{
	char name[64];

	class_of(b, name);
	for (int i = 0; i < FAMILIES; i++)
		if (of == TOK_JSON && !t->quiet && among(name, families[i].classes) &&
			!splits_like(t, &families[i]))
			warn("tokenizer.json, which decides, splits text in another way than some "
			     "versions of %s",
				name);
}

/* Classes that read a SentencePiece model's ids as they are. */
static int check_class(const struct beside *b, enum tok_file of, struct fault *err)
{
	char name[64];

	class_of(b, name);
	if (of != TOK_SPM || !*name ||
		among(name,
			"LlamaTokenizer CodeLlamaTokenizer MistralTokenizer GemmaTokenizer "
			"PreTrainedTokenizer TokenizersBackend"))
		return 0;
	return fault(err,
		"tokenizer_class %s: what it makes of these pieces is not known here; " WAY_OUT,
		name);
}

/* 1: the vocabulary has this token under this id. */
static int has_piece(const struct vocab *v, const json_t *token)
{
	const json_t *content = json_object_get(token, "content");
	uint64_t id = (uint64_t)json_integer_value(json_object_get(token, "id"));
	size_t n = json_string_length(content), k;
	char *text;
	const char *own;
	int same;

	if (!vocab_has(v, id))
		return 0;
	if (v->token[id].type == TOKEN_BYTE)
		return tok_byte_named(json_string_value(content), n) >= 0;
	text = xmalloc(n);
	n = vocab_from_spm(text, json_string_value(content), n);
	own = vocab_text(v, (uint32_t)id, &k);
	same = k == n && !memcmp(own, text, n);
	free(text);
	return same;
}

/* Tokens beside a SentencePiece model must be pieces of it; names without ids should be some
 * token's. */
static int check_tokens(const struct beside *b, enum tok_file of, const struct tok *t,
	struct fault *err)
{
	const json_t *token, *content;
	size_t i;

	json_array_foreach(b->tokens, i, token)
	{
		content = json_object_get(token, "content");
		if (json_object_get(token, "id") && of == TOK_SPM && !has_piece(&t->vocab, token))
			return fault(err,
				"added token \"%.64s\" is no piece of it with that id, which is "
				"not supported; " WAY_OUT,
				json_string_value(content));
		if (!json_object_get(token, "id") && of != TOK_RANKS && !t->quiet &&
			vocab_named(&t->vocab, json_string_value(content),
				json_string_length(content)) == NO_ID)
			warn("tokenizer_config.json names the token %s, which the vocabulary has "
			     "not: in a text it is text",
				json_string_value(content));
	}
	return 0;
}

int beside_check(const struct beside *b, enum tok_file of, const struct tok *t, struct fault *err)
{
	warn_of_class(b, of, t);
	return check_keys(b, of, t, err) || check_class(b, of, err) ||
			check_prefix(b, of, t, err) || check_tokens(b, of, t, err)
		? -1
		: 0;
}
