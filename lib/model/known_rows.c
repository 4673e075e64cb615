/* known_rows - what the files of models are known to say; see known.h
 *
 * Gathered from transformers (PreTrainedConfig, GenerationConfig, the configs of every causal
 * family), from the code that came with Qwen-1, from peft's LoraConfig and from llama.cpp's list of
 * keys. Names that mean one thing alone come first, then patterns that change nothing, then
 * patterns of what changes a computation somewhere: so families that are new tomorrow are refused
 * by the words that they share with those of today. Words stand in alphabetical order.
 */
#include "model/known.h"

/* Keys of config.json. What the family's reader asks for never comes here. */
static const struct known_row config_rows[] = {
	/* what has a check of its own */
	{ "architectures auto_map model_type quantization_config", KNOWN_PASS },
	/* Qwen-1's own code: what it does beyond the trained length (which is refused), and how
	 * fast it does the rest */
	{ "scale_attn_weights", KNOWN_MUST, "true" },
	{ "use_dynamic_ntk use_logn_attn", KNOWN_PASS, NULL, "qwen" },
	{ "use_cache_quantization", KNOWN_MUST, NULL, "qwen" },
	/* words whose one meaning is what is computed here */
	{ "*_act *_act_fn *_activation act_fn activation activation_function", KNOWN_MUST,
		"gelu_new", "phi" },
	{ "*_act *_act_fn *_activation act_fn activation activation_function", KNOWN_MUST,
		"silu|swish" },
	{ "attention_factor attn_factor mscale mscale_all_dim partial_rotary_factor rotary_pct",
		KNOWN_MUST, "1" },
	{ "attention_type attn_type", KNOWN_MUST,
		"full|full_attention|causal|global|multihead_attention" },
	{ "causal causal_attention causal_mask is_causal use_causal*", KNOWN_MUST, "true" },
	{ "apply_rope apply_rotary* enable_rope rope rotary rotary_embedding rotary_position* "
	  "use_rope "
	  "use_rotary*",
		KNOWN_MUST, "true" },
	{ "*elementwise_affine no_bias", KNOWN_MUST, "true", "llama mistral" },
	{ "qk_layernorm qk_norm use_qk_layernorm use_qk_norm", KNOWN_MUST, "true", "qwen3" },
	{ "add_qkv_bias qkv_bias use_qkv_bias", KNOWN_MUST, "true", "phi qwen qwen2" },
	{ "*remove*norm*", KNOWN_MUST },
	{ "*final_layer_norm *final_layernorm *final_norm do_layer_norm_before pre_layernorm "
	  "prenorm",
		KNOWN_MUST, "true" },
	{ "gated_mlp glu mlp_gated swiglu use_gated_mlp use_glu use_swiglu", KNOWN_MUST, "true",
		"llama mistral qwen qwen2 qwen3" },
	{ "parallel_attn parallel_block parallel_residual use_parallel_attn use_parallel_residual",
		KNOWN_MUST, "true", "phi" },
	{ "decoder_layers n_layer n_layers num_decoder_layers num_layers", KNOWN_MUST, "L" },
	{ "pre_norm rms_norm rmsnorm use_pre_*norm use_rms_norm use_rmsnorm", KNOWN_MUST, "true",
		"llama mistral qwen qwen2 qwen3" },
	{ "layer_norm_type norm_type normalization_type", KNOWN_MUST, "rms|rmsnorm|rms_norm",
		"llama mistral qwen qwen2 qwen3" },
	{ "layer_norm_type norm_type normalization_type", KNOWN_MUST, "layernorm|layer_norm",
		"phi" },
	{ "pos_enc* position_embedding_type position_enc*", KNOWN_MUST, "rope|rotary" },
	{ "ffn_type mlp_type", KNOWN_MUST, "gated|gated_mlp|glu|llama|swiglu",
		"llama mistral qwen qwen2 qwen3" },
	/* of YaRN alone, which is refused by its name */
	{ "beta_fast beta_slow finetuned truncate", KNOWN_PASS },
	{ "original_max_position_embeddings", KNOWN_PASS }, /* asked for where a scaling needs it */
	{ "max_window_layers use_sliding_window", KNOWN_PASS }, /* nothing without a window */
	/* the same sums in another order or precision */
	{ "attention_softmax_in_fp32 fp16 fp32 bf16 pretraining_tp residual_in_fp32 "
	  "softmax_in_fp32",
		KNOWN_PASS },
	/* every config's: names, kinds of output, devices */
	{ "_attn_implementation* _commit_hash _flash_attn_2_enabled _from_model_config "
	  "_name_or_path attn_impl* attn_implementation auto_class axolotl base_model "
	  "base_model_name_or_path chat_format chat_template chunk_size_feed_forward device_map "
	  "dtype finetuning_task hidden_dropout id2label is_decoder is_llama_config label2id "
	  "language* license model_name name_or_path num_labels num_logits_to_keep onnx_safe "
	  "output_attentions output_hidden_states output_past output_router_logits output_scores "
	  "pretrained_model* problem_type return_dict* tags task_specific_params tf_legacy_loss "
	  "tie_last_hidden_states tokenizer_class tokenizer_name torch_dtype torchscript "
	  "transformers.js_config transformers_version transformers_weights unsloth_* use_bfloat16 "
	  "use_cache use_cache_kernel use_return_dict",
		KNOWN_PASS },
	{ "max_position_embeddings max_seq_len* max_sequence_length model_max_length n_ctx "
	  "n_positions seq_length",
		KNOWN_PASS },
	{ "*memory_tokens *meta_tokens *prefix_tokens *prompt_tokens *register_tokens *sink_tokens "
	  "*soft_tokens *virtual_tokens",
		KNOWN_MUST, "0" }, /* put before the text */
	{ "*_token *_token_id *_token_ids *_token_index *_tokens", KNOWN_PASS },
	/* generation */
	{ "assistant_* bad_words_ids cache_implementation diversity_penalty do_sample "
	  "early_stopping epsilon_cutoff eta_cutoff exponential_decay_length_penalty "
	  "generation_config length_penalty max_length max_new_tokens min_length "
	  "no_repeat_ngram_size encoder_no_repeat_ngram_size num_assistant_tokens_schedule "
	  "num_beam_groups num_beams num_return_sequences prefix remove_invalid_values "
	  "repetition_penalty encoder_repetition_penalty stop_words_ids target_lookbehind "
	  "temperature top_k top_p typical_p",
		KNOWN_PASS },
	/* training */
	{ "*gamma_init* *lambda_* *scale_init*", KNOWN_MUST, "0" },
	{ "*_dropout *_init *_lr *_pdrop *_prob *_seed *checkpointing* *dataset* "
	  "*drop_path* *dropout* *initializer* *layerdrop* *loss* *lr_scheduler* *optimizer* "
	  "*weight_decay* label_smoothing* learning_rate attn_drop embd_drop resid_drop "
	  "init_device init_std initializer_range neftune* seed train_* training_*",
		KNOWN_PASS },
	/* how it is computed, not what */
	{ "*_kernel_impl *flash* *fused_* *megatron* *model_parallel* *sdpa* *xformers* ep_size "
	  "pipeline_parallel* sequence_parallel* tensor_parallel* tp_plan tp_size use_kernel*",
		KNOWN_PASS },
	{ "*_eps *_epsilon eps epsilon", KNOWN_NOBODY }, /* of a norm that the family has not */
	/* a period or a count of layers, whatever it is called */
	{ "*every_n* *interval* *_period *_offset *_step *sliding_window_pattern *_pattern",
		KNOWN_MUST, "0" },
	{ "*_layers *layer* *mtp* *nextn* *exit*", KNOWN_MUST, "0" },
	{ "*drop*list *kept* *prune* *skip*", KNOWN_MUST, "0" },
	/* scales; of the first, 1 is another one than here, where scores have 1 / sqrt(head_dim) */
	{ "*qk_scale* *softmax_scale* attention_multiplier attention_scale attn_scale query_scale "
	  "scale_depth",
		KNOWN_MUST },
	{ "*multiplier* *scale* *scaling*", KNOWN_MUST, "1" },
	{ "*_cap *clamp* *clip* *logit_cap* *soft_cap* *softcap* *swiglu_limit*", KNOWN_MUST, "0" },
	{ "*alpha* *logit* *mup* *scalar* *temperature* dim_model_base", KNOWN_MUST },
	/* which positions are seen, and how positions enter */
	{ "*alibi* *attention_chunk* *attn_chunk* *bidirectional* *local_att* *mask_type* "
	  "*nope* *no_rope* *prefix_lm* *sink* *window* attention_types attn_types global_attn*",
		KNOWN_MUST },
	{ "*_rope* *abs_pos* *learned_pos* *logn* *long_factor *mrope* *ntk* *pos_emb* "
	  "*position_emb* "
	  "*positional* *relative* *rope_* *rotary* *short_factor *xpos* *yarn* use_absolute*",
		KNOWN_MUST },
	/* other parts */
	{ "*bias*", KNOWN_MUST },
	{ "*_norm *_norm_* *layernorm* *norm_after* *norm_before* *qk_ln* *sandwich* norm_* "
	  "normalize_* post_norm*",
		KNOWN_MUST },
	{ "*expert* *moe* *router* *routed* *scoring_func* n_group topk_group", KNOWN_MUST, "0" },
	{ "*gate *gated* *gating* *glu *residual* *parallel* *share* *tie_* *tied* *tying* *untie* "
	  "add_cross_attention cross_att* is_encoder_decoder",
		KNOWN_MUST },
	{ "*_compress* *conv_* *cycles *h_cycles *hyper_conn* *index_* *indexer* *kda_* "
	  "*laurel* *linear_attn* *loop* *lora* *mamba* *qk_dim* *recur* *rwkv* *spars* *ssm_* "
	  "*altup* *ngram* *per_layer* hc_* mhc* num_loops ple_* swa_* total_ut_steps "
	  "v_head_dim",
		KNOWN_MUST, "0" },
	{ "*beta_factor *dense* *double_wide* *gate_type *k_eq_v *long_context *multi_query* "
	  "*sequence_id *unpadded* *vocabulary_map adapter_* add_adapter embedding_fraction "
	  "full_attn* hidden_size_global linear_* ln_before* lru_* new_decoder* ngpt* "
	  "o_groups state_size time_step* use_rel_pos",
		KNOWN_MUST, "0" },
	{ "*deepnorm* *gegelu* *hash_byte* *hash_emb* *mixture_of* *multi_token_pred* *off_by_one* "
	  "*relu* "
	  "*zero_centered* use_cla",
		KNOWN_MUST, "0" },
	{ "*head_dim* type_vocab_size", KNOWN_MUST, "0" },
	{ "audio_config backbone_config decoder encoder speech_config text_config vision_config",
		KNOWN_MUST },
	{ "*quant*", KNOWN_MUST }, { NULL }
};

