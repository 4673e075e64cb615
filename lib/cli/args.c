/* args - see args.h
 */
#include "cli/args.h"

#include "sys/die.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { MOST = 64 }; /* options of a tool */

/* What an option's variable holds. */
union value {
	int flag;
	int64_t integer;
	double real;
	size_t size;
	const char *text;
};
static union value before[MOST];

static size_t size_of(enum opt_type type)
{
	switch (type) {
	case OPT_FLAG: return sizeof(int);
	case OPT_INT: return sizeof(int64_t);
	case OPT_REAL:
	case OPT_TIME: return sizeof(double);
	case OPT_SIZE: return sizeof(size_t);
	default: return sizeof(const char *);
	}
}

static union value value_of(const struct opt *o)
{
	union value v = { 0 };

	if (o->to)
		memcpy(&v, o->to, size_of(o->type));
	return v;
}

static int is_text(const struct opt *o)
{
	return o->type == OPT_TEXT || o->type == OPT_CALL;
}

static int differs(const struct opt *o, union value is, union value was)
{
	if (is_text(o) && is.text && was.text)
		return strcmp(is.text, was.text) != 0;
	return memcmp(&is, &was, size_of(o->type)) != 0;
}

void args_begin(const struct opt *const *tables, int n)
{
	int k = 0;

	for (int i = 0; i < n; i++)
		for (const struct opt *o = tables[i]; o->name; o++) {
			assert(k < MOST);
			assert(o->type != OPT_CALL || o->to || o->made == MADE_NOT);
			before[k++] = value_of(o);
		}
}

static json_t *json_of(const struct opt *o)
{
	union value v = value_of(o);

	switch (o->type) {
	case OPT_FLAG: return json_boolean(o->made != MADE_FALSE);
	case OPT_INT: return json_integer(v.integer);
	case OPT_REAL:
	case OPT_TIME: return json_real(v.real);
	case OPT_SIZE: return json_integer((json_int_t)v.size);
	default: return json_string(v.text);
	}
}

static const char *key_of(const struct opt *o)
{
	return o->key ? o->key : o->name;
}

static void put(json_t *args, const struct opt *o)
{
	if (json_object_set_new(args, key_of(o), json_of(o)))
		die("%s: JSON cannot hold it: a text that is not UTF-8, or no finite number",
			key_of(o));
}

/* 1: the key is one of the words. */
static int listed(const char *words, const char *key)
{
	size_t n;

	for (; words && *words; words += n) {
		words += strspn(words, " ");
		n = strcspn(words, " ");
		if (n && n == strlen(key) && !strncmp(words, key, n))
			return 1;
	}
	return 0;
}

/* 1: the row's value stands in made. was: its value before the options were parsed. */
static int is_made(const struct cli *cli, const struct opt *o, union value was)
{
	if (o->made == MADE_NOT || (o->made == MADE_ARITHMETIC && !cli->arithmetic))
		return 0;
	return o->made == MADE_ALWAYS || differs(o, value_of(o), was);
}

/* Adds the rows with this key, or with any that is in neither list of the tool (key NULL). */
static void put_rows(json_t *args, const struct cli *cli, const struct opt *const *tables, int n,
	const char *key)
{
	int k = 0;

	for (int i = 0; i < n; i++)
		for (const struct opt *o = tables[i]; o->name; o++) {
			if (!is_made(cli, o, before[k++]))
				continue;
			if (key ? !strcmp(key, key_of(o))
				: !listed(cli->made_first, key_of(o)) &&
						!listed(cli->made_last, key_of(o)))
				put(args, o);
		}
}

static void put_listed(json_t *args, const struct cli *cli, const struct opt *const *tables, int n,
	const char *words)
{
	char key[64];
	size_t len;

	for (; words && *words; words += len) {
		words += strspn(words, " ");
		len = strcspn(words, " ");
		assert(len < sizeof key);
		memcpy(key, words, len);
		key[len] = 0;
		put_rows(args, cli, tables, n, key);
	}
}

json_t *args_of(const struct cli *cli, const struct opt *const *tables, int n)
{
	json_t *args = json_object();

	put_listed(args, cli, tables, n, cli->made_first);
	put_rows(args, cli, tables, n, NULL);
	put_listed(args, cli, tables, n, cli->made_last);
	return args;
}
