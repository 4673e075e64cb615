/* What a config.json may say beyond what is read: configs as hubs have them pass, with nothing or
 * the very names of what nobody knows; switches, scales and lists by layer are refused by name,
 * with the way out. */
#include "cli/spelling.h"
#include "model/arch.h"
#include "model/known.h"
#include "stream/ignore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static json_t *from(const char *text)
{
	char *s = strdup(text);
	json_t *j;

	for (char *c = s; *c; c++)
		if (*c == '\'')
			*c = '"';
	j = json_loads(s, 0, NULL);
	if (!j)
		fail_msg("%s", s);
	free(s);
	return j;
}

/* What becomes of a family's config with more members: the names that pass unknown, or the error
 * with "!" in front. */
static const char *read_with(const char *family, const char *members)
{
	static const char *const sizes =
		"{'vocab_size':100,'hidden_size':64,'intermediate_size':96,'num_hidden_layers':5,"
		"'num_attention_heads':4,'num_key_value_heads':4,'model_type':'%s'%s}";
	static char text[516];
	struct fault err;
	char whole[512];
	json_t *j, *more;
	struct shape s = { 0 };

	snprintf(whole, sizeof whole, sizes, family,
		strcmp(family, "qwen") ? "" : ",'kv_channels':16");
	j = from(whole);
	snprintf(whole, sizeof whole, "{%s}", members);
	more = from(whole);
	json_object_update(j, more);
	if (shape_from_config(&s, j, &err))
		snprintf(text, sizeof text, "!%s", err.text);
	else
		snprintf(text, sizeof text, "%s", s.unknown);
	json_decref(more);
	json_decref(j);
	return text;
}

static void hubs_configs_pass(void **state)
{
	json_t *all = json_load_file("tests/hub-configs.json", 0, NULL), *one;
	size_t i;

	(void)state;
	assert_true(json_array_size(all) > 30);
	json_array_foreach(all, i, one)
	{
		const char *name = json_string_value(json_object_get(one, "name"));
		const json_t *unknown = json_object_get(one, "unknown");
		struct shape s = { 0 };
		struct fault err;

		if (shape_from_config(&s, json_object_get(one, "config"), &err))
			fail_msg("%s: %s", name, err.text);
		if (strcmp(s.unknown, unknown ? json_string_value(unknown) : ""))
			fail_msg("%s: unknown: %s", name, s.unknown);
	}
	json_decref(all);
}

/* Unset, or said as the family has it anyhow. */
static const struct {
	const char *family, *members;
} harmless[] = {
	{ "llama",
		"'attn_logit_softcapping':null,'final_logit_softcapping':0.0,'query_pre_attn_"
		"scalar':null" },
	{ "llama",
		"'embedding_multiplier':1.0,'residual_multiplier':1,'logits_scaling':1.0,'scale_"
		"emb':1" },
	{ "llama",
		"'num_experts':0,'num_local_experts':null,'mlp_only_layers':[],'num_nextn_predict_"
		"layers':0" },
	{ "llama",
		"'drop_attn_list':[],'drop_mlp_list':null,'per_layer_config':{},'pruned_heads':{"
		"}" },
	{ "llama",
		"'qkv_bias':false,'use_qk_norm':false,'parallel_attn':false,'alibi':false,'clip_"
		"qkv':null" },
	{ "llama", "'use_sliding_window':false,'sliding_window':4096,'max_window_layers':3" },
	{ "llama",
		"'n_layer':5,'num_layers':5,'hidden_activation':'silu','rms_norm':true,'is_causal':"
		"true" },
	{ "llama",
		"'layer_types':['full_attention','full_attention','full_attention','full_attention'"
		",'full_attention']" },
	{ "llama",
		"'rope_parameters':{'rope_type':'default','rope_theta':10000,'partial_rotary_"
		"factor':1.0}" },
	{ "llama",
		"'attention_dropout':0.5,'router_aux_loss_coef':0.1,'z_loss':1e-4,'layerdrop':0."
		"2" },
	{ "llama", "'eos_token_id':[1,2,3],'stop_token_ids':[3,4],'id2label':{'0':'a','1':'b'}" },
	{ "llama", "'hidden_act':'swish','pretraining_tp':2,'architectures':null,'auto_map':{}" },
	{ "llama", "'auto_map':{'AutoTokenizer':['tokenization_x.XTokenizer',null]}" },
	{ "llama",
		"'rotary':true,'rope':true,'use_rotary_position_embeddings':true,'causal':true,'"
		"prenorm':true,'swiglu':true" },
	{ "llama",
		"'final_norm':true,'use_final_layernorm':true,'tied_embeddings':false,'num_memory_"
		"tokens':0" },
	{ "phi", "'use_parallel_residual':true,'glu':false" },
	{ "qwen3", "'use_qk_norm':true" },
	{ "llama", "'no_bias':true,'layer_norm_elementwise_affine':true" },
	{ "qwen2", "'qkv_bias':true" },
	{ "qwen2", "'attention_bias':true,'use_mrope':false" },
	{ "qwen3", "'attention_bias':true" },
	{ "phi", "'attention_bias':true,'hidden_activation':'gelu_new','norm_type':'layernorm'" },
	{ "qwen",
		"'use_dynamic_ntk':true,'use_logn_attn':true,'use_flash_attn':true,'use_cache_"
		"quantization':false" },
	{ "qwen", "'architectures':['QWenLMHeadModel'],'hidden_act':'silu'" },
};

