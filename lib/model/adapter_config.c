/* adapter_config - what an adapter's config says of each module, as peft reads it when it loads a
 * trained adapter
 */
#include "model/adapter_config.h"

#include "file/json.h"
#include "model/known.h"
#include "model/pattern.h"
#include "stream/ignore.h"
#include "sys/fault.h"
#include "sys/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_RANK = 1 << 16 };

/* -- keys -------------------------------------------------------------------------------------- */

static const char *const obeyed[] = {
	"alpha_pattern",
	"bias",
	"exclude_modules",
	"init_lora_weights",
	"layers_pattern",
	"layers_to_transform",
	"lora_alpha",
	"peft_type",
	"r",
	"rank_pattern",
	"target_modules",
	"task_type",
	"use_rslora",
};

static int check_keys(const json_t *config, struct fault *err)
{
	struct known k = { KNOWN_ADAPTER };

	for (size_t i = 0; i < sizeof obeyed / sizeof *obeyed; i++)
		known_read(&k, obeyed[i]);
	return known_check(&k, config, err);
}

/* Before the trained matrices come, peft makes first ones. Some it takes out of the base, which
 * then is another. */
static int check_init(const json_t *config, struct fault *err)
{
	static const char *const plain[] = { "gaussian", "eva", "orthogonal", "mica" };
	const json_t *init = json_object_get(config, "init_lora_weights");
	const char *name = json_string_value(init);

	if (json_is_unset(config, "init_lora_weights") || json_is_true(init))
		return 0;
	for (size_t i = 0; name && i < sizeof plain / sizeof *plain; i++)
		if (!strcasecmp(plain[i], name))
			return 0;
	return fault(err,
		"init_lora_weights \"%s\": it was trained on a base that this changes; peft's "
		"save_pretrained "
		"with path_initial_model_for_weight_conversion makes plain LoRA of it%s",
		name ? name : "?", known_way_out("init_lora_weights"));
}

static int check_fixed(const json_t *config, const char *key, const char *only, struct fault *err)
{
	const char *is = only;

	if (json_get_string(config, key, &is, err) < 0)
		return -1;
	return strcmp(is, only) ? fault(err, "%s \"%s\" is not supported; \"%s\" is%s", key, is,
					  only, known_way_out(key))
				: 0;
}

/* -- rank and scale ---------------------------------------------------------------------------- */

struct pattern_entry {
	struct pattern *pattern;
	double value;
};
struct pattern_entries {
	struct pattern_entry *list;
	size_t n;
};

struct adapter_config {
	const json_t *json;
	int rank, rslora;
	double alpha;
	struct pattern_entries ranks, alphas;
	struct pattern *target, *exclude; /* NULL: a list, or nothing */
	struct pattern_entries layers;    /* layers_pattern */
};

static int add_pattern(struct pattern_entries *e, enum pattern_form form, const char *what,
	const char *text, double value, struct fault *err)
{
	struct fault why;
	struct pattern *p = pattern_new(form, text, &why);

	if (!p)
		return fault(err, "%s: %.100s: %s", what, text, why.text);
	e->list = xrealloc(e->list, e->n + 1, sizeof *e->list);
	e->list[e->n++] = (struct pattern_entry){ p, value };
	return 0;
}

/* rank_pattern or alpha_pattern: in the order of the file, the first that matches decides. */
static int read_patterns(struct pattern_entries *e, const json_t *config, const char *key,
	int whole, struct fault *err)
{
	const json_t *o = json_object_get(config, key);
	const char *text;
	json_t *v;

	if (json_is_unset(config, key))
		return 0;
	if (!json_is_object(o))
		return fault(err, "%s is no object", key);
	json_object_foreach((json_t *)o, text, v)
	{
		double x = json_number_value(v);

		if (!json_is_number(v) || !isfinite(x) ||
			(whole && !(x >= 1 && x <= MOST_RANK && x == floor(x))))
			return fault(err, "%s: %.100s: has no number of that kind", key, text);
		if (add_pattern(e, PATTERN_END, key, text, x, err))
			return -1;
	}
	return 0;
}

