/* base - a checkpoint opened: every tensor that its family needs, found and checked; see model.h
 *
 * Folders and GGUF files fill the same table of slots, one for each role of each layer. Opening
 * reads headers and a few pages for the fingerprint; weights stay in their files.
 */
#include "file/gguf.h"
#include "model/bnb.h"
#include "model/fingerprint.h"
#include "model/folder.h"
#include "model/known_gguf.h"
#include "model/model.h"
#include "model/ref.h"
#include "model/wanted.h"
#include "stream/ignore.h"
#include "stream/place.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct base_slot {
	struct tensor weight, bias;
	int has_weight, has_bias;
	struct bnb *bnb; /* of a 4-bit weight */
	float *absmax;   /* from base_tensor to base_forget */
};

struct base {
	char *path;
	char fingerprint[17];
	struct shape shape;
	struct folder *folder; /* one of these two */
	struct gguf *gguf;
	struct base_slot *slots; /* [ROLE_NORM1] outside layers, then [n_layers][ROLE_COUNT] */
	int nf4;
	int own_head; /* of a tied model: the file has a head of its own, and that is used */
};

enum { OUTSIDE = ROLE_NORM1 };

static struct base_slot *own_slot(const struct base *b, enum role r, int layer)
{
	return &b->slots[role_in_layer(r) ? OUTSIDE + layer * ROLE_COUNT + (int)r : (int)r];
}

/* 1: the head's weight is the embedding; its bias would be its own. */
static int head_is_tied(const struct base *b)
{
	return b->shape.tied && !b->own_head;
}

static struct base_slot *weight_slot(const struct base *b, enum role r, int layer)
{
	return own_slot(b, r == ROLE_HEAD && head_is_tied(b) ? ROLE_EMBED : r, layer);
}

static size_t n_slots(const struct base *b)
{
	return OUTSIDE + (size_t)b->shape.n_layers * ROLE_COUNT;
}

/* -- one tensor -------------------------------------------------------------------------------- */

_Noreturn static void wrong_shape(const struct base *b, const struct wanted *w, uint64_t rows,
	uint64_t cols)
{
	if (w->vector)
		die("%s: %s: has the shape [%llu, %llu], not [%llu]", b->path, w->name,
			(unsigned long long)rows, (unsigned long long)cols,
			(unsigned long long)w->file_rows);
	die("%s: %s: has the shape [%llu, %llu], not [%llu, %llu] as its config says", b->path,
		w->name, (unsigned long long)rows, (unsigned long long)cols,
		(unsigned long long)w->file_rows, (unsigned long long)w->cols);
}

/* Checks the file's shape and type, and fills in the view. */
static void view(struct tensor *t, const struct base *b, const struct wanted *w, const char *name,
	enum tensor_type type, uint64_t rows, uint64_t cols, const void *data)
{
	int plain = type == T_F32 || type == T_F16 || type == T_BF16;

	if (w->vector ? rows != 1 || cols != w->file_rows : rows != w->file_rows || cols != w->cols)
		wrong_shape(b, w, rows, cols);
	if (!plain && (w->vector || type == T_U8 || type == T_OTHER))
		die("%s: %s: type %s is not supported here", b->path, w->name,
			tensor_type_name(type));
	*t = (struct tensor){
		.name = name,
		.type = type,
		.n_dims = w->vector ? 1 : 2,
		.rows = w->rows,
		.cols = w->cols,
		.data = data,
		.row0 = w->row0,
		.heads = w->heads,
	};
}

/* -- from a folder ----------------------------------------------------------------------------- */

static int fill_nf4(struct base *b, struct base_slot *slot, struct tensor *t,
	const struct wanted *w)
{
	struct fault err;
	struct bnb parts;
	int got = w->vector ? 0 : bnb_find(&parts, b->folder, w->name, &err);

	if (got < 0)
		die("%s: %s: %s", b->path, w->name, err.text);
	if (!got)
		return 0;
	slot->bnb = xmalloc(sizeof parts);
	*slot->bnb = parts;
	view(t, b, w, parts.codes->name, T_NF4, parts.rows, parts.cols, parts.codes->data);
	t->nf4 = (struct nf4_scales){ NULL, slot->bnb->code, parts.to };
	b->nf4 = 1;
	return 1;
}

