/* nf4-file FOLDER: every linear layer of FOLDER/model.safetensors (F32) through NF4 and back, in
 * place
 *
 * Each tensor as the one matrix that it is in the file, which is what bitsandbytes quantises.
 */
#include "file/nf4.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_linear(const char *name, const json_t *shape)
{
	return json_array_size(shape) == 2 && !strstr(name, "embed") && !strstr(name, "wte") &&
		!strstr(name, "lm_head");
}

static void quantise(FILE *f, long at, size_t n)
{
	float *w = malloc(n * sizeof *w);

	if (fseek(f, at, SEEK_SET) || fread(w, sizeof *w, n, f) != n)
		exit(1);
	nf4_round_trip(w, n);
	if (fseek(f, at, SEEK_SET) || fwrite(w, sizeof *w, n, f) != n)
		exit(1);
	free(w);
}

int main(int argc, char *argv[])
{
	char path[1000], *text;
	json_t *header, *t;
	const char *name;
	uint64_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/model.safetensors", argc > 1 ? argv[1] : ".");
	f = fopen(path, "r+b");
	if (!f || fread(&n, 8, 1, f) != 1)
		return 1;
	text = malloc(n);
	if (fread(text, 1, n, f) != n || !(header = json_loadb(text, n, 0, NULL)))
		return 1;
	json_object_foreach(header, name, t)
	{
		const json_t *at = json_object_get(t, "data_offsets");
		json_int_t first = json_integer_value(json_array_get(at, 0)),
			   end = json_integer_value(json_array_get(at, 1));

		if (is_linear(name, json_object_get(t, "shape")))
			quantise(f, (long)(8 + n) + first, (size_t)(end - first) / 4);
	}
	return fclose(f) != 0;
}
