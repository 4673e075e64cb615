/* fields - see fields.h
 */
#include "stream/fields.h"

#include "stream/mp.h"
#include "stream/mpjson.h"
#include "sys/memory.h"
#include "sys/near.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 64, STEP_BYTES = 256 };

struct fields {
	char *name[MOST];
	int known[MOST];
	int n;
	int kinds[KIND_COUNT]; /* 1: is read */
};

struct fields *fields_new(const char *list)
{
	struct fields *f = xcalloc(1, sizeof *f);
	char *rest = xstrdup(list), *name;

	while ((name = strsep(&rest, ","))) {
		if (!*name || f->n == MOST)
			return NULL;
		f->name[f->n++] = name;
	}
	return f;
}

/* -- paths ------------------------------------------------------------------------------------- */

/* Copies the first step of a path; returns what follows, or NULL: it is too long. */
static const char *next_step(char step[STEP_BYTES], const char *path)
{
	size_t n = strcspn(path, ".");

	if (n >= STEP_BYTES)
		return NULL;
	memcpy(step, path, n);
	step[n] = 0;
	return path + n + (path[n] == '.');
}

/* 1: s is a number, which *i then is. */
static int is_index(const char *s, uint64_t *i)
{
	if (!*s || strlen(s) > 9 || s[strspn(s, "0123456789")])
		return 0;
	*i = strtoull(s, NULL, 10);
	return 1;
}

/* A key of a map, or a number from 0 in a list; NULL: there is none. */
static const msgpack_object *find_step(const msgpack_object *o, const char *key)
{
	uint64_t i;

	if (o->type != MSGPACK_OBJECT_ARRAY)
		return map_find(o, key);
	return is_index(key, &i) && i < o->via.array.size ? &o->via.array.ptr[i] : NULL;
}

/* What follows a path; NULL: it leads nowhere. */
static const msgpack_object *find_path(const msgpack_object *o, const char *path)
{
	char step[STEP_BYTES];

	while (o && *path) {
		if (!(path = next_step(step, path)))
			return NULL;
		o = find_step(o, step);
	}
	return o;
}

/* 1: what a path leads to within a value of that key can be there. */
static int is_within(const struct key *key, const char *path)
{
	char step[STEP_BYTES];
	uint64_t i;

	if (!(path = next_step(step, path)))
		return 0;
	if (key->type == KEY_INTS)
		return !*path && is_index(step, &i);
	if (key->type != KEY_TENSOR)
		return 0;
	if (!strcmp(step, "shape") && *path)
		return is_index(path, &i);
	return !*path &&
		(!strcmp(step, "dtype") || !strcmp(step, "shape") || !strcmp(step, "data"));
}

/* 1: the table says that there can be what the path leads to. Else *k is the kind of the record
 * that lacks it, and step its key there. */
static int in_table(enum kind *k, const char *path, char step[STEP_BYTES])
{
	for (;;) {
		const struct key *key;

		if (!(path = next_step(step, path)))
			return *step = 0, 0;
		if (!*path && kind_has_own(*k, step))
			return 1;
		if (!(key = key_find(*k, step, strlen(step))))
			return 0;
		if (!*path)
			return 1;
		if (key->type != KEY_RECORD)
			return is_within(key, path);
		*k = key->record;
	}
}

/* -- lines ------------------------------------------------------------------------------------- */

void fields_kind(struct fields *f, enum kind k)
{
	char step[STEP_BYTES];

	if (f->kinds[k])
		return;
	f->kinds[k] = 1;
	for (int i = 0; i < f->n; i++) {
		enum kind at = k;

		f->known[i] |= in_table(&at, f->name[i], step);
	}
}

void fields_titles(FILE *to, const struct fields *f)
{
	for (int i = 0; i < f->n; i++)
		fprintf(to, "%s%s", i ? "\t" : "", f->name[i]);
	putc('\n', to);
}

void fields_print(FILE *to, struct fields *f, const msgpack_object *o)
{
	for (int i = 0; i < f->n; i++) {
		const msgpack_object *v = find_path(o, f->name[i]);

		f->known[i] |= v != NULL;
		if (i)
			putc('\t', to);
		mpjson_print_field(to, v);
	}
	putc('\n', to);
}

/* -- names that are no keys -------------------------------------------------------------------- */

int fields_known(const struct fields *f)
{
	for (int i = 0; i < f->n; i++)
		if (!f->known[i])
			return 0;
	return 1;
}

/* "KIND has a, b, c", and what may have been meant. */
static char *explain(enum kind k, const char *name, const char *step)
{
	char *list = xstrdup(""), *all;
	struct near near = { 0 };
	const char *own;

	for (const struct key *key = kind_keys(k); key->name; key++) {
		char *longer = xasprintf("%s%s%s", list, *list ? ", " : "", key->name);

		free(list);
		list = longer;
		near_try(&near, step, key->name);
	}
	for (int i = 0; (own = kind_own(k, i)); i++)
		near_try(&near, step, own);
	all = xasprintf("%s: no record has it%s%s%s: a %s record has %s%s", name,
		near.best ? "; did you mean " : "", near.best ? near.best : "",
		near.best ? "?" : "", kind_name(k), list,
		kind_own(k, 0) ? ", and keys of its task's own" : "");
	free(list);
	return all;
}

char *fields_unknown(const struct fields *f)
{
	int i = 0, k = 0;
	char step[STEP_BYTES];
	enum kind at;

	while (f->known[i])
		i++;
	while (!f->kinds[k])
		k++;
	at = (enum kind)k;
	in_table(&at, f->name[i], step);
	return explain(at, f->name[i], step);
}