static void fill_hf(struct base *b, struct base_slot *slot, struct tensor *t,
	const struct wanted *w)
{
	const struct st_tensor *f = folder_find(b->folder, w->name);

	if (!f)
		die("%s: tensor %s is missing", b->path, w->name);
	if (fill_nf4(b, slot, t, w))
		return;
	if (f->n_dims < 1 || f->n_dims > 2)
		die("%s: %s: has %d dimensions", b->path, w->name, f->n_dims);
	if (f->type == T_U8 || f->type == T_OTHER)
		die("%s: %s: type %s is not supported", b->path, w->name, f->dtype);
	view(t, b, w, f->name, f->type, f->n_dims == 1 ? 1 : f->dims[0], f->dims[f->n_dims - 1],
		f->data);
}

/* Said once for a config, however often it is opened. */
static void warn_unknown(const struct base *b)
{
	static char said[sizeof b->shape.unknown];

	if (*b->shape.unknown && strcmp(said, b->shape.unknown))
		warn("%s/config.json: taken as harmless, for nobody knows them: %s", b->path,
			b->shape.unknown);
	snprintf(said, sizeof said, "%s", b->shape.unknown);
}

static void open_folder(struct base *b)
{
	struct fault err;

	b->folder = folder_open(b->path);
	if (shape_from_config(&b->shape, b->folder->config, &err) ||
		bnb_check_config(b->folder->config, &err))
		die("%s/config.json: %s", b->path, err.text);
	warn_unknown(b);
	folder_map(b->folder);
	folder_scattered(b->folder, 1);
}

/* -- from a GGUF file -------------------------------------------------------------------------- */

static void fill_gguf(struct base *b, struct tensor *t, const struct wanted *w)
{
	const struct gguf_tensor *g = gguf_tensor(b->gguf, w->name);

	if (!g)
		die("%s: tensor %s is missing", b->path, w->name);
	if (g->dims[2] != 1 || g->dims[3] != 1)
		die("%s: %s: has %d dimensions", b->path, w->name, g->n_dims);
	view(t, b, w, NULL, g->type, g->dims[1], g->dims[0], g->data);
	t->name = xasprintf("%.*s", (int)g->name.n, g->name.s);
}

static void refuse_split(const struct base *b)
{
	uint64_t parts;

	if (gguf_uint(b->gguf, "split.count", &parts) > 0 && parts > 1)
		die("%s: is one of %llu parts; join them with llama-gguf-split --merge", b->path,
			(unsigned long long)parts);
}

static void open_gguf(struct base *b)
{
	b->gguf = gguf_open(b->path);
	map_scattered(&b->gguf->map, 1);
	refuse_split(b);
}

static void read_gguf(struct base *b)
{
	struct fault err;

	known_gguf_strip(b->gguf);
	if (shape_from_gguf(&b->shape, b->gguf, &err))
		die("%s: %s", b->path, err.text);
}

/* -- names of roles ---------------------------------------------------------------------------- */

/* How the file names what a layer (-1: none) has: in a GGUF file each may have q, k and v fused. */
static name_fn *names_of(const struct base *b, int layer)
{
	char name[WANTED_NAME];

	if (!b->gguf)
		return arch_hf_name;
	if (layer >= 0) {
		wanted_fused(&b->shape, ROLE_Q, layer, name, sizeof name - 8);
		strcat(name, ".weight");
		if (gguf_tensor(b->gguf, name))
			return wanted_fused;
	}
	return arch_gguf_name;
}

/* -- tensors that no role is ------------------------------------------------------------------- */

static int is_explained(const struct base *b, const char *name)
{
	int layer = wanted_layer(&b->shape, b->gguf != NULL, name);

	return wanted_name(&b->shape, name, layer, names_of(b, layer)) ||
		known_name(KNOWN_TENSOR, NULL, name) ||
		(b->gguf && strcmp(name, "rope_freqs.weight") == 0);
}

