/* lora - adapters in training; see lora.h
 */
#include "heal/lora.h"

#include "file/json.h"
#include "file/stsave.h"
#include "model/fit.h"
#include "model/hub.h"
#include "philox.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 512 };

/* -- targets ----------------------------------------------------------------------------------- */

static const char *const names[LORA_QKV] = { "gate", "up", "down", "out" };

int lora_targets_parse(const char *list)
{
	char *own = xstrdup(list), *rest = own, *name;
	int targets = 0, t = 0;

	while (t < LORA_QKV && (name = strsep(&rest, ",")) != NULL) {
		for (t = 0; t < LORA_QKV && strcmp(names[t], name); t++)
			;
		targets |= 1 << t;
	}
	free(own);
	return t < LORA_QKV ? targets : 0;
}

char *lora_targets_names(int targets)
{
	char *list = xstrdup("");

	for (int t = 0; t < LORA_QKV; t++)
		if (targets >> t & 1) {
			char *more = xasprintf("%s%s%s", list, *list ? "," : "", names[t]);

			free(list);
			list = more;
		}
	return list;
}

int lora_targets_fit(int targets, const struct shape *s)
{
	return s->gated || !(targets & 1 << LORA_GATE) || (targets & LORA_FFN) == LORA_FFN;
}

/* -- made and freed ---------------------------------------------------------------------------- */

static struct lora_set *set_new(const struct shape *s, int n_layers, int rank, double alpha)
{
	struct lora_set *l = xcalloc(1, sizeof *l);

	l->shape = s;
	l->rank = rank;
	l->alpha = alpha;
	l->scale = alpha / (double)rank;
	l->n_layers = n_layers;
	l->target = xcalloc((size_t)n_layers, sizeof *l->target);
	l->layer = xcalloc((size_t)n_layers, sizeof *l->layer);
	return l;
}

static struct lora_target *target_new(struct lora_set *l, int layer, int which)
{
	struct lora_target *t = &l->target[layer][which];
	struct lora_shape site = lora_shape(l->shape, which);
	size_t r = (size_t)l->rank, in = site.in, out = site.out;

	l->ranks[which] = l->rank;
	t->in = in;
	t->out = out;
	t->a = mat_new(MAT_F32, r, in);
	t->da = mat_new(MAT_F32, r, in);
	t->am = mat_new(MAT_F32, r, in);
	t->av = mat_new(MAT_F32, r, in);
	t->b = mat_new(MAT_F32, out, r);
	t->db = mat_new(MAT_F32, out, r);
	t->bm = mat_new(MAT_F32, out, r);
	t->bv = mat_new(MAT_F32, out, r);
	return t;
}

static void draw(struct mat *a, uint64_t seed, uint32_t number)
{
	size_t rows = mat_rows(a), cols = mat_cols(a);
	uint32_t *word = xmalloc(cols * sizeof *word);
	float *row = xmalloc(cols * sizeof *row), width = sqrtf((float)cols);

	for (size_t i = 0; i < rows; i++) {
		philox_words(word, i * cols, cols, 0, 0xFFFFFFFF, number, seed);
		for (size_t j = 0; j < cols; j++)
			row[j] = (2.0f * ((float)(word[j] >> 8) * 0x1p-24f) - 1.0f) / width;
		mat_put(a, i, 1, row);
	}
	free(row);
	free(word);
}

struct lora_set *lora_new(const struct shape *s, int n_layers, int targets, int rank, double alpha,
	uint64_t seed)
{
	struct lora_set *l = set_new(s, n_layers, rank, alpha);

	for (int i = 0; i < n_layers; i++)
		for (int g = 0; g < LORA_QKV; g++)
			if (targets >> g & 1 && (g != LORA_GATE || s->gated))
				draw(target_new(l, i, g)->a, seed, (uint32_t)(16 * i + g));
	lora_pack(l);
	return l;
}

void lora_check(const struct adapter *a, const char *folder)
{
	if (!adapter_is_even(a))
		die("%s: its modules are not of one rank and one scale (rank_pattern, "
		    "alpha_pattern): it can be merged, but not "
		    "trained",
			folder);
}

struct lora_set *lora_from(const struct shape *s, const struct adapter *a, const char *folder)
{
	struct lora_set *l = set_new(s, a->n_layers, a->rank, a->scale * a->rank);

