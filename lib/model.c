/* model - model records opened, from -m or from a stream on standard input; see model.h
 *
 * A record names its base by path and by fingerprint: the path finds the files, the fingerprint says whether they are
 * the right ones.
 */
#include "model.h"
#include "cli.h"
#include "known.h"
#include "rec.h"
#include "tok.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum source { CHECKPOINT, STREAM };

/* What -m names, by its first bytes: zstd's magic or a msgpack map begin a stream. */
static enum source source_of(const char *path)
{
	static const unsigned char zstd[] = { 0x28, 0xb5, 0x2f, 0xfd };
	unsigned char b[4] = { 0 };
	struct stat st;
	int fd;
	ssize_t n;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return CHECKPOINT;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		die("%s: %m", path);
	n = read(fd, b, sizeof b);
	close(fd);
	if (n == 4 && memcmp(b, "GGUF", 4) == 0)
		return CHECKPOINT;
	if (n == 4 && (memcmp(b, zstd, 4) == 0 || (b[0] & 0xf0) == 0x80 || b[0] == 0xde || b[0] == 0xdf))
		return STREAM;
	die("%s: is neither a model's folder, a GGUF file nor a model stream", path);
}

static char *dir_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? xasprintf("%.*s", (int)(slash - path + 1), path) : xstrdup("");
}

/* A path of a record as it is found from here: relative ones begin at the stream's folder, or else at the working
 * directory, where whoever wrote `drop-layers -m model > out/n8.model` stood; the fingerprint decides whether it fits. */
static char *resolve(const char *dir, const char *path)
{
	char *beside = xasprintf("%s%s", path[0] == '/' ? "" : dir, path);

	if (access(beside, F_OK) == 0 || access(path, F_OK) != 0)
		return beside;
	free(beside);
	return xstrdup(path);
}

/* -- one model --------------------------------------------------------------------------------------------------- */

struct opener {
	struct models *m;
	const char *dir;	/* ends in "/", or is empty */
};

static int same_file(const char *a, const char *b)
{
	struct stat s, t;

	return stat(a, &s) == 0 && stat(b, &t) == 0 && s.st_dev == t.st_dev && s.st_ino == t.st_ino;
}

/* A base that an earlier model of the list has already, or a new one. */
static struct base *shared_base(const struct models *m, const char *path)
{
	for (int i = 0; i < m->n; i++)
		if (same_file(base_path(m->list[i].base), path))
			return m->list[i].base;
	return base_open(path);
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
			die("%s: the model record keeps layer %d after %d of %d layers", r->base, r->keep[i], before,
				model->shape->n_layers);
}

static void check_print(const char *what, const char *path, const char *is, const char *said)
{
	if (said && strcmp(said, is))
		die("%s: %s: is not the one that the model record means: its fingerprint is %s, not %s", path, what, is, said);
}

static void open_adapter(struct model *model, const char *dir)
{
	struct model_rec *r = model->rec;
	char *path;

	if (common.adapter)
		set_text(&r->adapter, common.adapter);
	if (!r->adapter)
		return;
	path = resolve(common.adapter ? "" : dir, r->adapter);
	model->adapter = adapter_open(path, model->base, r);
	check_print("the adapter", path, model->adapter->print, r->adapter_print);
	set_text(&r->adapter_print, model->adapter->print);
	free(path);
}

static void set_quant(struct model *model)
{
	struct model_rec *r = model->rec;

	if (r->quant && strcmp(r->quant, "nf4"))
		die("%s: the model record asks for quantisation %s; nf4 is known", r->base, r->quant);
	if (common.quant)
		set_text(&r->quant, strcmp(common.quant, "none") ? common.quant : NULL);
	model->nf4 = r->quant && !base_is_nf4(model->base);
	if (model->adapter && model->adapter->trained_nf4 && !r->quant && !base_is_nf4(model->base) && !common.quant)
		warn("%s: was trained on the base as NF4 has it; --quant=nf4 takes it so", r->adapter);
}

