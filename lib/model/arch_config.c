/* arch_config - the shape that a config.json describes; see arch.h
 *
 * Every key that is read here is asked for through the reader, so that known.h can say what is left
 * over.
 */
#include "file/json.h"
#include "model/config_class.h"
#include "model/family.h"
#include "model/known.h"
#include "model/rotary.h"
#include "sys/fault.h"

#include <string.h>

struct arch_config_reader {
	const json_t *c;
	struct known known;
	struct fault *err;
};

static int get_size(struct arch_config_reader *r, const char *key, int max, int *v)
{
	int64_t i;
	int got;

	known_read(&r->known, key);
	got = json_get_int(r->c, key, 1, max, &i, r->err);
	if (got > 0)
		*v = (int)i;
	return got;
}

static int need_size(struct arch_config_reader *r, const char *key, int max, int *v)
{
	int got = get_size(r, key, max, v);

	if (got < 0)
		return -1;
	return got ? 0 : fault(r->err, "config has no %s", key);
}

static int get_real(struct arch_config_reader *r, const char *key, double *v)
{
	known_read(&r->known, key);
	return json_get_real(r->c, key, v, r->err);
}

static int get_bool(struct arch_config_reader *r, const char *key, int *v)
{
	known_read(&r->known, key);
	return json_get_bool(r->c, key, v, r->err);
}

static int get_string(struct arch_config_reader *r, const char *key, const char **v)
{
	known_read(&r->known, key);
	return json_get_string(r->c, key, v, r->err);
}

static int config_sizes(struct shape *s, struct arch_config_reader *r)
{
	const struct family *f = s->family;
	double eps = f->eps;

	if (need_size(r, "vocab_size", MAX_VOCAB, &s->n_vocab) ||
		need_size(r, "hidden_size", MAX_WIDTH, &s->d_model) ||
		need_size(r, "intermediate_size", MAX_FF, &s->d_ff) ||
		need_size(r, "num_hidden_layers", MAX_LAYERS, &s->n_layers) ||
		need_size(r, "num_attention_heads", MAX_HEADS, &s->n_heads))
		return -1;
	s->n_kv = f->n_kv && !json_object_get(r->c, "num_key_value_heads") ? f->n_kv : s->n_heads;
	s->n_ctx = f->context;
	if (get_size(r, "num_key_value_heads", MAX_HEADS, &s->n_kv) < 0 ||
		get_size(r, f->context_key, MAX_CONTEXT, &s->n_ctx) < 0 ||
		get_real(r, f->eps_key, &eps) < 0)
		return -1;
	s->eps = (float)eps;
	s->head_dim = f->head_dim;
	if (get_size(r, f->head_dim_key, MAX_HEAD_DIM, &s->head_dim) < 0)
		return -1;
	if (!s->head_dim) {
		if (s->d_model % s->n_heads)
			return fault(r->err, "a width of %d is no multiple of its %d heads",
				s->d_model, s->n_heads);
		s->head_dim = s->d_model / s->n_heads;
	}
	r->known.n_layers = s->n_layers;
	return family_halve_ff(s, r->err);
}

/* A flag that the family always has was asked for, too: no value of it changes anything. */
static int ask(struct arch_config_reader *r, enum flag f, const char *key, int *v)
{
	*v = f == YES;
	if (f == YES)
		known_read(&r->known, key);
	return f == ASK && get_bool(r, key, v) < 0 ? -1 : 0;
}

static int config_act(struct shape *s, struct arch_config_reader *r)
{
	const char *act = s->family->act == ACT_SILU ? "silu" : "gelu_new";

	if (s->family->act_key && get_string(r, "hidden_act", &act) < 0)
		return -1;
	if (strcmp(act, "silu") && strcmp(act, "swish") && strcmp(act, "gelu_new"))
		return fault(r->err, "hidden_act %s is not supported; silu and gelu_new are", act);
	s->act = strcmp(act, "gelu_new") ? ACT_SILU : ACT_GELU_NEW;
	return 0;
}

