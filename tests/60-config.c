/* config.json for fewer layers: every row of the table of coppice-files(5), FEWER LAYERS IN A
 * CONFIG, what is refused, and the text written. */
#include "export/config_drop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Layers 1 and 3 of five are dropped: 0 2 4 become 0 1 2. */
static const int keep[] = { 0, 2, 4 };
enum { L = 5 };

/* What becomes of { "num_hidden_layers": 5, <members> }: the members after, or the error with "!"
 * in front. */
static const char *dropped(const char *members)
{
	static char text[FAULT_SIZE + 1];
	struct fault err;
	char before[512];
	json_t *j;

	snprintf(before, sizeof(before), "{\"num_hidden_layers\":5,%s}", members);
	j = json_loads(before, 0, NULL);
	assert_non_null(j);
	if (config_drop(j, keep, 3, L, &err)) {
		snprintf(text, sizeof(text), "!%s", err.text);
	} else {
		char *s = json_dumps(j, JSON_COMPACT);

		assert_true(!strncmp(s, "{\"num_hidden_layers\":3,", 23));
		s[strlen(s) - 1] = 0;
		snprintf(text, sizeof(text), "%s", s + 23);
		free(s);
	}
	json_decref(j);
	return text;
}

static const struct {
	const char *before, *after;
} rewritten[] = {
	/* L' */
	{ "'n_layer':5", "'n_layer':3" },
	{ "'n_layers':5", "'n_layers':3" },
	{ "'num_layers':5", "'num_layers':3" },
	{ "'text_config':{'num_hidden_layers':5}", "'text_config':{'num_hidden_layers':3}" },
	/* lists */
	{ "'layer_types':['a','b','c','d','e']", "'layer_types':['a','c','e']" },
	{ "'mlp_layer_types':['a','b','c','d','e']", "'mlp_layer_types':['a','c','e']" },
	{ "'layers_block_type':['a','b','c','d','e']", "'layers_block_type':['a','c','e']" },
	{ "'no_rope_layers':[1,2,3,4,5]", "'no_rope_layers':[1,3,5]" },
	{ "'activation_sparsity_pattern':[1.5,2,3,4,5]",
		"'activation_sparsity_pattern':[1.5,3,5]" },
	{ "'block_configs':[{},{'a':1},{'a':2},{},{}]", "'block_configs':[{},{'a':2},{}]" },
	{ "'layer_types':null", "'layer_types':null" },
	/* counts of the first layers */
	{ "'max_window_layers':0", "'max_window_layers':0" },
	{ "'max_window_layers':1", "'max_window_layers':1" },
	{ "'max_window_layers':2", "'max_window_layers':1" },
	{ "'max_window_layers':3", "'max_window_layers':2" },
	{ "'max_window_layers':5", "'max_window_layers':3" },
	{ "'max_window_layers':28", "'max_window_layers':3" },
	{ "'first_k_dense_replace':2", "'first_k_dense_replace':1" },
	/* indices */
	{ "'mlp_only_layers':[]", "'mlp_only_layers':[]" },
	{ "'mlp_only_layers':[1,2,4]", "'mlp_only_layers':[1,2]" },
	{ "'moe_layers':[4,0]", "'moe_layers':[2,0]" },
	{ "'cross_attention_layers':[3]", "'cross_attention_layers':[]" },
	{ "'fullatt_block_indexes':[2,3]", "'fullatt_block_indexes':[1]" },
	/* modules */
	{ "'quantization_config':{'llm_int8_skip_modules':['lm_head','model.layers.2.mlp','model."
	  "layers.3.mlp','x.h.4.a']}",
		"'quantization_config':{'llm_int8_skip_modules':['lm_head','model.layers.1.mlp','x."
		"h.2.a']}" },
	{ "'quantization_config':{'modules_to_not_convert':['h.1','layers.4','layers','h.x','a."
	  "layers.0x']}",
		"'quantization_config':{'modules_to_not_convert':['layers.2','layers','h.x','a."
		"layers.0x']}" },
	{ "'llm_int8_skip_modules':null", "'llm_int8_skip_modules':null" },
	/* periods that a list explains, or that aren't set */
	{ "'sliding_window_pattern':6,'layer_types':['a','b','c','d','e']",
		"'sliding_window_pattern':6,'layer_types':['a','c','e']" },
	{ "'layer_types':['a','b','c','d','e'],'full_attention_interval':4",
		"'layer_types':['a','c','e'],'full_attention_interval':4" },
	{ "'no_rope_layers':[1,1,1,0,1],'no_rope_layer_interval':4",
		"'no_rope_layers':[1,1,1],'no_rope_layer_interval':4" },
	{ "'sliding_window_pattern':null", "'sliding_window_pattern':null" },
	/* layers outside the stack that aren't there */
	{ "'num_kv_shared_layers':0", "'num_kv_shared_layers':0" },
	{ "'num_nextn_predict_layers':null", "'num_nextn_predict_layers':null" },
	{ "'mtp_layer_types':[]", "'mtp_layer_types':[]" },
	/* never layers */
	{ "'architectures':['a','b','c','d','e']", "'architectures':['a','b','c','d','e']" },
	{ "'eos_token_id':[1,2,3,4,5]", "'eos_token_id':[1,2,3,4,5]" },
	{ "'rope_scaling':{'long_factor':[1,2,3,4,5]}",
		"'rope_scaling':{'long_factor':[1,2,3,4,5]}" },
	{ "'rope_parameters':{'layers':5}", "'rope_parameters':{'layers':5}" },
	{ "'id2label':{'layer':5}", "'id2label':{'layer':5}" },
	{ "'auto_map':{'depth':5}", "'auto_map':{'depth':5}" },
	/* what only looks alike */
	{ "'num_attention_heads':5", "'num_attention_heads':5" },
	{ "'layer_norm_eps':0.5", "'layer_norm_eps':0.5" },
	{ "'stop_ids':[1,2,3]", "'stop_ids':[1,2,3]" },
	{ "'begin_suppress_tokens':[1,2,3,4,5]", "'begin_suppress_tokens':[1,2,3,4,5]" },
	{ "'num_other_layers':7", "'num_other_layers':7" },
	{ "'layer_names':['a','b']", "'layer_names':['a','b']" },
};

