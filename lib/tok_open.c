/* tok_open - which file of a model holds its tokenizer, and what the files beside it say of BOS and EOS
 *
 * Order of choice in a folder: tokenizer.json; tokenizer.model; qwen.tiktoken; vocab.json with merges.txt.
 */
#include "tok_own.h"

#include "cli.h"
#include "fault.h"
#include "gguf.h"
#include "json.h"
#include "ref.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX = 256 << 20, CONFIG_MAX = 16 << 20 };

static const char *const files[] = { "tokenizer.json", "tokenizer.model", "qwen.tiktoken", "vocab.json" };

static int is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && !strcmp(s + n - k, end);
}

static char *file_in(const char *folder, const char *name)
{
	return *folder ? xasprintf("%s/%s", folder, name) : xstrdup(name);
}

/* A token's id by the name that a config gives: a string, or an object with its content; or the id itself. */
static int64_t id_of(const struct tok *t, const json_t *v)
{
	uint32_t id;

	if (json_is_array(v))
		v = json_array_get(v, 0);
	if (json_is_integer(v))
		return json_integer_value(v) >= 0 && vocab_has(&t->vocab, (uint64_t)json_integer_value(v))
			? json_integer_value(v) : -1;
	if (json_is_object(v))
		v = json_object_get(v, "content");
	if (!json_is_string(v))
		return -1;
	id = vocab_named(&t->vocab, json_string_value(v), json_string_length(v));
	return id == NO_ID ? -1 : (int64_t)id;
}

static json_t *config_in(const char *folder, const char *name)
{
	char err[FAULT_SIZE], *path = file_in(folder, name);
	json_t *o = NULL;

	if (is_file(path) && json_load_path(&o, path, CONFIG_MAX, NULL, NULL, err, sizeof err))
		die("%s: %s", path, err);
	free(path);
	return o;
}

/* BOS and EOS, as far as the tokenizer itself doesn't name them: the first of the configs that does. */
static void read_configs(struct tok *t, const char *folder, int spm)
{
	static const struct { const char *file, *bos, *eos; } configs[] = {
		{ "tokenizer_config.json", "bos_token", "eos_token" },
		{ "special_tokens_map.json", "bos_token", "eos_token" },
		{ "config.json", "bos_token_id", "eos_token_id" },
	};
	const json_t *adds;
	json_t *o;

	for (int i = 0; i < 3; i++) {
		o = config_in(folder, configs[i].file);
		if (t->bos < 0)
			t->bos = id_of(t, json_object_get(o, configs[i].bos));
		if (t->eos < 0)
			t->eos = id_of(t, json_object_get(o, configs[i].eos));
		adds = json_object_get(o, "add_bos_token");
		if (i == 0 && spm && json_is_boolean(adds))
			t->adds_bos = json_is_true(adds) && t->bos >= 0;
		json_decref(o);
	}
}

/* What the well-known vocabularies call them, for a tokenizer.json that stands alone. */
static void guess_specials(struct tok *t)
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

static int read_merges(struct tok *t, const char *folder, const char *vocab, size_t n_vocab, char *err, size_t n_err)
{
	char *merges_path = file_in(folder, "merges.txt"), *added_path = file_in(folder, "added_tokens.json");
	char *merges, *added = NULL;
	size_t n_merges, n_added = 0;
	int rc;

	merges = text_slurp(merges_path, FILE_MAX, &n_merges);
	if (is_file(added_path))
		added = text_slurp(added_path, FILE_MAX, &n_added);
	rc = tok_read_merges(t, vocab, n_vocab, merges, n_merges, added, n_added, err, n_err);
	free(merges);
	free(added);
	free(merges_path);
	free(added_path);
	return rc;
}

/* From here on: 0, or -1 with err, which names the file. */
static int open_file(struct tok *t, const char *path, const char *folder, char *err, size_t n_err)
{
	char why[FAULT_SIZE], *bytes;
	int rc, spm = 0;
	size_t n;

	bytes = text_slurp(path, FILE_MAX, &n);
	if (ends_with(path, "vocab.json")) {
		rc = read_merges(t, folder, bytes, n, why, sizeof why);
	} else if (ends_with(path, ".json")) {
		rc = tok_read_json(t, bytes, n, why, sizeof why);
	} else if (tok_is_ranks(bytes, n)) {
		rc = tok_read_ranks(t, bytes, n, why, sizeof why);
	} else {
		rc = tok_read_spm(t, bytes, n, why, sizeof why);
		spm = 1;
	}
	free(bytes);
	if (rc)
		return fault(err, n_err, "%s: %s", path, why);
	read_configs(t, folder, spm);
	guess_specials(t);
	return 0;
}

static int open_gguf(struct tok *t, const char *path, char *err, size_t n_err)
{
	struct gguf *g = gguf_open(path);
	char why[FAULT_SIZE];
	int rc = tok_read_gguf(t, g, why, sizeof why);

	gguf_close(g);
	return rc ? fault(err, n_err, "%s: %s", path, why) : 0;
}

static int is_dead_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && stat(path, &st) != 0;
}

static int open_folder(struct tok *t, const char *folder, char *err, size_t n_err)
{
	char *path;
	int rc;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		path = file_in(folder, files[i]);
		if (is_file(path) || is_dead_link(path)) {
			rc = is_dead_link(path) ? fault(err, n_err, "%s: is a link to nothing", path)
				: open_file(t, path, folder, err, n_err);
			free(path);
			return rc;
		}
		free(path);
	}
	return fault(err, n_err, "%s: no tokenizer: neither %s, %s, %s nor %s", folder, files[0], files[1], files[2],
		files[3]);
}

/* "" for a file in the working folder, else up to its last slash. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? xstrdup("/") : xasprintf("%.*s", slash ? (int)(slash - path) : 0, path);
}

static int open_any(struct tok *t, const char *model, char *err, size_t n_err)
{
	char *folder;
	int rc;

	switch (ref_kind(model)) {
	case REF_FOLDER:
		return open_folder(t, model, err, n_err);
	case REF_GGUF:
		return open_gguf(t, model, err, n_err);
	case REF_OTHER:
		folder = folder_of(model);
		rc = open_file(t, model, folder, err, n_err);
		free(folder);
		return rc;
	default:
		return fault(err, n_err, "%s: is a stream, not a model", model);
	}
}

struct tok *tok_open(const char *model)
{
	struct tok *t = xcalloc(1, sizeof *t);
	char err[2 * FAULT_SIZE];

	if (open_any(t, model, err, sizeof err))
		die("%s", err);
	tok_finish(t);
	return t;
}

struct tok *tok_find(const char *model)
{
	struct tok *t = xcalloc(1, sizeof *t);
	char err[2 * FAULT_SIZE];

	if (open_any(t, model, err, sizeof err)) {
		note("%s", err);
		tok_close(t);
		return NULL;
	}
	tok_finish(t);
	return t;
}