/* A tensor that nothing explains means that the model is not what its config says. */
static void refuse_unknown(const struct base *b, const char *name)
{
	if (is_explained(b, name) || ignore_covers(name))
		return;
	if (wanted_beyond(&b->shape, b->gguf != NULL, name))
		die("%s: tensor %s is in none of its %d layers%s", b->path, name, b->shape.n_layers,
			known_way_out(name));
	die("%s: tensor %s is unknown in a model of this type%s", b->path, name,
		known_way_out(name));
}

static void refuse_unknown_tensors(const struct base *b)
{
	char name[WANTED_NAME];

	for (size_t i = 0; b->folder && i < b->folder->n_tensors; i++) {
		const char *whole = b->folder->tensors[i].tensor->name;
		char *weight = xasprintf("%.*s", (int)bnb_weight(whole), whole);

		refuse_unknown(b, weight);
		free(weight);
	}
	for (size_t i = 0; b->gguf && i < b->gguf->n_tensors; i++) {
		snprintf(name, sizeof name, "%.*s", (int)b->gguf->tensors[i].name.n,
			b->gguf->tensors[i].name.s);
		refuse_unknown(b, name);
	}
}

int base_is_ignored(const struct base *b, const char *name)
{
	char *weight = xasprintf("%.*s", (int)(b->folder ? bnb_weight(name) : strlen(name)), name);
	int is = ignore_covers(weight) && !is_explained(b, weight);

	free(weight);
	return is;
}

/* -- both -------------------------------------------------------------------------------------- */

static void fill(struct base *b, enum role r, int layer)
{
	name_fn *name_of = names_of(b, layer);
	struct base_slot *slot = own_slot(b, r, layer);
	struct wanted w;

	for (int bias = 0; bias < 2; bias++) {
		struct tensor *t = bias ? &slot->bias : &slot->weight;

		if (!want(&w, &b->shape, r, layer, bias, name_of) ||
			(r == ROLE_HEAD && !bias && head_is_tied(b)))
			continue;
		w.heads = b->gguf ? shape_gguf_heads(&b->shape, r) : 0;
		if (b->gguf)
			fill_gguf(b, t, &w);
		else
			fill_hf(b, slot, t, &w);
		*(bias ? &slot->has_bias : &slot->has_weight) = 1;
	}
}

enum { SAMPLE = 4096 };

/* Two whole tensors of a file that agree in type, shape and the pages that the fingerprint
 * reads. */
static int same_samples(const struct tensor *a, const struct tensor *b)
{
	uint64_t bytes = tensor_bytes(a->type, a->cols) * a->rows,
		 n = bytes < SAMPLE ? bytes : SAMPLE;
	const uint64_t at[] = { 0, (bytes - n) / 2, bytes - n };

	if (a->type != b->type || a->rows != b->rows || a->cols != b->cols)
		return 0;
	for (int i = 0; i < 3; i++)
		if (memcmp((const char *)a->data + at[i], (const char *)b->data + at[i], n))
			return 0;
	return 1;
}

/* As transformers 5 does, a tied model's head of its own is used; it may be the embedding once
 * more. Where a few pages of the two differ, the model has two matrices, whatever its config
 * says. */
static void find_own_head(struct base *b)
{
	struct wanted w;

	want(&w, &b->shape, ROLE_HEAD, -1, 0, arch_hf_name);
	b->own_head = b->folder && b->shape.tied && folder_find(b->folder, w.name);
}

static void check_own_head(struct base *b)
{
	const struct tensor *head = &own_slot(b, ROLE_HEAD, -1)->weight,
			    *embed = &own_slot(b, ROLE_EMBED, -1)->weight;

	if (!b->own_head || same_samples(head, embed))
		return;
	warn("%s: tie_word_embeddings is true, but %s differs from the embedding: it is used, as "
	     "transformers 5 does",
		b->path, head->name);
	b->shape.tied = 0;
}

