/* hostile - checkpoint files that are wrong in one named way
 *
 *   hostile list            one line a case: NAME, a tab, what the refusal must say (an extended
 *                           regular expression)
 *   hostile make NAME DIR   writes it; prints the arguments that open it
 *
 * Each case is a tiny valid GGUF file, safetensors folder or adapter with one thing spoilt.
 */
#include "../files.h"

#include <sys/stat.h>

struct work {
	const char *dir;
	struct gguf_file g;
	struct st_file st, adapter;
	char config[2048], adapter_config[1024];
	char index[8192]; /* empty: one file */
	struct bytes raw; /* not empty: these bytes take the place of the file */
};

static void write_text(const struct work *w, const char *name, const char *text)
{
	struct bytes b = { (unsigned char *)(uintptr_t)text, strlen(text) };
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", w->dir, name);
	bytes_write(&b, path);
}

static void write_made(const struct work *w, const char *name, struct bytes made)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", w->dir, name);
	bytes_write(w->raw.p ? &w->raw : &made, path);
	free(made.p);
}

static struct file_tensor *gt(struct work *w, const char *name)
{
	return file_find(w->g.t, w->g.n_tensors, name);
}

static struct file_tensor *st(struct work *w, const char *name)
{
	return file_find(w->st.t, w->st.n, name);
}

static struct file_tensor *at(struct work *w, const char *name)
{
	return file_find(w->adapter.t, w->adapter.n, name);
}

/* Puts text in the place of a part of a config. */
static void swap(char *text, size_t n, const char *from, const char *to)
{
	char *at_from = strstr(text, from), rest[2048];

	if (!at_from) {
		fprintf(stderr, "no %s in the config\n", from);
		exit(1);
	}
	snprintf(rest, sizeof rest, "%s", at_from + strlen(from));
	snprintf(at_from, n - (size_t)(at_from - text), "%s%s", to, rest);
}

static void config(struct work *w, const char *from, const char *to)
{
	swap(w->config, sizeof w->config, from, to);
}
static void adapter(struct work *w, const char *from, const char *to)
{
	swap(w->adapter_config, sizeof w->adapter_config, from, to);
}

/* The GGUF pairs with a u32 changed: keys lie in the order of gguf_tiny. */
static void repair(struct work *w, const char *key, uint32_t v)
{
	unsigned char *p = memmem(w->g.pairs.p, w->g.pairs.n, key, strlen(key));

	memcpy(p + strlen(key) + 4, &v, 4);
}

static void rename_pair(struct work *w, const char *key)
{
	unsigned char *p = memmem(w->g.pairs.p, w->g.pairs.n, key, strlen(key));

	p[strlen(key) - 1] = 'X';
}

static void raw_text(struct work *w, uint64_t n, const char *header)
{
	bytes_u64(&w->raw, n);
	bytes_add(&w->raw, header, strlen(header));
}

/* -- GGUF -------------------------------------------------------------------------------------- */

static void g_magic(struct work *w)
{
	w->g.magic = "GGML";
}
static void g_version1(struct work *w)
{
	w->g.version = 1;
}
static void g_version4(struct work *w)
{
	w->g.version = 4;
}
static void g_big_endian(struct work *w)
{
	w->g.version = 3 << 24;
}
static void g_many_tensors(struct work *w)
{
	w->g.more_tensors = UINT64_MAX / 2;
}
static void g_many_pairs(struct work *w)
{
	w->g.more_pairs = 1ull << 60;
}
static void g_one_pair_more(struct work *w)
{
	w->g.more_pairs = 1;
}
static void g_one_tensor_more(struct work *w)
{
	w->g.more_tensors = 1;
}
static void g_pair_twice(struct work *w)
{
	pair_u32(&w->g, "llama.block_count", 2);
}
static void g_empty_key(struct work *w)
{
	pair_u32(&w->g, "", 2);
}
static void g_pair_type(struct work *w)
{
	pair_head(&w->g, "x", 99);
	bytes_u64(&w->g.pairs, 1);
}

static void g_array(struct work *w, uint32_t type, uint64_t count)
{
	pair_head(&w->g, "x", 9);
	bytes_u32(&w->g.pairs, type);
	bytes_u64(&w->g.pairs, count);
	bytes_zero(&w->g.pairs, 16);
}

