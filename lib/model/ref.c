/* ref - see ref.h
 */
#include "model/ref.h"

#include "file/utf8.h"
#include "model/hub.h"
#include "stream/rec.h"
#include "sys/die.h"
#include "sys/io.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PIPEFS = 0x50495045 }; /* statfs(2): a pipe without a name, as the shell's <(...) gives */

/* -- what it is -------------------------------------------------------------------------------- */

/* The first bytes of a file: how many of n there are. */
static size_t first_bytes(const char *path, unsigned char *b, size_t n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t got = 0;
	long k = 1;

	if (fd < 0)
		die("%s: %m", path);
	while (got < n && k) {
		k = io_read(fd, b + got, n - got);
		if (k < 0)
			die("%s: read: %m", path);
		got += (size_t)k;
	}
	close(fd);
	return got;
}

/* A stream begins with zstd's magic or a msgpack map. It may be called n8.model, so the name says
 * nothing. */
static enum ref_kind kind_of_file(const char *path)
{
	static const unsigned char zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
	unsigned char b[4] = { 0 };
	size_t n = first_bytes(path, b, sizeof b);

	if (n == 0)
		die("%s: is empty: neither a model nor a stream of models", path);
	if (n == 4 && memcmp(b, "GGUF", 4) == 0)
		return REF_GGUF;
	if ((n == 4 && memcmp(b, zstd, 4) == 0) || (b[0] & 0xf0) == 0x80 || b[0] == 0xde ||
		b[0] == 0xdf)
		return REF_STREAM;
	return REF_OTHER;
}

/* A pipe can be read once, by the reader of the stream, who then says what it is. One with a name
 * would be waited for, perhaps for ever. */
enum ref_kind ref_kind(const char *path)
{
	struct statfs fs;
	struct stat st;

	if (stat(path, &st))
		die("%s: %m", path);
	if (S_ISDIR(st.st_mode))
		return REF_FOLDER;
	if (S_ISREG(st.st_mode))
		return kind_of_file(path);
	if (S_ISFIFO(st.st_mode) && (statfs(path, &fs) || fs.f_type != PIPEFS))
		die("%s: is a FIFO, no regular file; a model stream in it can be read as standard "
		    "input: < %s",
			path, path);
	return REF_STREAM;
}

/* -- one level too high ------------------------------------------------------------------------ */

static int has(const char *folder, const char *name)
{
	char *path = xasprintf("%s/%s", folder, name);
	struct stat st;
	int there = lstat(path, &st) == 0;

	free(path);
	return there;
}

static int is_model(const char *folder)
{
	static const char *const files[] = { "config.json", "adapter_config.json", "tokenizer.json",
		"tokenizer.model", "qwen.tiktoken", "vocab.json", "model.safetensors",
		"model.safetensors.index.json" };

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (has(folder, files[i]))
			return 1;
	return 0;
}

static int ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && !strcmp(s + n - k, end);
}

/* The first by name of the models in a folder: GGUF files, folders, and those in a folder called
 * snapshots; NULL: none. */
static char *model_in(const char *folder)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	char *first = NULL;

	while (d && (e = readdir(d))) {
		char *path = xasprintf("%s/%s", folder, e->d_name), *found = NULL;

		if (e->d_name[0] != '.' && (ends_with(e->d_name, ".gguf") || is_model(path)))
			found = xstrdup(path);
		else if (!strcmp(e->d_name, "snapshots"))
			found = model_in(path);
		if (found && (!first || strcmp(found, first) < 0)) {
			free(first);
			first = found;
		} else {
			free(found);
		}
		free(path);
	}
	if (d)
		closedir(d);
	return first;
}

static void check_folder(const char *path)
{
	char *trimmed = xstrdup(path), *deeper;

	for (size_t n = strlen(trimmed); n > 1 && trimmed[n - 1] == '/'; n--)
		trimmed[n - 1] = 0;
	deeper = is_model(trimmed) ? NULL : model_in(trimmed);
	if (deeper)
		die("%s: has no config.json; a model lies in it: give %s", path, deeper);
	free(trimmed);
}

/* -- where it is ------------------------------------------------------------------------------- */

