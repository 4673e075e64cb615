/* checkpoint_gguf - a GGUF file with fewer layers, or merged ones (coppice-files(5), FEWER LAYERS
 * IN A GGUF FILE)
 *
 * Pairs and infos that stay are copied byte for byte from the mapped file. Data lies in the order
 * of the infos, each at the padded end of the one before, from 0: llama.cpp refuses any other
 * offset.
 */
#include "export/checkpoint.h"
#include "export/renumber.h"
#include "model/known_gguf.h"
#include "sys/copy.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct gguf_planned { /* a tensor of the new file */
	const struct gguf_tensor *t;
	const struct merged *merged; /* NULL: copied */
	char *name;
	uint64_t bytes;
};

struct gguf_writer {
	struct out_file out;
	uint64_t at; /* bytes written */
	const struct checkpoint *c;
	const struct gguf *g;
	const char *source; /* path of the base */
	struct gguf_str arch;
	const char *name; /* of the model, where it is another than the base; else NULL */
	char label[16];   /* and its size: "98M" */
	struct gguf_planned *list;
	size_t n;
	int dropping;
};

static void put(struct gguf_writer *w, const void *bytes, size_t n)
{
	if (n && fwrite(bytes, 1, n, w->out.f) != n)
		die("%s: write: %s", w->out.path, strerror(errno));
	w->at += n;
}

static void put_u32(struct gguf_writer *w, uint32_t v)
{
	put(w, &v, 4);
}

static void put_u64(struct gguf_writer *w, uint64_t v)
{
	put(w, &v, 8);
}

static uint64_t padding(const struct gguf_writer *w, uint64_t at)
{
	return (w->g->alignment - at % w->g->alignment) % w->g->alignment;
}

static void put_padding(struct gguf_writer *w)
{
	static const char zeros[4096];

	for (uint64_t left = padding(w, w->at); left;) {
		size_t n = left < sizeof(zeros) ? left : sizeof(zeros);

		put(w, zeros, n);
		left -= n;
	}
}

/* -- pairs ------------------------------------------------------------------------------------- */

/* 1: the key is the architecture's own, "llama.NAME". */
static int arch_key(const struct gguf_writer *w, struct gguf_str key, const char *name)
{
	size_t n = w->arch.n;

	return key.n > n && !memcmp(key.s, w->arch.s, n) && key.s[n] == '.' &&
		(!name ||
			(key.n - n - 1 == strlen(name) &&
				!memcmp(key.s + n + 1, name, strlen(name))));
}

static int is_integer(const struct gguf_pair *p)
{
	return p->type != GGUF_F32 && p->type != GGUF_F64 && p->type != GGUF_STRING &&
		p->type != GGUF_BOOL;
}

static size_t type_size(enum gguf_type t)
{
	static const unsigned char size[GGUF_TYPES] = {
		[GGUF_U8] = 1,
		[GGUF_I8] = 1,
		[GGUF_U16] = 2,
		[GGUF_I16] = 2,
		[GGUF_U32] = 4,
		[GGUF_I32] = 4,
		[GGUF_F32] = 4,
		[GGUF_BOOL] = 1,
		[GGUF_U64] = 8,
		[GGUF_I64] = 8,
		[GGUF_F64] = 8,
	};

	return size[t];
}

/* The pair with another integer in it, of the same type. */
static void put_integer(struct gguf_writer *w, const struct gguf_pair *p, uint64_t v)
{
	put(w, p->raw, p->value - p->raw);
	put(w, &v, type_size(p->type)); /* little-endian: the low bytes come first */
}

/* An array's entries of the kept layers. */
static void put_filtered(struct gguf_writer *w, const struct gguf_pair *p)
{
	const struct model_rec *r = w->c->model->rec;
	struct gguf_strings it = { .pair = p };
	size_t size = type_size(p->type);
	int next = 0;

	put(w, p->raw, p->value - p->raw - 8);
	put_u64(w, r->n_keep);
	for (uint64_t l = 0; l < p->count; l++) {
		int kept = next < r->n_keep && (uint64_t)r->keep[next] == l;
		struct gguf_str s;

		if (p->type == GGUF_STRING)
			gguf_next_string(&it, &s);
		next += kept;
		if (kept && p->type != GGUF_STRING)
			put(w, p->value + l * size, size);
		if (kept && p->type == GGUF_STRING) {
			put_u64(w, s.n);
			put(w, s.s, s.n);
		}
	}
}

/* A text in place of the pair's. */
static void put_text(struct gguf_writer *w, const struct gguf_pair *p, const char *text)
{
	put(w, p->raw, p->value - p->raw);
	put_u64(w, strlen(text));
	put(w, text, strlen(text));
}

/* What the model is called, which the base's pairs no longer say: the new text, or NULL. */
static const char *renamed(const struct gguf_writer *w, const struct gguf_pair *p)
{
	if (!w->name || p->array || p->type != GGUF_STRING)
		return NULL;
	if (gguf_str_is(p->key, "general.name") || gguf_str_is(p->key, "general.basename"))
		return w->name;
	return gguf_str_is(p->key, "general.size_label") ? w->label : NULL;
}

