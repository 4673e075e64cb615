/* checkpoint_hf - a safetensors folder with fewer layers, or merged ones (coppice-files(5),
 * CHECKPOINTS WRITTEN)
 *
 * One output shard for each input shard that keeps a tensor; the config says what the tensors are.
 */
#include "export/carry.h"
#include "export/checkpoint.h"
#include "export/config_drop.h"
#include "export/renumber.h"
#include "file/json.h"
#include "model/bnb.h"
#include "model/folder.h"
#include "sys/copy.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct hf_planned { /* a tensor of an output shard */
	const struct st_tensor *t;
	const struct merged *merged; /* NULL: copied */
	char *name;
	uint64_t bytes;
};

struct shard {                   /* of the output */
	struct hf_planned *list; /* sorted by new name */
	size_t n;
	char *name; /* NULL where nothing is kept */
};

struct hf_writer {
	const struct checkpoint *c;
	const struct model_rec *rec;
	struct merge *g;
	struct folder *from;
	const char *to;
	struct shard *shards; /* [from->n_files] */
	int dropping, dequantised;
};

static void write_text(const char *path, const char *text, size_t n)
{
	struct out_file out = out_open(path);

	if (fwrite(text, 1, n, out.f) != n)
		die("%s: write: %s", path, strerror(errno));
	out_close(&out);
}

/* -- shards ------------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct hf_planned *)a)->name, ((const struct hf_planned *)b)->name);
}

static void plan_shard(struct hf_writer *w, struct shard *s, const struct st *st)
{
	const char *prefix = arch_layer_prefix(w->c->model->shape);

	s->list = xcalloc(st->n, sizeof(*s->list));
	for (size_t i = 0; i < st->n; i++) {
		const struct st_tensor *t = st->tensors + i;
		struct hf_planned *p = s->list + s->n;

		if ((w->dequantised && bnb_is_part(t->name)) ||
			base_is_ignored(w->c->model->base, t->name))
			continue;
		if (!renumber(t->name, prefix, w->rec->keep, w->rec->n_keep, &p->name))
			continue;
		p->t = t;
		p->merged = merge_find(w->g, t->name);
		p->bytes = p->merged ? p->merged->bytes : t->bytes;
		s->n++;
	}
	qsort(s->list, s->n, sizeof(*s->list), by_name);
}

static void plan(struct hf_writer *w)
{
	size_t kept = 0, k = 0;

	w->shards = xcalloc(w->from->n_files, sizeof(*w->shards));
	for (size_t i = 0; i < w->from->n_files; i++) {
		plan_shard(w, w->shards + i, w->from->files + i);
		kept += w->shards[i].n > 0;
	}
	for (size_t i = 0; i < w->from->n_files; i++) {
		struct shard *s = w->shards + i;

		if (!w->from->index)
			s->name = xstrdup("model.safetensors");
		else if (s->n)
			s->name = xasprintf("model-%05zu-of-%05zu.safetensors", ++k, kept);
	}
}

static json_t *shape_of(const struct hf_planned *p)
{
	json_t *shape = json_array();

	if (p->merged) {
		json_add(shape, json_integer(p->merged->rows));
		json_add(shape, json_integer(p->merged->cols));
		return shape;
	}
	for (int d = 0; d < p->t->n_dims; d++)
		json_add(shape, json_integer(p->t->dims[d]));
	return shape;
}

/* The header as text, padded with spaces to a multiple of 8. */
static char *header_text(const struct shard *s, const char *path)
{
	json_t *header = json_pack("{s{ss}}", "__metadata__", "format", "pt");
	uint64_t offset = 0;
	char *text, *padded;

	for (size_t i = 0; i < s->n; i++) {
		const struct hf_planned *p = s->list + i;
		const char *dtype = p->merged ? tensor_type_name(p->merged->type) : p->t->dtype;

		json_put(header, p->name,
			json_pack("{sssos[II]}", "dtype", dtype, "shape", shape_of(p),
				"data_offsets", (json_int_t)offset,
				(json_int_t)(offset + p->bytes)));
		offset += p->bytes;
	}
	text = json_dumps(header, JSON_COMPACT);
	if (!text)
		die("%s: a tensor's name is no UTF-8", path);
	padded = xasprintf("%s%*s", text, (int)(7 - (strlen(text) + 7) % 8), "");
	free(text);
	json_decref(header);
	return padded;
}

/* Bytes of tensor k and of those that are copied from right behind it; *next: the first that is
 * not. */
static uint64_t run_of(const struct shard *s, size_t k, size_t *next)
{
	const struct hf_planned *p = s->list + k;
	uint64_t bytes = p->bytes;

	for (*next = k + 1; *next < s->n && !p->merged; ++*next) {
		const struct hf_planned *q = s->list + *next;

		if (q->merged || q->t->data != p->t->data + bytes)
			break;
		bytes += q->bytes;
	}
	return bytes;
}

