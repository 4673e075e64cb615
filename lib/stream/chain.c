/* chain - see chain.h
 */
#include "stream/chain.h"

#include "sys/memory.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* A text from a header as one line, whatever bytes are in it. */
static void put_text(FILE *to, const char *s)
{
	for (; *s; s++)
		putc(iscntrl((unsigned char)*s) ? '?' : *s, to);
}

/* A string as it is, anything else as JSON. */
static void put_value(FILE *to, const json_t *v)
{
	char *text;

	if (json_is_string(v)) {
		put_text(to, json_string_value(v));
		return;
	}
	text = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
	put_text(to, text ? text : "?");
	free(text);
}

/* " --key=value" of each argument; " --key" of what is true. */
static void put_args(FILE *to, const json_t *args)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)args, key, v)
	{
		fputs(" --", to);
		put_text(to, key);
		if (json_is_true(v))
			continue;
		putc('=', to);
		put_value(to, v);
	}
}

static void put_step(FILE *to, const json_t *step)
{
	fputs("  ", to);
	put_text(to, json_string_value(json_object_get(step, "tool")));
	putc(' ', to);
	put_text(to, json_string_value(json_object_get(step, "version")));
	put_args(to, json_object_get(step, "args"));
	putc('\n', to);
}

void chain_print(FILE *to, const char *file, const json_t *header)
{
	const json_t *meta = json_object_get(header, "meta");
	json_t *step, *v;
	const char *key;
	size_t i;

	put_text(to, file);
	fprintf(to, ": %s\n", json_string_value(json_object_get(header, "kind")));
	json_array_foreach(json_object_get(header, "made"), i, step) put_step(to, step);
	json_object_foreach((json_t *)meta, key, v)
	{
		fputs("  ", to);
		put_text(to, key);
		fputs(": ", to);
		put_value(to, v);
		putc('\n', to);
	}
}
