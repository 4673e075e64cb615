/* model - model records opened, from -m or from a stream on standard input; see model.h
 *
 * ref.h says what a name means; here the base is opened once for all models of it, and what the
 * record asks for is done.
 */
#include "model/model.h"

#include "file/inputs.h"
#include "file/sniff.h"
#include "model/hub.h"
#include "model/ref.h"
#include "stream/ignore.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* -- one model --------------------------------------------------------------------------------- */

struct opener {
	struct models *m;
	const struct model_settings *set;
	const char *dir; /* ends in "/", or is empty */
};

/* transformers would take the adapter's base, and the adapter. Not said where the adapter is asked
 * for. */
static void warn_adapter(const char *base, const char *adapter)
{
	char *path = xasprintf("%s/adapter_config.json", base);

	if (access(path, F_OK) == 0 && !(adapter && ref_same_file(adapter, base)))
		warn("%s: the weights of the folder itself are read; adapter_config.json beside it "
		     "is not read (%s=%s does)",
			base, setting(SETTING_ADAPTER), base);
	free(path);
}

static struct base *new_base(const struct opener *o, const char *path)
{
	struct base *b;

	hub_check(path);
	b = base_open(path);
	warn_adapter(path, o->set->adapter);
	return b;
}

/* A base that an earlier model of the list has already, or a new one. */
static struct base *shared_base(const struct opener *o, const char *path)
{
	const struct models *m = o->m;

	for (int i = 0; i < m->n; i++)
		if (ref_same_file(base_path(m->list[i].base), path))
			return m->list[i].base;
	return new_base(o, path);
}

static void set_text(const char **to, const char *text)
{
	free((char *)(uintptr_t)*to);
	*to = text ? xstrdup(text) : NULL;
}

static void check_keep(const struct model *model)
{
	const struct model_rec *r = model->rec;
	int before = -1;

	if (r->n_keep < 1)
		die("%s: the model record keeps no layer", r->base);
	for (int i = 0; i < r->n_keep; before = r->keep[i++])
		if (r->keep[i] <= before || r->keep[i] >= model->shape->n_layers)
			die("%s: the model record keeps layer %d after %d of %d layers", r->base,
				r->keep[i], before, model->shape->n_layers);
}

static void open_adapter(struct model *model, const struct opener *o)
{
	struct model_rec *r = model->rec;
	char *path;

	if (o->set->adapter)
		set_text(&r->adapter, o->set->adapter);
	if (!r->adapter)
		return;
	ref_check_name(r->adapter);
	path = ref_find(o->set->adapter ? "" : o->dir, r->adapter);
	model->adapter = adapter_open(path, model->base, r);
	ref_check("the adapter", path, model->adapter->fingerprint, r->adapter_fingerprint);
	set_text(&r->adapter_fingerprint, model->adapter->fingerprint);
	free(path);
}

static void set_quant(struct model *model, const char *quant)
{
	struct model_rec *r = model->rec;

	if (r->quant && strcmp(r->quant, "nf4"))
		die("%s: the model record asks for quantisation %s; nf4 is known", r->base,
			r->quant);
	if (quant)
		set_text(&r->quant, strcmp(quant, "none") ? quant : NULL);
	model->nf4 = r->quant && !base_is_nf4(model->base);
	if (model->adapter && model->adapter->trained_nf4 && !r->quant &&
		!base_is_nf4(model->base) && !quant)
		warn("%s: was trained on the base as NF4 has it; %s=nf4 takes it so", r->adapter,
			setting(SETTING_QUANT));
}

/* rec becomes the list's. base: opened already, or NULL. */
static void add_model(const struct opener *o, struct model_rec *rec, struct base *base)
{
	struct model model = { .rec = rec, .base = base };

	if (!base) {
		char *path = ref_find(o->set->base ? "" : o->dir,
			o->set->base ? o->set->base : rec->base);

		if (o->set->base)
			set_text(&rec->base, o->set->base);
		model.base = shared_base(o, path);
		ref_check("the base", path, base_fingerprint(model.base), rec->fingerprint);
		free(path);
	}
	model.shape = base_shape(model.base);
	check_keep(&model);
	open_adapter(&model, o);
	set_quant(&model, o->set->quant);
	o->m->list = xrealloc(o->m->list, (size_t)o->m->n + 1, sizeof model);
	o->m->list[o->m->n++] = model;
}

/* -- a list of them ---------------------------------------------------------------------------- */

struct model_rec *model_rec_of_base(const struct base *b)
{
	struct model_rec r = { .base = base_path(b),
		.fingerprint = base_fingerprint(b),
		.n_keep = base_shape(b)->n_layers };

	for (int i = 0; i < r.n_keep; i++)
		r.keep[i] = i;
	return model_rec_copy(&r);
}

/* said: the name that -m gave to the model at path */
static void open_checkpoint(const struct opener *o, const char *path, const char *said)
{
	struct model_rec *rec;
	struct base *b;
	char *name;

	b = new_base(o, path);
	rec = model_rec_of_base(b);
	name = model_name(path);
	inputs_add_model(name, rec->fingerprint);
	free(name);
	name = ref_named(path, said);
	set_text(&rec->base, name);
	free(name);
	add_model(o, rec, b);
}

/* Every record is read, and the stream known to be complete, before a base is opened. */
static void open_stream(const struct opener *o, const struct ref *r)
{
	int n;
	struct model_rec **recs = ref_records(r, &n, &o->m->provenance);

	ignore_inherit(o->m->provenance);
	for (int i = 0; i < n; i++)
		add_model(o, recs[i], NULL);
	free(recs);
}

struct models *models_open(const struct model_settings *set)
{
	struct models *m = xcalloc(1, sizeof *m);
	struct ref r = ref_open(set->path, set->base);
	struct opener o = { m, set, r.kind == REF_STREAM ? r.dir : "" };

	for (const char *const *key = set->ignore; *key; key++)
		ignore_add(*key);

	if (r.kind == REF_OTHER && sniff_file(r.path))
		die("%s: is no model: it %s", r.path, sniff_file(r.path));
	if (r.kind == REF_OTHER)
		die("%s: is neither a model's folder, a GGUF file nor a model stream", r.path);
	if (r.kind == REF_STREAM)
		open_stream(&o, &r);
	else
		open_checkpoint(&o, r.path, set->path);
	ref_close(&r);
	return m;
}

struct models *models_open_one(const struct model_settings *set)
{
	struct models *m = models_open(set);

	if (m->n > 1)
		die("%s: %d models; %s takes one", set->path ? set->path : "standard input", m->n,
			program_name());
	return m;
}

void models_close(struct models *m)
{
	if (!m)
		return;
	for (int i = 0; i < m->n; i++) {
		int shared = 0;

		for (int k = 0; k < i; k++)
			shared |= m->list[k].base == m->list[i].base;
		if (shared)
			m->list[i].base = NULL;
	}
	for (int i = m->n - 1; i >= 0; i--) {
		adapter_close(m->list[i].adapter);
		base_close(m->list[i].base);
		model_rec_free(m->list[i].rec);
	}
	free(m->list);
	json_decref(m->provenance);
	free(m);
}