static int config_parts(struct shape *s, struct arch_config_reader *r)
{
	const struct family *f = s->family;
	int must = f->must;

	if (ask(r, f->qkv_bias, "attention_bias", &s->qkv_bias) ||
		ask(r, f->o_bias, "attention_bias", &s->o_bias) ||
		ask(r, f->ffn_bias, "mlp_bias", &s->ffn_bias) ||
		get_bool(r, "tie_word_embeddings", &s->tied) < 0)
		return -1;
	if (f->must_key && get_bool(r, f->must_key, &must) < 0)
		return -1;
	if (must != f->must)
		return fault(r->err, "%s is %s, which is not supported%s", f->must_key,
			must ? "true" : "false", known_way_out(f->must_key));
	return config_act(s, r);
}

/* Whether a layer that layer_types speaks of has a window: 1, 0, or -1. */
static int layer_window(const json_t *types, int i, struct fault *err)
{
	const char *type = json_string_value(json_array_get(types, (size_t)i));

	if (!type || (strcmp(type, "sliding_attention") && strcmp(type, "full_attention")))
		return fault(err, "layer_types: layer %d is %s", i, type ? type : "missing");
	return strcmp(type, "sliding_attention") == 0;
}

/* The window of families that have one: 0 for none, and the layer that it begins with. */
static int get_window(struct arch_config_reader *r, enum window kind, int *window, int *from)
{
	int use = kind == WINDOW_ALL, has;
	int64_t first;

	*window = kind == WINDOW_NONE || json_object_get(r->c, "sliding_window") ? 0 : 4096;
	*from = kind == WINDOW_SOME ? 28 : 0;
	if (kind != WINDOW_ALL && get_bool(r, "use_sliding_window", &use) < 0)
		return -1;
	if (kind == WINDOW_NONE) {
		if (json_is_false(json_object_get(r->c, "use_sliding_window")))
			known_read(&r->known, "sliding_window"); /* a size of what isn't used */
		return 0;
	}
	if (get_size(r, "sliding_window", MAX_CONTEXT, window) < 0)
		return -1;
	if (kind == WINDOW_SOME) {
		has = json_get_int(r->c, "max_window_layers", 0, 1 << 20, &first, r->err);
		if (has < 0)
			return -1;
		if (has)
			*from = (int)first;
	}
	if (!use)
		*window = 0;
	return 0;
}

static int config_window(struct shape *s, struct arch_config_reader *r)
{
	const json_t *types = json_object_get(r->c, "layer_types");
	int listed = types && !json_is_null(types), window, from, has;

	known_read(&r->known, "layer_types");
	if (listed && json_array_size(types) != (size_t)s->n_layers)
		return fault(r->err, "layer_types has %zu entries for %d layers",
			json_array_size(types), s->n_layers);
	if (get_window(r, s->family->window, &window, &from))
		return -1;
	for (int i = 0; i < s->n_layers; i++) {
		has = listed ? layer_window(types, i, r->err) : window && i >= from;
		if (has < 0)
			return -1;
		if (listed && (has ? !window : window && s->family->window == WINDOW_ALL))
			return fault(r->err,
				"layer_types: layer %d has %s window, against the rest of the "
				"config",
				i, has ? "a" : "no");
		s->window[i] = has ? window : 0;
	}
	return 0;
}

/* -- rotary embedding -------------------------------------------------------------------------- */

static int rope_numbers(struct rotary *rope, struct arch_config_reader *o)
{
	const struct {
		const char *key;
		double *v;
	} all[] = {
		{ "factor", &rope->factor },
		{ "low_freq_factor", &rope->low_freq },
		{ "high_freq_factor", &rope->high_freq },
	};

	for (int i = 0; i < (rope->type == ROTARY_LINEAR ? 1 : 3); i++) {
		int got = get_real(o, all[i].key, all[i].v);

		if (got < 0)
			return -1;
		if (!got)
			return fault(o->err, "rope scaling has no %s", all[i].key);
	}
	return 0;
}

static int rope_scaling(struct rotary *rope, struct arch_config_reader *r,
	struct arch_config_reader *o, const struct shape *s)
{
	const char *type = "default";
	int got;

