/* golden-get - a part of a JSON file as lines that awk can read
 *
 * golden-get FILE a.b.c prints every number under that path (a number in it is an array's index), a
 * line each: the keys and indices below the path, then the number with all its digits, tabs
 * between. golden-get --ids FILE a.b prints arrays of ids as lines for `rec-make tokens`.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *step(json_t *j, const char *key)
{
	return json_is_array(j) ? json_array_get(j, (size_t)atoi(key)) : json_object_get(j, key);
}

static void print(json_t *j, const char *before)
{
	char path[256];
	const char *key;
	size_t i;
	json_t *v;

	if (json_is_integer(j))
		printf("%s%lld\n", before, (long long)json_integer_value(j));
	else if (json_is_real(j))
		printf("%s%.17g\n", before, json_real_value(j));
	json_array_foreach(j, i, v)
	{
		snprintf(path, sizeof path, "%s%zu\t", before, i);
		print(v, path);
	}
	json_object_foreach(j, key, v)
	{
		snprintf(path, sizeof path, "%s%s\t", before, key);
		print(v, path);
	}
}

static void print_ids(json_t *list)
{
	size_t i;
	json_t *ids;

	json_array_foreach(list, i, ids)
	{
		char *text = json_dumps(ids, JSON_COMPACT);

		printf("{\"doc\":%zu,\"ids\":%s}\n", i, text);
		free(text);
	}
}

int main(int argc, char *argv[])
{
	int ids = argc > 1 && strcmp(argv[1], "--ids") == 0;
	json_error_t e;
	json_t *j;

	if (argc != 3 + ids)
		return fputs("usage: golden-get [--ids] FILE PATH\n", stderr), 2;
	j = json_load_file(argv[1 + ids], 0, &e);
	if (!j)
		return fprintf(stderr, "golden-get: %s: %s\n", argv[1 + ids], e.text), 1;
	for (char *key = strtok(argv[2 + ids], "."); key; key = strtok(NULL, "."))
		j = step(j, key);
	if (!j)
		return fputs("golden-get: no such path\n", stderr), 1;
	if (ids)
		print_ids(j);
	else
		print(j, "");
	return 0;
}
