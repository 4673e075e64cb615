/* unpack-bnb - a 4-bit folder of bitsandbytes as a plain folder of BF16, by the formulas of
 * tests/golden/README.md
 *
 * A second route to the values of such a folder, sharing no code with the library. Blocks of 64 run
 * through a matrix row by row. With --avx512 they are counted as bitsandbytes 0.50's AVX-512 kernel
 * does, which starts every row at block row * (columns / 64): wrong where the columns are no
 * multiple of 64, but golden/checkpoint's expected values were made on it, so that its matrices of
 * 48 columns all have the maximum of their first block.
 */
#include "../formula.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>

struct file {
	json_t *head;
	unsigned char *data;
};

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "unpack-bnb: %s: %s\n", what, why);
	exit(1);
}

static struct file file_read(const char *folder)
{
	char path[4096];
	struct file f;
	uint64_t n;
	long size;
	FILE *in;

	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	in = fopen(path, "rb");
	if (!in || fseek(in, 0, SEEK_END) || (size = ftell(in)) < 8)
		fail(path, "cannot be read");
	rewind(in);
	f.data = malloc((size_t)size);
	if (!f.data || fread(f.data, 1, (size_t)size, in) != (size_t)size)
		fail(path, "cannot be read");
	fclose(in);
	memcpy(&n, f.data, 8);
	f.head = json_loadb((char *)f.data + 8, n, 0, NULL);
	if (!f.head)
		fail(path, "no JSON");
	f.data += 8 + n;
	json_object_del(f.head, "__metadata__");
	return f;
}

/* Where a part of a weight lies: "NAME.PART"; n: its bytes. */
static const unsigned char *part(const struct file *f, const char *name, const char *suffix,
	size_t *n)
{
	char full[512];
	json_t *at;

	snprintf(full, sizeof full, "%s%s", name, suffix);
	at = json_object_get(json_object_get(f->head, full), "data_offsets");
	if (!at)
		return NULL;
	*n = (size_t)(json_integer_value(json_array_get(at, 1)) -
		json_integer_value(json_array_get(at, 0)));
	return f->data + json_integer_value(json_array_get(at, 0));
}

static float float_at(const unsigned char *p, size_t i)
{
	float f;

	memcpy(&f, p + 4 * i, 4);
	return f;
}

static void unpack(FILE *out, const struct file *f, const char *name, json_t *state, int avx512)
{
	size_t n,
		cols = (size_t)json_integer_value(json_array_get(json_object_get(state, "shape"),
			1));
	const unsigned char *codes = part(f, name, "", &n), *top8 = part(f, name, ".absmax", &n);
	const unsigned char *map = part(f, name, ".quant_map", &n),
			    *nested_map = part(f, name, ".nested_quant_map", &n);
	const unsigned char *nested = part(f, name, ".nested_absmax", &n);
	float offset = (float)json_number_value(json_object_get(state, "nested_offset"));
	size_t count = cols *
		(size_t)json_integer_value(json_array_get(json_object_get(state, "shape"), 0));

	for (size_t i = 0; i < count; i++) {
		size_t block = avx512 && cols % 16 == 0 ? i / cols * (cols / 64) + i % cols / 64
							: i / 64;
		unsigned q = i % 2 ? codes[i / 2] & 15 : codes[i / 2] >> 4;
		volatile float scaled = float_at(nested_map, top8[block]) *
			float_at(nested, block / 256);
		float top = scaled + offset, v = formula_bf16(float_at(map, q) * top);

		fwrite((char *)&v + 2, 2, 1, out);
	}
}

static json_t *state_of(const struct file *f, const char *name)
{
	size_t n;
	const unsigned char *p = part(f, name, ".quant_state.bitsandbytes__nf4", &n);

	return p ? json_loadb((const char *)p, n, 0, NULL) : NULL;
}

static int is_part(const char *name)
{
	return strstr(name, ".weight.") != NULL;
}

static void write_folder(const char *folder, const struct file *f, int avx512)
{
	json_t *head = json_object(), *v;
	char path[4096], *text;
	const char *name;
	json_int_t at = 0;
	uint64_t n;
	FILE *out;

	if (mkdir(folder, 0777) && errno != EEXIST)
		fail(folder, strerror(errno));
	snprintf(path, sizeof path, "%s/model.safetensors", folder);
	out = fopen(path, "wb");
	if (!out)
		fail(path, strerror(errno));
	json_object_foreach(f->head, name, v)
	{
		json_t *state = state_of(f, name);
		json_t *shape = json_deep_copy(json_object_get(state ? state : v, "shape"));
		json_int_t size = 2, i;
		size_t k;

		if (is_part(name))
			continue;
		for (k = 0; k < json_array_size(shape); k++)
			size *= json_integer_value(json_array_get(shape, k));
		i = at + size;
		json_object_set_new(head, name,
			json_pack("{s:s, s:o, s:[II]}", "dtype", "BF16", "shape", shape,
				"data_offsets", at, i));
		at = i;
	}
	text = json_dumps(head, JSON_COMPACT);
	n = strlen(text);
	fwrite(&n, 8, 1, out);
	fwrite(text, 1, n, out);
	json_object_foreach(f->head, name, v)
	{
		json_t *state = state_of(f, name);
		size_t bytes = 0;
		const unsigned char *values = part(f, name, "", &bytes);

		if (is_part(name))
			continue;
		if (state)
			unpack(out, f, name, state, avx512);
		else
			fwrite(values, 1, bytes, out);
	}
	if (ferror(out) | fclose(out))
		fail(path, "could not be written");
}

static void write_config(const char *from, const char *to)
{
	char path[4096];
	json_t *j;

	snprintf(path, sizeof path, "%s/config.json", from);
	j = json_load_file(path, 0, NULL);
	json_object_del(j, "quantization_config");
	snprintf(path, sizeof path, "%s/config.json", to);
	if (!j || json_dump_file(j, path, JSON_INDENT(2)))
		fail(path, "could not be made");
}

int main(int argc, char *argv[])
{
	int avx512 = argc == 4 && strcmp(argv[1], "--avx512") == 0;
	struct file f;

	if (argc != 3 + avx512)
		return fputs("usage: unpack-bnb [--avx512] FOLDER OUT\n", stderr), 2;
	f = file_read(argv[1 + avx512]);
	write_folder(argv[2 + avx512], &f, avx512);
	write_config(argv[1 + avx512], argv[2 + avx512]);
	return 0;
}
