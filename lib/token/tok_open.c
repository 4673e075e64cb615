/* tok_open - which file of a model holds its tokenizer, and what the files beside it say of BOS and
 * EOS
 *
 * Order of choice in a folder: tokenizer.json; tokenizer.model; qwen.tiktoken; vocab.json with
 * merges.txt.
 */
#include "token/tok_own.h"

#include "file/gguf.h"
#include "file/sniff.h"
#include "file/text.h"
#include "model/ref.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"
#include "sys/setting.h"
#include "token/tok_beside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_MAX = 256 << 20 };

static const char *const files[] = { "tokenizer.json", "tokenizer.model", "qwen.tiktoken",
	"vocab.json" };

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

static int read_merges(struct tok *t, const char *folder, const struct beside *b, const char *vocab,
	size_t n_vocab, struct fault *err)
{
	char *path = file_in(folder, "merges.txt"), *merges;
	struct merges_rule rule;
	size_t n;
	int rc;

	merges = text_slurp(path, FILE_MAX, &n);
	rc = beside_merges_rule(b, tok_is_gpt2(vocab, n_vocab), &rule, err) ||
			tok_read_merges(t, &rule, (struct tok_text){ vocab, n_vocab },
				(struct tok_text){ merges, n }, b->tokens, err)
		? -1
		: 0;
	if (rc && sniff_as(merges, n, SNIFF_UNPACKED))
		rc = fault(err, "merges.txt: %s", sniff_as(merges, n, SNIFF_UNPACKED));
	free(merges);
	free(path);
	return rc;
}

static int read_file(struct tok *t, const char *path, const char *folder, const struct beside *b,
	enum tok_file *of, struct fault *err)
{
	size_t n;
	char *bytes = text_slurp(path, FILE_MAX, &n);
	int rc;

	*of = ends_with(path, "vocab.json") ? TOK_MERGES
		: ends_with(path, ".json")  ? TOK_JSON
		: tok_is_ranks(bytes, n)    ? TOK_RANKS
					    : TOK_SPM;
	if (*of == TOK_MERGES)
		rc = read_merges(t, folder, b, bytes, n, err);
	else if (*of == TOK_JSON)
		rc = tok_read_json(t, bytes, n, b->tokens, err);
	else if (*of == TOK_RANKS)
		rc = tok_read_ranks(t, bytes, n, err);
	else
		rc = tok_read_spm(t, bytes, n, err);
	if (rc && *of != TOK_MERGES && sniff_as(bytes, n, SNIFF_UNPACKED))
		rc = fault(err, "%s", sniff_as(bytes, n, SNIFF_UNPACKED));
	free(bytes);
	return rc;
}

/* From here on: 0, or -1 with err, which names the file. */
static int open_file(struct tok *t, const char *path, const char *folder, struct fault *err)
{
	struct fault why;
	struct beside b;
	enum tok_file of;
	int rc;

	beside_read(&b, folder);
	rc = read_file(t, path, folder, &b, &of, &why);
	if (!rc) {
		beside_specials(&b, of, t);
		rc = beside_check(&b, of, t, &why);
	}
	if (!rc)
		t->doubt = beside_doubt(&b, of, t);
	if (!rc && t->truncates && !t->quiet)
		warn("%s: its truncation or padding has no say here: texts are cut by %s or %s",
			path, setting(SETTING_TRUNCATE), setting(SETTING_PACK));
	beside_free(&b);
	return rc ? fault(err, "%s: %s", path, why.text) : 0;
}

static int open_gguf(struct tok *t, const char *path, struct fault *err)
{
	struct gguf *g = gguf_open(path);
	struct fault why;
	int rc = tok_read_gguf(t, g, &why);

	gguf_close(g);
	return rc ? fault(err, "%s: %s", path, why.text) : 0;
}

static int is_dead_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && stat(path, &st) != 0;
}

static int open_folder(struct tok *t, const char *folder, struct fault *err)
{
	char *path;
	int rc;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		path = file_in(folder, files[i]);
		if (is_file(path) || is_dead_link(path)) {
			rc = is_dead_link(path) ? fault(err, "%s: is a link to nothing", path)
						: open_file(t, path, folder, err);
			free(path);
			return rc;
		}
		free(path);
	}
	return fault(err, "%s: no tokenizer: neither %s, %s, %s nor %s", folder, files[0], files[1],
		files[2], files[3]);
}

/* "" for a file in the working folder, else up to its last slash. */
static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? xstrdup("/")
			     : xasprintf("%.*s", slash ? (int)(slash - path) : 0, path);
}

static int open_any(struct tok *t, const char *model, struct fault *err)
{
	char *folder;
	int rc;

	switch (ref_kind(model)) {
	case REF_FOLDER: return open_folder(t, model, err);
	case REF_GGUF: return open_gguf(t, model, err);
	case REF_OTHER:
		folder = folder_of(model);
		rc = open_file(t, model, folder, err);
		free(folder);
		return rc;
	default: return fault(err, "%s: is a stream, not a model", model);
	}
}

struct tok *tok_open(const char *model)
{
	struct tok *t = xcalloc(1, sizeof *t);
	struct fault err;

	if (open_any(t, model, &err))
		die("%s", err.text);
	tok_finish(t);
	return t;
}

struct tok *tok_find(const char *model)
{
	struct tok *t = xcalloc(1, sizeof *t);
	struct fault err;

	t->quiet = 1;
	if (open_any(t, model, &err)) {
		note("%s", err.text);
		tok_close(t);
		return NULL;
	}
	tok_finish(t);
	return t;
}