static void g_array_count(struct work *w)
{
	g_array(w, 6, 1ull << 61);
}
static void g_array_strings(struct work *w)
{
	g_array(w, 8, 1ull << 61);
}
static void g_array_wraps(struct work *w)
{
	g_array(w, 10, (1ull << 61) + 2);
}
static void g_array_of_arrays(struct work *w)
{
	g_array(w, 9, 2);
}
static void g_array_type(struct work *w)
{
	g_array(w, 13, 2);
}
static void g_long_string(struct work *w)
{
	pair_head(&w->g, "x", 8);
	bytes_u64(&w->g.pairs, UINT64_MAX - 3);
}
static void g_string_past_end(struct work *w)
{
	pair_head(&w->g, "x", 8);
	bytes_u64(&w->g.pairs, 1 << 20);
}
static void g_alignment0(struct work *w)
{
	pair_u32(&w->g, "general.alignment", 0);
}
static void g_alignment33(struct work *w)
{
	pair_u32(&w->g, "general.alignment", 33);
}
static void g_alignment_big(struct work *w)
{
	pair_u32(&w->g, "general.alignment", 1u << 31);
}
static void g_alignment_text(struct work *w)
{
	pair_str(&w->g, "general.alignment", "32");
}
static void g_no_dims(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->n_dims = 0;
}
static void g_many_dims(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->n_dims = 5;
}
static void g_dims_bomb(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->n_dims = UINT32_MAX / 8;
}
static void g_zero_dim(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->dims[1] = 0;
}
static void g_dims_wrap(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->dims[1] = 1ull << 59;
}
static void g_huge_tensor(struct work *w)
{
	gt(w, "blk.1.ffn_down.weight")->dims[1] = 1ull << 40;
}
static void g_part_block(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->dims[0] = 33;
}
static void g_type(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->type = 20;
}
static void g_type_unknown(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->type = 1000;
}
static void g_removed_type(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->type = 4;
}
static void g_offset(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->offset = 7;
}
static void g_offset_past_end(struct work *w)
{
	gt(w, "blk.1.ffn_down.weight")->offset = 1ull << 62;
}
static void g_overlap(struct work *w)
{
	gt(w, "output_norm.weight")->offset = 0;
}
static void g_tensor_twice(struct work *w)
{
	strcpy(gt(w, "blk.0.attn_k.weight")->name, "blk.0.attn_v.weight");
}
static void g_empty_name(struct work *w)
{
	gt(w, "blk.0.attn_k.weight")->name[0] = 0;
}
static void g_long_name(struct work *w)
{
	memset(gt(w, "blk.0.attn_k.weight")->name, 'n', 64);
}
static void g_missing(struct work *w)
{
	gt(w, "blk.1.ffn_up.weight")->skip = 1;
}
static void g_unknown(struct work *w)
{
	gguf_file_add(&w->g, "blk.1.ffn_gate_exps.weight", 0, 4, 4, 64);
}
static void g_fused_beside(struct work *w)
{
	gguf_file_add(&w->g, "blk.1.attn_qkv.weight", 0, 32, 64, 8192);
}
static void g_layer_beyond(struct work *w)
{
	gguf_file_add(&w->g, "blk.2.attn_norm.weight", 0, 32, 0, 128);
}
static void g_wrong_shape(struct work *w)
{
	gt(w, "blk.0.attn_k.weight")->dims[1] = 8;
	gt(w, "blk.0.attn_k.weight")->bytes = 8 * 34;
}
static void g_norm_quantised(struct work *w)
{
	gt(w, "blk.0.attn_norm.weight")->type = 8;
	gt(w, "blk.0.attn_norm.weight")->bytes = 34;
}
static void g_three_dims(struct work *w)
{
	gt(w, "blk.0.attn_q.weight")->n_dims = 3;
	gt(w, "blk.0.attn_q.weight")->dims[1] = 8;
	gt(w, "blk.0.attn_q.weight")->dims[2] = 4;
}
static void g_arch(struct work *w)
{
	memcpy(memmem(w->g.pairs.p, w->g.pairs.n, "llama", 5), "gemma", 5);
}
static void g_no_arch(struct work *w)
{
	rename_pair(w, "general.architecture");
}
static void g_no_layers(struct work *w)
{
	repair(w, "llama.block_count", 0);
}
static void g_many_layers(struct work *w)
{
	repair(w, "llama.block_count", 513);
}
static void g_one_layer_more(struct work *w)
{
	repair(w, "llama.block_count", 3);
}
static void g_no_width(struct work *w)
{
	rename_pair(w, "llama.embedding_length");
}
static void g_wide(struct work *w)
{
	repair(w, "llama.embedding_length", 0xffffffff);
}
static void g_heads(struct work *w)
{
	repair(w, "llama.attention.head_count", 5);
}
static void g_kv_heads(struct work *w)
{
	repair(w, "llama.attention.head_count_kv", 3);
}
static void g_experts(struct work *w)
{
	pair_u32(&w->g, "llama.expert_count", 8);
}
static void g_split(struct work *w)
{
	pair_head(&w->g, "split.count", 2);
	bytes_add(&w->g.pairs, "\3", 2);
}
static void g_yarn(struct work *w)
{
	pair_str(&w->g, "llama.rope.scaling.type", "yarn");
}
static void g_rope_odd(struct work *w)
{
	pair_u32(&w->g, "llama.rope.dimension_count", 7);
}
static void g_rope_wide(struct work *w)
{
	pair_u32(&w->g, "llama.rope.dimension_count", 16);
}
static void g_rope_base(struct work *w)
{
	pair_f32(&w->g, "llama.rope.freq_base", -1);
}
static void g_rope_freqs(struct work *w)
{
	gguf_file_add(&w->g, "rope_freqs.weight", 0, 4, 0, 16);
}
static void g_value_length(struct work *w)
{
	pair_u32(&w->g, "llama.attention.value_length", 16);
}
static void g_control(struct work *w)
{
	gguf_file_add(&w->g, "blk.0.\n\033[31m", 0, 4, 4, 64);
}
static void g_fifo(struct work *w)
{
	(void)w;
}
static void g_empty(struct work *w)
{
	w->raw.p = malloc(1);
}

/* -- safetensors and folders ------------------------------------------------------------------- */

#define Q "model.layers.0.self_attn.q_proj.weight"

