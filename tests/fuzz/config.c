/* config.json: a model's shape, and the config of the same model with fewer layers. */
#include "export/config_drop.h"
#include "file/json.h"
#include "fuzz.h"
#include "model/arch.h"

static void drop_some(json_t *config, int n_layers)
{
	static struct shape fewer;
	struct fault err = { "" };
	char *text;
	int keep[] = { 0, n_layers - 1 };

	if (n_layers < 3)
		return;
	if (config_drop(config, keep, 2, n_layers, &err)) {
		holds(*err.text);
		return;
	}
	text = config_text(config);
	holds(text && *text);
	free(text);
	if (!shape_from_config(&fewer, config, &err))
		holds(fewer.n_layers == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static struct shape shape;
	struct fault err = { "" };
	json_t *j;

	if (json_parse(&j, (const char *)bytes, n, 1 << 12, &err))
		return 0;
	if (!json_is_object(j)) {
		json_decref(j);
		return 0;
	}
	if (shape_from_config(&shape, j, &err)) {
		holds(*err.text);
	} else {
		holds(shape.n_layers > 0 && shape.n_layers <= MAX_LAYERS);
		holds(shape.n_heads > 0 && shape.n_kv > 0 && shape.n_heads % shape.n_kv == 0);
		drop_some(j, shape.n_layers);
	}
	json_decref(j);
	return 0;
}