	if (get_string(o, "type", &type) < 0 || get_string(o, "rope_type", &type) < 0)
		return -1;
	if (strcmp(type, "default") == 0)
		return 0;
	rope->type = strcmp(type, "llama3") == 0 ? ROTARY_LLAMA3 : ROTARY_LINEAR;
	if (rope->type == ROTARY_LINEAR && strcmp(type, "linear"))
		return fault(o->err,
			"rope type %s is not supported; default, linear and llama3 are%s", type,
			known_way_out(o->known.within));
	if (rope_numbers(rope, o))
		return -1;
	rope->old_context = s->n_ctx;
	got = get_real(r, "original_max_position_embeddings", &rope->old_context);
	if (got == 0)
		got = get_real(o, "original_max_position_embeddings", &rope->old_context);
	return got < 0 ? -1 : 0;
}

/* One number that stands in the object or else in the config itself. */
static int rope_number(struct arch_config_reader *o, const char *inner,
	struct arch_config_reader *r, const char *outer, double *v)
{
	int got = get_real(o, inner, v);

	if (got == 0)
		got = get_real(r, outer, v);
	else
		known_read(&r->known, outer);
	return got < 0 ? -1 : 0;
}

static int rope_read(struct shape *s, struct rotary *rope, struct arch_config_reader *r,
	struct arch_config_reader *o)
{
	const struct family *f = s->family;
	double partial = f->partial_key ? f->partial : 1;

	if (rope_number(o, "rope_theta", r, f->theta_key, &rope->theta))
		return -1;
	if (f->partial_key && rope_number(o, f->partial_key, r, f->partial_key, &partial))
		return -1;
	if (!(partial > 0 && partial <= 1))
		return fault(r->err, "%s is %g", f->partial_key, partial);
	if (f->half_ff && partial != 1)
		return fault(r->err, "%s is %g; only 1 is supported", f->partial_key, partial);
	s->rotary = (int)(s->head_dim * partial);
	return family_check(s, r->err) || rope_scaling(rope, r, o, s) ? -1 : 0;
}

static int config_rope(struct shape *s, struct arch_config_reader *r)
{
	const char *where = json_is_unset(r->c, "rope_scaling") ? "rope_parameters"
								: "rope_scaling",
		   *key;
	struct known known = { KNOWN_CONFIG, r->known.family, where };
	struct arch_config_reader o = { json_object_get(r->c, where), known, r->err };
	struct rotary rope = { .type = ROTARY_PLAIN, .theta = 10000 };
	json_t *v;

	if (!json_is_unset(r->c, where) && !json_is_object(o.c))
		return fault(r->err, "%s is no object", where);
	json_object_foreach((json_t *)(uintptr_t)o.c, key,
		v) if (json_is_object(v)) return fault(r->err,
		"%s differs between layers (%s), which is not supported", where, key);
	if (rope_read(s, &rope, r, &o) || known_check(&o.known, o.c, r->err))
		return -1;
	if (*o.known.unknown)
		known_note(&r->known, o.known.unknown);
	known_read(&r->known, "rope_scaling");
	known_read(&r->known, "rope_parameters");
	return rotary_inv_freq(s->inv_freq, s->rotary, &rope, r->err);
}

/* -- all of it --------------------------------------------------------------------------------- */

static int config_rest(struct shape *s, struct arch_config_reader *r)
{
	if (config_class_check(&r->known, r->c, r->err) || known_check(&r->known, r->c, r->err))
		return -1;
	snprintf(s->unknown, sizeof s->unknown, "%s", r->known.unknown);
	return 0;
}

int shape_from_config(struct shape *s, const json_t *c, struct fault *err)
{
	struct arch_config_reader r = { c, { KNOWN_CONFIG }, err };
	const char *type = NULL;

	if (!json_is_object(c))
		return fault(err, "is no JSON object");
	if (get_string(&r, "model_type", &type) < 0)
		return -1;
	if (!type)
		return fault(err, "config has no model_type");
	if (!family_begin(s, type))
		return fault(err, "models of type %s are not supported", type);
	r.known.family = type;
	return config_sizes(s, &r) || config_parts(s, &r) || config_window(s, &r) ||
			config_rope(s, &r) || config_rest(s, &r)
		? -1
		: 0;
}