static void s_header_huge(struct work *w)
{
	raw_text(w, UINT64_MAX, "{}");
}
static void s_header_past_end(struct work *w)
{
	raw_text(w, 1000, "{}");
}
static void s_header_zero(struct work *w)
{
	raw_text(w, 0, "");
}
static void s_header_space(struct work *w)
{
	raw_text(w, 4, "  {}");
}
static void s_header_nul(struct work *w)
{
	raw_text(w, 3, "{}");
	bytes_zero(&w->raw, 1);
}
static void s_header_text(struct work *w)
{
	raw_text(w, 3, "{x}");
}
static void s_header_array(struct work *w)
{
	raw_text(w, 2, "[]");
}
static void s_header_deep(struct work *w)
{
	struct bytes deep = { 0 };

	bytes_add(&deep, "{\"a\":", 5);
	for (int i = 0; i < 100000; i++)
		bytes_add(&deep, "[", 1);
	bytes_u64(&w->raw, deep.n);
	bytes_add(&w->raw, deep.p, deep.n);
	free(deep.p);
}
static void s_short(struct work *w)
{
	w->raw.p = calloc(1, 8);
	w->raw.n = 7;
}
static void s_pickle(struct work *w)
{
	bytes_add(&w->raw, "PK\3\4aaaaaaaaaaaaaaaa", 20);
}
static void s_twice(struct work *w)
{
	strcpy(st(w, "model.norm.weight")->name, Q);
}
static void s_dtype(struct work *w)
{
	st(w, Q)->dtype = "F7";
}
static void s_int(struct work *w)
{
	st(w, Q)->dtype = "I32";
}
static void s_fp8(struct work *w)
{
	st(w, Q)->dtype = "F8_E4M3";
	st(w, Q)->bytes /= 4;
}
static void s_shape_wraps(struct work *w)
{
	st(w, Q)->dims[0] = st(w, Q)->dims[1] = 1ull << 33;
}
static void s_shape_short(struct work *w)
{
	st(w, Q)->dims[0] = 15;
}
static void s_dims(struct work *w)
{
	st(w, Q)->n_dims = 8;
	for (int i = 2; i < 8; i++)
		st(w, Q)->dims[i] = 1;
}
static void s_hole(struct work *w)
{
	st(w, Q)->offset = 1 << 14;
}
static void s_overlap(struct work *w)
{
	st(w, Q)->offset = 0;
}
static void s_past_end(struct work *w)
{
	st(w, Q)->offset = 1ull << 62;
}
static void s_negative(struct work *w)
{
	w->st.more = ",\"x\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[-4,0]}";
}
static void s_offsets_swapped(struct work *w)
{
	w->st.more = ",\"x\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,4]}";
}
static void s_no_offsets(struct work *w)
{
	w->st.more = ",\"x\":{\"dtype\":\"F32\",\"shape\":[]}";
}
static void s_no_shape(struct work *w)
{
	w->st.more = ",\"x\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}";
}
static void s_no_object(struct work *w)
{
	w->st.more = ",\"x\":7";
}
static void s_real_shape(struct work *w)
{
	w->st.more = ",\"x\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}";
}
static void s_metadata(struct work *w)
{
	w->st.more = ",\"__metadata__\":{}";
}
static void s_trailing(struct work *w)
{
	w->raw = st_file_bytes(&w->st);
	bytes_zero(&w->raw, 1);
}
static void s_cut(struct work *w)
{
	w->raw = st_file_bytes(&w->st);
	w->raw.n--;
}
static void s_missing(struct work *w)
{
	st(w, Q)->skip = 1;
}
static void s_unknown(struct work *w)
{
	strcpy(st(w, Q)->name, "model.layers.0.self_attn.qq_proj.weight");
}
static void s_stray(struct work *w)
{
	st_file_add(&w->st, "model.layers.0.mlp.extra.weight", "F32", 0, 4, NULL, 16);
}
static void s_bias(struct work *w)
{
	st_file_add(&w->st, "model.layers.0.mlp.up_proj.bias", "F32", 0, 24, NULL, 96);
}
static void s_layer_beyond(struct work *w)
{
	st_file_add(&w->st, "model.layers.1.x.weight", "F32", 0, 4, NULL, 16);
}
static void s_layer_number(struct work *w)
{
	st_file_add(&w->st, "model.layers.99999999999999999999.x.weight", "F32", 0, 4, NULL, 16);
}
static void s_wrong_shape(struct work *w)
{
	st(w, Q)->dims[0] = 8;
	st(w, Q)->dims[1] = 32;
}
static void s_head_missing(struct work *w)
{
	config(w, "\"tie_word_embeddings\":true", "\"tie_word_embeddings\":false");
}
static void c_text(struct work *w)
{
	strcpy(w->config, "not JSON");
}
static void c_empty(struct work *w)
{
	w->config[0] = 0;
}
static void c_array(struct work *w)
{
	strcpy(w->config, "[]");
}
static void c_twice(struct work *w)
{
	config(w, "}", ",\"vocab_size\":10}");
}
static void c_type(struct work *w)
{
	config(w, "\"llama\"", "\"mixtral\"");
}
static void c_layers(struct work *w)
{
	config(w, "\"num_hidden_layers\":1", "\"num_hidden_layers\":1000000000000");
}
static void c_layers_text(struct work *w)
{
	config(w, "\"num_hidden_layers\":1", "\"num_hidden_layers\":\"1\"");
}
static void c_width(struct work *w)
{
	config(w, "\"hidden_size\":16", "\"hidden_size\":2147483648");
}
static void c_gptq(struct work *w)
{
	config(w, "}", ",\"quantization_config\":{\"quant_method\":\"gptq\",\"bits\":4}}");
}
static void c_fp4(struct work *w)
{
	config(w, "}",
		",\"quantization_config\":{\"quant_method\":\"bitsandbytes\",\"load_in_4bit\":true}"
		"}");
}
static void c_int8(struct work *w)
{
	config(w, "}",
		",\"quantization_config\":{\"quant_method\":\"bitsandbytes\",\"load_in_8bit\":true}"
		"}");
}
static void i_empty(struct work *w)
{
	strcpy(w->index, "{\"weight_map\":{}}");
}
static void i_none(struct work *w)
{
	strcpy(w->index, "{}");
}
static void i_up(struct work *w)
{
	swap(w->index, sizeof w->index, "w.safetensors", "../w.safetensors");
}
static void i_absolute(struct work *w)
{
	swap(w->index, sizeof w->index, "w.safetensors", "/etc/passwd");
}
static void i_pickle(struct work *w)
{
	swap(w->index, sizeof w->index, "w.safetensors", "w.bin");
}
static void i_number(struct work *w)
{
	swap(w->index, sizeof w->index, "\"w.safetensors\"", "7");
}
static void i_no_file(struct work *w)
{
	swap(w->index, sizeof w->index, "w.safetensors", "v.safetensors");
}
static void i_unlisted(struct work *w)
{
	swap(w->index, sizeof w->index, "model.norm", "model.n0rm");
}
static void i_unheld(struct work *w)
{
	swap(w->index, sizeof w->index, "{\"model", "{\"x\":\"w.safetensors\",\"model");
}