/* Keys of adapter_config.json. What is in no row is refused when it is set. */
static const struct known_row adapter_rows[] = {
	/* names, training, and what another key that is refused gives its meaning:
	 * qalora_group_size without use_qalora, a first value's settings without its
	 * init_lora_weights; peft puts a linear layer's fan_in_fan_out right by itself, and
	 * megatron's layers are in no model of transformers */
	{ "_custom_modules auto_mapping base_model_name_or_path corda_config "
	  "ensure_weight_tying eva_config fan_in_fan_out inference_mode loftq_config "
	  "lora_dropout lora_ga_config megatron_config megatron_core merge_weights peft_version "
	  "qalora_group_size revision runtime_config unsloth*",
		KNOWN_PASS },
	{ NULL }
};

/* Pairs of a GGUF file: the architecture's own, without its name. llama.cpp reads a closed list of
 * them; what is in no row is refused when it is set. */
static const struct known_row gguf_rows[] = {
	{ "attention.*_epsilon", KNOWN_PASS }, /* of a norm that the architecture has not */
	{ "attention.causal", KNOWN_MUST, "true" },
	{ "embedding_scale logit_scale residual_scale", KNOWN_MUST, "1" },
	{ "pooling_type", KNOWN_PASS }, /* of embeddings, which are not asked for */
	{ "rope.scaling.attn_factor rope.scaling.yarn_attn_factor", KNOWN_MUST, "1" },
	{ "rope.scaling.finetuned rope.scaling.original_context_length", KNOWN_PASS },
	{ "rope.scaling.yarn_beta_fast rope.scaling.yarn_beta_slow "
	  "rope.scaling.yarn_log_multiplier",
		KNOWN_PASS },
	{ "tensor_data_layout", KNOWN_MUST, "Meta AI original pth", "llama" }, { NULL }
};

