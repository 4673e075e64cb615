/* adapter - a PEFT folder's LoRA matrices on the layers of a pruned model; see model.h
 *
 * The tensors' names say which modules are adapted; the config says each module's rank and scale,
 * and is refused where it asks for more than plain LoRA (coppice-files(5), ADAPTERS). Both are
 * untrusted.
 */
#include "file/json.h"
#include "file/safetensors.h"
#include "file/stsave.h"
#include "model/adapter_config.h"
#include "model/fit.h"
#include "model/known.h"
#include "model/model.h"
#include "stream/ignore.h"
#include "stream/place.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { MAX_CONFIG = 1 << 20, NAME = 512 };

static const char model_prefix[] = "base_model.model.";

/* -- tensors ----------------------------------------------------------------------------------- */

struct adapter_loader {
	struct adapter *a;
	const struct shape *s;
	const struct adapter_config *config;
	const struct st *file;
	const char *config_path, *path;
	float *next;        /* free space in the adapter's values */
	size_t used;        /* tensors that found their place */
	int n_lacking;      /* modules that the config adapts and the file has not */
	char lacking[NAME]; /* the first of them */
};

static int is_linear(enum role r)
{
	return r == ROLE_Q || r == ROLE_K || r == ROLE_V || r == ROLE_O || r == ROLE_GATE ||
		r == ROLE_UP || r == ROLE_DOWN;
}

static void check_values(const struct adapter_loader *l, const char *name, const float *v,
	uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		if (!isfinite(v[i]))
			die("%s: %s: holds %g: the training went wrong", l->path, name, v[i]);
}

/* NULL: the file has none. */
static const struct st_tensor *find(const struct adapter_loader *l, const char *module,
	const char *which)
{
	char name[NAME];

	snprintf(name, sizeof name, "%s%s.%s.weight", model_prefix, module, which);
	return st_find(l->file, name);
}

/* A matrix of this shape in new memory. */
static float *load(struct adapter_loader *l, const struct st_tensor *f, uint64_t rows,
	uint64_t cols)
{
	struct tensor t = { .name = f->name,
		.type = f->type,
		.n_dims = 2,
		.rows = rows,
		.cols = cols,
		.data = f->data };
	float *to = l->next;

	if (f->type != T_F32 && f->type != T_F16 && f->type != T_BF16)
		die("%s: %s: type %s is not supported", l->path, f->name, f->dtype);
	if (f->n_dims != 2 || f->dims[0] != rows || f->dims[1] != cols)
		die("%s: %s: has not the shape [%llu, %llu] that model and rank need", l->path,
			f->name, (unsigned long long)rows, (unsigned long long)cols);
	l->next += rows * cols;
	tensor_rows(&t, 0, rows, to);
	check_values(l, f->name, to, rows * cols);
	map_forget(f->data, f->bytes);
	l->used++;
	return to;
}

/* peft makes a first B of zeros for a module that the file has not, which changes nothing, and
 * warns. */
static void note_lacking(struct adapter_loader *l, const char *module, int layer)
{
	struct adapter_part part;
	struct fault err;

	if (adapter_config_part(l->config, module, layer, &part, &err))
		return;
	if (!l->n_lacking++)
		snprintf(l->lacking, sizeof l->lacking, "%s", module);
}

/* A and B of one module, whose B has out rows: 1, or 0 where it has no adapter. */
static int load_pair(struct adapter_loader *l, const char *module, int layer, uint64_t in,
	uint64_t out, struct lora *lora)
{
	const struct st_tensor *a = find(l, module, "lora_A"), *b = find(l, module, "lora_B");
	struct adapter_part part;
	struct fault err;

	if (!a && !b) {
		note_lacking(l, module, layer);
		return 0;
	}
	if (!a || !b)
		die("%s: %s%s has lora_%c but no lora_%c", l->path, model_prefix, module,
			a ? 'A' : 'B', a ? 'B' : 'A');
	if (adapter_config_part(l->config, module, layer, &part, &err))
		die("%s: %s", l->config_path, err.text);
	lora->rank = part.rank;
	lora->scale = part.scale;
	lora->a = load(l, a, (uint64_t)part.rank, in);
	lora->b = load(l, b, out, (uint64_t)part.rank);
	return 1;
}