/* -- bitsandbytes ------------------------------------------------------------------------------ */

static const char state_ok[] =
	"{\"quant_type\":\"nf4\",\"blocksize\":64,\"dtype\":\"bfloat16\",\"shape\":[16,16]}";

/* q_proj as a 4-bit weight with this state; absmax in n values. */
static void nf4(struct work *w, const char *state, uint64_t n)
{
	struct file_tensor *q = st(w, Q);

	*q = (struct file_tensor){
		.n_dims = 2, .dims = { 128, 1 }, .dtype = "U8", .bytes = 128, .offset = UINT64_MAX
	};
	strcpy(q->name, Q);
	st_file_add(&w->st, Q ".absmax", "F32", 0, n, NULL, n * 4);
	st_file_add(&w->st, Q ".quant_map", "F32", 0, 16, NULL, 64);
	st_file_add(&w->st, Q ".quant_state.bitsandbytes__nf4", "U8", 0, strlen(state), state,
		strlen(state));
}

static void b_fine(struct work *w)
{
	nf4(w, state_ok, 4);
}
static void b_state(struct work *w)
{
	nf4(w, "nonsense", 4);
}
static void b_block(struct work *w)
{
	nf4(w,
		"{\"quant_type\":\"nf4\",\"blocksize\":128,\"dtype\":\"bfloat16\",\"shape\":[16,16]"
		"}",
		4);
}
static void b_dtype(struct work *w)
{
	nf4(w, "{\"quant_type\":\"nf4\",\"blocksize\":64,\"dtype\":\"int8\",\"shape\":[16,16]}", 4);
}
static void b_shape(struct work *w)
{
	nf4(w, "{\"quant_type\":\"nf4\",\"blocksize\":64,\"dtype\":\"bfloat16\",\"shape\":[16,17]}",
		4);
}
static void b_shape_huge(struct work *w)
{
	nf4(w,
		"{\"quant_type\":\"nf4\",\"blocksize\":64,\"dtype\":\"bfloat16\",\"shape\":["
		"4611686018427387904,4]}",
		4);
}
static void b_shape_negative(struct work *w)
{
	nf4(w,
		"{\"quant_type\":\"nf4\",\"blocksize\":64,\"dtype\":\"bfloat16\",\"shape\":[-16,-"
		"16]}",
		4);
}
static void b_absmax(struct work *w)
{
	nf4(w, state_ok, 3);
}
static void b_nested(struct work *w)
{
	nf4(w, state_ok, 4);
	st(w, Q ".absmax")->dtype = "U8";
	st(w, Q ".absmax")->bytes = 4;
}
static void b_no_map(struct work *w)
{
	nf4(w, state_ok, 4);
	st(w, Q ".quant_map")->skip = 1;
}
static void b_fp4(struct work *w)
{
	nf4(w, state_ok, 4);
	strcpy(st(w, Q ".quant_state.bitsandbytes__nf4")->name, Q ".quant_state.bitsandbytes__fp4");
}

/* -- adapters ---------------------------------------------------------------------------------- */

#define UP "base_model.model.model.layers.0.mlp.up_proj"