static void fill_slots(struct base *b)
{
	find_own_head(b);
	b->slots = xcalloc(n_slots(b), sizeof *b->slots);
	for (int r = 0; r < OUTSIDE; r++)
		fill(b, (enum role)r, -1);
	check_own_head(b);
	for (int layer = 0; layer < b->shape.n_layers; layer++)
		for (int r = ROLE_NORM1; r < ROLE_COUNT; r++)
			fill(b, (enum role)r, layer);
	refuse_unknown_tensors(b);
	if (b->folder && !b->nf4 &&
		json_object_size(json_object_get(b->folder->config, "quantization_config")))
		warn("%s/config.json: quantization_config, but the weights are plain: so they are "
		     "computed",
			b->path);
}

/* -- model.h ----------------------------------------------------------------------------------- */

static void set_fingerprint(struct base *b)
{
	if (b->folder)
		fingerprint_folder(b->folder, b->fingerprint);
	else
		fingerprint_gguf(b->gguf, b->fingerprint);
}

/* From here on weights are read, from one end to the other. */
static void end_scattered(struct base *b)
{
	if (b->folder)
		folder_scattered(b->folder, 0);
	else
		map_scattered(&b->gguf->map, 0);
}

struct base *base_open(const char *path)
{
	struct base *b = xcalloc(1, sizeof *b);

	b->path = xstrdup(path);
	if (ref_kind(path) == REF_FOLDER) {
		open_folder(b);
		place_keep_out(path, "base");
	} else {
		open_gguf(b);
	}
	set_fingerprint(b); /* of all that the file says, before any of it is ignored */
	if (b->gguf)
		read_gguf(b);
	fill_slots(b);
	end_scattered(b);
	return b;
}

void base_close(struct base *b)
{
	if (!b)
		return;
	for (size_t i = 0; b->slots && i < n_slots(b); i++) {
		if (b->gguf) {
			free((void *)(uintptr_t)b->slots[i].weight.name);
			free((void *)(uintptr_t)b->slots[i].bias.name);
		}
		free(b->slots[i].bnb);
		free(b->slots[i].absmax);
	}
	free(b->slots);
	folder_close(b->folder);
	gguf_close(b->gguf);
	free(b->path);
	free(b);
}

const struct shape *base_shape(const struct base *b)
{
	return &b->shape;
}

const char *base_path(const struct base *b)
{
	return b->path;
}

const char *base_fingerprint(const struct base *b)
{
	return b->fingerprint;
}

int base_is_gguf(const struct base *b)
{
	return b->gguf != NULL;
}

int base_is_nf4(const struct base *b)
{
	return b->nf4;
}

int base_has_own_head(const struct base *b)
{
	return b->own_head;
}

int base_tensor(struct base *b, enum role r, int layer, struct tensor *t)
{
	struct base_slot *s = weight_slot(b, r, layer);

	if (!s->has_weight)
		return 0;
	if (s->bnb && !s->absmax) {
		s->absmax = xcalloc(bnb_blocks(s->bnb), sizeof *s->absmax);
		bnb_absmax(s->bnb, s->absmax);
	}
	*t = s->weight;
	t->nf4.absmax = s->absmax;
	return 1;
}

int base_bias(const struct base *b, enum role r, int layer, struct tensor *t)
{
	const struct base_slot *s = own_slot(b, r, layer);

	if (!s->has_bias)
		return 0;
	*t = s->bias;
	return 1;
}

/* Where a view's bytes are. */
static const unsigned char *bytes_of(const struct tensor *t, uint64_t *n)
{
	uint64_t per_row = t->n_dims == 1 ? 0 : tensor_bytes(t->type, t->cols);

	*n = per_row ? t->rows * per_row : tensor_bytes(t->type, t->rows * t->cols);
	return (const unsigned char *)t->data + t->row0 * per_row;
}

void base_forget(struct base *b, const struct tensor *t)
{
	uint64_t n;
	const unsigned char *p = bytes_of(t, &n);

	map_forget(p, n);
	for (size_t i = 0; t->nf4.absmax && i < n_slots(b); i++)
		if (b->slots[i].absmax == t->nf4.absmax) {
			free(b->slots[i].absmax);
			b->slots[i].absmax = NULL;
			return;
		}
}

void base_fetch(const struct base *b, const struct tensor *t)
{
	uint64_t n;
	const unsigned char *p = bytes_of(t, &n);

	(void)b;
	map_fetch(p, n);
}
