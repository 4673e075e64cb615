/* make-adapter FOLDER RANK ALPHA LAYERS MODULE:OUT:IN ...: a PEFT folder by the weight formula of
 * the golden values
 *
 * MODULE is what follows a layer's number: mlp.up_proj; or all of the name, with * for the number:
 * transformer.h.*.mlp.w1. Shares no code with the library.
 */
#include "../formula.h"

#include <stdio.h>
#include <sys/stat.h>

struct matrix {
	char name[200];
	int rows, cols;
};
static struct matrix list[4096];
static int n;

static void add(const char *module, int layer, char which, int rows, int cols)
{
	struct matrix *m = list + n++;
	const char *star = strchr(module, '*'), *prefix = "model.layers.", *rest = module;
	int n_prefix = star ? (int)(star - module) : (int)strlen(prefix);

	if (star) {
		prefix = module;
		rest = star + 2;
	}
	snprintf(m->name, sizeof(m->name), "base_model.model.%.*s%d.%s.lora_%c.weight", n_prefix,
		prefix, layer, rest, which);
	m->rows = rows;
	m->cols = cols;
}

static void write_weights(FILE *f)
{
	char *header = malloc(400 * (size_t)n + 100);
	size_t at = 0, len = sprintf(header, "{");
	uint64_t padded;

	for (int i = 0; i < n; i++) {
		size_t bytes = 4 * (size_t)list[i].rows * list[i].cols;

		len += sprintf(header + len,
			"%s\"%s\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[%zu,%zu]}",
			i ? "," : "", list[i].name, list[i].rows, list[i].cols, at, at + bytes);
		at += bytes;
	}
	len += sprintf(header + len, "}");
	while (len % 8)
		header[len++] = ' ';
	padded = len;
	fwrite(&padded, 8, 1, f);
	fwrite(header, 1, len, f);
	for (int i = 0; i < n; i++) {
		uint64_t count = (uint64_t)list[i].rows * list[i].cols;
		float *w = malloc(count * sizeof(*w));

		formula_fill(w, count, "", list[i].name, 2, list[i].cols, 0);
		fwrite(w, sizeof(*w), count, f);
		free(w);
	}
	free(header);
}

int main(int argc, char *argv[])
{
	int rank = atoi(argv[2]), layers = atoi(argv[4]);
	char path[1000];
	FILE *f;

	mkdir(argv[1], 0777);
	snprintf(path, sizeof(path), "%s/adapter_config.json", argv[1]);
	f = fopen(path, "w");
	fprintf(f,
		"{\"peft_type\": \"LORA\", \"r\": %d, \"lora_alpha\": %s, \"bias\": \"none\", "
		"\"target_modules\": [",
		rank, argv[3]);
	for (int i = 5; i < argc; i++) {
		char *module = strtok(argv[i], ":");
		int out = atoi(strtok(NULL, ":")), in = atoi(strtok(NULL, ":"));

		fprintf(f, "%s\"%s\"", i > 5 ? ", " : "", strrchr(module, '.') + 1);
		for (int l = 0; l < layers; l++) {
			add(module, l, 'A', rank, in);
			add(module, l, 'B', out, rank);
		}
	}
	fputs("]}\n", f);
	fclose(f);
	snprintf(path, sizeof(path), "%s/adapter_model.safetensors", argv[1]);
	f = fopen(path, "wb");
	write_weights(f);
	return fclose(f) != 0 || argc < 6;
}