	for (int i = 0; i < a->n_layers; i++)
		for (int r = 0; r < ROLE_COUNT; r++) {
			const struct lora *from = &a->lora[i * ROLE_COUNT + r];
			int g = 0;

			if (!from->a)
				continue;
			while (g < LORA_QKV && (int)lora_shape(s, g).role != r)
				g++;
			if (g == LORA_QKV)
				die("%s: an adapter on q, k or v can't be trained", folder);
			struct lora_target *t = target_new(l, i, g);
			mat_put(t->a, 0, (size_t)l->rank, from->a);
			mat_put(t->b, 0, t->out, from->b);
		}
	lora_pack(l);
	return l;
}

void lora_free(struct lora_set *l)
{
	for (int i = 0; i < l->n_layers; i++)
		for (int g = 0; g < LORA_QKV; g++) {
			struct lora_target *t = &l->target[i][g];
			struct mat *all[] = { t->a, t->b, t->da, t->db, t->am, t->av, t->bm,
				t->bv };

			for (size_t j = 0; j < sizeof all / sizeof *all; j++)
				mat_free(all[j]);
			lora_pair_free(&l->layer[i].pair[g]);
		}
	free(l->target);
	free(l->layer);
	free(l);
}

/* -- what products take ------------------------------------------------------------------------ */

void lora_pack(struct lora_set *l)
{
	const int both = WEIGHT_FORWARD | WEIGHT_BACKWARD;

	for (int i = 0; i < l->n_layers; i++)
		for (int g = 0; g < LORA_QKV; g++) {
			struct lora_pair *p = &l->layer[i].pair[g];
			const struct lora_target *t = &l->target[i][g];

			if (!t->in)
				continue;
			if (!p->a)
				*p = lora_pair_new(l->shape, g, (size_t)l->rank, both);
			weight_refill(p->a, t->a, 1);
			weight_refill(p->b, t->b, (float)l->scale);
		}
}

/* -- all matrices, one after the other --------------------------------------------------------- */

static struct mat *part(const struct lora_target *t, enum lora_what what, int b)
{
	struct mat *const all[4][2] = { { t->a, t->b }, { t->am, t->bm }, { t->av, t->bv },
		{ t->da, t->db } };

	return all[what][b];
}

void lora_each(const struct lora_set *l, enum lora_what what, lora_visit *visit, void *ctx)
{
	char module[NAME], name[NAME + 64];

	for (int i = 0; i < l->n_layers; i++)
		for (int g = 0; g < LORA_QKV; g++) {
			if (!l->target[i][g].in)
				continue;
			arch_hf_name(l->shape, lora_shape(l->shape, g).role, i, module,
				sizeof module);
			for (int b = 0; b < 2; b++) {
				snprintf(name, sizeof name, "base_model.model.%s.lora_%c.weight",
					module, "AB"[b]);
				visit(ctx, name, part(&l->target[i][g], what, b));
			}
		}
}

static void add_sumsq(void *ctx, const char *name, struct mat *m)
{
	(void)name;
	*(double *)ctx += op_sumsq(m);
}

static void clear(void *ctx, const char *name, struct mat *m)
{
	(void)ctx;
	(void)name;
	op_zero(m);
}

void lora_clear_gradients(struct lora_set *l)
{
	lora_each(l, LORA_GRADIENT, clear, NULL);
}

int lora_any(const struct lora_set *l, int layer)
{
	int any = 0;

	for (int g = 0; g < LORA_QKV; g++)
		any |= l->target[layer][g].in > 0;
	return any;
}

int lora_bad_gradient(const struct lora_set *l)
{
	for (int i = 0; i < l->n_layers; i++)
		for (int g = 0; g < LORA_QKV; g++) {
			const struct lora_target *t = &l->target[i][g];

			if (t->in &&
				(op_find_nonfinite(t->da) >= 0 || op_find_nonfinite(t->db) >= 0))
				return i;
		}
	return -1;
}

void lora_scale_gradients(struct lora_set *l)
{
	for (int i = 0; i < l->n_layers && l->scale != 1; i++)
		for (int g = 0; g < LORA_QKV; g++)
			if (l->target[i][g].in)
				op_scale(l->target[i][g].db, (float)l->scale);
}

double lora_update(struct lora_set *l, double lr, double clip, int64_t t)
{
	struct adamw a = { lr, 0.9, 0.999, 1e-8, 0.0, 1.0, t };
	double norm = 0.0;

	lora_each(l, LORA_GRADIENT, add_sumsq, &norm);
	norm = sqrt(norm);
	a.clip = fmin(1.0, clip / (norm + 1e-6));
	for (int i = 0; i < l->n_layers; i++)
		for (int g = 0; g < LORA_QKV; g++) {
			struct lora_target *y = &l->target[i][g];

			if (!y->in)
				continue;
			op_adamw(y->a, y->am, y->av, y->da, &a);
			op_adamw(y->b, y->bm, y->bv, y->db, &a);
		}
	lora_pack(l);
	return norm;
}

