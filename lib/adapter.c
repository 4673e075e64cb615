/* adapter - a PEFT folder's LoRA matrices on the layers of a pruned model; see model.h
 *
 * The tensors' names say which modules are adapted; the config says the scale, and is refused where it asks for more
 * than plain LoRA (specs.md 8.1). Both are untrusted.
 */
#include "cli.h"
#include "fault.h"
#include "json.h"
#include "model.h"
#include "place.h"
#include "safetensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { MAX_CONFIG = 1 << 20, NAME = 512 };

static const char model_prefix[] = "base_model.model.";

/* Keys that must be absent, null, false or empty: each means more than y += scale B A x. */
static const char *const refused[] = {
	"use_dora", "alpha_pattern", "rank_pattern", "modules_to_save", "fan_in_fan_out", "layer_replication", "lora_bias",
	"trainable_token_indices", "target_parameters", "use_qalora", "use_bdlora", "alora_invocation_tokens",
};

static int check_config(struct adapter *a, char *err, size_t n_err)
{
	const char *type = "", *bias = "none";
	double alpha = 0;
	int64_t rank = 0;
	int rslora = 0;

	if (!json_is_object(a->config))
		return fault(err, n_err, "is no JSON object");
	if (json_get_string(a->config, "peft_type", &type, err, n_err) < 0 ||
			json_get_string(a->config, "bias", &bias, err, n_err) < 0 ||
			json_get_bool(a->config, "use_rslora", &rslora, err, n_err) < 0)
		return -1;
	if (strcmp(type, "LORA"))
		return fault(err, n_err, "peft_type \"%s\" is not supported; LORA is", type);
	if (strcmp(bias, "none"))
		return fault(err, n_err, "bias \"%s\" is not supported; \"none\" is", bias);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (!json_is_unset(a->config, refused[i]))
			return fault(err, n_err, "%s is set, which is not supported", refused[i]);
	if (json_get_int(a->config, "r", 1, 1 << 16, &rank, err, n_err) < 0 ||
			json_get_real(a->config, "lora_alpha", &alpha, err, n_err) < 0)
		return -1;
	if (!rank || !json_object_get(a->config, "lora_alpha"))
		return fault(err, n_err, "has no %s", rank ? "lora_alpha" : "r");
	a->rank = (int)rank;
	a->scale = rslora ? alpha / sqrt((double)rank) : alpha / (double)rank;
	return 0;
}

/* -- tensors ----------------------------------------------------------------------------------------------------- */

struct loader {
	struct adapter *a;
	const struct shape *s;
	const struct st *file;
	const char *path;
	float *next;		/* free room in the adapter's values */
	size_t used;		/* tensors that found their place */
};

static int is_linear(enum role r)
{
	return r == ROLE_Q || r == ROLE_K || r == ROLE_V || r == ROLE_O || r == ROLE_GATE || r == ROLE_UP || r == ROLE_DOWN;
}

/* A matrix of this name and shape into new room: 1, or 0 where there is none. */
static int load(struct loader *l, const char *module, const char *which, uint64_t rows, uint64_t cols, float **out)
{
	const struct st_tensor *f;
	struct tensor t;
	char name[NAME];

	snprintf(name, sizeof name, "%s%s.%s.weight", model_prefix, module, which);
	f = st_find(l->file, name);
	if (!f)
		return 0;
	if (f->type != T_F32 && f->type != T_F16 && f->type != T_BF16)
		die("%s: %s: type %s is not supported", l->path, name, f->dtype);
	if (f->n_dims != 2 || f->dims[0] != rows || f->dims[1] != cols)
		die("%s: %s: has not the shape [%llu, %llu] that model and rank need", l->path, name,
			(unsigned long long)rows, (unsigned long long)cols);
	t = (struct tensor){ .name = name, .type = f->type, .n_dims = 2, .rows = rows, .cols = cols, .data = f->data };
	*out = l->next;
	l->next += rows * cols;
	tensor_rows(&t, 0, rows, *out);
	map_forget(f->data, f->bytes);
	l->used++;
	return 1;
}

