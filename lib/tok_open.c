/* tok_open - which file of a model holds its tokenizer, and what the files beside it say of BOS and EOS
 *
 * Order of choice in a folder: tokenizer.json; tokenizer.model; qwen.tiktoken; vocab.json with merges.txt.
 */
#include "tok_own.h"

#include "cli.h"
#include "fault.h"
#include "gguf.h"
#include "json.h"
#include "records.h"
#include "sniff.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 256 << 20, CONFIG_MAX = 16 << 20 };

static const char *const files[] = { "tokenizer.json", "tokenizer.model", "qwen.tiktoken", "vocab.json" };

static int is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

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
	if (rc && sniff(merges, n_merges))
		rc = fault(err, n_err, "merges.txt: %s", sniff(merges, n_merges));
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
	const char *what;
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
	what = rc ? sniff(bytes, n) : NULL;
	free(bytes);
	if (rc)
		return fault(err, n_err, "%s: %s", path, what ? what : why);
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

static int open_folder(struct tok *t, const char *folder, char *err, size_t n_err)
{
	char *path;
	int rc;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		path = file_in(folder, files[i]);
		if (is_file(path)) {
			rc = open_file(t, path, folder, err, n_err);
			free(path);
			return rc;
		}
		free(path);
	}
	return fault(err, n_err, "%s: no tokenizer: neither %s, %s, %s nor %s", folder, files[0], files[1], files[2],
		files[3]);
}

enum source { FOLDER, GGUF, STREAM, TOKENIZER };

/* What a path names, by its first bytes. A model stream begins with zstd's magic or a msgpack map; it may be called
 * n8.model, so the name says nothing. */
static enum source source_of(const char *path)
{
	unsigned char b[4] = { 0 };
	FILE *f;

	if (is_folder(path))
		return FOLDER;
	if (!is_file(path) && access(path, F_OK) == 0)
		return STREAM;
	f = steady_open(path);
	if (!f)
		die("%s: %m", path);
	if (fread(b, 1, 4, f) < 4 && ferror(f))
		die("%s: %m", path);
	fclose(f);
	if (!memcmp(b, "GGUF", 4))
		return GGUF;
	if (!memcmp(b, "\x28\xb5\x2f\xfd", 4) || (b[0] & 0xf0) == 0x80 || b[0] == 0xde || b[0] == 0xdf)
		return STREAM;
	return TOKENIZER;
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

	switch (source_of(model)) {
	case FOLDER:
		return open_folder(t, model, err, n_err);
	case GGUF:
		return open_gguf(t, model, err, n_err);
	case TOKENIZER:
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

int tok_is_stream(const char *model)
{
	return !model || !strcmp(model, "-") || source_of(model) == STREAM;
}

/* The one base that all records of a stream name, as the record gives it. New. */
static char *base_in(const char *path, json_t **made)
{
	struct rec_in *in = rec_open((char *[]){ (char *)(uintptr_t)path, NULL }, KIND_MODEL);
	struct model_rec r;
	char *base = NULL;
	int part = -1;

	while (model_rec_read(in, &r)) {
		if (rec_part(in) != part)
			*made = made_merge(*made, rec_made(in));
		part = rec_part(in);
		if (base && strcmp(base, r.base))
			die("%s: models of several bases: %s, %s", rec_file(in), base, r.base);
		if (!base)
			base = xstrdup(r.base);
	}
	if (!base)
		die("%s: has no model in it", rec_file(in));
	rec_close(in);
	return base;
}

struct tok *tok_open_model(const char *model, const char *where, json_t **made)
{
	char *base, *folder, *path;
	struct tok *t;

	*made = NULL;
	if (!tok_is_stream(model))
		return tok_open(model);
	base = base_in(model ? model : "-", made);
	folder = model ? folder_of(model) : xstrdup("");
	path = where ? xstrdup(where) : *base == '/' ? xstrdup(base) : file_in(folder, base);
	t = tok_open(path);
	free(base);
	free(folder);
	free(path);
	return t;
}