/* Relative paths begin at the stream's folder, or else at the working directory, where whoever
 * wrote `drop-layers -m model > out/n8.model` stood; the fingerprint decides whether it fits. */
char *ref_find(const char *dir, const char *name)
{
	char *beside = xasprintf("%s%s", name[0] == '/' ? "" : dir, name), *found;
	struct stat st;

	if (access(beside, F_OK) == 0)
		return beside;
	if (access(name, F_OK) == 0) {
		free(beside);
		return xstrdup(name);
	}
	if (!hub_is_id(name) || lstat(beside, &st) == 0 || lstat(name, &st) == 0)
		return beside;
	found = hub_find(name);
	if (!found)
		die("%s: No such file or directory; if it is on the hub: hf download %s", name,
			name);
	note("%s: %s", name, found);
	free(beside);
	return found;
}

char *ref_named(const char *path, const char *said)
{
	char *id = hub_id(path), *name = xstrdup(id && !strcmp(id, said) ? id : path);

	free(id);
	ref_check_name(name);
	return name;
}

void ref_check_name(const char *path)
{
	if (utf8_valid(path, strlen(path)) != strlen(path))
		die("%s: its name is not UTF-8, which a record cannot hold: rename it, or name it "
		    "by a link",
			path);
}

int ref_same_file(const char *a, const char *b)
{
	struct stat s, t;

	return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

void ref_check(const char *what, const char *path, const char *is, const char *said)
{
	if (said && strcmp(said, is))
		die("%s: %s: is not the one that the model record means: its fingerprint is %s, "
		    "not %s",
			path, what, is, said);
}

/* -- -m ---------------------------------------------------------------------------------------- */

static int is_stdin(const char *file)
{
	return !strcmp(file, "-") || !strcmp(file, "/dev/stdin") || !strcmp(file, "/dev/fd/0") ||
		!strcmp(file, "/proc/self/fd/0");
}

void ref_need_one_stdin(const char *model, char *const *files, const char *what)
{
	int data = files[0] == NULL;

	for (int i = 0; files[i] != NULL; i++)
		data |= is_stdin(files[i]);
	if (data && (!model || is_stdin(model)))
		misuse("both the model and the %s would come from standard input: give %s MODEL or "
		       "name the %s",
			what, setting(SETTING_MODEL), what);
}

/* Where the paths in a stream's file begin; a pipe is nowhere. */
static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;

	if (!slash || (stat(path, &st) == 0 && !S_ISREG(st.st_mode)))
		return xstrdup("");
	return xasprintf("%.*s", (int)(slash - path + 1), path);
}

struct ref ref_open(const char *model, const char *base)
{
	struct ref r = { .kind = REF_STREAM };

	if (!model || is_stdin(model)) {
		if (isatty(STDIN_FILENO))
			misuse("no model: %s MODEL, or a model stream on standard input",
				setting(SETTING_MODEL));
		r.dir = xstrdup("");
		return r;
	}
	r.path = ref_find("", model);
	r.kind = ref_kind(r.path);
	r.dir = dir_of(r.path);
	if (r.kind != REF_STREAM && base)
		misuse("%s: %s names a checkpoint already: %s", setting(SETTING_BASE),
			setting(SETTING_MODEL), model);
	if (r.kind == REF_FOLDER)
		check_folder(r.path);
	return r;
}

void ref_close(struct ref *r)
{
	free(r->path);
	free(r->dir);
	*r = (struct ref){ 0 };
}

struct model_rec **ref_records(const struct ref *r, int *n, json_t **provenance)
{
	struct rec_in *in = rec_open((char *[]){ r->path ? r->path : (char[]){ "-" }, NULL },
		KIND_MODEL);
	struct model_rec **recs = NULL, rec;

	for (*n = 0; model_rec_read(in, &rec); ++*n) {
		recs = xrealloc(recs, (size_t)*n + 1, sizeof *recs);
		recs[*n] = model_rec_copy(&rec);
	}
	if (*n == 0)
		die("%s: has no model in it", rec_file(in));
	*provenance = provenance_merge(NULL, rec_all_provenance(in));
	rec_close(in);
	return recs;
}