static void what_is_harmless(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
		const char *said = read_with(harmless[i].family, harmless[i].members);

		if (*said)
			fail_msg("%s: %s", harmless[i].members, said);
	}
}

static const struct {
	const char *family, *members, *said;
} refused[] = {
	/* scales and caps */
	{ "llama", "'attn_logit_softcapping':50.0",
		"!attn_logit_softcapping is 50.0; supported is 0 (--ignore=attn_logit_softcapping "
		"takes" },
	{ "llama", "'final_logit_softcapping':30.0", "!final_logit_softcapping" },
	{ "llama", "'query_pre_attn_scalar':256",
		"!query_pre_attn_scalar is 256, which is not supported (--ignore" },
	{ "llama", "'embedding_multiplier':12.0", "!embedding_multiplier is 12.0; supported is 1" },
	{ "mistral", "'residual_multiplier':0.22", "!residual_multiplier" },
	{ "qwen2", "'attention_multiplier':0.5", "!attention_multiplier" },
	{ "qwen3", "'logits_scaling':8.0", "!logits_scaling" },
	{ "llama", "'logit_scale':0.0625", "!logit_scale" },
	{ "llama", "'scale_emb':12", "!scale_emb" },
	{ "llama", "'scale_depth':1.4", "!scale_depth" },
	{ "llama", "'dim_model_base':256", "!dim_model_base" },
	{ "llama", "'mup_enabled':true", "!mup_enabled" },
	{ "llama", "'use_mup':true", "!use_mup" },
	{ "llama", "'clip_qkv':8.0", "!clip_qkv" },
	{ "llama", "'scale_embedding':true", "!scale_embedding" },
	{ "llama", "'scale_attn_weights':false",
		"!scale_attn_weights is false; supported is true" },
	{ "llama", "'lm_head_multiplier':0.5", "!lm_head_multiplier" },
	{ "llama", "'attention_value_scale':0.5", "!attention_value_scale" },
	{ "llama", "'attention_multiplier':1.0", "!attention_multiplier is 1.0, which is not" },
	{ "llama", "'scale_depth':1", "!scale_depth" },
	{ "llama", "'softmax_scale':1.0", "!softmax_scale" },
	{ "llama", "'lambda_init':0.8", "!lambda_init" },
	/* false says something */
	{ "llama", "'rope':false", "!rope is false; supported is true" },
	{ "llama", "'rotary_embedding':false", "!rotary_embedding" },
	{ "llama", "'use_rotary_position_embeddings':false", "!use_rotary" },
	{ "llama", "'causal':false", "!causal is false" },
	{ "llama", "'use_causal_mask':false", "!use_causal_mask" },
	{ "llama", "'use_swiglu':false", "!use_swiglu" },
	{ "llama", "'final_norm':false", "!final_norm" },
	{ "llama", "'do_layer_norm_before':false", "!do_layer_norm_before" },
	{ "phi", "'use_parallel_residual':false", "!use_parallel_residual" },
	{ "phi", "'swiglu':true", "!swiglu" },
	{ "llama", "'rmsnorm':false", "!rmsnorm" },
	{ "llama", "'use_pre_attn_norm':false", "!use_pre_attn_norm" },
	{ "llama", "'pos_encoding':'none'", "!pos_encoding" },
	{ "llama", "'use_xpos':true", "!use_xpos" },
	{ "llama", "'use_logn_attn':true", "!use_logn_attn" },
	{ "qwen2", "'use_dynamic_ntk':true", "!use_dynamic_ntk" },
	{ "llama", "'gegelu_limit':20.0", "!gegelu_limit" },
	{ "llama", "'zero_centered_gamma':true", "!zero_centered_gamma" },
	{ "llama", "'mlp_type':'relu2'", "!mlp_type" },
	{ "llama", "'use_relu_squared':true", "!use_relu_squared" },
	{ "qwen3", "'use_qk_norm':false", "!use_qk_norm" },
	{ "llama", "'no_bias':false", "!no_bias" },
	{ "llama", "'_remove_final_layer_norm':true", "!_remove" },
	{ "llama", "'num_meta_tokens':128", "!num_meta_tokens" },
	/* positions */
	{ "llama", "'no_rope_layers':[1,1,1,0,1]", "!no_rope_layers" },
	{ "llama", "'no_rope_layer_interval':4", "!no_rope_layer_interval" },
	{ "llama", "'rope_local_base_freq':10000.0", "!rope_local_base_freq" },
	{ "llama", "'partial_rotary_factor':0.5", "!partial_rotary_factor is 0.5; supported is 1" },
	{ "llama", "'rope_parameters':{'rope_theta':10000,'partial_rotary_factor':0.5}",
		"!rope_parameters.partial_rotary_factor is 0.5" },
	{ "llama", "'rope_scaling':{'rope_type':'yarn','factor':4}",
		"!rope type yarn is not supported" },
	{ "llama", "'rope_scaling':{'rope_type':'default','mrope_section':[16,24,24]}",
		"!rope_scaling.mrope_section" },
	{ "llama", "'position_embedding_type':'alibi'", "!position_embedding_type" },
	{ "llama", "'alibi':true", "!alibi is true" },
	{ "llama", "'use_rope':false", "!use_rope is false" },
	{ "llama", "'rope_interleaved':true", "!rope_interleaved" },
	{ "qwen2", "'use_mrope':true", "!use_mrope" },
	/* what is seen */
	{ "llama", "'sliding_window':4096", "!sliding_window" },
	{ "llama", "'is_causal':false", "!is_causal is false" },
	{ "llama", "'use_bidirectional_attention':true", "!use_bidirectional_attention" },
	{ "llama", "'attention_chunk_size':8192", "!attention_chunk_size" },
	{ "llama", "'sliding_window_pattern':6", "!sliding_window_pattern" },
	{ "llama", "'global_attn_every_n_layers':3", "!global_attn_every_n_layers" },
	{ "llama",
		"'layer_types':['full_attention','sliding_attention','full_attention','full_"
		"attention','full_attention']",
		"!layer_types: layer 1 has a window, against" },
	{ "mistral",
		"'layer_types':['full_attention','full_attention','full_attention','full_attention'"
		",'full_attention']",
		"!layer_types: layer 0 has no window, against" },
	{ "llama", "'layer_types':['full_attention']", "!layer_types has 1 entries" },
	/* parts */
	{ "llama", "'num_experts':8", "!num_experts" },
	{ "llama", "'num_local_experts':8", "!num_local_experts" },
	{ "llama", "'mlp_only_layers':[3]", "!mlp_only_layers" },
	{ "llama", "'decoder_sparse_step':2", "!decoder_sparse_step" },
	{ "llama", "'moe_intermediate_size':64", "!moe_intermediate_size" },
	{ "llama", "'parallel_attn':true", "!parallel_attn" },
	{ "llama", "'use_parallel_residual':true", "!use_parallel_residual" },
	{ "llama", "'use_qk_norm':true", "!use_qk_norm" },
	{ "llama", "'qk_layernorm':true", "!qk_layernorm" },
	{ "phi", "'qk_layernorm':true",
		"!qk_layernorm is true, which is not supported (--ignore=qk_layernorm" },
	{ "mistral", "'attention_bias':true", "!attention_bias" },
	{ "llama", "'qkv_bias':true", "!qkv_bias" },
	{ "llama", "'norm_after':true", "!norm_after" },
	{ "llama", "'use_sandwich_norm':true", "!use_sandwich_norm" },
	{ "llama", "'use_post_norm':true", "!use_post_norm" },
	{ "llama", "'norm_type':'layernorm'", "!norm_type" },
	{ "llama", "'kv_lora_rank':512", "!kv_lora_rank" },
	{ "llama", "'v_head_dim':128", "!v_head_dim" },
	{ "llama", "'num_kv_shared_layers':2", "!num_kv_shared_layers" },
	{ "llama", "'num_mtp_layers':1", "!num_mtp_layers" },
	{ "llama", "'num_nextn_predict_layers':1", "!num_nextn_predict_layers" },
	{ "llama", "'early_exit_layer':3", "!early_exit_layer" },
	{ "llama", "'early_exit':true", "!early_exit" },
	{ "llama", "'skip_layers':3", "!skip_layers" },
	{ "llama", "'num_loops':2", "!num_loops" },
	{ "llama", "'hidden_activation':'gelu'", "!hidden_activation" },
	{ "llama", "'hidden_act':'relu'", "!hidden_act relu" },
	{ "llama", "'is_encoder_decoder':true", "!is_encoder_decoder" },
	{ "llama", "'add_cross_attention':true", "!add_cross_attention" },
	{ "llama", "'tie_encoder_decoder':true", "!tie_encoder_decoder" },
	{ "llama", "'vision_config':{'a':1}", "!vision_config" },
	{ "llama", "'attn_output_gate':true", "!attn_output_gate" },
	{ "llama", "'hc_mult':4", "!hc_mult" },
	{ "llama", "'num_layers':6", "!num_layers is 6; supported is L" },
	{ "llama", "'quantization':{'bits':4}", "!quantization" },
	{ "qwen", "'use_cache_quantization':true", "!use_cache_quantization" },
	{ "qwen", "'scale_attn_weights':false", "!scale_attn" },
	{ "qwen", "'hidden_act':'gelu'", "!hidden_act" },
	/* by layer, whatever the key */
	{ "llama", "'drop_attn_list':[3,4]",
		"!drop_attn_list is [3,4], which is not supported (--ignore=drop_attn_list" },
	{ "llama", "'drop_mlp_list':[3]", "!drop_mlp_list" },
	{ "llama", "'foo':[1,0,1,1,0]", "!foo: unknown, and is as long as" },
	{ "llama", "'foo':[0.5,1,1,1,2]", "!foo: unknown, and is as long as" },
	{ "llama", "'foo':['a','b','c','d','e']", "!foo" },
	{ "llama", "'foo':[3,4]",
		"!foo: unknown, and may be a list of layers (--ignore=foo takes" },
	{ "llama", "'foo':[-1]", "!foo: unknown, and may be" },
	{ "llama", "'kept_heads':[100,200]", "!kept_heads" },
	{ "llama", "'foo':{'0':1,'3':2}", "!foo: unknown, and goes by layer" },
	{ "llama", "'per_layer_config':{'03':{'head_dim':8}}", "!per_layer_config" },
	{ "llama", "'pruned_heads':{'1':[0,2]}", "!pruned_heads" },
	{ "llama", "'foo':{'bar':{'model.layers.3.mlp':1}}",
		"!foo.bar: unknown, and goes by layer" },
	{ "llama", "'foo':['model.layers.3.mlp','lm_head']", "!foo: unknown, and goes by layer" },
	{ "llama", "'foo':[{'bar':[1,2]}]", "!foo.bar: unknown, and may be" },
	{ "llama", "'foo':{'attn_scale':2.0}", "!foo.attn_scale is 2.0" },
	{ "llama", "'auto_map':{'AutoModelForCausalLM':'m.LlamaForCausalLM'},'foo_ids':[3,4]",
		"!foo_ids: unknown" },
	{ "llama", "'layers_to_drop':[3,4]", "!layers_to_drop" },
	{ "llama", "'layers_to_drop':3", "!layers_to_drop" },
	{ "llama", "'training_layers':[3,4]", "!training_layers: unknown, and may be" },
	{ "llama", "'foo':{'layer_3':1}", "!foo: unknown" },
	{ "llama", "'foo':{'0-2':1}", "!foo: unknown" },
	{ "llama", "'foo':['3','4']", "!foo: unknown" },
	{ "llama", "'foo':[[0,2]]", "!foo" },
	{ "llama", "'foo':[1,1,1,1,1,1,1,1,1,1]", "!foo: unknown, and" },
	{ "llama", "'foo':[0.1,0.2,0.3,0.4]", "!foo: unknown, and is as" },
	{ "llama", "'foo':'layers.3,layers.4'", "!foo: unknown, and goes by layer" },
	{ "llama", "'foo':'model.layers.3.mlp'", "!foo" },
	{ "llama", "'foo':'2-4'", "!foo: unknown, and may be a list" },
	{ "llama", "'foo':'1,3'", "!foo: unknown, and may be" },
	{ "llama", "'block3':{'heads':4}", "!block3: unknown, and goes by layer" },
	{ "llama", "'h.3':2", "!h.3: unknown, and goes" },
	/* classes */
	{ "llama", "'architectures':'LlamaForSequenceClassification'", "!architectures" },
	{ "llama", "'architectures':['LlamaForSequenceClassification']",
		"!architectures: LlamaForSequenceClassification is no causal" },
	{ "mistral", "'architectures':['MistralForTokenClassification']", "!architectures" },
	{ "llama", "'architectures':['LlamaModel']", "!architectures" },
	{ "llama", "'architectures':['MistralForCausalLM']", "!architectures" },
	{ "llama", "'architectures':['LlamaForCausalLMEagle3']", "!architectures" },
	{ "llama", "'auto_map':{'AutoModelForCausalLM':'modeling_x.XForCausalLM'}",
		"!auto_map: modeling_x.XForCausalLM: code of its own" },
	{ "llama", "'auto_map':{'AutoConfig':'me/it--configuration_llama_drop.LlamaDropConfig'}",
		"!auto_map" },
};

