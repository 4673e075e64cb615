/* checkpoint - a model written for other programs: a folder that transformers loads, or a GGUF file
 * for llama.cpp
 */
#include "export/checkpoint.h"

#include "export/card.h"
#include "model/hub.h"
#include "stream/place.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"
#include "sys/progress.h"

#include <errno.h>
#include <stdlib.h>

static void write_card(const char *temp, const struct checkpoint *c, const struct merge *g)
{
	const char *base = base_path(c->model->base), *slash = strrchr(base, '/');
	char *base_card, *text, *path = xasprintf("%s/README.md", temp);
	struct card card = {
		.name = c->name, .model = c->model, .provenance = c->provenance, .scores = c->scores
	};
	struct out_file out;

	if (base_is_gguf(c->model->base))
		base_card = xasprintf("%.*sREADME.md", slash ? (int)(slash + 1 - base) : 0, base);
	else
		base_card = xasprintf("%s/README.md", base);
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
}

/* What was written must be a model to us as well, with the layers that were to be kept: its record,
 * new. */
static struct model_rec *read_back(const char *path, const struct model *m)
{
	struct base *b = base_open(path);
	struct model_rec *rec;

	if (base_shape(b)->n_layers != m->rec->n_keep)
		die("%s: reads back with %d layers, not %d", path, base_shape(b)->n_layers,
			m->rec->n_keep);
	rec = model_rec_of_base(b);
	base_close(b);
	return rec;
}

/* "5 of 8 layers, 1.2 million parameters" */
static char *describe(const char *dir, const struct model *m)
{
	return xasprintf("%s: %d of %d layers, %.1f million parameters", dir, m->rec->n_keep,
		m->shape->n_layers, shape_parameters(m->shape, m->rec->n_keep) / 1e6);
}

/* Of a folder, what to open in it: the folder itself, or the GGUF file that is called as the model
 * is. New. */
static char *inside(const char *folder, const struct checkpoint *c)
{
	return base_is_gguf(c->model->base) ? xasprintf("%s/%s.gguf", folder, c->name)
					    : xstrdup(folder);
}

struct model_rec *checkpoint_write(const char *dir, const struct checkpoint *of)
{
	struct checkpoint c = *of;
	struct model_rec *rec;
	struct merge *g = merge_open(c.model, c.blocked);
	char *final = place_of_folder(dir), *path, *said = describe(final, c.model);
	struct out_folder out = out_folder_open(final);
	char *name = model_name(final);

	c.name = name;
	path = inside(out.temp, &c);
	progress_start("writing", "MB", 0);
	if (base_is_gguf(c.model->base))
		checkpoint_write_gguf(path, &c, g);
	else
		checkpoint_write_hf(path, &c, g);
	progress_end();
	write_card(out.temp, &c, g);
	rec = read_back(path, c.model);
	out_folder_finish(&out, said);
	free(path);
	path = inside(final, &c);
	free((char *)(uintptr_t)rec->base);
	rec->base = path;
	free(said);
	free(final);
	free(name);
	merge_close(g);
	return rec;
}