static void a_none(struct work *w)
{
	(void)w;
}
static void a_type(struct work *w)
{
	adapter(w, "LORA", "IA3");
}
static void a_dora(struct work *w)
{
	adapter(w, "\"use_dora\":false", "\"use_dora\":true");
}
static void a_bias(struct work *w)
{
	adapter(w, "\"bias\":\"none\"", "\"bias\":\"all\"");
}
static void a_pattern(struct work *w)
{
	adapter(w, "\"rank_pattern\":{}", "\"rank_pattern\":{\"up_proj\":8}");
}
static void a_alpha_pattern(struct work *w)
{
	adapter(w, "\"r\"", "\"alpha_pattern\":{\"up_proj\":8},\"r\"");
}
static void a_save(struct work *w)
{
	adapter(w, "\"modules_to_save\":null", "\"modules_to_save\":[\"lm_head\"]");
}
static void a_transposed(struct work *w)
{
	adapter(w, "\"r\"", "\"fan_in_fan_out\":true,\"r\"");
}
static void a_bad_pattern(struct work *w)
{
	adapter(w, "\"rank_pattern\":{}", "\"rank_pattern\":{\"up_(proj\":2}");
}
static void a_slow_pattern(struct work *w)
{
	adapter(w, "\"rank_pattern\":{}", "\"rank_pattern\":{\"(([a-z0-9._]+)+)+[A-Z]\":2}");
}
static void a_vast_pattern(struct work *w)
{
	adapter(w, "\"rank_pattern\":{}", "\"rank_pattern\":{\"((a{1,999}){1,999}){1,999}\":2}");
}
static void a_pattern_value(struct work *w)
{
	adapter(w, "\"rank_pattern\":{}", "\"rank_pattern\":{\"up_proj\":2.5}");
}
static void a_pattern_list(struct work *w)
{
	adapter(w, "\"rank_pattern\":{}", "\"rank_pattern\":[2]");
}
static void a_pattern_fine(struct work *w)
{
	adapter(w, "\"rank_pattern\":{}", "\"rank_pattern\":{\"layers\\\\.[0-9]+\\\\..*_proj\":2}");
}
static void a_targets_none(struct work *w)
{
	adapter(w, "\"target_modules\":[\"up_proj\"]", "\"target_modules\":null");
}
static void a_targets_numbers(struct work *w)
{
	adapter(w, "\"target_modules\":[\"up_proj\"]", "\"target_modules\":[1,2]");
}
static void a_targets_others(struct work *w)
{
	adapter(w, "[\"up_proj\"]", "[\"down_proj\"]");
}
static void a_layers_odd(struct work *w)
{
	adapter(w, "\"r\"", "\"layers_to_transform\":\"0\",\"r\"");
}
static void a_rank(struct work *w)
{
	adapter(w, "\"r\":2", "\"r\":3");
}
static void a_rank_zero(struct work *w)
{
	adapter(w, "\"r\":2", "\"r\":0");
}
static void a_rank_huge(struct work *w)
{
	adapter(w, "\"r\":2", "\"r\":9223372036854775807");
}
static void a_no_alpha(struct work *w)
{
	adapter(w, "\"lora_alpha\":4,", "");
}
static void a_no_b(struct work *w)
{
	at(w, UP ".lora_B.weight")->skip = 1;
}
static void a_shape(struct work *w)
{
	at(w, UP ".lora_A.weight")->dims[1] = 8;
	at(w, UP ".lora_A.weight")->bytes = 64;
}
static void a_layer(struct work *w)
{
	strcpy(at(w, UP ".lora_A.weight")->name,
		"base_model.model.model.layers.5.mlp.up_proj.lora_A.weight");
	strcpy(at(w, UP ".lora_B.weight")->name,
		"base_model.model.model.layers.5.mlp.up_proj.lora_B.weight");
}
static void a_module(struct work *w)
{
	strcpy(at(w, UP ".lora_A.weight")->name,
		"base_model.model.model.layers.0.mlp.fc1.lora_A.weight");
	strcpy(at(w, UP ".lora_B.weight")->name,
		"base_model.model.model.layers.0.mlp.fc1.lora_B.weight");
}
static void a_stray(struct work *w)
{
	st_file_add(&w->adapter, "lm_head.weight", "F32", 0, 4, NULL, 16);
}
static void a_text(struct work *w)
{
	strcpy(w->adapter_config, "{");
}
static void a_int(struct work *w)
{
	at(w, UP ".lora_A.weight")->dtype = "I32";
}

/* -- the list ---------------------------------------------------------------------------------- */

enum what { GGUF, FOLDER, SHARDS, ADAPTER };