/* q, k and v of one fused module share A; B's rows are theirs in turn. */
static void load_fused(struct adapter_loader *l, struct lora *row, const char *module, int layer)
{
	const struct shape *s = l->s;
	uint64_t q = (uint64_t)s->n_heads * (uint64_t)s->head_dim,
		 kv = (uint64_t)s->n_kv * (uint64_t)s->head_dim;
	struct lora all;

	if (!load_pair(l, module, layer, (uint64_t)s->d_model, q + 2 * kv, &all))
		return;
	row[ROLE_Q] = row[ROLE_K] = row[ROLE_V] = all;
	row[ROLE_K].b += q * (uint64_t)all.rank;
	row[ROLE_V].b += (q + kv) * (uint64_t)all.rank;
}

static void load_layer(struct adapter_loader *l, int layer)
{
	struct lora *row = l->a->lora + (size_t)layer * ROLE_COUNT;
	char module[NAME - 64];
	int fused = arch_hf_fused(l->s);

	if (fused) {
		arch_hf_name(l->s, ROLE_Q, layer, module, sizeof module);
		load_fused(l, row, module, layer);
	}
	for (int r = ROLE_NORM1; r < ROLE_COUNT; r++) {
		uint64_t out, in;

		if (!is_linear((enum role)r) ||
			(fused && (r == ROLE_Q || r == ROLE_K || r == ROLE_V)) ||
			arch_hf_name(l->s, (enum role)r, layer, module, sizeof module) < 0)
			continue;
		shape_of_role(l->s, (enum role)r, &out, &in);
		load_pair(l, module, layer, in, out, &row[r]);
	}
}

/* Something in the file was not taken: say what, and the likely reason. */
_Noreturn static void refuse_rest(const struct adapter_loader *l)
{
	for (size_t i = 0; i < l->file->n; i++) {
		const char *name = l->file->tensors[i].name, *rest;
		int layer = -1;
		size_t p = strlen(model_prefix), q = strlen(arch_layer_prefix(l->s));

		if (strncmp(name, model_prefix, p) == 0 &&
			strncmp(name + p, arch_layer_prefix(l->s), q) == 0)
			layer = atoi(name + p + q);
		rest = strstr(name, ".lora_");
		if (layer >= l->a->n_layers)
			die("%s: %s: the model has %d layers", l->path, name, l->a->n_layers);
		if (layer < 0 || !rest ||
			(strcmp(rest, ".lora_A.weight") && strcmp(rest, ".lora_B.weight")))
			die("%s: %s: is no LoRA matrix of a layer", l->path, name);
	}
	die("%s: has LoRA matrices of modules that this model has not, as %s", l->path,
		l->file->n ? l->file->tensors[0].name : "none");
}

static size_t count_values(const struct st *file)
{
	size_t n = 0;

	for (size_t i = 0; i < file->n; i++)
		n += file->tensors[i].bytes / (file->tensors[i].type == T_F32 ? 4 : 2);
	return n;
}

/* The hash of a whole file, which need not be in memory as a whole. */
static uint64_t hash_of(const struct map *m)
{
	enum { STEP = 1 << 20 };
	XXH3_state_t *h = XXH3_createState();
	uint64_t v;

	if (!h)
		die("out of memory");
	XXH3_64bits_reset(h);
	for (size_t at = 0, n; at < m->n; at += n) {
		n = m->n - at < STEP ? m->n - at : STEP;
		XXH3_64bits_update(h, m->bytes + at, n);
		map_forget(m->bytes + at, n);
	}
	v = XXH3_64bits_digest(h);
	XXH3_freeState(h);
	return v;
}

/* Rank and scale of all modules, where they are the same. */
static void compare_parts(struct adapter *a)
{
	size_t n = (size_t)a->n_layers * ROLE_COUNT;

	for (size_t i = 0; i < n; i++) {
		const struct lora *l = &a->lora[i];

		if (!l->a)
			continue;
		if (!a->rank) {
			a->rank = a->least = l->rank;
			a->scale = l->scale;
		}
		a->rank = l->rank > a->rank ? l->rank : a->rank;
		a->least = l->rank < a->least ? l->rank : a->least;
		a->scale = l->scale == a->scale ? a->scale : NAN;
	}
}

