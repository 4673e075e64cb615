/* Shapes from configs: the eight families of golden/tiny in both forms of config.json give one
 * shape each, the one written out here; defaults, windows and rope scaling; what is refused, and
 * with which words. Frequencies are compared by hash with those that torch 2.9 computes: equal
 * bits. */
#include "file/json.h"
#include "golden.h"
#include "model/arch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <cmocka.h>

static struct fault err;

static void describe(char *to, size_t n, const struct shape *s)
{
	snprintf(to, n, "L%d d%d H%d/%d hd%d ff%d V%d T%d %s %g %s%s%s bias%d%d%d%d%s%s r%d w%d,%d",
		s->n_layers, s->d_model, s->n_heads, s->n_kv, s->head_dim, s->d_ff, s->n_vocab,
		s->n_ctx, s->norm == NORM_RMS ? "rms" : "layer", (double)s->eps,
		s->act == ACT_SILU ? "silu" : "gelu", s->gated ? " gated" : "",
		s->parallel ? " parallel" : "", s->qkv_bias, s->o_bias, s->ffn_bias, s->head_bias,
		s->qk_norm ? " qknorm" : "", s->tied ? " tied" : "", s->rotary, s->window[0],
		s->window[s->n_layers - 1]);
}

static const struct {
	const char *name, *shape;
	uint64_t parameters;
} golden[] = {
	{ "llama-mha", "L6 d48 H4/4 hd12 ff88 V97 T2048 rms 1e-05 silu gated bias0000 r12 w0,0",
		141264 },
	{ "llama-gqa", "L7 d48 H6/2 hd8 ff88 V131 T2048 rms 1e-05 silu gated bias0000 tied r8 w0,0",
		138720 },
	{ "llama3", "L6 d64 H4/2 hd16 ff88 V131 T2048 rms 1e-05 silu gated bias0000 r16 w0,0",
		192704 },
	{ "mistral", "L6 d48 H6/3 hd8 ff88 V97 T32768 rms 1e-05 silu gated bias0000 r8 w8,8",
		127440 },
	{ "qwen1", "L6 d48 H4/4 hd12 ff88 V131 T2048 rms 1e-06 silu gated bias1000 r12 w0,0",
		145392 },
	{ "phi2", "L6 d64 H4/4 hd16 ff88 V131 T2048 layer 1e-05 gelu parallel bias1111 r6 w0,0",
		186131 },
	{ "qwen2", "L6 d48 H6/2 hd8 ff88 V131 T131072 rms 1e-06 silu gated bias1000 r8 w0,0",
		126576 },
	{ "qwen3",
		"L6 d48 H4/2 hd16 ff88 V131 T40960 rms 1e-06 silu gated bias0000 qknorm tied r16 "
		"w0,0",
		138432 },
};

static int load(json_t **j, const char *name, const char *file)
{
	return json_load_path(j, golden_path("tiny/%s/%s", name, file), 1 << 20, NULL, NULL, &err);
}

static void golden_configs(void **state)
{
	static const char *const forms[] = { "config.json", "config-v5.json" };
	struct shape s[2];
	char text[256];
	json_t *j;

	(void)state;
	for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
		for (int form = 0; form < 2; form++) {
			if (load(&j, golden[i].name, forms[form])) {
				/* has no second form */
				assert_string_equal(golden[i].name, "qwen1");
				continue;
			}
			assert_int_equal(shape_from_config(&s[form], j, &err), 0);
			describe(text, sizeof text, &s[form]);
			assert_string_equal(text, golden[i].shape);
			assert_int_equal(shape_parameters(&s[form], s[form].n_layers),
				golden[i].parameters);
			assert_memory_equal(s[0].inv_freq, s[form].inv_freq, sizeof s[0].inv_freq);
			assert_memory_equal(s[0].window, s[form].window, sizeof s[0].window);
			json_decref(j);
		}
}

/* -- one config, changed ----------------------------------------------------------------------- */

static const char llama[] =
	"{\"model_type\":\"llama\",\"vocab_size\":100,\"hidden_size\":64,\"intermediate_size\":96,"
	"\"num_hidden_layers\":4,\"num_attention_heads\":4}";