static const struct {
	const char *name, *why;
	enum what what;
	void (*spoil)(struct work *);
} cases[] = {
	{ "gguf-magic", "neither a model's folder", GGUF, g_magic },
	{ "gguf-version-1", "GGUF version 1;", GGUF, g_version1 },
	{ "gguf-version-4", "GGUF version 4;", GGUF, g_version4 },
	{ "gguf-big-endian", "big-endian", GGUF, g_big_endian },
	{ "gguf-2^63-tensors", "tensors do not fit", GGUF, g_many_tensors },
	{ "gguf-2^60-pairs", "pairs do not fit", GGUF, g_many_pairs },
	{ "gguf-a-pair-too-few", "ends|does not|do not|type|bytes", GGUF, g_one_pair_more },
	{ "gguf-a-tensor-too-few", "name of|ends within", GGUF, g_one_tensor_more },
	{ "gguf-pair-twice", "llama.block_count is there twice", GGUF, g_pair_twice },
	{ "gguf-empty-key", "a key of 0 bytes", GGUF, g_empty_key },
	{ "gguf-unknown-type-of-pair", "unknown type of value 99", GGUF, g_pair_type },
	{ "gguf-array-of-2^61", "do not fit in the file", GGUF, g_array_count },
	{ "gguf-2^61-strings", "do not fit in the file", GGUF, g_array_strings },
	{ "gguf-array-size-wraps", "do not fit in the file", GGUF, g_array_wraps },
	{ "gguf-array-of-arrays", "an array of arrays", GGUF, g_array_of_arrays },
	{ "gguf-array-of-unknown-type", "unknown type of value 13", GGUF, g_array_type },
	{ "gguf-string-of-2^64", "a string of 18446744073709551612", GGUF, g_long_string },
	{ "gguf-string-past-end", "the file ends within x", GGUF, g_string_past_end },
	{ "gguf-alignment-0", "alignment is 0", GGUF, g_alignment0 },
	{ "gguf-alignment-33", "alignment is 33", GGUF, g_alignment33 },
	{ "gguf-alignment-2^31", "alignment is 2147483648", GGUF, g_alignment_big },
	{ "gguf-alignment-text", "alignment has another type", GGUF, g_alignment_text },
	{ "gguf-no-dimensions", "0 dimensions", GGUF, g_no_dims },
	{ "gguf-five-dimensions", "5 dimensions", GGUF, g_many_dims },
	{ "gguf-2^29-dimensions", "536870911 dimensions", GGUF, g_dims_bomb },
	{ "gguf-dimension-0", "a dimension is 0", GGUF, g_zero_dim },
	{ "gguf-dimensions-overflow", "beyond all bounds", GGUF, g_dims_wrap },
	{ "gguf-tensor-past-end", "ends beyond the file", GGUF, g_huge_tensor },
	{ "gguf-part-of-a-block", "no whole number of Q8_0 blocks", GGUF, g_part_block },
	{ "gguf-type-IQ4_NL", "type IQ4_NL .20. is not supported", GGUF, g_type },
	{ "gguf-type-1000", "type .* is not supported", GGUF, g_type_unknown },
	{ "gguf-type-removed", "type Q4_2", GGUF, g_removed_type },
	{ "gguf-offset-unaligned", "not where the tensor before it ends", GGUF, g_offset },
	{ "gguf-offset-2^62", "not where the tensor before it ends", GGUF, g_offset_past_end },
	{ "gguf-overlap", "not where the tensor before it ends", GGUF, g_overlap },
	{ "gguf-tensor-twice", "blk.0.attn_v.weight is there twice", GGUF, g_tensor_twice },
	{ "gguf-tensor-without-name", "name of 0 bytes", GGUF, g_empty_name },
	{ "gguf-name-too-long", "name of 64 bytes", GGUF, g_long_name },
	{ "gguf-tensor-missing", "blk.1.ffn_up.weight is missing", GGUF, g_missing },
	{ "gguf-tensor-unknown", "ffn_gate_exps.weight is unknown", GGUF, g_unknown },
	{ "gguf-fused-beside", "tensor blk.1.attn_q.weight is unknown", GGUF, g_fused_beside },
	{ "gguf-layer-beyond", "in none of its 2 layers", GGUF, g_layer_beyond },
	{ "gguf-wrong-shape", "has the shape .8, 32., not .16, 32.", GGUF, g_wrong_shape },
	{ "gguf-quantised-norm", "type Q8_0 is not supported here", GGUF, g_norm_quantised },
	{ "gguf-three-dimensions", "has 3 dimensions", GGUF, g_three_dims },
	{ "gguf-architecture", "architecture gemma are not supported", GGUF, g_arch },
	{ "gguf-no-architecture", "has no general.architecture", GGUF, g_no_arch },
	{ "gguf-no-layers", "block_count is 0", GGUF, g_no_layers },
	{ "gguf-513-layers", "block_count is 513", GGUF, g_many_layers },
	{ "gguf-a-layer-too-few", "blk.2.attn_norm.weight is missing", GGUF, g_one_layer_more },
	{ "gguf-no-width", "has no llama.embedding_length", GGUF, g_no_width },
	{ "gguf-width-2^32", "embedding_length is 4294967295", GGUF, g_wide },
	{ "gguf-five-heads", "multiple of its 5 heads", GGUF, g_heads },
	{ "gguf-three-kv-heads", "do not share 3", GGUF, g_kv_heads },
	{ "gguf-experts", "mixtures of experts", GGUF, g_experts },
	{ "gguf-split", "llama-gguf-split --merge", GGUF, g_split },
	{ "gguf-yarn", "rope scaling yarn", GGUF, g_yarn },
	{ "gguf-rotary-odd", "7 rotary", GGUF, g_rope_odd },
	{ "gguf-rotary-too-wide", "16 rotary dimensions of 8", GGUF, g_rope_wide },
	{ "gguf-rope-base-negative", "rope base", GGUF, g_rope_base },
	{ "gguf-rope-factor-0", "rope_freqs.weight has the value 0", GGUF, g_rope_freqs },
	{ "gguf-values-wider-than-keys", "values of 16", GGUF, g_value_length },
	{ "gguf-terminal-codes-in-name", "blk.0.\\?\\?\\[31m", GGUF, g_control },
	{ "gguf-fifo", "neither|regular", GGUF, g_fifo },
	{ "gguf-empty", "neither|empty", GGUF, g_empty },
	{ "header-of-2^64", "header of 18446744073709551615 bytes", FOLDER, s_header_huge },
	{ "header-past-end", "header of 1000 bytes", FOLDER, s_header_past_end },
	{ "header-of-nothing", "does not begin with", FOLDER, s_header_zero },
	{ "header-after-space", "does not begin with", FOLDER, s_header_space },
	{ "header-with-nul", "JSON", FOLDER, s_header_nul },
	{ "header-no-json", "JSON", FOLDER, s_header_text },
	{ "header-array", "does not begin with", FOLDER, s_header_array },
	{ "header-deep", "JSON", FOLDER, s_header_deep },
	{ "seven-bytes", "it has 7 bytes", FOLDER, s_short },
	{ "zip-called-safetensors", "no safetensors file", FOLDER, s_pickle },
	{ "tensor-twice", "duplicate object key", FOLDER, s_twice },
	{ "dtype-unknown", "unknown dtype F7", FOLDER, s_dtype },
	{ "dtype-integer", "type I32 is not supported", FOLDER, s_int },
	{ "dtype-fp8", "type F8_E4M3 is not supported", FOLDER, s_fp8 },
	{ "shape-overflows", "beyond all bounds", FOLDER, s_shape_wraps },
	{ "shape-too-small", "another number of bytes", FOLDER, s_shape_short },
	{ "eight-dimensions", "has 8 dimensions", FOLDER, s_dims },
	{ "hole", "hole or an overlap|beyond the file", FOLDER, s_hole },
	{ "overlap", "hole or an overlap", FOLDER, s_overlap },
	{ "offset-2^62", "beyond the file", FOLDER, s_past_end },
	{ "offset-negative", "no two whole numbers", FOLDER, s_negative },
	{ "offsets-swapped", "beyond the file", FOLDER, s_offsets_swapped },
	{ "offsets-missing", "no two whole numbers", FOLDER, s_no_offsets },
	{ "shape-missing", "shape is no array", FOLDER, s_no_shape },
	{ "shape-real", "shape is no array of whole numbers", FOLDER, s_real_shape },
	{ "entry-no-object", "x: its entry", FOLDER, s_no_object },
	{ "metadata-twice", "duplicate object key", FOLDER, s_metadata },
	{ "byte-after-the-end", "1 bytes after the last tensor", FOLDER, s_trailing },
	{ "byte-missing-at-the-end", "beyond the file", FOLDER, s_cut },
	{ "tensor-missing", "q_proj.weight is missing", FOLDER, s_missing },
	{ "tensor-renamed", "q_proj.weight is missing", FOLDER, s_unknown },
	{ "tensor-unknown", "mlp.extra.weight is unknown", FOLDER, s_stray },
	{ "bias-that-config-denies", "up_proj.bias is unknown", FOLDER, s_bias },
	{ "layer-beyond", "none of its 1 layers", FOLDER, s_layer_beyond },
	{ "layer-number-overflows", "none of its 1 layers", FOLDER, s_layer_number },
	{ "weight-transposed", "has the shape .8, 32., not .16, 16.", FOLDER, s_wrong_shape },
	{ "head-missing", "lm_head.weight is missing", FOLDER, s_head_missing },
	{ "config-no-json", "config.json: line 1 of JSON", FOLDER, c_text },
	{ "config-empty", "config.json: is empty", FOLDER, c_empty },
	{ "config-array", "config.json: is no JSON object", FOLDER, c_array },
	{ "config-key-twice", "duplicate object key", FOLDER, c_twice },
	{ "config-mixtral", "type mixtral are not supported", FOLDER, c_type },
	{ "config-10^12-layers", "num_hidden_layers is 1000000000000", FOLDER, c_layers },
	{ "config-layers-text", "num_hidden_layers is no whole number", FOLDER, c_layers_text },
	{ "config-width-2^31", "hidden_size is 2147483648", FOLDER, c_width },
	{ "config-gptq", "quantised by gptq", FOLDER, c_gptq },
	{ "config-fp4", "bitsandbytes fp4", FOLDER, c_fp4 },
	{ "config-8bit", "bitsandbytes 8 bit", FOLDER, c_int8 },
	{ "index-empty", "no weight_map", SHARDS, i_empty },
	{ "index-without-map", "no weight_map", SHARDS, i_none },
	{ "index-leaves-folder", "\"../w.safetensors\" is refused", SHARDS, i_up },
	{ "index-absolute", "\"/etc/passwd\" is refused", SHARDS, i_absolute },
	{ "index-pickle", "\"w.bin\" is refused", SHARDS, i_pickle },
	{ "index-number", "its file is no string", SHARDS, i_number },
	{ "index-file-missing", "v.safetensors: No such file", SHARDS, i_no_file },
	{ "index-lacks-tensor", "model.norm.weight of w.safetensors is not in it", SHARDS,
		i_unlisted },
	{ "index-has-too-much", "tensor x is not in w.safetensors", SHARDS, i_unheld },
	{ "nf4-state-no-json", "q_proj.weight: line 1 of JSON", FOLDER, b_state },
	{ "nf4-blocks-of-128", "blocks of 128", FOLDER, b_block },
	{ "nf4-to-int8", "dequantises to int8", FOLDER, b_dtype },
	{ "nf4-other-shape", "bytes of codes for 272 values", FOLDER, b_shape },
	{ "nf4-shape-2^62", "out of all bounds", FOLDER, b_shape_huge },
	{ "nf4-shape-negative", "out of all bounds", FOLDER, b_shape_negative },
	{ "nf4-absmax-short", "one value for each of 4 blocks", FOLDER, b_absmax },
	{ "nf4-nested-missing", "nested_absmax is missing", FOLDER, b_nested },
	{ "nf4-map-missing", "quant_map is no vector of 16", FOLDER, b_no_map },
	{ "fp4", "FP4 is not supported", FOLDER, b_fp4 },
	{ "adapter-ia3", "peft_type \"IA3\"", ADAPTER, a_type },
	{ "adapter-dora", "use_dora is true, which", ADAPTER, a_dora },
	{ "adapter-bias", "bias \"all\"", ADAPTER, a_bias },
	{ "adapter-rank-pattern", "has not the shape .8, 16.", ADAPTER, a_pattern },
	{ "adapter-pattern-broken", "rank_pattern: up_.proj: is no regular expression", ADAPTER,
		a_bad_pattern },
	{ "adapter-pattern-slow", "takes too long", ADAPTER, a_slow_pattern },
	{ "adapter-pattern-vast", "is no regular expression: regular expression is too large",
		ADAPTER, a_vast_pattern },
	{ "adapter-pattern-2.5", "rank_pattern: up_proj: has no number", ADAPTER, a_pattern_value },
	{ "adapter-pattern-list", "rank_pattern is no object", ADAPTER, a_pattern_list },
	{ "adapter-no-targets", "names no target_modules", ADAPTER, a_targets_none },
	{ "adapter-targets-numbers", "target_modules holds something that is no name", ADAPTER,
		a_targets_numbers },
	{ "adapter-targets-others", "is adapted in the file but not by the config", ADAPTER,
		a_targets_others },
	{ "adapter-layers-text", "layers_to_transform is neither", ADAPTER, a_layers_odd },
	{ "adapter-saves-modules", "modules_to_save is .*, which", ADAPTER, a_save },
	{ "adapter-other-rank", "has not the shape .3, 16.", ADAPTER, a_rank },
	{ "adapter-rank-0", "r is 0", ADAPTER, a_rank_zero },
	{ "adapter-rank-2^63", "r is 9223372036854775807", ADAPTER, a_rank_huge },
	{ "adapter-no-alpha", "has no lora_alpha", ADAPTER, a_no_alpha },
	{ "adapter-half-a-pair", "has lora_A but no lora_B", ADAPTER, a_no_b },
	{ "adapter-wrong-shape", "has not the shape .2, 16.", ADAPTER, a_shape },
	{ "adapter-layer-beyond", "the model has 1 layers", ADAPTER, a_layer },
	{ "adapter-other-module", "modules that this model has not", ADAPTER, a_module },
	{ "adapter-other-tensor", "is no LoRA matrix", ADAPTER, a_stray },
	{ "adapter-config-no-json", "adapter_config.json: line 1 of JSON", ADAPTER, a_text },
	{ "adapter-integer", "type I32", ADAPTER, a_int },
	/* not hostile: what the others are spoilt from */
	{ "fine-gguf", "", GGUF, a_none },
	{ "fine-folder", "", FOLDER, a_none },
	{ "fine-shards", "", SHARDS, a_none },
	{ "fine-nf4", "", FOLDER, b_fine },
	{ "fine-adapter", "", ADAPTER, a_none },
	{ "fine-adapter-transposed", "", ADAPTER, a_transposed },
	{ "fine-adapter-alphas", "", ADAPTER, a_alpha_pattern },
	{ "fine-adapter-ranks", "", ADAPTER, a_pattern_fine },
};