/* Tensors that no role is: what torch saves of buffers that are made anew on loading. */
static const struct known_row tensor_rows[] = {
	{ "*.attn.bias *.attention.bias *.masked_bias *._extra_state", KNOWN_PASS },
	{ "*position_ids *rotary_emb.inv_freq *rotary_emb.cos_cached *rotary_emb.sin_cached",
		KNOWN_PASS },
	{ "blk.*.attn_rot_embd.weight", KNOWN_PASS }, { NULL }
};

/* Files beside a checkpoint that hold for fewer layers as for all. Weights in other forms don't,
 * whatever they are called; nor does any JSON that may count layers, widths or modules. */
static const struct known_row file_rows[] = {
	{ "*.bin *.gguf *.npz *.onnx* *.pt *.pth *.safetensors* imatrix*", KNOWN_MUST },
	{ "*.spm *.tiktoken added_tokens.json bpe.codes encoder.json generation_config.json "
	  "preprocessor_config.json processor_config.json sentencepiece* special_tokens_map.json "
	  "spiece.model tekken.json tiktoken.model tokenizer* vocab.bpe vocab.json",
		KNOWN_PASS },
	{ "*.jinja chat_template*", KNOWN_PASS },
	{ "*.cpp *.cu *.html *.ipynb *.md *.py *.rst *.sh *.txt .gitattributes .gitignore "
	  "copying* licen[cs]e* notice* readme*",
		KNOWN_PASS },
	{ "*.gif *.jpeg *.jpg *.pdf *.png *.svg *.webp", KNOWN_PASS }, { NULL }
};

const struct known_row *const known_rows[KNOWN_READERS] = {
	[KNOWN_CONFIG] = config_rows,
	[KNOWN_ADAPTER] = adapter_rows,
	[KNOWN_GGUF] = gguf_rows,
	[KNOWN_TENSOR] = tensor_rows,
	[KNOWN_FILE] = file_rows,
};