/* A and B of one module, whose B has out rows: 1, or 0 where it has no adapter. */
static int load_pair(struct loader *l, const char *module, uint64_t in, uint64_t out, float **a, float **b)
{
	int has_a = load(l, module, "lora_A", (uint64_t)l->a->rank, in, a);
	int has_b = load(l, module, "lora_B", out, (uint64_t)l->a->rank, b);

	if (has_a != has_b)
		die("%s: %s%s has lora_%c but no lora_%c", l->path, model_prefix, module, has_a ? 'A' : 'B', has_a ? 'B' : 'A');
	return has_a;
}

/* q, k and v of one fused module share A; B's rows are theirs in turn. */
static void load_fused(struct loader *l, struct lora *row, const char *module)
{
	const struct shape *s = l->s;
	uint64_t q = (uint64_t)s->n_heads * (uint64_t)s->head_dim, kv = (uint64_t)s->n_kv * (uint64_t)s->head_dim;
	size_t rank = (size_t)l->a->rank;
	float *a, *b;

	if (!load_pair(l, module, (uint64_t)s->d_model, q + 2 * kv, &a, &b))
		return;
	row[ROLE_Q] = (struct lora){ a, b };
	row[ROLE_K] = (struct lora){ a, b + q * rank };
	row[ROLE_V] = (struct lora){ a, b + (q + kv) * rank };
}

static void load_layer(struct loader *l, int layer)
{
	struct lora *row = l->a->lora + (size_t)layer * ROLE_COUNT;
	char module[NAME - 64];
	int fused = arch_hf_name(l->s, ROLE_K, layer, module, sizeof module) > 0;

	if (fused)
		load_fused(l, row, module);
	for (int r = ROLE_NORM1; r < ROLE_COUNT; r++) {
		uint64_t out, in;
		float *a, *b;

		if (!is_linear((enum role)r) || (fused && (r == ROLE_Q || r == ROLE_K || r == ROLE_V)) ||
				arch_hf_name(l->s, (enum role)r, layer, module, sizeof module) < 0)
			continue;
		shape_of_role(l->s, (enum role)r, &out, &in);
		if (load_pair(l, module, in, out, &a, &b))
			row[r] = (struct lora){ a, b };
	}
}

/* Something in the file was not taken: say what, and the likely reason. */
_Noreturn static void refuse_rest(const struct loader *l)
{
	for (size_t i = 0; i < l->file->n; i++) {
		const char *name = l->file->tensors[i].name, *rest;
		int layer = -1;
		size_t p = strlen(model_prefix), q = strlen(arch_layer_prefix(l->s));

		if (strncmp(name, model_prefix, p) == 0 && strncmp(name + p, arch_layer_prefix(l->s), q) == 0)
			layer = atoi(name + p + q);
		rest = strstr(name, ".lora_");
		if (layer >= l->a->n_layers)
			die("%s: %s: the model has %d layers", l->path, name, l->a->n_layers);
		if (layer < 0 || !rest || (strcmp(rest, ".lora_A.weight") && strcmp(rest, ".lora_B.weight")))
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

static void load_tensors(struct adapter *a, const struct shape *s, const char *path)
{
	char err[FAULT_SIZE];
	struct loader l = { a, s, NULL, path, NULL, 0 };
	struct st file;

	if (st_open(&file, path, err, sizeof err))
		die("%s: %s", path, err);
	snprintf(a->print, sizeof a->print, "%016llx", (unsigned long long)hash_of(&file.map));
	l.file = &file;
	a->values = l.next = xmalloc(count_values(&file) * sizeof *l.next);
	a->lora = xcalloc((size_t)a->n_layers * ROLE_COUNT, sizeof *a->lora);
	for (int layer = 0; layer < a->n_layers; layer++)
		load_layer(&l, layer);
	if (l.used != file.n)
		refuse_rest(&l);
	st_free(&file);
}

struct adapter *adapter_open(const char *folder, const struct shape *s, int n_layers)
{
	struct adapter *a = xcalloc(1, sizeof *a);
	char err[FAULT_SIZE], *config = xasprintf("%s/adapter_config.json", folder);
	char *weights = xasprintf("%s/adapter_model.safetensors", folder);

	a->n_layers = n_layers;
	if (json_load_path(&a->config, config, MAX_CONFIG, NULL, NULL, err, sizeof err) || check_config(a, err, sizeof err))
		die("%s: %s", config, err);
	load_tensors(a, s, weights);
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