/* A llama of one layer: d 16, 2 heads, ff 24, 10 tokens, tied. */
static void plan(struct work *w)
{
	static const struct {
		const char *name;
		uint64_t rows, cols;
	} all[] = {
		{ "model.embed_tokens.weight", 10, 16 },
		{ "model.layers.0.input_layernorm.weight", 0, 16 },
		{ Q, 16, 16 },
		{ "model.layers.0.self_attn.k_proj.weight", 16, 16 },
		{ "model.layers.0.self_attn.v_proj.weight", 16, 16 },
		{ "model.layers.0.self_attn.o_proj.weight", 16, 16 },
		{ "model.layers.0.post_attention_layernorm.weight", 0, 16 },
		{ "model.layers.0.mlp.gate_proj.weight", 24, 16 },
		{ "model.layers.0.mlp.up_proj.weight", 24, 16 },
		{ "model.layers.0.mlp.down_proj.weight", 16, 24 },
		{ "model.norm.weight", 0, 16 },
	};
	struct bytes index = { 0 };

	gguf_tiny(&w->g);
	st_file_add_text(&index, "{\"weight_map\":");
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		st_file_add(&w->st, all[i].name, "F32", all[i].rows, all[i].cols, NULL,
			(all[i].rows ? all[i].rows : 1) * all[i].cols * 4);
		st_file_add_text(&index, "%s\"%s\":\"w.safetensors\"", i ? "," : "{", all[i].name);
	}
	st_file_add_text(&index, "}}");
	snprintf(w->index, sizeof w->index, "%.*s", (int)index.n, index.p);
	free(index.p);
	st_file_add(&w->adapter, UP ".lora_A.weight", "F32", 2, 16, NULL, 128);
	st_file_add(&w->adapter, UP ".lora_B.weight", "F32", 24, 2, NULL, 192);
	strcpy(w->config,
		"{\"model_type\":\"llama\",\"vocab_size\":10,\"hidden_size\":16,\"intermediate_"
		"size\":24,"
		"\"num_hidden_layers\":1,\"num_attention_heads\":2,\"tie_word_embeddings\":true}");
	strcpy(w->adapter_config,
		"{\"peft_type\":\"LORA\",\"r\":2,\"lora_alpha\":4,\"bias\":\"none\",\"use_dora\":"
		"false,"
		"\"modules_to_save\":null,\"rank_pattern\":{},\"target_modules\":[\"up_proj\"]}");
}