/* The config with a patch laid over it; a key whose new value is "-" is removed. */
static int shape_of(struct shape *s, const char *patch)
{
	json_t *c = json_loads(llama, 0, NULL), *p = json_loads(patch, 0, NULL), *v;
	const char *key;
	int bad;

	assert_non_null(p);
	json_object_foreach(p, key, v)
	{
		if (json_is_string(v) && strcmp(json_string_value(v), "-") == 0)
			json_object_del(c, key);
		else
			json_object_set(c, key, v);
	}
	bad = shape_from_config(s, c, &err);
	json_decref(c);
	json_decref(p);
	return bad;
}

static const struct {
	const char *patch, *shape;
} good[] = {
	{ "{}", "L4 d64 H4/4 hd16 ff96 V100 T2048 rms 1e-06 silu gated bias0000 r16 w0,0" },
	{ "{\"attention_bias\":true,\"mlp_bias\":true,\"head_dim\":32,\"num_key_value_heads\":2}",
		"L4 d64 H4/2 hd32 ff96 V100 T2048 rms 1e-06 silu gated bias1110 r32 w0,0" },
	{ "{\"model_type\":\"mistral\",\"num_attention_heads\":16}",
		"L4 d64 H16/8 hd4 ff96 V100 T131072 rms 1e-06 silu gated bias0000 r4 w4096,4096" },
	{ "{\"model_type\":\"mistral\",\"num_key_value_heads\":null,\"sliding_window\":null}",
		"L4 d64 H4/4 hd16 ff96 V100 T131072 rms 1e-06 silu gated bias0000 r16 w0,0" },
	{ "{\"model_type\":\"qwen2\",\"num_key_value_heads\":2,\"use_sliding_window\":true,"
	  "\"sliding_window\":7,"
	  "\"max_window_layers\":3}",
		"L4 d64 H4/2 hd16 ff96 V100 T32768 rms 1e-06 silu gated bias1000 r16 w0,7" },
	{ "{\"model_type\":\"qwen2\",\"num_key_value_heads\":2,\"use_sliding_window\":true,\"layer_"
	  "types\":"
	  "[\"sliding_attention\",\"full_attention\",\"full_attention\",\"full_attention\"]}",
		"L4 d64 H4/2 hd16 ff96 V100 T32768 rms 1e-06 silu gated bias1000 r16 w4096,0" },
	{ "{\"model_type\":\"qwen3\",\"num_key_value_heads\":2}",
		"L4 d64 H4/2 hd128 ff96 V100 T32768 rms 1e-06 silu gated bias0000 qknorm r128 "
		"w0,0" },
	{ "{\"model_type\":\"phi\"}",
		"L4 d64 H4/4 hd16 ff96 V100 T2048 layer 1e-05 gelu parallel bias1111 r8 w0,0" },
	{ "{\"model_type\":\"qwen\",\"kv_channels\":16}",
		"L4 d64 H4/4 hd16 ff48 V100 T8192 rms 1e-06 silu gated bias1000 r16 w0,0" },
	{ "{\"num_hidden_layers\":4.0,\"rope_scaling\":{},\"rope_parameters\":{\"rope_type\":"
	  "\"default\"}}",
		"L4 d64 H4/4 hd16 ff96 V100 T2048 rms 1e-06 silu gated bias0000 r16 w0,0" },
};

static void defaults(void **state)
{
	struct shape s;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		if (shape_of(&s, good[i].patch))
			fail_msg("%s: %s", good[i].patch, err.text);
		describe(text, sizeof text, &s);
		assert_string_equal(text, good[i].shape);
	}
}