static const struct {
	const char *before, *why;
} refused[] = {
	{ "'n_layer':4", "n_layer: counts layers" },
	{ "'num_layers':'5'", "num_layers: counts layers" },
	{ "'vision_config':{'num_hidden_layers':24}", "vision_config.num_hidden_layers: counts" },
	{ "'layer_types':['a','b','c','d']", "layer_types: is no list with one entry" },
	{ "'layer_types':['a','b','c','d','e','f']", "layer_types: is no list with one entry" },
	{ "'no_rope_layers':3", "no_rope_layers: is no list" },
	{ "'max_window_layers':-1", "max_window_layers: is no number" },
	{ "'max_window_layers':[1]", "max_window_layers" },
	{ "'mlp_only_layers':[5]", "mlp_only_layers: is no list of layer numbers" },
	{ "'moe_layers':['1']", "moe_layers: is no list of layer numbers" },
	{ "'moe_layers':3", "moe_layers" },
	{ "'modules_to_not_convert':[3]", "modules_to_not_convert: is no list of modules" },
	{ "'sliding_window_pattern':6", "sliding_window_pattern: a period" },
	{ "'full_attention_interval':4", "period" },
	{ "'no_rope_layer_interval':4", "period" },
	{ "'decoder_sparse_step':1", "period" },
	{ "'attn_layer_period':2", "period" },
	{ "'attn_layer_offset':2", "period" },
	{ "'global_attn_every_n_layers':2", "period" },
	{ "'interleave_moe_layer_step':2", "period" },
	{ "'sliding_window_pattern':6,'layer_types':[]", "sliding_window_pattern: a period" },
	{ "'num_kv_shared_layers':2", "num_kv_shared_layers: layers outside" },
	{ "'num_nextn_predict_layers':1", "outside" },
	{ "'num_mtp_layers':1", "outside" },
	{ "'mtp_layer_types':['a']", "outside" },
	{ "'whatever':[1,'a',null,{},2]", "whatever: unknown, and is as long" },
	{ "'a':{'b':[{'c':[0,0,0,0,0]}]}", "a.b.c: unknown, and is as long" },
	{ "'encoder_layers':5", "encoder_layers: unknown, and may count" },
	{ "'Blocks':5", "Blocks: unknown, and may count" },
	{ "'head_list':[1,2,3]", "head_list: unknown, and may be" },
	{ "'drop':[3,4]", "drop: unknown, and may be" },
	{ "'drop':{'0':true,'3':false}", "drop: unknown, and goes by layer" },
	{ "'a':['model.layers.3.mlp']", "a: unknown, and goes" },
	{ "'quantization_config':{'ignore':['x.layers.3']}",
		"quantization_config.ignore: unknown, and goes" },
	{ "'depth':5.0", "depth: unknown, and may count" },
	{ "'skip_layers':[1]", "skip_layers: unknown, and may be a list" },
	{ "'block_size':[128,128]", "block_size: unknown, and may be a list" },
};

