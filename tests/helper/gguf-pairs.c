/* gguf-pairs FILE: prints a GGUF file's pairs, KEY=TYPE:VALUE, arrays as TYPEs:VALUE,VALUE
 * gguf-pairs FILE NEW KEY=TYPE:VALUE ...: a copy with more of them, or other values, of types u32,
 * f32, bool, str, u32s, bools, strs
 */
#include "file/gguf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[GGUF_TYPES] = {
	[GGUF_U32] = "u32",
	[GGUF_I32] = "i32",
	[GGUF_F32] = "f32",
	[GGUF_BOOL] = "bool",
	[GGUF_STRING] = "str",
	[GGUF_U64] = "u64",
};

static void print(const struct gguf_pair *p)
{
	struct gguf_strings it = { .pair = p };

	printf("%.*s=%s%s:", (int)p->key.n, p->key.s, names[p->type] ? names[p->type] : "?",
		p->array ? "s" : "");
	for (uint64_t i = 0; i < p->count; i++) {
		struct gguf_str s = { "", 0 };

		if (p->type == GGUF_STRING && gguf_next_string(&it, &s))
			printf("%s%.*s", i ? "," : "", (int)s.n, s.s);
		else if (p->type == GGUF_F32)
			printf("%s%g", i ? "," : "", gguf_f32_at(p, i));
		else
			printf("%s%lld", i ? "," : "", (long long)gguf_int_at(p, i));
	}
	putchar('\n');
}

static void put(FILE *f, uint64_t v, size_t n)
{
	fwrite(&v, 1, n, f);
}

static void put_string(FILE *f, const char *s, size_t n)
{
	put(f, n, 8);
	fwrite(s, 1, n, f);
}

static void put_value(FILE *f, enum gguf_type t, const char *s, size_t n)
{
	float v = strtof(s, NULL);

	if (t == GGUF_STRING)
		put_string(f, s, n);
	else if (t == GGUF_F32)
		fwrite(&v, 4, 1, f);
	else
		put(f, strtoull(s, NULL, 10), t == GGUF_BOOL ? 1 : 4);
}

static void put_pair(FILE *f, const char *text)
{
	const char *type = strchr(text, '=') + 1, *value = strchr(type, ':') + 1;
	int array = value[-2] == 's', count = 1;
	enum gguf_type t = 0;

	while (!names[t] || strncmp(names[t], type, value - type - 1 - array))
		t++;
	put_string(f, text, type - 1 - text);
	put(f, array ? GGUF_ARRAY : t, 4);
	for (const char *s = value; *s; s++)
		count += *s == ',';
	if (array) {
		put(f, t, 4);
		put(f, count, 8);
	}
	for (; count; count--) {
		size_t n = array ? strcspn(value, ",") : strlen(value);

		put_value(f, t, value, n);
		value += n + 1;
	}
}

static int is_given(const struct gguf_pair *p, char *const args[])
{
	for (; *args; args++)
		if (!strncmp(*args, p->key.s, p->key.n) && (*args)[p->key.n] == '=')
			return 1;
	return 0;
}

/* All pairs of the copy; *count of them. */
static char *copied(const struct gguf *g, char *const args[], size_t *n, uint64_t *count)
{
	char *bytes = NULL;
	FILE *f = open_memstream(&bytes, n);

	*count = 0;
	for (size_t i = 0; i < g->n_pairs; i++)
		if (!is_given(g->pairs + i, args)) {
			fwrite(g->pairs[i].raw, 1, g->pairs[i].n_raw, f);
			++*count;
		}
	for (; *args; args++, ++*count)
		put_pair(f, *args);
	fclose(f);
	return bytes;
}

int main(int argc, char *argv[])
{
	struct gguf *g = gguf_open(argv[1]);
	const unsigned char *end = g->pairs[g->n_pairs - 1].raw + g->pairs[g->n_pairs - 1].n_raw;
	char *bytes, pad[64];
	uint64_t count;
	size_t n;
	FILE *f;

	if (argc < 3) {
		for (size_t i = 0; i < g->n_pairs; i++)
			print(g->pairs + i);
		return 0;
	}
	bytes = copied(g, argv + 3, &n, &count);
	memset(pad, 'p', sizeof(pad)); /* a last pair, so that the data stays where it is aligned */
	f = fopen(argv[2], "wb");
	fwrite(g->map.bytes, 1, 16, f);
	put(f, count + 1, 8);
	fwrite(bytes, 1, n, f);
	put_string(f, "pad", 3);
	put(f, GGUF_STRING, 4);
	put_string(f, pad, (64 + (end - g->map.bytes - 24) % 32 - (n + 11 + 4 + 8) % 32) % 32);
	fwrite(end, 1, g->map.n - (end - g->map.bytes), f);
	return fclose(f) != 0;
}
