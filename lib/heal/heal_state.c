/* heal_state - the state of a healing in its file and folder; see heal_state.h
 */
#include "heal/heal_state.h"

#include "file/json.h"
#include "file/safetensors.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"
#include "sys/temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_COLUMNS = 8 };
static const char state_name[] = "state.safetensors", format[] = "coppice heal 2";
static const char *const what_name[] = { "value.", "first.", "second." };

/* -- saving ------------------------------------------------------------------------------------ */

struct state_tensors {
	struct stsave *item;
	size_t n;
	const char *prefix;
};

static void add_item(void *ctx, const char *name, struct mat *m)
{
	struct state_tensors *l = ctx;

	l->item = xrealloc(l->item, l->n + 1, sizeof *l->item);
	l->item[l->n++] = lora_tensor(xasprintf("%s%s", l->prefix, name), m);
}

static double *log_pack(const struct heal_log *log)
{
	double *d = xmalloc(log->n * LOG_COLUMNS * sizeof *d);

	for (size_t i = 0; i < log->n; i++) {
		const struct loss_rec *r = &log->rec[i];
		const double row[LOG_COLUMNS] = { (double)r->step, r->lr, r->loss, r->ce, r->aux,
			r->norm, (double)r->tokens, r->valid };

		memcpy(d + i * LOG_COLUMNS, row, sizeof row);
	}
	return d;
}

/* 0, or -1: not the rows of steps 0 .. n-1. */
static int log_unpack(struct heal_log *log, const unsigned char *bytes, size_t n)
{
	log->rec = xcalloc(n + 1, sizeof *log->rec);
	log->n = n;
	for (size_t i = 0; i < n; i++) {
		double row[LOG_COLUMNS];

		memcpy(row, bytes + i * sizeof row, sizeof row);
		if (row[0] != (double)i || !(row[6] >= 0 && row[6] < 0x1p53))
			return -1;
		log->rec[i] = (struct loss_rec){ (uint64_t)row[0], row[1], row[2], row[3], row[4],
			row[5], (uint64_t)row[6], row[7] };
	}
	return 0;
}

void heal_state_save(const char *dir, const struct lora_set *l, const struct heal_log *log,
	const json_t *recipe)
{
	char *path = xasprintf("%s/%s", dir, state_name),
	     *text = json_dumps(recipe, JSON_COMPACT | JSON_SORT_KEYS);
	json_t *metadata = json_pack("{s:s, s:s}", "format", format, "recipe", text);
	double *rows = log_pack(log);
	struct state_tensors list = { 0 };

	for (int what = LORA_VALUE; what <= LORA_SECOND_MOMENT; what++) {
		list.prefix = what_name[what];
		lora_each(l, (enum lora_what)what, add_item, &list);
	}
	list.item = xrealloc(list.item, list.n + 1, sizeof *list.item);
	list.item[list.n++] = (struct stsave){
		.name = xstrdup("log"), .f64 = rows, .rows = log->n, .cols = LOG_COLUMNS
	};
	stsave(path, list.item, list.n, metadata, NULL);
	temp_done(dir);
	for (size_t i = 0; i < list.n; i++)
		free((char *)list.item[i].name);
	free(list.item);
	free(rows);
	free(text);
	free(path);
	json_decref(metadata);
}

/* -- loading ----------------------------------------------------------------------------------- */

struct loader {
	const struct st *file;
	const char *path, *dir, *prefix;
};

_Noreturn static void die_damaged(const struct loader *l, const char *why)
{
	die("%s: is damaged: %s: put a copy in its place, or begin anew: remove %s or give another "
	    "%s",
		l->path, why, l->dir, setting(SETTING_OUTPUT));
}

static const struct st_tensor *find(const struct loader *l, const char *name, const char *dtype,
	uint64_t rows, uint64_t cols)
{
	const struct st_tensor *t = st_find(l->file, name);

	if (!t || strcmp(t->dtype, dtype) || t->n_dims != 2 ||
		(rows != UINT64_MAX && t->dims[0] != rows) || t->dims[1] != cols)
		die("%s: %s: is missing, or has another type or shape: remove %s or give another "
		    "%s",
			l->path, name, l->dir, setting(SETTING_OUTPUT));
	return t;
}

static void load(void *ctx, const char *name, struct mat *m)
{
	const struct loader *l = ctx;
	size_t rows = mat_rows(m), cols = mat_cols(m);
	char *full = xasprintf("%s%s", l->prefix, name);
	float *f = xmalloc(rows * cols * sizeof *f);

	memcpy(f, find(l, full, "F32", rows, cols)->data, rows * cols * sizeof *f);
	mat_put(m, 0, rows, f);
	free(f);
	free(full);
}