static void free_entries(struct pattern_entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		pattern_free(e->list[i].pattern);
	free(e->list);
}

/* The value for a module: 0, or -1 with err. */
static int value_of(const struct pattern_entries *e, const char *module, double *value,
	struct fault *err)
{
	for (size_t i = 0; i < e->n; i++) {
		int is = pattern_match(e->list[i].pattern, module, NULL);

		if (is < 0)
			return fault(err, "a pattern takes too long to match with %s", module);
		if (is) {
			*value = e->list[i].value;
			return 0;
		}
	}
	return 0;
}

static int read_numbers(struct adapter_config *c, struct fault *err)
{
	int64_t rank = 0;

	if (json_get_int(c->json, "r", 1, MOST_RANK, &rank, err) < 0 ||
		json_get_real(c->json, "lora_alpha", &c->alpha, err) < 0 ||
		json_get_bool(c->json, "use_rslora", &c->rslora, err) < 0)
		return -1;
	if (!rank || !json_is_number(json_object_get(c->json, "lora_alpha")))
		return fault(err, "has no %s", rank ? "lora_alpha" : "r");
	c->rank = (int)rank;
	if (read_patterns(&c->ranks, c->json, "rank_pattern", 1, err))
		return -1;
	return read_patterns(&c->alphas, c->json, "alpha_pattern", 0, err);
}

/* -- which modules ----------------------------------------------------------------------------- */

/* A string is a regular expression, an array holds names or their ends. */
static int read_names(struct pattern **p, const json_t *config, const char *key, struct fault *err)
{
	const json_t *j = json_object_get(config, key), *name;
	struct pattern_entries one = { 0 };
	size_t i;

	json_array_foreach(j, i, name) if (!json_is_string(name)) return fault(err,
		"%s holds something that is no name", key);
	if (json_is_unset(config, key) || json_is_array(j))
		return 0;
	if (!json_is_string(j))
		return fault(err, "%s is neither a list nor a string", key);
	if (add_pattern(&one, PATTERN_WHOLE, key, json_string_value(j), 0, err))
		return -1;
	*p = one.list->pattern;
	free(one.list);
	return 0;
}

static int read_layers(struct adapter_config *c, struct fault *err)
{
	const json_t *to = json_object_get(c->json, "layers_to_transform"),
		     *p = json_object_get(c->json, "layers_pattern"), *v;
	size_t i;

	json_array_foreach(to, i, v) if (!json_is_integer(v)) return fault(err,
		"layers_to_transform holds something that is no number");
	if (!json_is_unset(c->json, "layers_to_transform") && !json_is_array(to) &&
		!json_is_integer(to))
		return fault(err, "layers_to_transform is neither a list nor a number");
	if (json_is_unset(c->json, "layers_pattern"))
		return 0;
	if (json_is_string(p))
		return add_pattern(&c->layers, PATTERN_LAYERS, "layers_pattern",
			json_string_value(p), 0, err);
	json_array_foreach(p, i, v) if (!json_is_string(v) ||
		add_pattern(&c->layers, PATTERN_LAYERS, "layers_pattern", json_string_value(v), 0,
			err)) return json_is_string(v)
		? -1
		: fault(err, "layers_pattern holds something that is no name");
	return json_is_array(p) ? 0 : fault(err, "layers_pattern is neither a list nor a string");
}

static int read_modules(struct adapter_config *c, struct fault *err)
{
	const char *target = json_string_value(json_object_get(c->json, "target_modules"));

	if (json_is_unset(c->json, "target_modules"))
		return fault(err, "names no target_modules");
	if (!(target && !strcasecmp(target, "all-linear")) &&
		read_names(&c->target, c->json, "target_modules", err))
		return -1;
	return read_names(&c->exclude, c->json, "exclude_modules", err) || read_layers(c, err) ? -1
											       : 0;
}

