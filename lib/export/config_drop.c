/* config_drop - a config.json for fewer layers (coppice-files(5), FEWER LAYERS IN A CONFIG)
 *
 * One table says which rule a key follows; the walk applies it at every depth.
 */
#include "export/config_drop.h"

#include "model/known.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

enum key_rule {
	COUNT,   /* is L: becomes L' */
	LIST,    /* one entry a layer */
	BELOW,   /* the first so many layers */
	INDICES, /* numbers of layers */
	MODULES, /* names of modules, with a layer's number in them */
	PERIOD, /* every so many layers: cannot be told after dropping, unless a list says it too */
	NONE,   /* must not be in use */
	SKIP,   /* no layers in it */
	UNKNOWN,
};

static const struct {
	const char *key;
	enum key_rule rule;
} table[] = {
	{ "num_hidden_layers", COUNT },
	{ "n_layer", COUNT },
	{ "n_layers", COUNT },
	{ "num_layers", COUNT },
	{ "layer_types", LIST },
	{ "mlp_layer_types", LIST },
	{ "layers_block_type", LIST },
	{ "no_rope_layers", LIST },
	{ "activation_sparsity_pattern", LIST },
	{ "block_configs", LIST },
	{ "max_window_layers", BELOW },
	{ "first_k_dense_replace", BELOW },
	{ "mlp_only_layers", INDICES },
	{ "moe_layers", INDICES },
	{ "cross_attention_layers", INDICES },
	{ "fullatt_block_indexes", INDICES },
	{ "llm_int8_skip_modules", MODULES },
	{ "modules_to_not_convert", MODULES },
	{ "sliding_window_pattern", PERIOD },
	{ "full_attention_interval", PERIOD },
	{ "no_rope_layer_interval", PERIOD },
	{ "decoder_sparse_step", PERIOD },
	{ "attn_layer_period", PERIOD },
	{ "attn_layer_offset", PERIOD },
	{ "global_attn_every_n_layers", PERIOD },
	{ "interleave_moe_layer_step", PERIOD },
	{ "num_kv_shared_layers", NONE },
	{ "num_nextn_predict_layers", NONE },
	{ "num_mtp_layers", NONE },
	{ "mtp_layer_types", NONE },
	{ "architectures", SKIP },
	{ "eos_token_id", SKIP },
	{ "auto_map", SKIP },
	{ "id2label", SKIP },
	{ "label2id", SKIP },
	{ "rope_scaling", SKIP },
	{ "rope_parameters", SKIP },
};

struct drop { /* the whole walk */
	const int *keep;
	int n_keep, n_layers;
	int counts;     /* keys that counted layers */
	char path[256]; /* of the key being looked at */
	struct fault *err;
};

static enum key_rule rule_of(const char *key)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (!strcmp(table[i].key, key))
			return table[i].rule;
	return UNKNOWN;
}

static int refuse(struct drop *d, const char *why)
{
	fault(d->err, "config.json: %s: %s", d->path, why);
	return -1;
}

/* New number of an old layer; -1: dropped. */
static int renumber(const struct drop *d, json_int_t old)
{
	for (int i = 0; i < d->n_keep; i++)
		if (d->keep[i] == old)
			return i;
	return -1;
}

static int count(struct drop *d, json_t *value)
{
	if (!json_is_integer(value) || json_integer_value(value) != d->n_layers)
		return refuse(d, "counts layers, but not those of this model");
	json_integer_set(value, d->n_keep);
	d->counts++;
	return 0;
}

static int list(struct drop *d, json_t *value)
{
	if (!json_is_array(value) || json_array_size(value) != (size_t)d->n_layers)
		return refuse(d, "is no list with one entry for each layer");
	for (int l = d->n_layers - 1; l >= 0; l--)
		if (renumber(d, l) < 0)
			json_array_remove(value, l);
	return 0;
}

static int below(struct drop *d, json_t *value)
{
	int n = 0;

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return refuse(d, "is no number of layers");
	for (int i = 0; i < d->n_keep; i++)
		n += d->keep[i] < json_integer_value(value);
	json_integer_set(value, n);
	return 0;
}

static int indices(struct drop *d, json_t *value)
{
	if (!json_is_array(value))
		return refuse(d, "is no list of layer numbers");
	for (size_t i = json_array_size(value); i-- > 0;) {
		const json_t *e = json_array_get(value, i);
		json_int_t old = json_integer_value(e);

		if (!json_is_integer(e) || old < 0 || old >= d->n_layers)
			return refuse(d, "is no list of layer numbers");
		if (renumber(d, old) < 0)
			json_array_remove(value, i);
		else
			json_array_set_new(value, i, json_integer(renumber(d, old)));
	}
	return 0;
}

/* Where a module's name has "layers.N" or "h.N" between dots: the digits' place, and *old. NULL:
 * nowhere. */