/* The first thing in which two recipes differ: by name, as it was and as it is. */
_Noreturn static void die_differing(const char *dir, const json_t *was, const json_t *is)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)is, key, v)
	{
		const json_t *w = json_object_get(was, key);

		if (w && json_equal(v, w))
			continue;
		char *a = w ? json_dumps(w, JSON_ENCODE_ANY | JSON_COMPACT) : xstrdup("nothing");
		char *b = json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT);
		die("%s: was begun with %s %s, not %s: resume with the same, or begin anew: remove "
		    "%s or give another %s",
			dir, key, a, b, dir, setting(SETTING_OUTPUT));
	}
	die("%s: was begun with another recipe: resume with the same, or begin anew: remove %s or "
	    "give another %s",
		dir, dir, setting(SETTING_OUTPUT));
}

static void check_recipe(const char *dir, const struct loader *l, const json_t *recipe)
{
	const json_t *meta = json_object_get(l->file->header, "__metadata__");
	const char *f = json_string_value(json_object_get(meta, "format"));
	const char *text = json_string_value(json_object_get(meta, "recipe"));
	struct fault err;
	char *now;
	json_t *was;

	if (!f || strcmp(f, format) || !text)
		die("%s: is no state of a healing by this version: remove %s or give another %s",
			l->path, l->dir, setting(SETTING_OUTPUT));
	if (json_parse(&was, text, strlen(text), 1 << 20, &err))
		die("%s: recipe: %s", l->path, err.text);
	now = json_dumps(recipe, JSON_COMPACT | JSON_SORT_KEYS);
	if (!now || strcmp(text, now))
		die_differing(dir, was, recipe);
	free(now);
	json_decref(was);
}

int heal_state_load(const char *dir, struct lora_set *l, struct heal_log *log, const json_t *recipe)
{
	char *path = xasprintf("%s/%s", dir, state_name);
	struct fault err;
	struct st file;
	struct map map;
	struct loader from = { &file, path, dir, NULL };
	struct stat st;

	if (stat(path, &st)) {
		if (errno != ENOENT)
			die("%s: %s", path, strerror(errno));
		free(path);
		return 0;
	}
	if (map_file(&map, path, &err) && st.st_size)
		die("%s: %s", path, err.text);
	if (!map.n || st_parse(&file, map.bytes, map.n, &err))
		die_damaged(&from, err.text);
	file.map = map;
	if (stsave_sum_holds(&file) != 1) /* nothing of it is believed before */
		die_damaged(&from, "its sum is wrong");
	check_recipe(dir, &from, recipe);
	for (int what = LORA_VALUE; what <= LORA_SECOND_MOMENT; what++) {
		from.prefix = what_name[what];
		lora_each(l, (enum lora_what)what, load, &from);
	}
	const struct st_tensor *t = find(&from, "log", "F64", UINT64_MAX, LOG_COLUMNS);
	if (log_unpack(log, t->data, (size_t)t->dims[0]))
		die_damaged(&from, "its log");
	lora_pack(l);
	st_free(&file);
	free(path);
	return 1;
}

/* -- the folder -------------------------------------------------------------------------------- */

static int is_left_over(const char *name)
{
	static const char *const ours[] = { "state.safetensors.part", "heal.loss.part",
		"adapter_model.safetensors.part", "adapter_config.json.part" };

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (!strcmp(name, ours[i]))
			return 1;
	return 0;
}

/* Without a state there may be nothing else either: a folder of someone else's is not to be
 * filled. */
static void clean(const char *dir)
{
	DIR *d = opendir(dir);
	int state = 0, others = 0;
	struct dirent *e;

	if (!d)
		die("%s: %s", dir, strerror(errno));
	for (errno = 0; (e = readdir(d)); errno = 0) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (is_left_over(e->d_name))
			unlinkat(dirfd(d), e->d_name, 0);
		else if (!strcmp(e->d_name, state_name))
			state = 1;
		else
			others = 1;
	}
	if (errno)
		die("%s: %s", dir, strerror(errno));
	closedir(d);
	if (others && !state)
		die("%s: exists, and holds no %s to resume from: give another %s", dir, state_name,
			setting(SETTING_OUTPUT));
}

void heal_folder(const char *dir, int resume)
{
	int made = !mkdir(dir, 0777), fd;

	if (!made && errno != EEXIST)
		die("%s: create: %s", dir, strerror(errno));
	if (!made && !resume)
		die("%s: exists: %s goes on with it", dir, setting(SETTING_RESUME));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", dir, strerror(errno));
	if (!temp_lock(fd, dir))
		die("%s: is being written by another run", dir);
	if (made)
		temp_add(dir); /* until there is a state in it */
	clean(dir);            /* fd stays open, and so locked, to the end */
}
