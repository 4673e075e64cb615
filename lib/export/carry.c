/* carry - which files go along with a checkpoint, and which stay; see carry.h
 */
#include "export/carry.h"

#include "model/known.h"
#include "sys/copy.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What a file is called in the new folder. New. */
static char *carried_name(const char *name)
{
	size_t n = strlen("README");

	if (!strncmp(name, "README.", 7)) {
		for (const char *s = name + n; !strncmp(s, ".base", 5); s += 5)
			n += 5;
		if (!strcmp(name + n, ".md"))
			return xasprintf("%.*s.base.md", (int)n, name);
	}
	return xstrdup(name);
}

/* 1: what the new folder has its own of. */
static int is_own(const struct folder *from, const char *name)
{
	for (size_t i = 0; i < from->n_files; i++)
		if (!strcmp(from->names[i], name))
			return 1;
	return !strcmp(name, ".") || !strcmp(name, "..") || !strcmp(name, "config.json") ||
		(from->index && !strcmp(name, "model.safetensors.index.json"));
}

static int goes_along(const char *name)
{
	char *small = xstrdup(name);
	int known;

	for (char *c = small; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	known = known_name(KNOWN_FILE, NULL, small);
	free(small);
	return known;
}

/* One entry: carried along, or its name added to those that stay. */
static void carry(const struct folder *from, const char *name, const char *to, char **left)
{
	char *path = xasprintf("%s/%s", from->path, name), *as = carried_name(name), *more;
	char *copy = xasprintf("%s/%s", to, as);
	struct stat st = { 0 };
	int known = goes_along(name);

	if (stat(path, &st) && known)
		die("%s: %s", path, strerror(errno));
	if (known && S_ISREG(st.st_mode)) {
		copy_file(path, copy);
	} else {
		more = xasprintf("%s%s%s%s", *left, **left ? ", " : "", name,
			S_ISDIR(st.st_mode) ? "/" : "");
		free(*left);
		*left = more;
	}
	free(path);
	free(copy);
	free(as);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of a folder's entries, sorted. New; NULL at the end. */
static char **list_of(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char **list = NULL;
	size_t n = 0;

	if (!d)
		die("%s: %s", path, strerror(errno));
	for (errno = 0; (e = readdir(d)); errno = 0) {
		list = xrealloc(list, n + 2, sizeof *list);
		list[n++] = xstrdup(e->d_name);
		list[n] = NULL;
	}
	if (errno || !list)
		die("%s: %s", path, strerror(errno));
	closedir(d);
	qsort(list, n, sizeof *list, by_text);
	return list;
}

void carry_along(const struct folder *from, const char *to)
{
	char **list = list_of(from->path), *left = xstrdup("");

	for (char **name = list; *name; name++) {
		if (!is_own(from, *name))
			carry(from, *name, to, &left);
		free(*name);
	}
	if (*left)
		warn("%s: left behind, as not known to fit fewer layers: %s", from->path, left);
	free(left);
	free(list);
}