static const struct {
	const char *patch, *why;
} bad[] = {
	{ "{\"model_type\":\"-\"}", "no model_type" },
	{ "{\"model_type\":7}", "model_type is no string" },
	{ "{\"model_type\":\"gemma2\"}", "type gemma2 are not supported" },
	{ "{\"model_type\":\"mixtral\"}", "type mixtral are" },
	{ "{\"model_type\":\"phi3\"}", "type phi3 are" },
	{ "{\"model_type\":\"qwen2_moe\"}", "type qwen2_moe are" },
	{ "{\"model_type\":\"gpt2\"}", "type gpt2 are" },
	{ "{\"model_type\":\"llama4\"}", "type llama4 are" },
	{ "{\"model_type\":\"smollm3\"}", "type smollm3 are" },
	{ "{\"vocab_size\":\"-\"}", "no vocab_size" },
	{ "{\"hidden_size\":\"-\"}", "no hidden_size" },
	{ "{\"hidden_size\":null}", "no hidden_size" },
	{ "{\"intermediate_size\":\"big\"}", "intermediate_size is no whole number" },
	{ "{\"num_hidden_layers\":0}", "num_hidden_layers is 0" },
	{ "{\"num_hidden_layers\":513}", "num_hidden_layers is 513" },
	{ "{\"num_hidden_layers\":-1}", "num_hidden_layers is -1" },
	{ "{\"num_attention_heads\":2.5}", "no whole number" },
	{ "{\"num_attention_heads\":3}", "multiple of its 3 heads" },
	{ "{\"num_key_value_heads\":3}", "share 3" },
	{ "{\"num_attention_heads\":64}", "odd" },
	{ "{\"head_dim\":1024}", "more than supported" },
	{ "{\"vocab_size\":4000000000}", "out of the range" },
	{ "{\"hidden_act\":\"gelu\"}", "hidden_act gelu is not supported" },
	{ "{\"rms_norm_eps\":0}", "epsilon" },
	{ "{\"rms_norm_eps\":\"small\"}", "rms_norm_eps is no number" },
	{ "{\"attention_bias\":1}", "attention_bias is neither" },
	{ "{\"rope_scaling\":{\"type\":\"yarn\",\"factor\":4.0}}",
		"rope type yarn is not supported" },
	{ "{\"rope_scaling\":{\"type\":\"dynamic\",\"factor\":4.0}}", "rope type dynamic" },
	{ "{\"rope_parameters\":{\"rope_type\":\"longrope\"}}", "rope type longrope" },
	{ "{\"rope_scaling\":{\"type\":\"linear\"}}", "no factor" },
	{ "{\"rope_scaling\":{\"type\":\"linear\",\"factor\":0}}", "rope factor of 0" },
	{ "{\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8}}", "no low_freq_factor" },
	{ "{\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":4,\"high_"
	  "freq_factor\":4}}",
		"low_freq_factor 4" },
	{ "{\"rope_scaling\":[1]}", "rope_scaling is no object" },
	{ "{\"rope_parameters\":{\"full_attention\":{\"rope_theta\":1}}}",
		"differs between layers" },
	{ "{\"rope_theta\":-1}", "rope base" },
	{ "{\"model_type\":\"qwen\",\"kv_channels\":16,\"no_bias\":false}", "no_bias is false" },
	{ "{\"model_type\":\"qwen\",\"kv_channels\":16,\"rotary_pct\":0.5}", "rotary_pct is 0.5" },
	{ "{\"model_type\":\"qwen\",\"kv_channels\":8}", "not the model's width" },
	{ "{\"model_type\":\"qwen\",\"kv_channels\":16,\"intermediate_size\":97}", "odd" },
	{ "{\"model_type\":\"phi\",\"qk_layernorm\":true}", "qk_layernorm is true" },
	{ "{\"model_type\":\"phi\",\"partial_rotary_factor\":1.5}",
		"partial_rotary_factor is 1.5" },
	{ "{\"model_type\":\"qwen2\",\"num_key_value_heads\":2,\"use_sliding_window\":true,\"layer_"
	  "types\":[\"full_attention\"]}",
		"1 entries for 4 layers" },
	{ "{\"model_type\":\"qwen2\",\"num_key_value_heads\":2,\"use_sliding_window\":true,\"layer_"
	  "types\":"
	  "[\"chunked\",\"chunked\",\"chunked\",\"chunked\"]}",
		"layer 0 is chunked" },
};

static void refusals(void **state)
{
	struct shape s;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (!shape_of(&s, bad[i].patch))
			fail_msg("accepted: %s", bad[i].patch);
		if (!strstr(err.text, bad[i].why))
			fail_msg("%s: \"%s\" says nothing of \"%s\"", bad[i].patch, err.text,
				bad[i].why);
	}
}