static void write_shard(struct hf_writer *w, size_t i)
{
	const struct shard *s = w->shards + i;
	const struct st *st = w->from->files + i;
	char *source = xasprintf("%s/%s", w->from->path, w->from->names[i]);
	char *path = xasprintf("%s/%s", w->to, s->name), *header = header_text(s, path);
	struct out_file out = out_open(path);
	uint64_t n = strlen(header);
	int in = copy_open(source);

	if (fwrite(&n, 8, 1, out.f) != 1 || fwrite(header, 1, n, out.f) != n)
		die("%s: write: %s", path, strerror(errno));
	for (size_t k = 0, next; k < s->n; k = next) {
		const struct hf_planned *p = s->list + k;
		uint64_t bytes = run_of(s, k, &next);

		if (p->merged)
			merge_write(w->g, p->merged, &out);
		else
			copy_range(&out, in, source, p->t->data - st->map.bytes, bytes);
	}
	out_close(&out);
	close(in);
	free(header);
	free(path);
	free(source);
}

static uint64_t values_of(const struct hf_planned *p)
{
	uint64_t n = 1;

	if (p->merged)
		return p->merged->rows * p->merged->cols;
	for (int d = 0; d < p->t->n_dims; d++)
		n *= p->t->dims[d];
	return n;
}

static void write_index(struct hf_writer *w)
{
	json_t *metadata = json_deep_copy(json_object_get(w->from->index, "metadata")),
	       *map = json_object();
	json_t *index = json_pack("{soso}", "metadata", metadata ? metadata : json_object(),
		"weight_map", map);
	uint64_t bytes = 0, values = 0;
	char *path = xasprintf("%s/model.safetensors.index.json", w->to), *text;

	for (size_t i = 0; i < w->from->n_files; i++)
		for (size_t k = 0; k < w->shards[i].n; k++) {
			const struct hf_planned *p = w->shards[i].list + k;

			bytes += p->bytes;
			values += values_of(p);
			json_put(map, p->name, json_string(w->shards[i].name));
		}
	metadata = json_object_get(index, "metadata");
	json_put(metadata, "total_size", json_integer(bytes));
	if (json_object_get(metadata, "total_parameters"))
		json_put(metadata, "total_parameters", json_integer(values));
	text = config_text(index);
	write_text(path, text, strlen(text));
	json_decref(index);
	free(text);
	free(path);
}

/* -- config and the rest ----------------------------------------------------------------------- */

/* bf16 values may lie beyond float16. */
static void no_float16(json_t *config, const char *key)
{
	const char *type = json_string_value(json_object_get(config, key));

	if (type && !strcmp(type, "float16"))
		json_put(config, key, json_string("bfloat16"));
}

/* What the config says of the weights and they are not: 4-bit where they are plain, tied where
 * there are two. 1: it has been changed. */
static int config_true(struct hf_writer *w, json_t *config)
{
	const struct base *b = w->c->model->base;
	int changed = 0;

	if (json_object_get(config, "quantization_config") && (w->dequantised || !base_is_nf4(b))) {
		json_object_del(config, "quantization_config");
		changed = 1;
	}
	if (base_has_own_head(b)) {
		json_put(config, "tie_word_embeddings", json_false());
		changed = 1;
	}
	if (w->dequantised) {
		no_float16(config, "dtype");
		no_float16(config, "torch_dtype");
	}
	return changed || w->dequantised;
}

static void write_config(struct hf_writer *w)
{
	char *path = xasprintf("%s/config.json", w->to), *text;
	struct fault err;
	json_t *config = json_deep_copy(w->from->config);
	int changed = config_true(w, config) || w->from->n_ignored;

	if (w->dropping &&
		config_drop(config, w->rec->keep, w->rec->n_keep, w->c->model->shape->n_layers,
			&err))
		die("%s: %s", w->from->path, err.text);
	if (w->dropping || changed) {
		text = config_text(config);
		write_text(path, text, strlen(text));
		free(text);
	} else {
		write_text(path, w->from->config_text, w->from->n_config);
	}
	json_decref(config);
	free(path);
}

void checkpoint_write_hf(const char *temp, const struct checkpoint *c, struct merge *g)
{
	struct hf_writer w = { .c = c, .rec = c->model->rec, .g = g, .to = temp };

	w.from = folder_open(base_path(c->model->base));
	w.dropping = w.rec->n_keep < c->model->shape->n_layers;
	w.dequantised = base_is_nf4(c->model->base) && merge_count(g);
	write_config(&w); /* first: it may be refused */
	folder_map(w.from);
	plan(&w);
	for (size_t i = 0; i < w.from->n_files; i++)
		if (w.shards[i].name)
			write_shard(&w, i);
	if (w.from->index)
		write_index(&w);
	carry_along(w.from, temp);
	for (size_t i = 0; i < w.from->n_files; i++) {
		for (size_t k = 0; k < w.shards[i].n; k++)
			free(w.shards[i].list[k].name);
		free(w.shards[i].list);
		free(w.shards[i].name);
	}
	free(w.shards);
	folder_close(w.from);
}
