/* folder - a Hugging Face checkpoint; see folder.h
 */
#include "model/folder.h"

#include "file/json.h"
#include "model/known.h"
#include "stream/ignore.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_CONFIG = 16 << 20, MAX_INDEX = 256 << 20, MAX_FILES = 4096 };

static const char one_file[] = "model.safetensors", index_file[] = "model.safetensors.index.json";

static char *in_folder(const struct folder *f, const char *name)
{
	return xasprintf("%s/%s", f->path, name);
}

static int ends(const char *s, const char *end)
{
	size_t n = strlen(s), e = strlen(end);

	return n >= e && strcmp(s + n - e, end) == 0;
}

static int has_file(const struct folder *f, const char *name)
{
	char *path = in_folder(f, name);
	int there = access(path, F_OK) == 0;

	if (!there && errno != ENOENT && errno != ENOTDIR)
		die("%s: %s", path, strerror(errno));
	free(path);
	return there;
}

/* What to say of a folder without safetensors. */
static const char *advice(const struct folder *f)
{
	const char *say = "has no model.safetensors and no model.safetensors.index.json";
	DIR *d = opendir(f->path);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		if (ends(e->d_name, ".bin") || ends(e->d_name, ".pt") || ends(e->d_name, ".pth"))
			say = "has only pickled weights, which may run code when they are loaded; "
			      "convert them to safetensors";
		if (ends(e->d_name, ".gguf"))
			say = "has no safetensors; give the GGUF file itself";
	}
	if (d)
		closedir(d);
	return say;
}

struct folder *folder_open(const char *path)
{
	struct folder *f = xcalloc(1, sizeof *f);
	struct fault err;
	char *config;

	f->path = xstrdup(path);
	if (!has_file(f, "config.json") && has_file(f, "adapter_config.json"))
		die("%s: is an adapter, not a model; give its base with %s and this folder with %s",
			path, setting(SETTING_MODEL), setting(SETTING_ADAPTER));
	config = in_folder(f, "config.json");
	if (json_load_path(&f->config, config, MAX_CONFIG, &f->config_text, &f->n_config, &err))
		die("%s: %s", config, err.text);
	f->n_ignored = ignore_strip(f->config);
	free(config);
	return f;
}

static size_t add_file(struct folder *f, const char *name)
{
	struct fault err;
	char *path = in_folder(f, name);

	f->files = xrealloc(f->files, f->n_files + 1, sizeof *f->files);
	f->names = xrealloc(f->names, f->n_files + 1, sizeof *f->names);
	if (st_open(&f->files[f->n_files], path, &err))
		die("%s: %s", path, err.text);
	f->names[f->n_files] = xstrdup(name);
	free(path);
	return f->n_files++;
}

/* The files that the index names, each opened once. */
static void add_indexed_files(struct folder *f, const json_t *map, const char *path)
{
	const char *tensor;
	json_t *name, *seen = json_object();

	json_object_foreach((json_t *)(uintptr_t)map, tensor, name)
	{
		const char *file = json_string_value(name);

		if (!file)
			die("%s: %s: its file is no string", path, tensor);
		if (strchr(file, '/') || strstr(file, "..") || !ends(file, ".safetensors"))
			die("%s: %s: file name \"%s\" is refused; only safetensors files of this "
			    "folder are read",
				path, tensor, file);
		if (json_object_get(seen, file))
			continue;
		if (f->n_files == MAX_FILES)
			die("%s: names more than %d files", path, MAX_FILES);
		json_put(seen, file, json_true());
		add_file(f, file);
	}
	json_decref(seen);
}

static int by_name(const void *a, const void *b)
{
	const struct st_tensor *const *s = a, *const *t = b;

	return strcmp((*s)->name, (*t)->name);
}

static void collect_tensors(struct folder *f)
{
	for (size_t i = 0; i < f->n_files; i++)
		f->n_tensors += f->files[i].n;
	f->tensors = xcalloc(f->n_tensors, sizeof *f->tensors);
	f->n_tensors = 0;
	for (size_t i = 0; i < f->n_files; i++)
		for (size_t k = 0; k < f->files[i].n; k++) {
			f->tensors[f->n_tensors].tensor = &f->files[i].tensors[k];
			f->tensors[f->n_tensors++].file = i;
		}
	qsort(f->tensors, f->n_tensors, sizeof *f->tensors, by_name);
	for (size_t i = 1; i < f->n_tensors; i++)
		if (by_name(&f->tensors[i - 1], &f->tensors[i]) == 0)
			die("%s: tensor %s is in %s and in %s", f->path, f->tensors[i].tensor->name,
				f->names[f->tensors[i - 1].file], f->names[f->tensors[i].file]);
}

/* Index and files must name the same tensors in the same places. */
static void check_index(const struct folder *f, const json_t *map, const char *path)
{
	for (size_t i = 0; i < f->n_tensors; i++) {
		const char *name = f->tensors[i].tensor->name, *file = f->names[f->tensors[i].file];
		const char *said = json_string_value(json_object_get(map, name));

		if (!said)
			die("%s: tensor %s of %s is not in it", path, name, file);
		if (strcmp(said, file))
			die("%s: tensor %s is not in %s but in %s", path, name, said, file);
	}
	if (json_object_size(map) != f->n_tensors) {
		const char *name;
		json_t *file;

		json_object_foreach((json_t *)(uintptr_t)map, name, file) if (!folder_find(f, name))
			die("%s: tensor %s is not in %s", path, name, json_string_value(file));
	}
}

static void map_index(struct folder *f)
{
	struct fault err;
	char *path = in_folder(f, index_file);
	const json_t *map;

	if (json_load_path(&f->index, path, MAX_INDEX, NULL, NULL, &err))
		die("%s: %s", path, err.text);
	map = json_object_get(f->index, "weight_map");
	if (!json_is_object(map) || json_object_size(map) == 0)
		die("%s: has no weight_map", path);
	add_indexed_files(f, map, path);
	collect_tensors(f);
	check_index(f, map, path);
	free(path);
}

void folder_map(struct folder *f)
{
	if (has_file(f, one_file)) {
		add_file(f, one_file);
		collect_tensors(f);
	} else if (has_file(f, index_file)) {
		map_index(f);
	} else {
		die("%s: %s", f->path, advice(f));
	}
}

void folder_scattered(const struct folder *f, int on)
{
	for (size_t i = 0; i < f->n_files; i++)
		map_scattered(&f->files[i].map, on);
}

void folder_close(struct folder *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_files; i++) {
		st_free(&f->files[i]);
		free(f->names[i]);
	}
	free(f->files);
	free(f->names);
	free(f->tensors);
	json_decref(f->index);
	json_decref(f->config);
	free(f->config_text);
	free(f->path);
	free(f);
}

const struct st_tensor *folder_find(const struct folder *f, const char *name)
{
	size_t lo = 0, hi = f->n_tensors;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int r = strcmp(name, f->tensors[mid].tensor->name);

		if (r == 0)
			return f->tensors[mid].tensor;
		if (r < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return NULL;
}
