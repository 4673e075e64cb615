/* checkpoint - a model written for other programs: a folder that transformers loads, or a GGUF file for llama.cpp
 */
#include "checkpoint.h"
#include "card.h"
#include "cli.h"
#include "hub.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

int checkpoint_rename(const char *name, const char *prefix, const int *keep, int n_keep, char **renamed)
{
	size_t n = strlen(prefix), digits = strspn(name + (strncmp(name, prefix, n) ? strlen(name) : n), "0123456789");

	if (!digits || digits > 6 || name[n + digits] != '.') {
		*renamed = xstrdup(name);
		return 1;
	}
	for (int i = 0; i < n_keep; i++)
		if (keep[i] == atoi(name + n)) {
			*renamed = xasprintf("%s%d%s", prefix, i, name + n + digits);
			return 1;
		}
	return 0;
}

/* The folder that a path lies in, resolved; dies if there is none. */
static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = !slash ? xstrdup(".") : xasprintf("%.*s", slash == path ? 1 : (int)(slash - path), path);
	char *full = realpath(name, NULL);

	if (!full)
		die("%s: %s", path, strerror(errno));
	free(name);
	return full;
}

/* A base is read, never written: nothing may appear in its folder. */
static void check_place(const char *dir, const struct base *b)
{
	char *parent = parent_of(dir), *base = realpath(base_path(b), NULL);
	struct stat st;
	size_t n;

	if (!lstat(dir, &st))
		die("%s: exists", dir);
	if (!base)
		die("%s: %s", base_path(b), strerror(errno));
	n = strlen(base);
	if (!base_is_gguf(b) && !strncmp(parent, base, n) && (parent[n] == '/' || !parent[n]))
		die("%s: lies in the base's folder %s, which is never written to", dir, base_path(b));
	free(parent);
	free(base);
}

static void write_card(const char *temp, const char *dir, const struct checkpoint *c, const struct merge *g)
{
	char *name = model_name(dir), *base_card, *text, *path = xasprintf("%s/README.md", temp);
	struct card card = { .name = name, .model = c->model, .made = c->made, .scores = c->scores };
	struct out_file out;

	if (base_is_gguf(c->model->base)) {
		char *folder = parent_of(base_path(c->model->base));

		base_card = xasprintf("%s/README.md", folder);
		free(folder);
	} else {
		base_card = xasprintf("%s/README.md", base_path(c->model->base));
	}
	card.base_card = base_card;
	card.merged = merge_count(g) > 0;
	text = card_text(&card);
	out = out_open(path);
	if (fputs(text, out.f) < 0)
		die("%s: write: %s", path, strerror(errno));
	out_close(&out);
	free(text);
	free(base_card);
	free(path);
	free(name);
}

/* What was written must be a model to us as well, with the layers that were to be kept. */
static void check_readable(const char *path, const struct model *m)
{
	struct base *b = base_open(path);

	if (base_shape(b)->n_layers != m->rec->n_keep)
		die("%s: reads back with %d layers, not %d", path, base_shape(b)->n_layers, m->rec->n_keep);
	base_close(b);
}

static void make_final(const char *temp, const char *dir)
{
	if (renameat2(AT_FDCWD, temp, AT_FDCWD, dir, RENAME_NOREPLACE)
			&& (errno != EINVAL || rename(temp, dir)))	/* not every file system knows the flag */
		die("%s: rename: %s", dir, strerror(errno));
	temp_done(temp);
}

char *checkpoint_write(const char *dir, const struct checkpoint *c)
{
	size_t n = strlen(dir);
	char *final, *temp, *file, *name;
	struct merge *g = merge_open(c->model, c->blocked);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	final = xasprintf("%.*s", (int)n, dir);
	check_place(final, c->model->base);
	temp = xasprintf("%s.part-%ld", final, (long)getpid());
	temp_add(temp);		/* first: a signal may come in between */
	if (mkdir(temp, 0777))
		die("%s: create: %s", temp, strerror(errno));
	progress_start("writing", "MB", 0);
	name = model_name(final);
	file = base_is_gguf(c->model->base) ? xasprintf("%s.gguf", name) : xstrdup("");
	free(name);
	name = xasprintf("%s/%s", temp, file);
	if (*file)
		checkpoint_write_gguf(name, c, g);
	else
		checkpoint_write_hf(temp, c, g);
	progress_end();
	write_card(temp, final, c, g);
	check_readable(*file ? name : temp, c->model);
	make_final(temp, final);
	say("%s: %d of %d layers, %.1f million parameters", final, c->model->rec->n_keep, c->model->shape->n_layers,
		shape_parameters(c->model->shape, c->model->rec->n_keep) / 1e6);
	free(name);
	name = *file ? xasprintf("%s/%s", final, file) : xstrdup(final);
	free(file);
	free(temp);
	free(final);
	merge_close(g);
	return name;
}