/* rec becomes the list's. base: opened already, or NULL. */
static void add_model(struct opener *o, struct model_rec *rec, struct base *base)
{
	struct model model = { .rec = rec, .base = base };

	if (!base) {
		char *path = resolve(common.base ? "" : o->dir, common.base ? common.base : rec->base);

		if (common.base)
			set_text(&rec->base, common.base);
		model.base = shared_base(o->m, path);
		check_print("the base", path, base_print(model.base), rec->print);
		free(path);
	}
	model.shape = base_shape(model.base);
	check_keep(&model);
	open_adapter(&model, o->dir);
	set_quant(&model);
	o->m->list = xrealloc(o->m->list, (size_t)o->m->n + 1, sizeof model);
	o->m->list[o->m->n++] = model;
}

/* -- a list of them ---------------------------------------------------------------------------------------------- */

struct model_rec *model_rec_of_base(const struct base *b)
{
	struct model_rec r = { .base = base_path(b), .print = base_print(b), .n_keep = base_shape(b)->n_layers };

	for (int i = 0; i < r.n_keep; i++)
		r.keep[i] = i;
	return model_rec_copy(&r);
}

static void open_checkpoint(struct models *m, const char *path)
{
	struct opener o = { m, "" };
	struct base *b;

	if (common.base)
		misuse("--base: -m names a checkpoint already: %s", path);
	b = base_open(path);
	add_model(&o, model_rec_of_base(b), b);
}

/* Every record is read, and the stream known to be complete, before a base is opened. */
static struct model_rec **read_records(struct models *m, char *const *files, int *n)
{
	struct rec_in *in = rec_open(files, KIND_MODEL);
	struct model_rec **recs = NULL, r;
	int part = -1;

	m->made = made_merge(NULL, rec_made(in));
	for (*n = 0; model_rec_read(in, &r); ++*n) {
		if (rec_part(in) != part)
			made_merge(m->made, rec_made(in));
		part = rec_part(in);
		recs = xrealloc(recs, (size_t)*n + 1, sizeof *recs);
		recs[*n] = model_rec_copy(&r);
	}
	if (*n == 0)
		die("%s: has no model in it", rec_file(in));
	rec_close(in);
	known_inherit(m->made);
	return recs;
}

static void open_stream(struct models *m, const char *path)
{
	char *files[] = { (char *)(uintptr_t)(path ? path : "-"), NULL }, *dir = path ? dir_of(path) : xstrdup("");
	struct opener o = { m, dir };
	int n;
	struct model_rec **recs = read_records(m, files, &n);

	for (int i = 0; i < n; i++)
		add_model(&o, recs[i], NULL);
	free(recs);
	free(dir);
}

struct models *models_open(void)
{
	struct models *m = xcalloc(1, sizeof *m);
	const char *path = common.model && strcmp(common.model, "-") ? common.model : NULL;

	if (path && source_of(path) == CHECKPOINT)
		open_checkpoint(m, path);
	else
		open_stream(m, path);
	return m;
}

struct models *models_open_one(void)
{
	struct models *m = models_open();

	if (m->n > 1)
		die("%s: %d models; %s takes one", common.model ? common.model : "standard input", m->n, cli_name());
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
	json_decref(m->made);
	free(m);
}

/* Tokens of another vocabulary than the base's own are numbers that mean other words. */
static void check_vocabulary(const struct base *b, const char *hash)
{
	struct tok *t = tok_find(base_path(b));

	if (t && strcmp(tok_hash(t), hash))
		warn("%s: the tokens were made with another tokenizer than this model's", base_path(b));
	if (t)
		tok_close(t);
}

void model_check_tokens(const struct models *m, const json_t *meta)
{
	const json_t *tokenizer = json_object_get(meta, "tokenizer"), *size = json_object_get(tokenizer, "size");
	const char *hash = json_string_value(json_object_get(tokenizer, "hash"));

	for (int i = 0; i < m->n; i++) {
		const struct model *model = &m->list[i];

		if (json_is_integer(size) && json_integer_value(size) > model->shape->n_vocab)
			die("%s: has %d tokens, but the tokens stream comes from a tokenizer of %lld", model->rec->base,
				model->shape->n_vocab, (long long)json_integer_value(size));
		if (hash && (i == 0 || model->base != m->list[i - 1].base))
			check_vocabulary(model->base, hash);
	}
}