static void write_adapter(struct work *w)
{
	struct work sound = { .dir = w->dir };

	write_made(&sound, "model.safetensors", st_file_bytes(&w->st));
	write_text(w, "config.json", w->config);
	write_text(w, "adapter_config.json", w->adapter_config);
	write_made(w, "adapter_model.safetensors", st_file_bytes(&w->adapter));
	printf("-m %s --adapter %s\n", w->dir, w->dir);
}

static void make(size_t i, const char *dir)
{
	static struct work w;
	char path[4096];

	w.dir = dir;
	mkdir(dir, 0700);
	plan(&w);
	cases[i].spoil(&w);
	if (cases[i].what == GGUF) {
		snprintf(path, sizeof path, "%s/model.gguf", dir);
		if (cases[i].spoil == g_fifo)
			mkfifo(path, 0600);
		else
			write_made(&w, "model.gguf", gguf_file_bytes(&w.g));
		printf("-m %s\n", path);
		return;
	}
	if (cases[i].what == ADAPTER) {
		write_adapter(&w);
		return;
	}
	write_text(&w, "config.json", w.config);
	if (cases[i].what == SHARDS)
		write_text(&w, "model.safetensors.index.json", w.index);
	write_made(&w, cases[i].what == SHARDS ? "w.safetensors" : "model.safetensors",
		st_file_bytes(&w.st));
	printf("-m %s\n", dir);
}

int main(int argc, char *argv[])
{
	size_t n = sizeof cases / sizeof *cases;

	if (argc == 2 && strcmp(argv[1], "list") == 0) {
		for (size_t i = 0; i < n; i++)
			printf("%s\t%s\n", cases[i].name, cases[i].why);
		return 0;
	}
	for (size_t i = 0; argc == 4 && i < n; i++)
		if (strcmp(cases[i].name, argv[2]) == 0) {
			make(i, argv[3]);
			return 0;
		}
	fprintf(stderr, "usage: hostile list | hostile make NAME DIR\n");
	return 2;
}