static const char *module_layer(const char *name, size_t *n_digits, int *old)
{
	for (const char *s = name; s; s = strchr(s, '.') ? strchr(s, '.') + 1 : NULL) {
		size_t skip = !strncmp(s, "layers.", 7) ? 7 : !strncmp(s, "h.", 2) ? 2 : 0;
		size_t n = skip ? strspn(s + skip, "0123456789") : 0;

		if (n && n < 6 && (s[skip + n] == '.' || !s[skip + n])) {
			*n_digits = n;
			*old = atoi(s + skip);
			return s + skip;
		}
	}
	return NULL;
}

static int modules(struct drop *d, json_t *value)
{
	if (!json_is_array(value))
		return refuse(d, "is no list of modules");
	for (size_t i = json_array_size(value); i-- > 0;) {
		const char *name = json_string_value(json_array_get(value, i)), *digits;
		size_t n;
		int old;
		char *renamed;

		if (!name)
			return refuse(d, "is no list of modules");
		digits = module_layer(name, &n, &old);
		if (!digits)
			continue;
		if (renumber(d, old) < 0) {
			json_array_remove(value, i);
			continue;
		}
		renamed = xasprintf("%.*s%d%s", (int)(digits - name), name, renumber(d, old),
			digits + n);
		json_array_set_new(value, i, json_string(renamed));
		free(renamed);
	}
	return 0;
}

/* 1: beside a period, a list says the same for each layer. Lists may have been thinned already. */
static int has_list(const struct drop *d, const json_t *object)
{
	size_t a = json_array_size(json_object_get(object, "layer_types"));
	size_t b = json_array_size(json_object_get(object, "no_rope_layers"));

	return a == (size_t)d->n_layers || b == (size_t)d->n_layers || a == (size_t)d->n_keep ||
		b == (size_t)d->n_keep;
}

/* What no row speaks of: a count of layers, or the forms that known.h refuses on reading. */
static int unknown(struct drop *d, const char *key, const json_t *value)
{
	const char *form;
	char why[96];

	if (known_name(KNOWN_CONFIG, NULL, key))
		return 0;
	if (json_is_number(value) && json_number_value(value) == d->n_layers &&
		(strcasestr(key, "layer") || strcasestr(key, "block") || strcasestr(key, "depth")))
		return refuse(d, "unknown, and may count layers");
	if (!known_by_layer(key, value, d->n_layers, 0, &form))
		return 0;
	snprintf(why, sizeof(why), "unknown, and %s", form);
	return refuse(d, why);
}

static int walk(struct drop *d, json_t *value);

static int apply(struct drop *d, json_t *object, const char *key, json_t *value)
{
	enum key_rule rule = rule_of(key);

	if (json_is_null(value) || rule == SKIP)
		return 0;
	switch (rule) {
	case COUNT: return count(d, value);
	case LIST: return list(d, value) ? -1 : walk(d, value);
	case BELOW: return below(d, value);
	case INDICES: return indices(d, value);
	case MODULES: return modules(d, value);
	case PERIOD:
		if (json_is_number(value) && has_list(d, object))
			return 0;
		return refuse(d, "a period of layers: no value of it is right for what is left");
	case NONE:
		if ((json_is_integer(value) && !json_integer_value(value)) ||
			(json_is_array(value) && !json_array_size(value)))
			return 0;
		return refuse(d, "layers outside the stack: not supported");
	default: return unknown(d, key, value) ? -1 : walk(d, value);
	}
}

static int walk(struct drop *d, json_t *value)
{
	size_t n = strlen(d->path), i;
	const char *key;
	json_t *v;

	json_object_foreach(value, key, v)
	{
		snprintf(d->path + n, sizeof(d->path) - n, "%s%s", n ? "." : "", key);
		if (apply(d, value, key, v))
			return -1;
		d->path[n] = 0;
	}
	json_array_foreach(value, i, v) if (walk(d, v)) return -1;
	return 0;
}

int config_drop(json_t *config, const int *keep, int n_keep, int n_layers, struct fault *err)
{
	struct drop d = { keep, n_keep, n_layers, .err = err };

	if (walk(&d, config))
		return -1;
	if (!d.counts) {
		fault(err, "config.json: nothing in it counts the layers");
		return -1;
	}
	return 0;
}

char *config_text(const json_t *config)
{
	for (int digits = 10;; digits++) {
		char *text = json_dumps(config, JSON_INDENT(2) | JSON_REAL_PRECISION(digits));
		json_t *back = text ? json_loads(text, 0, NULL) : NULL;
		int same = back && json_equal(back, config);
		char *lined;

		json_decref(back);
		if (!text)
			die("config.json: cannot be written as JSON");
		if (same || digits >= 17) {
			lined = xasprintf("%s\n", text);
			free(text);
			return lined;
		}
		free(text);
	}
}
