/* ignore - see ignore.h
 */
#include "stream/ignore.h"

#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 256, MOST = 64 };

static const char *pattern[MOST];
static int used[MOST], n_ignored;

int ignore_add(const char *text)
{
	for (int i = 0; i < n_ignored; i++)
		if (strcmp(pattern[i], text) == 0)
			return 0;
	if (n_ignored == MOST || !*text)
		return -1;
	pattern[n_ignored++] = text;
	return 0;
}

int ignore_covers(const char *key)
{
	for (int i = 0; i < n_ignored; i++)
		if (fnmatch(pattern[i], key, 0) == 0)
			return used[i] = 1;
	return 0;
}

static int strip(json_t *object, const char *within)
{
	char path[PATH];
	const char *key;
	void *next;
	json_t *v;
	int n = 0;

	json_object_foreach_safe(object, next, key, v)
	{
		snprintf(path, sizeof path, "%s%s%s", within, *within ? "." : "", key);
		if (ignore_covers(path)) {
			json_object_del(object, key);
			n++;
		} else {
			n += strip(v, path);
		}
	}
	return n;
}

int ignore_strip(json_t *object)
{
	return n_ignored ? strip(object, "") : 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *ignore_used(void)
{
	const char *list[MOST];
	json_t *names;
	int n = 0;

	for (int i = 0; i < n_ignored; i++)
		if (used[i])
			list[n++] = pattern[i];
	if (!n)
		return NULL;
	qsort(list, (size_t)n, sizeof *list, by_text);
	names = json_array();
	for (int i = 0; i < n; i++)
		json_add(names, json_string(list[i]));
	return names;
}

void ignore_inherit(const json_t *provenance)
{
	json_t *step, *name;
	size_t i, k;

	json_array_foreach(provenance, i,
		step) json_array_foreach(json_object_get(json_object_get(step, "args"), "ignore"),
		k, name) if (json_is_string(name) && ignore_add(xstrdup(json_string_value(name))))
		die("made: more than %d keys to be ignored", MOST);
}