int adapter_is_even(const struct adapter *a)
{
	return a->least == a->rank && !isnan(a->scale);
}

static void load_tensors(struct adapter_loader *l)
{
	struct adapter *a = l->a;

	snprintf(a->fingerprint, sizeof a->fingerprint, "%016llx",
		(unsigned long long)hash_of(&l->file->map));
	if (!l->file->n)
		die("%s: has no tensor in it: nothing was trained, or it was not saved", l->path);
	a->values = l->next = xmalloc(count_values(l->file) * sizeof *l->next);
	a->lora = xcalloc((size_t)a->n_layers * ROLE_COUNT, sizeof *a->lora);
	for (int layer = 0; layer < a->n_layers; layer++)
		load_layer(l, layer);
	if (l->used != l->file->n)
		refuse_rest(l);
	if (l->n_lacking)
		warn("%s: has no matrices for %d modules that its config adapts, as %s: they stay "
		     "as they are",
			l->path, l->n_lacking, l->lacking);
	compare_parts(a);
}

/* What torch pickled is not read: a pickle is a program. */
static void refuse_pickle(const char *folder, const char *weights)
{
	char *pickle = xasprintf("%s/adapter_model.bin", folder);

	if (access(weights, F_OK) && !access(pickle, F_OK))
		die("%s: is a pickle of torch, which is not read; in its folder, python3 -c "
		    "'import torch, safetensors.torch as s; "
		    "s.save_file({k: v.contiguous() for k, v in torch.load(\"adapter_model.bin\", "
		    "weights_only=True).items()}, "
		    "\"adapter_model.safetensors\")' makes the file that is",
			pickle);
	free(pickle);
}

/* Of an adapter of ours: it is as it was written, and so is what the config says of its weight. */
static void check_written(const struct st *file, const json_t *config, const char *weights,
	const char *config_path)
{
	const char *alpha = json_string_value(json_object_get(json_object_get(file->header,
								      "__metadata__"),
		"coppice.alpha"));
	double is = json_number_value(json_object_get(config, "lora_alpha"));

	if (!stsave_sum_holds(file))
		die("%s: is damaged: the sum in its metadata (coppice.xxh3) is wrong", weights);
	if (alpha && strtod(alpha, NULL) != is && !ignore_covers("coppice.alpha"))
		die("%s: lora_alpha is %g, but the adapter was trained with %s%s", config_path, is,
			alpha, known_way_out("coppice.alpha"));
}

struct adapter *adapter_open(const char *folder, struct base *b, const struct model_rec *rec)
{
	struct adapter *a = xcalloc(1, sizeof *a);
	struct fault err;
	char *config = xasprintf("%s/adapter_config.json", folder);
	char *weights = xasprintf("%s/adapter_model.safetensors", folder);
	struct adapter_loader l = {
		.a = a, .s = base_shape(b), .config_path = config, .path = weights
	};
	struct adapter_config *c;
	struct st file;

	a->n_layers = rec->n_keep;
	if (json_load_path(&a->config, config, MAX_CONFIG, NULL, NULL, &err) ||
		!(c = adapter_config_new(a->config, &err)))
		die("%s: %s", config, err.text);
	refuse_pickle(folder, weights);
	if (st_open(&file, weights, &err) ||
		fit_check(json_object_get(file.header, "__metadata__"), b, rec, &err))
		die("%s: %s", weights, err.text);
	check_written(&file, a->config, weights, config);
	a->trained_nf4 = fit_is_nf4(json_object_get(file.header, "__metadata__"));
	l.config = c;
	l.file = &file;
	load_tensors(&l);
	st_free(&file);
	adapter_config_free(c);
	place_keep_out(folder, "adapter");
	free(config);
	free(weights);
	return a;
}

void adapter_close(struct adapter *a)
{
	if (!a)
		return;
	json_decref(a->config);
	free(a->values);
	free(a->lora);
	free(a);
}