/* -- PEFT's folder ----------------------------------------------------------------------------- */

/* "mlp.up_proj" of a layer's tensor; PEFT takes every module that ends so. "up_proj" says the same
 * where no other module of a layer ends in it (Qwen's attention has a c_proj too). */
static const char *module_suffix(const struct shape *s, enum role r, char *name, size_t n)
{
	char other[NAME];
	const char *last, *o;

	arch_hf_name(s, r, 0, name, n);
	arch_hf_name(s, ROLE_O, 0, other, sizeof other);
	last = strrchr(name, '.') + 1;
	o = strrchr(other, '.') + 1;
	return strcmp(last, o) ? last : name + strlen(arch_layer_prefix(s)) + 2;
}

static json_t *target_modules(const struct lora_set *l)
{
	json_t *list = json_array();
	char name[NAME];

	for (int g = 0; g < LORA_QKV; g++)
		for (int i = 0; i < l->n_layers; i++)
			if (l->target[i][g].in) {
				json_add(list,
					json_string(module_suffix(l->shape,
						lora_shape(l->shape, g).role, name, sizeof name)));
				break;
			}
	return list;
}

static void save_config(const struct lora_set *l, const char *folder, const char *base,
	double dropout)
{
	char *path = xasprintf("%s/adapter_config.json", folder);
	struct out_file out = out_open(path);
	json_t *c = json_pack("{s:s, s:s, s:s?, s:i, s:f, s:f, s:o, s:s, s:b, s:b, s:b, s:b, s:b, "
			      "s:n, s:n, s:n, s:{}, s:{}}",
		"peft_type", "LORA", "task_type", "CAUSAL_LM", "base_model_name_or_path", base, "r",
		l->rank, "lora_alpha", l->alpha, "lora_dropout", dropout, "target_modules",
		target_modules(l), "bias", "none", "fan_in_fan_out", 0, "inference_mode", 1,
		"init_lora_weights", 1, "use_rslora", 0, "use_dora", 0, "modules_to_save",
		"layers_to_transform", "layers_pattern", "rank_pattern", "alpha_pattern");

	if (!c)
		die("%s: the base's name is no UTF-8", path);
	if (l->alpha == floor(l->alpha))
		json_put(c, "lora_alpha", json_integer((json_int_t)l->alpha));
	json_dumpf(c, out.f, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(15));
	fputc('\n', out.f);
	out_close(&out);
	json_decref(c);
	free(path);
}

static void get_rows(const void *mat, size_t row, size_t n, float *to)
{
	mat_get(mat, row, n, to);
}

struct stsave lora_tensor(const char *name, const struct mat *m)
{
	return (struct stsave){ name, mat_rows(m), mat_cols(m), NULL, get_rows, m };
}

struct adapter_tensors {
	struct stsave *item;
	size_t n;
};

static void add_item(void *ctx, const char *name, struct mat *m)
{
	struct adapter_tensors *l = ctx;

	l->item = xrealloc(l->item, l->n + 1, sizeof *l->item);
	l->item[l->n++] = lora_tensor(xstrdup(name), m);
}

void lora_save(const struct lora_set *l, const char *folder, const struct model *m, double dropout,
	char fingerprint[17])
{
	char *path = xasprintf("%s/adapter_model.safetensors", folder);
	const char *base = m->rec->n_keep == m->shape->n_layers ? base_path(m->base) : NULL;
	char *id = base ? hub_id(base) : NULL;
	json_t *metadata = json_pack("{s:s}", "format", "pt");
	struct adapter_tensors list = { 0 };
	char alpha[32];

	fit_put(metadata, m->base, m->rec, m->nf4 || base_is_nf4(m->base));
	snprintf(alpha, sizeof alpha, "%.17g", l->alpha);
	json_put(metadata, "coppice.alpha", json_string(alpha));
	lora_each(l, LORA_VALUE, add_item, &list);
	stsave(path, list.item, list.n, metadata, fingerprint);
	save_config(l, folder, id ? id : base, dropout);
	free(id);
	for (size_t i = 0; i < list.n; i++)
		free((char *)list.item[i].name);
	free(list.item);
	json_decref(metadata);
	free(path);
}
