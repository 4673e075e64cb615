/* chain - see chain.h
 */
#include "stream/chain.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A text from a header as one line, whatever bytes are in it. */
static void put_text(FILE *to, const char *s)
{
	for (; *s; s++)
		putc(iscntrl((unsigned char)*s) ? '?' : *s, to);
}

enum { MOST_RANGES = 8 }; /* that are printed */

/* "0-3, 7" of ascending integers, and of ranges [first, last] whose last may be null. 0: it is no
 * such list. */
static int put_ranges(FILE *to, const json_t *list)
{
	size_t n = json_array_size(list);

	if (n > MOST_RANGES && json_is_array(json_array_get(list, 0)))
		return fprintf(to, "%zu ranges, from %lld on", n,
			(long long)json_integer_value(json_array_get(json_array_get(list, 0), 0)));

	for (size_t i = 0; i < n; i++)
		if (!json_is_integer(json_array_get(list, i)) &&
			json_array_size(json_array_get(list, i)) != 2)
			return 0;
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(list, i);
		json_int_t first = json_integer_value(v), last = first;

		if (json_is_array(v)) {
			first = json_integer_value(json_array_get(v, 0));
			last = json_is_null(json_array_get(v, 1))
				? -1
				: json_integer_value(json_array_get(v, 1));
		}
		for (; json_is_integer(v) && i + 1 < n &&
			json_integer_value(json_array_get(list, i + 1)) == last + 1;
			i++)
			last++;
		fprintf(to, "%lld", (long long)first);
		if (last < 0)
			fputs(" and all that follow", to);
		else if (last > first)
			fprintf(to, "-%lld", (long long)last);
		fputs(i + 1 < n ? ", " : "", to);
	}
	return 1;
}

/* A string as it is, a list of numbers as ranges, an object as "key value, ...", anything else as
 * JSON. */
static void put_value(FILE *to, const json_t *v, int depth)
{
	const char *key, *between = "";
	json_t *inner;
	char *text;

	if (json_is_string(v)) {
		put_text(to, json_string_value(v));
	} else if (json_is_object(v) && depth == 0) {
		json_object_foreach((json_t *)(uintptr_t)v, key, inner)
		{
			fputs(between, to);
			put_text(to, key);
			putc(' ', to);
			put_value(to, inner, 1);
			between = ", ";
		}
	} else if (!json_is_array(v) || !put_ranges(to, v)) {
		text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
		put_text(to, text ? text : "?");
		free(text);
	}
}

/* " --key=value" of each argument; " --key" of what is true. */
static void put_args(FILE *to, const json_t *args)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)args, key, v)
	{
		fputs(" --", to);
		put_text(to, key);
		if (json_is_true(v))
			continue;
		putc('=', to);
		put_value(to, v, 1);
	}
}

/* "      c4.json.gz  sha256 6633...", "      model smollm2  print 9a1c..." */
static void put_input(FILE *to, const json_t *input)
{
	const char *key, *between = "      ";
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)input, key, v)
	{
		fputs(between, to);
		if (strcmp(key, "name")) {
			put_text(to, key);
			putc(' ', to);
		}
		put_value(to, v, 1);
		between = "  ";
	}
	putc('\n', to);
}

static void put_step(FILE *to, const json_t *step)
{
	const json_t *input;
	size_t i;

	fputs("  ", to);
	put_text(to, json_string_value(json_object_get(step, "tool")));
	putc(' ', to);
	put_text(to, json_string_value(json_object_get(step, "version")));
	put_args(to, json_object_get(step, "args"));
	putc('\n', to);
	json_array_foreach(json_object_get(step, "inputs"), i, input) put_input(to, input);
}

void chain_print(FILE *to, const struct chain *c)
{
	const json_t *step;
	const char *key;
	json_t *v;
	size_t i;

	put_text(to, c->file);
	fprintf(to, ": %s, %llu record%s, complete\n", c->kind, (unsigned long long)c->records,
		c->records == 1 ? "" : "s");
	json_array_foreach(c->made, i, step) put_step(to, step);
	json_object_foreach((json_t *)(uintptr_t)c->meta, key, v)
	{
		if (json_is_null(v) || !strcmp(key, "models"))
			continue;
		fputs("  ", to);
		put_text(to, key);
		fputs(": ", to);
		put_value(to, v, 0);
		putc('\n', to);
	}
}