/* 'a' to "a" */
static const char *quoted(const char *s, char *out)
{
	size_t i;

	for (i = 0; s[i]; i++)
		out[i] = s[i] == '\'' ? '"' : s[i];
	out[i] = 0;
	return out;
}

static void rewrites(void **state)
{
	char a[512], b[512];

	(void)state;
	for (size_t i = 0; i < sizeof(rewritten) / sizeof(*rewritten); i++)
		assert_string_equal(dropped(quoted(rewritten[i].before, a)),
			quoted(rewritten[i].after, b));
	print_message("# %zu rewritten as they should be\n",
		sizeof(rewritten) / sizeof(*rewritten));
}

static void refusals(void **state)
{
	char a[512];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		const char *got = dropped(quoted(refused[i].before, a));

		if (got[0] != '!' || !strstr(got, refused[i].why))
			print_message("# %s: %s\n", refused[i].before, got);
		assert_int_equal(got[0], '!');
		assert_non_null(strstr(got, refused[i].why));
	}
	print_message("# %zu refused by name\n", sizeof(refused) / sizeof(*refused));
}

static void without_a_count(void **state)
{
	json_t *j = json_loads("{\"hidden_size\": 48}", 0, NULL);
	struct fault err;

	(void)state;
	assert_int_equal(config_drop(j, keep, 3, L, &err), -1);
	assert_non_null(strstr(err.text, "nothing in it counts"));
	json_decref(j);
}

static void text_of_reals(void **state)
{
	static const char before[] = "{\n  \"b\": 1e-05,\n  \"a\": 500000.0,\n  \"c\": [\n    "
				     "0.1,\n    9.9999997473787516e-06\n  ]\n}\n";
	json_t *j = json_loads(before, 0, NULL), *back;
	char *text = config_text(j);

	(void)state;
	back = json_loads(text, 0, NULL);
	assert_true(json_equal(j, back));
	assert_true(!strncmp(text, "{\n  \"b\": ", 9)); /* keys in their order */
	json_decref(j);
	json_decref(back);
	free(text);
	j = json_loads("{\"b\": 1e-05, \"a\": 1000000.0, \"n\": 7}", 0, NULL);
	text = config_text(j);
	assert_string_equal(text, "{\n  \"b\": 1e-5,\n  \"a\": 1000000.0,\n  \"n\": 7\n}\n");
	json_decref(j);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rewrites),
		cmocka_unit_test(refusals),
		cmocka_unit_test(without_a_count),
		cmocka_unit_test(text_of_reals),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