static int ends_in(const char *module, const char *name)
{
	size_t n = strlen(module), e = strlen(name);

	return n >= e && !strcmp(module + n - e, name) && (n == e || module[n - e - 1] == '.');
}

static int is_listed(const json_t *list, const char *module)
{
	const json_t *name;
	size_t i;

	json_array_foreach(list, i, name) if (ends_in(module, json_string_value(name))) return 1;
	return 0;
}

static int is_wanted_layer(const struct adapter_config *c, const char *module, int layer)
{
	const json_t *to = json_object_get(c->json, "layers_to_transform"), *v;
	int number = c->layers.n ? -1 : layer;
	size_t i;

	if (json_is_unset(c->json, "layers_to_transform"))
		return 1;
	for (size_t k = 0; k < c->layers.n && number < 0; k++)
		if (pattern_match(c->layers.list[k].pattern, module, &number) < 0)
			return -1;
	if (json_is_integer(to))
		return number >= 0 && json_integer_value(to) == number;
	json_array_foreach(to, i, v) if (number >= 0 && json_integer_value(v) == number) return 1;
	return 0;
}

/* 1: peft gives this module an adapter; 0: not; -1: a pattern takes too long. */
static int is_adapted(const struct adapter_config *c, const char *module, int layer)
{
	const json_t *target = json_object_get(c->json, "target_modules");
	int out = c->exclude ? pattern_match(c->exclude, module, NULL)
			     : is_listed(json_object_get(c->json, "exclude_modules"), module);

	if (out)
		return out < 0 ? -1 : 0;
	if (json_is_string(target)) /* without a pattern it is "all-linear" */
		return c->target ? pattern_match(c->target, module, NULL) : 1;
	return is_listed(target, module) ? is_wanted_layer(c, module, layer) : 0;
}

/* -- adapter_config.h -------------------------------------------------------------------------- */

static int read_config(struct adapter_config *c, struct fault *err)
{
	if (!json_is_object(c->json))
		return fault(err, "is no JSON object");
	if (json_is_unset(c->json, "peft_type") && !ignore_covers("peft_type"))
		return fault(err, "has no peft_type");
	if (check_fixed(c->json, "peft_type", "LORA", err) ||
		check_fixed(c->json, "task_type", "CAUSAL_LM", err) ||
		check_fixed(c->json, "bias", "none", err))
		return -1;
	if (check_init(c->json, err) || check_keys(c->json, err))
		return -1;
	return read_numbers(c, err) || read_modules(c, err) ? -1 : 0;
}

struct adapter_config *adapter_config_new(json_t *config, struct fault *err)
{
	struct adapter_config *c = xcalloc(1, sizeof *c);

	c->json = config;
	ignore_strip(config);
	if (!read_config(c, err))
		return c;
	adapter_config_free(c);
	return NULL;
}

void adapter_config_free(struct adapter_config *c)
{
	if (!c)
		return;
	free_entries(&c->ranks);
	free_entries(&c->alphas);
	free_entries(&c->layers);
	pattern_free(c->target);
	pattern_free(c->exclude);
	free(c);
}

int adapter_config_part(const struct adapter_config *c, const char *module, int layer,
	struct adapter_part *part, struct fault *err)
{
	double rank = c->rank, alpha = c->alpha;
	int adapted = is_adapted(c, module, layer);

	if (adapted < 0)
		return fault(err, "a pattern takes too long to match with %s", module);
	if (!adapted)
		return fault(err,
			"%s is adapted in the file but not by the config (target_modules, "
			"exclude_modules, "
			"layers_to_transform)",
			module);
	if (value_of(&c->ranks, module, &rank, err) || value_of(&c->alphas, module, &alpha, err))
		return -1;
	part->rank = (int)rank;
	part->scale = c->rslora ? alpha / sqrt(rank) : alpha / rank;
	return 0;
}