static void what_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		const char *said = read_with(refused[i].family, refused[i].members);

		if (strncmp(said, refused[i].said, strlen(refused[i].said)))
			fail_msg("%s: %s", refused[i].members, said);
	}
}

static void what_is_named(void **state)
{
	(void)state;
	assert_string_equal(read_with("llama",
				    "'a':1,'b':'x','c':true,'d':null,'e':[0.5],'f':{'g':2},'ids':["
				    "7,9]"),
		"a, b, c, e, f.g, ids");
	assert_string_equal(read_with("llama",
				    "'on':'h100','since':'2024-01-31','took':'1:02','v':'1.2','w':'"
				    "4','h100':1"),
		"on, since, took, v, w, h100");
	assert_string_equal(read_with("llama", "'layer_norm_eps':1e-5"), "layer_norm_eps");
	assert_string_equal(read_with("llama", "'rope_parameters':{'rope_theta':1e4,'foo':1}"),
		"rope_parameters.foo");
}

static void ignored_keys_are_gone(void **state)
{
	json_t *j = from("{'a':1,'b':{'c':2,'d':[3]},'skip_layers':[1]}"),
	       *want = from("{'a':1,'b':{'d':[3]}}"), *used;

	(void)state;
	assert_null(ignore_used());
	assert_int_equal(ignore_strip(j), 0);
	assert_int_equal(ignore_add("skip_*") | ignore_add("b.c") | ignore_add("not_there") |
			ignore_add("b.c"),
		0);
	assert_int_equal(ignore_strip(j), 2);
	assert_true(json_equal(j, want));
	used = ignore_used();
	assert_int_equal(json_array_size(used), 2);
	assert_string_equal(json_string_value(json_array_get(used, 0)), "b.c");
	json_decref(used);
	json_decref(want);
	json_decref(j);
	j = from("{'made':[{'tool':'x','version':'1','args':{}},{'tool':'y','version':'1','args':{'"
		 "ignore':['z*']}}]}");
	ignore_inherit(json_object_get(j, "made"));
	json_decref(j);
	assert_true(ignore_covers("zed"));
	assert_false(ignore_covers("a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hubs_configs_pass),
		cmocka_unit_test(what_is_harmless),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_is_named),
		cmocka_unit_test(ignored_keys_are_gone),
	};

	setting_spellings(spelling);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