/* hash: XXH3 of torch's inv_freq */
static const struct {
	const char *patch;
	uint64_t hash;
} frequencies[] = {
	{ "{\"head_dim\":128}", 0x2e587221bb4b5f3e },
	{ "{\"head_dim\":32}", 0xb33e4855f81fe5e4 },
	{ "{\"head_dim\":64,\"rope_theta\":100000}", 0x094e2c2339f494a1 },
	{ "{\"head_dim\":128,\"rope_theta\":500000,\"rope_scaling\":{\"rope_type\":\"llama3\","
	  "\"factor\":8,\"low_freq_factor\":1,"
	  "\"high_freq_factor\":4,\"original_max_position_embeddings\":8192}}",
		0xd78834718c0facc1 },
	{ "{\"head_dim\":64,\"original_max_position_embeddings\":8192,\"rope_parameters\":{\"rope_"
	  "theta\":500000,\"rope_type\":"
	  "\"llama3\",\"factor\":32.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_"
	  "max_position_embeddings\":5}}",
		0x0b935774d94a0ceb },
	{ "{\"head_dim\":128,\"rope_scaling\":{\"type\":\"linear\",\"factor\":4.0}}",
		0xcc3f2e48c3051aff },
};

static void torch_frequencies(void **state)
{
	struct shape s;

	(void)state;
	for (size_t i = 0; i < sizeof frequencies / sizeof *frequencies; i++) {
		if (shape_of(&s, frequencies[i].patch))
			fail_msg("%s: %s", frequencies[i].patch, err.text);
		assert_int_equal(XXH3_64bits(s.inv_freq, (size_t)s.rotary / 2 * 4),
			frequencies[i].hash);
	}
}

/* -- names and roles --------------------------------------------------------------------------- */

static void names(void **state)
{
	struct shape s;
	uint64_t rows, cols;
	char name[128];

	(void)state;
	assert_int_equal(shape_of(&s, "{\"num_key_value_heads\":2}"), 0);
	assert_int_equal(arch_hf_name(&s, ROLE_UP, 3, name, sizeof name), 0);
	assert_string_equal(name, "model.layers.3.mlp.up_proj");
	assert_int_equal(arch_gguf_name(&s, ROLE_UP, 3, name, sizeof name), 0);
	assert_string_equal(name, "blk.3.ffn_up");
	assert_int_equal(arch_hf_name(&s, ROLE_Q_NORM, 3, name, sizeof name), -1);
	assert_int_equal(arch_hf_name(&s, ROLE_HEAD, -1, name, sizeof name), 0);
	assert_string_equal(name, "lm_head");
	assert_int_equal(arch_gguf_fused_name(&s, ROLE_V, 2, name, sizeof name), 4 * 16 + 2 * 16);
	assert_string_equal(name, "blk.2.attn_qkv");
	assert_int_equal(shape_gguf_heads(&s, ROLE_Q), 4);
	assert_int_equal(shape_gguf_heads(&s, ROLE_K), 2);
	assert_int_equal(shape_gguf_heads(&s, ROLE_V), 0);
	shape_of_role(&s, ROLE_K, &rows, &cols);
	assert_true(rows == 32 && cols == 64);

	assert_int_equal(shape_of(&s, "{\"model_type\":\"qwen\",\"kv_channels\":16}"), 0);
	assert_int_equal(arch_hf_name(&s, ROLE_Q, 0, name, sizeof name), 0);
	assert_int_equal(arch_hf_name(&s, ROLE_V, 0, name, sizeof name), 128);
	assert_string_equal(name, "transformer.h.0.attn.c_attn");
	assert_int_equal(arch_hf_name(&s, ROLE_O, 0, name, sizeof name), 0);
	assert_int_equal(arch_gguf_name(&s, ROLE_K, 0, name, sizeof name), 64);
	assert_string_equal(arch_layer_prefix(&s), "transformer.h.");
	assert_int_equal(arch_hf_name(&s, ROLE_GATE, 1, name, sizeof name), 0);
	assert_string_equal(name, "transformer.h.1.mlp.w2");

	assert_int_equal(shape_of(&s, "{\"model_type\":\"phi\"}"), 0);
	assert_int_equal(arch_hf_name(&s, ROLE_NORM2, 0, name, sizeof name), -1);
	assert_int_equal(arch_gguf_name(&s, ROLE_GATE, 0, name, sizeof name), -1);
	shape_of_role(&s, ROLE_GATE, &rows, &cols);
	assert_int_equal(rows, 0);
	assert_int_equal(shape_has_bias(&s, ROLE_GATE), 0);
	assert_int_equal(shape_has_bias(&s, ROLE_FINAL_NORM), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_configs),
		cmocka_unit_test(defaults),
		cmocka_unit_test(refusals),
		cmocka_unit_test(torch_frequencies),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
