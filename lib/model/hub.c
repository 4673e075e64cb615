/* hub - see hub.h
 */
#include "model/hub.h"

#include "file/json.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"
#include "sys/steady.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID_MAX = 96, COMMIT_MAX = 64, MAX_INDEX = 256 << 20 };

static const char one_file[] = "model.safetensors", index_file[] = "model.safetensors.index.json";
static const char prefix[] = "models--";

/* -- ids --------------------------------------------------------------------------------------- */

/* One half of an id, as the hub allows it: letters, digits, "-", "_", ".", neither "--" nor
 * "..". */
static int is_half(const char *s, size_t n)
{
	if (n == 0 || n > ID_MAX || s[0] == '.' || s[0] == '-' || s[n - 1] == '.' ||
		s[n - 1] == '-')
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!(isascii(s[i]) && isalnum((unsigned char)s[i])) && !strchr("-_.", s[i]))
			return 0;
		else if (i && s[i] == s[i - 1] && (s[i] == '-' || s[i] == '.'))
			return 0;
	return 1;
}

int hub_is_id(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash && is_half(name, (size_t)(slash - name)) &&
		is_half(slash + 1, strlen(slash + 1));
}

/* The part of a full path that begins with models--, where snapshots are next. */
static const char *repository_in(const char *full)
{
	for (const char *p = strstr(full, "/models--"); p; p = strstr(p + 1, "/models--")) {
		const char *next = strchr(p + 1, '/');

		if (next && !strncmp(next, "/snapshots/", 11))
			return p + 1;
	}
	return NULL;
}

/* A path without the links on its way, but for a file's own: in the cache that would be a blob
 * without a name. */
static char *full_path(const char *path)
{
	struct stat st;
	const char *slash = strrchr(path, '/');
	char *folder, *full;

	if (stat(path, &st) || S_ISDIR(st.st_mode))
		return realpath(path, NULL);
	folder = slash ? xasprintf("%.*s", slash == path ? 1 : (int)(slash - path), path)
		       : xstrdup(".");
	full = realpath(folder, NULL);
	free(folder);
	if (!full)
		return NULL;
	folder = xasprintf("%s/%s", full, slash ? slash + 1 : path);
	free(full);
	return folder;
}

char *hub_id(const char *path)
{
	char *full = full_path(path), *id = NULL;
	const char *repo = full ? repository_in(full) : NULL, *mid;
	int n;

	if (repo) {
		repo += sizeof prefix - 1;
		n = (int)strcspn(repo, "/");
		mid = strstr(repo, "--");
		id = mid && mid < repo + n ? xasprintf("%.*s/%.*s", (int)(mid - repo), repo,
						     n - (int)(mid - repo) - 2, mid + 2)
					   : xasprintf("%.*s", n, repo);
	}
	free(full);
	return id;
}

static int is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* The last name in a path, slashes at its end left out; it may be "." or "..". */
static char *last_name(const char *path)
{
	size_t n = strlen(path), at;

	while (n > 1 && path[n - 1] == '/')
		n--;
	for (at = n; at > 0 && path[at - 1] != '/'; at--)
		;
	return xasprintf("%.*s", (int)(n - at), path + at);
}

char *model_name(const char *path)
{
	char *id = is_file(path) ? NULL : hub_id(path), *full = full_path(path), *name;
	size_t n;

	name = last_name(id ? id : full ? full : path);
	n = strlen(name);
	if (!id && n > 5 && !strcmp(name + n - 5, ".gguf"))
		name[n - 5] = 0;
	free(id);
	free(full);
	return name;
}

/* -- the cache --------------------------------------------------------------------------------- */

static char *expand(const char *path, const char *below)
{
	const char *home = getenv("HOME");
	int tilde = path[0] == '~' && (path[1] == '/' || !path[1]) && home;

	return xasprintf("%s%s%s", tilde ? home : "", path + tilde, below);
}

/* As huggingface_hub looks for it; NULL: no variable says where. */
static char *cache_folder(void)
{
	static const struct {
		const char *variable, *below;
	} places[] = {
		{ "HF_HUB_CACHE", "" },
		{ "HUGGINGFACE_HUB_CACHE", "" },
		{ "HF_HOME", "/hub" },
		{ "XDG_CACHE_HOME", "/huggingface/hub" },
		{ "HOME", "/.cache/huggingface/hub" },
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *v = getenv(places[i].variable);

		if (v && *v)
			return expand(v, places[i].below);
	}
	return NULL;
}

/* What refs/main says: a commit's name, or NULL: there is none, or it is no name. */
static char *main_commit(const char *repo)
{
	char *path = xasprintf("%s/refs/main", repo), *commit = xcalloc(COMMIT_MAX + 2, 1);
	FILE *f = steady_open(path);
	size_t n = f ? fread(commit, 1, COMMIT_MAX + 1, f) : 0;

	if (f ? ferror(f) : errno != ENOENT && errno != ENOTDIR)
		die("%s: %s", path, strerror(errno));
	if (f)
		fclose(f);
	free(path);
	while (n && isspace((unsigned char)commit[n - 1]))
		commit[--n] = 0;
	if (n == 0 || n > COMMIT_MAX || strspn(commit, "0123456789abcdefABCDEF") != n) {
		free(commit);
		return NULL;
	}
	return commit;
}