static void put_pair(struct gguf_writer *w, const struct gguf_pair *p, int file_type)
{
	int n_layers = base_shape(w->c->model->base)->n_layers;

	if (file_type >= 0 && gguf_str_is(p->key, "general.file_type") && !p->array &&
		is_integer(p)) {
		put_integer(w, p, file_type);
		return;
	}
	if (renamed(w, p)) {
		put_text(w, p, renamed(w, p));
		return;
	}
	if (w->dropping && arch_key(w, p->key, NULL)) {
		if (arch_key(w, p->key, "block_count")) {
			put_integer(w, p, w->c->model->rec->n_keep);
			return;
		}
		if (p->array && p->count == (uint64_t)n_layers) {
			put_filtered(w, p);
			return;
		}
	}
	put(w, p->raw, p->n_raw);
}

/* -- tensors ----------------------------------------------------------------------------------- */

static void plan(struct gguf_writer *w, struct merge *g)
{
	const struct model_rec *r = w->c->model->rec;

	w->list = xcalloc(w->g->n_tensors, sizeof(*w->list));
	for (size_t i = 0; i < w->g->n_tensors; i++) {
		const struct gguf_tensor *t = w->g->tensors + i;
		struct gguf_planned *p = w->list + w->n;
		char *old = xasprintf("%.*s", (int)t->name.n, t->name.s);

		if (!base_is_ignored(w->c->model->base, old) &&
			renumber(old, "blk.", r->keep, r->n_keep, &p->name)) {
			p->t = t;
			p->merged = merge_find(g, old);
			p->bytes = p->merged ? p->merged->bytes : t->bytes;
			w->n++;
		}
		free(old);
	}
}

static void put_infos(struct gguf_writer *w)
{
	uint64_t offset = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct gguf_planned *p = w->list + i;

		put_u64(w, strlen(p->name));
		put(w, p->name, strlen(p->name));
		put_u32(w, p->t->n_dims);
		for (int d = 0; d < p->t->n_dims; d++)
			put_u64(w, p->t->dims[d]);
		put_u32(w, p->merged ? p->merged->type : p->t->type);
		put_u64(w, offset);
		offset += p->bytes + padding(w, p->bytes);
	}
	put_padding(w);
}

static void put_data(struct gguf_writer *w, struct merge *g)
{
	int in = copy_open(w->source);

	for (size_t i = 0; i < w->n; i++) {
		const struct gguf_planned *p = w->list + i;

		if (p->merged)
			merge_write(g, p->merged, &w->out);
		else
			copy_range(&w->out, in, w->source, p->t->data - w->g->map.bytes, p->bytes);
		w->at += p->bytes;
		put_padding(w);
	}
	close(in);
}

/* What general.file_type is once quantised weights have been written as another type; -1: as it
 * was. */
static int new_file_type(const struct checkpoint *c, const struct merge *g)
{
	if (!merge_of_blocked(g))
		return -1;
	return c->blocked == T_F32 ? 0 : c->blocked == T_F16 ? 1 : 32;
}

/* The number as llama.cpp's converter writes it in general.size_label: at least two digits. */
static void set_label(char label[16], double parameters)
{
	static const struct {
		double unit;
		char letter;
	} of[] = { { 1e12, 'T' }, { 1e9, 'B' }, { 1e6, 'M' }, { 1e3, 'K' } };
	int i = 0;

	while (i < 3 && parameters <= of[i].unit)
		i++;
	parameters /= of[i].unit;
	snprintf(label, 16, "%.*f%c", parameters < 9.5, parameters, of[i].letter);
}

void checkpoint_write_gguf(const char *path, const struct checkpoint *c, struct merge *g)
{
	struct gguf *in = gguf_open(base_path(c->model->base));
	struct gguf_writer w = {
		.out = out_open(path), .c = c, .g = in, .source = base_path(c->model->base)
	};

	known_gguf_strip(in);
	w.dropping = c->model->rec->n_keep < base_shape(c->model->base)->n_layers;
	gguf_string(in, "general.architecture", &w.arch);
	if (w.dropping || merge_count(g))
		w.name = c->name;
	set_label(w.label,
		(double)shape_parameters(base_shape(c->model->base), c->model->rec->n_keep));
	plan(&w, g);
	put(&w, "GGUF", 4);
	put_u32(&w, in->version);
	put_u64(&w, w.n);
	put_u64(&w, in->n_pairs);
	for (size_t i = 0; i < in->n_pairs; i++)
		put_pair(&w, in->pairs + i, new_file_type(c, g));
	put_infos(&w);
	put_data(&w, g);
	out_close(&w.out);
	for (size_t i = 0; i < w.n; i++)
		free(w.list[i].name);
	free(w.list);
	gguf_close(in);
}
