/* config_class - whether the classes that a config names are its family's; see config_class.h
 */
#include "model/config_class.h"
#include "file/json.h"
#include "sys/fault.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

/* What follows the family's name in a class, as "ForCausalLM" in "LlamaForCausalLM"; case and '_'
 * don't count. NULL: it is no class of the family. */
static const char *after_family(const char *name, const char *family)
{
	for (; *family; family++) {
		if (*family == '_')
			continue;
		if (tolower((unsigned char)*name++) != tolower((unsigned char)*family))
			return NULL;
	}
	return name;
}

static int is_class(const char *name, const char *family, const char *a, const char *b)
{
	const char *rest = after_family(name, family);

	return rest && (strcmp(rest, a) == 0 || strcmp(rest, b) == 0);
}

static int is_causal(const char *name, const char *family)
{
	return is_class(name, family, "ForCausalLM", "LMHeadModel");
}

static int check_architectures(const struct known *k, const json_t *list, struct fault *err)
{
	size_t n = json_is_array(list) ? json_array_size(list) : list && !json_is_null(list);

	for (size_t i = 0; i < n; i++) {
		const char *name = json_string_value(json_is_array(list) ? json_array_get(list, i)
									 : list);

		if (!name || !is_causal(name, k->family))
			return fault(err,
				"architectures: %.80s is no causal language model of type %s%s",
				name ? name : "?", k->family, known_way_out("architectures"));
	}
	return 0;
}

/* "file.Class" or "repository--file.Class". */
static int check_code(const struct known *k, const char *key, const char *code, struct fault *err)
{
	const char *dot = code ? strrchr(code, '.') : NULL, *name = dot ? dot + 1 : code;
	int good = 1;

	if (name && strcmp(key, "AutoConfig") == 0)
		good = is_class(name, k->family, "Config", "Config");
	else if (name && strcmp(key, "AutoModel") == 0)
		good = is_class(name, k->family, "Model", "Model") || is_causal(name, k->family);
	else if (name && strcmp(key, "AutoModelForCausalLM") == 0)
		good = is_causal(name, k->family);
	return good ? 0
		    : fault(err,
			      "auto_map: %.80s: code of its own, which is not run: no class of "
			      "type %s%s",
			      code, k->family, known_way_out("auto_map"));
}

int config_class_check(struct known *k, const json_t *config, struct fault *err)
{
	const json_t *map = json_object_get(config, "auto_map");
	const char *key;
	json_t *code;

	if (!json_is_unset(config, "auto_map") && !json_is_object(map))
		return fault(err, "auto_map is no object%s", known_way_out("auto_map"));
	if (check_architectures(k, json_object_get(config, "architectures"), err))
		return -1;
	json_object_foreach((json_t *)(uintptr_t)map, key, code)
	{
		if (check_code(k, key, json_string_value(code), err))
			return -1;
		k->own_code |= strncmp(key, "AutoModel", 9) == 0;
	}
	if (k->own_code && strcmp(k->family, "qwen"))
		known_note(k, "auto_map"); /* names the family's classes: taken at its word */
	return 0;
}