static int is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* How many folders there are in one, and the first of them by name. */
static int folders_in(const char *folder, char **first)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	int n = 0;

	*first = NULL;
	if (!d && errno != ENOENT && errno != ENOTDIR)
		die("%s: %s", folder, strerror(errno));
	for (errno = 0; d && (e = readdir(d)); errno = 0) {
		char *path = xasprintf("%s/%s", folder, e->d_name);

		if (e->d_name[0] == '.' || !is_folder(path)) {
			free(path);
			continue;
		}
		n++;
		if (!*first || strcmp(path, *first) < 0) {
			free(*first);
			*first = path;
		} else {
			free(path);
		}
	}
	if (d && errno)
		die("%s: %s", folder, strerror(errno));
	if (d)
		closedir(d);
	return n;
}

static char *find_snapshot(const char *id, const char *repo)
{
	char *commit = main_commit(repo), *all = xasprintf("%s/snapshots", repo), *found, *main;
	int n = folders_in(all, &found);

	if (n == 0)
		die("%s: %s has no snapshot: the download is not whole; hf download %s goes on "
		    "with it",
			id, repo, id);
	if (!commit && n > 1)
		die("%s: %s has %d snapshots and no refs/main: give one of them as a folder", id,
			all, n);
	if (commit) {
		main = xasprintf("%s/%s", all, commit);
		if (!is_folder(main))
			die("%s: %s is not there, which refs/main names: the download is not "
			    "whole; hf download %s goes on with it",
				id, main, id);
		free(found);
		found = main;
	}
	free(commit);
	free(all);
	return found;
}

char *hub_find(const char *id)
{
	const char *slash = strchr(id, '/');
	char *cache = cache_folder(), *repo, *found = NULL;

	if (!cache)
		return NULL;
	repo = xasprintf("%s/%s%.*s--%s", cache, prefix, (int)(slash - id), id, slash + 1);
	if (is_folder(repo))
		found = find_snapshot(id, repo);
	free(repo);
	free(cache);
	return found;
}

/* -- what is missing --------------------------------------------------------------------------- */

enum hub_state { ABSENT, BROKEN, THERE };

static enum hub_state state_of(const char *folder, const char *name)
{
	char *path = *name == '/' ? xstrdup(name) : xasprintf("%s/%s", folder, name);
	struct stat st;
	enum hub_state s = stat(path, &st) == 0 ? THERE : lstat(path, &st) == 0 ? BROKEN : ABSENT;

	free(path);
	return s;
}

/* The files of the index that are not there: how many, and the first. An index that can't be read
 * lacks none. */
static int missing_shards(const char *folder, char **first)
{
	struct fault err;
	char *path = xasprintf("%s/%s", folder, index_file);
	const char *tensor, *file;
	json_t *index = NULL, *seen = json_object(), *v;
	int n = 0;

	*first = NULL;
	if (json_load_path(&index, path, MAX_INDEX, NULL, NULL, &err))
		index = NULL;
	json_object_foreach(json_object_get(index, "weight_map"), tensor, v)
	{
		file = json_string_value(v);
		if (!file || strchr(file, '/') || json_object_get(seen, file))
			continue;
		json_put(seen, file, json_true());
		if (state_of(folder, file) == THERE)
			continue;
		n++;
		if (!*first || strcmp(file, *first) < 0) {
			free(*first);
			*first = xstrdup(file);
		}
	}
	json_decref(seen);
	json_decref(index);
	free(path);
	return n;
}

/* What is missing of a folder's weights, as a phrase; NULL: nothing. */
static char *lacking(const char *folder)
{
	char *first, *text;
	int n;

	if (state_of(folder, "config.json") != THERE)
		return xstrdup("config.json");
	if (state_of(folder, one_file) != ABSENT)
		return state_of(folder, one_file) == BROKEN ? xstrdup(one_file) : NULL;
	if (state_of(folder, index_file) != THERE)
		return state_of(folder, index_file) == BROKEN ? xstrdup(index_file)
							      : xasprintf("%s", one_file);
	n = missing_shards(folder, &first);
	if (n == 0)
		return NULL;
	text = n == 1
		? xstrdup(first)
		: xasprintf("%s and %d other file%s of its index", first, n - 1, n > 2 ? "s" : "");
	free(first);
	return text;
}

/* 1: a download into the cache was broken off. */
static int was_broken_off(const char *snapshot)
{
	char *blobs = xasprintf("%s/../../blobs", snapshot);
	DIR *d = opendir(blobs);
	const struct dirent *e;
	int found = 0;

	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		found |= n > 11 && !strcmp(e->d_name + n - 11, ".incomplete");
	}
	if (d)
		closedir(d);
	free(blobs);
	return found;
}

char *hub_lacks(const char *folder)
{
	char *what = lacking(folder), *id, *text;

	if (!what)
		return NULL;
	id = hub_id(folder);
	text = id ? xasprintf("lacks %s: the download %s; hf download %s goes on with it", what,
			    was_broken_off(folder) ? "was broken off" : "is not whole", id)
		  : xasprintf("lacks %s", what);
	free(what);
	free(id);
	return text;
}

void hub_check(const char *path)
{
	char *id = hub_id(path), *lacks;

	if (id && is_folder(path)) {
		int other = state_of(path, "config.json") == THERE &&
			state_of(path, one_file) == ABSENT &&
			state_of(path, index_file) == ABSENT && !was_broken_off(path);

		/* weights in another form: folder.c says more of them */
		lacks = other ? NULL : hub_lacks(path);
		if (lacks)
			die("%s: %s", path, lacks);
	} else if (id && state_of(".", path) == BROKEN) {
		die("%s: is a link to nothing: the download is not whole; hf download %s goes on "
		    "with it",
			path, id);
	}
	free(id);
}
