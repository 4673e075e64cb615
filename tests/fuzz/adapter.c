/* adapter_config.json of peft: what it says of some modules. */
#include "file/json.h"
#include "fuzz.h"
#include "model/adapter_config.h"

static void ask(const struct adapter_config *c, const char *module, int layer)
{
	struct adapter_part part = { 0 };
	struct fault err = { "" };

	if (adapter_config_part(c, module, layer, &part, &err))
		holds(*err.text);
	else
		holds(part.rank > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct adapter_config *c;
	struct fault err = { "" };
	json_t *j;

	if (json_parse(&j, (const char *)bytes, n, 1 << 12, &err))
		return 0;
	c = json_is_object(j) ? adapter_config_new(j, &err) : NULL;
	if (c) {
		ask(c, "model.layers.0.mlp.up_proj", 0);
		ask(c, "model.layers.11.self_attn.q_proj", 11);
		adapter_config_free(c);
	} else {
		holds(*err.text || !json_is_object(j));
	}
	json_decref(j);
	return 0;
}
