/* arch - the table of families, and how a config or a GGUF file's pairs become a shape; see arch.h
 *
 * A family is data: adding one whose parts exist is a row here and nothing else. The readers below know keys by the
 * row's names only.
 */
#include "arch.h"
#include "fault.h"
#include "gguf.h"
#include "json.h"
#include "rotary.h"

#include <stdio.h>
#include <string.h>

enum flag { NO, YES, ASK };	/* ASK: the config's key decides, default false */
enum window { WINDOW_NONE, WINDOW_ALL, WINDOW_SOME };

struct family {
	const char *model_type;		/* config.json's */
	const char *gguf;		/* GGUF's general.architecture */
	enum norm norm;
	int act_key;			/* 1: hidden_act is read */
	enum act act;			/* where it is absent */
	int gated, parallel;
	enum flag qkv_bias, o_bias;	/* ASK: attention_bias */
	enum flag ffn_bias;		/* ASK: mlp_bias */
	int head_bias, qk_norm;
	int half_ff;			/* the FFN is half as wide as the config says */
	int permuted;			/* GGUF keeps q and k rows in llama order */
	enum window window;
	const char *eps_key; double eps;	/* key, and the value where it is absent */
	const char *gguf_eps_key;
	const char *context_key; int context;
	const char *head_dim_key; int head_dim;		/* 0: d/H */
	int n_kv;			/* num_key_value_heads where the key is absent; 0: H */
	const char *theta_key;
	const char *partial_key; double partial;	/* NULL: all of a head's dims turn */
	int gguf_rotary;		/* GGUF without rope.dimension_count; 0: hd */
	const char *must_key; int must;	/* a key that must have this value, if it is there */
	const char *prefix;		/* of a layer's tensors, Hugging Face */
	const char *hf[ROLE_COUNT];	/* names without prefix, number and ".weight"; three times the same: fused */
	const char *blk[ROLE_COUNT];	/* the same in GGUF */
};

#define LLAMA_HF \
	.prefix = "model.layers.", \
	.hf = { \
		[ROLE_EMBED] = "model.embed_tokens", [ROLE_FINAL_NORM] = "model.norm", [ROLE_HEAD] = "lm_head", \
		[ROLE_NORM1] = "input_layernorm", [ROLE_Q] = "self_attn.q_proj", [ROLE_K] = "self_attn.k_proj", \
		[ROLE_V] = "self_attn.v_proj", [ROLE_Q_NORM] = "self_attn.q_norm", [ROLE_K_NORM] = "self_attn.k_norm", \
		[ROLE_O] = "self_attn.o_proj", [ROLE_NORM2] = "post_attention_layernorm", \
		[ROLE_GATE] = "mlp.gate_proj", [ROLE_UP] = "mlp.up_proj", [ROLE_DOWN] = "mlp.down_proj", \
	}

/* All but the second norm, and q, k, v. */
#define GGUF_NAMES \
	[ROLE_EMBED] = "token_embd", [ROLE_FINAL_NORM] = "output_norm", [ROLE_HEAD] = "output", \
	[ROLE_NORM1] = "attn_norm", [ROLE_Q_NORM] = "attn_q_norm", [ROLE_K_NORM] = "attn_k_norm", \
	[ROLE_O] = "attn_output", [ROLE_GATE] = "ffn_gate", [ROLE_UP] = "ffn_up", [ROLE_DOWN] = "ffn_down"
#define GGUF_QKV [ROLE_Q] = "attn_q", [ROLE_K] = "attn_k", [ROLE_V] = "attn_v"

#define LLAMA_NAMES LLAMA_HF, .blk = { GGUF_NAMES, GGUF_QKV, [ROLE_NORM2] = "ffn_norm" }

#define RMS_KEYS \
	.eps_key = "rms_norm_eps", .eps = 1e-6, .gguf_eps_key = "attention.layer_norm_rms_epsilon", \
	.context_key = "max_position_embeddings", .head_dim_key = "head_dim", .theta_key = "rope_theta", \
	.act_key = 1, .act = ACT_SILU, .norm = NORM_RMS, .gated = 1

static const struct family families[] = {
	{
		.model_type = "llama", .gguf = "llama", RMS_KEYS, .context = 2048, .permuted = 1,
		.qkv_bias = ASK, .o_bias = ASK, .ffn_bias = ASK, LLAMA_NAMES,
	}, {
		.model_type = "mistral", .gguf = "llama", RMS_KEYS, .context = 131072, .permuted = 1,
		.n_kv = 8, .window = WINDOW_ALL, LLAMA_NAMES,
	}, {
		.model_type = "qwen2", .gguf = "qwen2", RMS_KEYS, .context = 32768,
		.n_kv = 32, .qkv_bias = YES, .window = WINDOW_SOME, LLAMA_NAMES,
	}, {
		.model_type = "qwen3", .gguf = "qwen3", RMS_KEYS, .context = 32768,
		.n_kv = 32, .head_dim = 128, .qkv_bias = ASK, .o_bias = ASK, .qk_norm = 1, .window = WINDOW_SOME,
		LLAMA_NAMES,
	}, {
		.model_type = "phi", .gguf = "phi2", .norm = NORM_LAYER, .act_key = 1, .act = ACT_GELU_NEW,
		.parallel = 1, .qkv_bias = YES, .o_bias = YES, .ffn_bias = YES, .head_bias = 1,
		.eps_key = "layer_norm_eps", .eps = 1e-5, .gguf_eps_key = "attention.layer_norm_epsilon",
		.context_key = "max_position_embeddings", .context = 2048, .head_dim_key = "head_dim",
		.theta_key = "rope_theta", .partial_key = "partial_rotary_factor", .partial = 0.5, .gguf_rotary = 32,
		.must_key = "qk_layernorm", .must = 0,
		.prefix = "model.layers.",
		.hf = {
			[ROLE_EMBED] = "model.embed_tokens", [ROLE_FINAL_NORM] = "model.final_layernorm",
			[ROLE_HEAD] = "lm_head", [ROLE_NORM1] = "input_layernorm", [ROLE_Q] = "self_attn.q_proj",
			[ROLE_K] = "self_attn.k_proj", [ROLE_V] = "self_attn.v_proj", [ROLE_O] = "self_attn.dense",
			[ROLE_UP] = "mlp.fc1", [ROLE_DOWN] = "mlp.fc2",
		},
		.blk = { GGUF_NAMES, GGUF_QKV },
	}, {
		.model_type = "qwen", .gguf = "qwen", .norm = NORM_RMS, .act = ACT_SILU, .gated = 1,
		.qkv_bias = YES, .half_ff = 1,
		.eps_key = "layer_norm_epsilon", .eps = 1e-6, .gguf_eps_key = "attention.layer_norm_rms_epsilon",
		.context_key = "seq_length", .context = 8192, .head_dim_key = "kv_channels", .head_dim = 128,
		.theta_key = "rotary_emb_base", .partial_key = "rotary_pct", .partial = 1,
		.must_key = "no_bias", .must = 1,
		.prefix = "transformer.h.",
		.hf = {
			[ROLE_EMBED] = "transformer.wte", [ROLE_FINAL_NORM] = "transformer.ln_f", [ROLE_HEAD] = "lm_head",
			[ROLE_NORM1] = "ln_1", [ROLE_Q] = "attn.c_attn", [ROLE_K] = "attn.c_attn", [ROLE_V] = "attn.c_attn",
			[ROLE_O] = "attn.c_proj", [ROLE_NORM2] = "ln_2", [ROLE_GATE] = "mlp.w2", [ROLE_UP] = "mlp.w1",
			[ROLE_DOWN] = "mlp.c_proj",
		},
		.blk = {
			GGUF_NAMES, [ROLE_Q] = "attn_qkv", [ROLE_K] = "attn_qkv", [ROLE_V] = "attn_qkv",
			[ROLE_NORM2] = "ffn_norm",
		},
	},
};
enum { FAMILIES = sizeof families / sizeof *families };

/* Bounds far above any model, so that no product of two of them overflows. */
enum { MAX_WIDTH = 1 << 20, MAX_FF = 1 << 22, MAX_VOCAB = 1 << 24, MAX_HEADS = 1 << 14, MAX_HEAD_DIM = 1 << 12,
	MAX_CONTEXT = 1 << 28 };

/* -- what both sources share ------------------------------------------------------------------------------------- */

static void from_family(struct shape *s, const struct family *f)
{
	*s = (struct shape){
		.family = f, .norm = f->norm, .act = f->act, .gated = f->gated, .parallel = f->parallel,
		.head_bias = f->head_bias, .qk_norm = f->qk_norm,
	};
}

static int check(struct shape *s, char *err, size_t n_err)
{
	if (s->n_heads % s->n_kv)
		return fault(err, n_err, "%d attention heads do not share %d key/value heads evenly", s->n_heads, s->n_kv);
	if (s->head_dim < 2 || s->head_dim % 2)
		return fault(err, n_err, "a head size of %d, which is odd", s->head_dim);
	if (s->rotary < 2 || s->rotary % 2 || s->rotary > s->head_dim)
		return fault(err, n_err, "%d rotary dimensions of %d", s->rotary, s->head_dim);
	if (s->rotary / 2 > (int)(sizeof s->inv_freq / sizeof *s->inv_freq))
		return fault(err, n_err, "%d rotary dimensions are more than supported", s->rotary);
	if (!(s->eps > 0))
		return fault(err, n_err, "the norms' epsilon is not above 0");
	if (s->family->half_ff && s->n_heads * s->head_dim != s->d_model)
		return fault(err, n_err, "%d heads of %d are not the model's width %d", s->n_heads, s->head_dim, s->d_model);
	return 0;
}

static int halve_ff(struct shape *s, char *err, size_t n_err)
{
	if (!s->family->half_ff)
		return 0;
	if (s->d_ff % 2)
		return fault(err, n_err, "an FFN width of %d, which is odd", s->d_ff);
	s->d_ff /= 2;
	return 0;
}

/* -- config.json ------------------------------------------------------------------------------------------------- */

static int get_size(const json_t *c, const char *key, int max, int *v, char *err, size_t n_err)
{
	int64_t i;
	int got = json_get_int(c, key, 1, max, &i, err, n_err);

	if (got > 0)
		*v = (int)i;
	return got;
}

static int need_size(const json_t *c, const char *key, int max, int *v, char *err, size_t n_err)
{
	int got = get_size(c, key, max, v, err, n_err);

	if (got < 0)
		return -1;
	return got ? 0 : fault(err, n_err, "config has no %s", key);
}

static int config_sizes(struct shape *s, const json_t *c, char *err, size_t n_err)
{
	const struct family *f = s->family;
	double eps = f->eps;

	if (need_size(c, "vocab_size", MAX_VOCAB, &s->n_vocab, err, n_err) ||
			need_size(c, "hidden_size", MAX_WIDTH, &s->d_model, err, n_err) ||
			need_size(c, "intermediate_size", MAX_FF, &s->d_ff, err, n_err) ||
			need_size(c, "num_hidden_layers", MAX_LAYERS, &s->n_layers, err, n_err) ||
			need_size(c, "num_attention_heads", MAX_HEADS, &s->n_heads, err, n_err))
		return -1;
	s->n_kv = f->n_kv && !json_object_get(c, "num_key_value_heads") ? f->n_kv : s->n_heads;
	s->n_ctx = f->context;
	if (get_size(c, "num_key_value_heads", MAX_HEADS, &s->n_kv, err, n_err) < 0 ||
			get_size(c, f->context_key, MAX_CONTEXT, &s->n_ctx, err, n_err) < 0 ||
			json_get_real(c, f->eps_key, &eps, err, n_err) < 0)
		return -1;
	s->eps = (float)eps;
	s->head_dim = f->head_dim;
	if (get_size(c, f->head_dim_key, MAX_HEAD_DIM, &s->head_dim, err, n_err) < 0)
		return -1;
	if (!s->head_dim) {
		if (s->d_model % s->n_heads)
			return fault(err, n_err, "a width of %d is no multiple of its %d heads", s->d_model, s->n_heads);
		s->head_dim = s->d_model / s->n_heads;
	}
	return halve_ff(s, err, n_err);
}

static int ask(const json_t *c, enum flag f, const char *key, int *v, char *err, size_t n_err)
{
	*v = f == YES;
	return f == ASK && json_get_bool(c, key, v, err, n_err) < 0 ? -1 : 0;
}

static int config_parts(struct shape *s, const json_t *c, char *err, size_t n_err)
{
	const struct family *f = s->family;
	const char *act = f->act == ACT_SILU ? "silu" : "gelu_new";
	int must = f->must;

	if (ask(c, f->qkv_bias, "attention_bias", &s->qkv_bias, err, n_err) ||
			ask(c, f->o_bias, "attention_bias", &s->o_bias, err, n_err) ||
			ask(c, f->ffn_bias, "mlp_bias", &s->ffn_bias, err, n_err) ||
			json_get_bool(c, "tie_word_embeddings", &s->tied, err, n_err) < 0)
		return -1;
	if (f->must_key && json_get_bool(c, f->must_key, &must, err, n_err) < 0)
		return -1;
	if (must != f->must)
		return fault(err, n_err, "%s is %s, which is not supported", f->must_key, must ? "true" : "false");
	if (f->act_key && json_get_string(c, "hidden_act", &act, err, n_err) < 0)
		return -1;
	if (strcmp(act, "silu") && strcmp(act, "gelu_new"))
		return fault(err, n_err, "hidden_act %s is not supported; silu and gelu_new are", act);
	s->act = strcmp(act, "silu") ? ACT_GELU_NEW : ACT_SILU;
	return 0;
}

/* Whether layer i of a family with some windowed layers has the window: 1, 0, or -1. */
static int layer_window(const json_t *c, int i, int from, char *err, size_t n_err)
{
	const json_t *types = json_object_get(c, "layer_types");
	const char *type = json_string_value(json_array_get(types, (size_t)i));

	if (!types || json_is_null(types))
		return i >= from;
	if (!type || (strcmp(type, "sliding_attention") && strcmp(type, "full_attention")))
		return fault(err, n_err, "layer_types: layer %d is %s", i, type ? type : "missing");
	return strcmp(type, "sliding_attention") == 0;
}

static int check_layer_types(const struct shape *s, const json_t *c, char *err, size_t n_err)
{
	const json_t *types = json_object_get(c, "layer_types");

	if (types && !json_is_null(types) && json_array_size(types) != (size_t)s->n_layers)
		return fault(err, n_err, "layer_types has %zu entries for %d layers", json_array_size(types), s->n_layers);
	return 0;
}

static int config_window(struct shape *s, const json_t *c, char *err, size_t n_err)
{
	int window = json_object_get(c, "sliding_window") ? 0 : 4096, use = s->family->window == WINDOW_ALL, from = 28;
	int64_t first;
	int has;

	if (s->family->window == WINDOW_NONE)
		return 0;
	if (check_layer_types(s, c, err, n_err) ||
			get_size(c, "sliding_window", MAX_CONTEXT, &window, err, n_err) < 0 ||
			(s->family->window == WINDOW_SOME && json_get_bool(c, "use_sliding_window", &use, err, n_err) < 0) ||
			(has = json_get_int(c, "max_window_layers", 0, 1 << 20, &first, err, n_err)) < 0)
		return -1;
	if (has)
		from = (int)first;
	if (!use || !window)
		return 0;
	for (int i = 0; i < s->n_layers; i++) {
		has = s->family->window == WINDOW_ALL ? 1 : layer_window(c, i, from, err, n_err);
		if (has < 0)
			return -1;
		s->window[i] = has ? window : 0;
	}
	return 0;
}

static int rope_numbers(struct rotary *r, const json_t *o, char *err, size_t n_err)
{
	const struct { const char *key; double *v; } all[] = {
		{ "factor", &r->factor }, { "low_freq_factor", &r->low }, { "high_freq_factor", &r->high },
	};

	for (int i = 0; i < (r->type == ROTARY_LINEAR ? 1 : 3); i++) {
		int got = json_get_real(o, all[i].key, all[i].v, err, n_err);

		if (got < 0)
			return -1;
		if (!got)
			return fault(err, n_err, "rope scaling has no %s", all[i].key);
	}
	return 0;
}

static int rope_scaling(struct rotary *r, const json_t *c, const json_t *o, const struct shape *s, char *err,
	size_t n_err)
{
	const char *type = "default";
	int got;

	if (json_get_string(o, "type", &type, err, n_err) < 0 || json_get_string(o, "rope_type", &type, err, n_err) < 0)
		return -1;
	if (strcmp(type, "default") == 0)
		return 0;
	r->type = strcmp(type, "llama3") == 0 ? ROTARY_LLAMA3 : ROTARY_LINEAR;
	if (r->type == ROTARY_LINEAR && strcmp(type, "linear"))
		return fault(err, n_err, "rope type %s is not supported; default, linear and llama3 are", type);
	if (rope_numbers(r, o, err, n_err))
		return -1;
	r->old_context = s->n_ctx;
	got = json_get_real(c, "original_max_position_embeddings", &r->old_context, err, n_err);
	if (got == 0)
		got = json_get_real(o, "original_max_position_embeddings", &r->old_context, err, n_err);
	return got < 0 ? -1 : 0;
}

static int config_rope(struct shape *s, const json_t *c, char *err, size_t n_err)
{
	const struct family *f = s->family;
	const char *where = json_is_unset(c, "rope_scaling") ? "rope_parameters" : "rope_scaling", *key;
	const json_t *o = json_object_get(c, where);
	struct rotary r = { .type = ROTARY_PLAIN, .theta = 10000 };
	double partial = f->partial_key ? f->partial : 1;
	json_t *v;
	int got;

	if (!json_is_unset(c, where) && !json_is_object(o))
		return fault(err, n_err, "%s is no object", where);
	json_object_foreach((json_t *)(uintptr_t)o, key, v)
		if (json_is_object(v))
			return fault(err, n_err, "%s differs between layers (%s), which is not supported", where, key);
	got = json_get_real(o, "rope_theta", &r.theta, err, n_err);
	if (got == 0)
		got = json_get_real(c, f->theta_key, &r.theta, err, n_err);
	if (got < 0)
		return -1;
	if (f->partial_key) {
		got = json_get_real(o, f->partial_key, &partial, err, n_err);
		if (got == 0)
			got = json_get_real(c, f->partial_key, &partial, err, n_err);
		if (got < 0)
			return -1;
	}
	if (!(partial > 0 && partial <= 1))
		return fault(err, n_err, "%s is %g", f->partial_key, partial);
	if (f->half_ff && partial != 1)
		return fault(err, n_err, "%s is %g; only 1 is supported", f->partial_key, partial);
	s->rotary = (int)(s->head_dim * partial);
	if (check(s, err, n_err) || rope_scaling(&r, c, o, s, err, n_err))
		return -1;
	return rotary_inv_freq(s->inv_freq, s->rotary, &r, err, n_err);
}

int shape_from_config(struct shape *s, const json_t *c, char *err, size_t n_err)
{
	const char *type = NULL;

	if (!json_is_object(c))
		return fault(err, n_err, "is no JSON object");
	if (json_get_string(c, "model_type", &type, err, n_err) < 0)
		return -1;
	if (!type)
		return fault(err, n_err, "config has no model_type");
	for (int i = 0; i < FAMILIES; i++)
		if (strcmp(families[i].model_type, type) == 0) {
			from_family(s, &families[i]);
			return config_sizes(s, c, err, n_err) || config_parts(s, c, err, n_err) ||
				config_window(s, c, err, n_err) || config_rope(s, c, err, n_err) ? -1 : 0;
		}
	return fault(err, n_err, "models of type %s are not supported", type);
}

/* -- GGUF -------------------------------------------------------------------------------------------------------- */

struct reader {
	const struct gguf *g;
	const char *arch;
	char *err;
	size_t n_err;
};

/* <arch>.key from 1 to max: 1, 0 where it is absent, -1. */
static int pair_size(const struct reader *r, const char *key, int max, int *v)
{
	char full[128];
	uint64_t u;
	int got;

	snprintf(full, sizeof full, "%s.%s", r->arch, key);
	got = gguf_uint(r->g, full, &u);
	if (got < 0)
		return fault(r->err, r->n_err, "%s is no whole number", full);
	if (got && (u < 1 || u > (uint64_t)max))
		return fault(r->err, r->n_err, "%s is %llu, out of the range 1 to %d", full, (unsigned long long)u, max);
	if (got)
		*v = (int)u;
	return got;
}

static int need_pair_size(const struct reader *r, const char *key, int max, int *v)
{
	int got = pair_size(r, key, max, v);

	if (got < 0)
		return -1;
	return got ? 0 : fault(r->err, r->n_err, "has no %s.%s", r->arch, key);
}

static int pair_real(const struct reader *r, const char *key, double *v)
{
	char full[128];
	int got;

	snprintf(full, sizeof full, "%s.%s", r->arch, key);
	got = gguf_float(r->g, full, v);
	return got < 0 ? fault(r->err, r->n_err, "%s is no real number", full) : got;
}

static int has_tensor(const struct gguf *g, const char *name)
{
	return gguf_tensor(g, name) != NULL;
}

static int pair_vocab(struct shape *s, const struct reader *r)
{
	const struct gguf_pair *tokens = gguf_array(r->g, "tokenizer.ggml.tokens", GGUF_STRING);
	int got = pair_size(r, "vocab_size", MAX_VOCAB, &s->n_vocab);

	if (got)
		return got < 0 ? -1 : 0;
	if (!tokens || tokens->count < 1 || tokens->count > MAX_VOCAB)
		return fault(r->err, r->n_err, "has neither %s.vocab_size nor tokens", r->arch);
	s->n_vocab = (int)tokens->count;
	return 0;
}

static int pair_sizes(struct shape *s, const struct reader *r)
{
	double eps;
	int value_dim, got;

	if (pair_vocab(s, r) || need_pair_size(r, "embedding_length", MAX_WIDTH, &s->d_model) ||
			need_pair_size(r, "feed_forward_length", MAX_FF, &s->d_ff) ||
			need_pair_size(r, "block_count", MAX_LAYERS, &s->n_layers) ||
			need_pair_size(r, "context_length", MAX_CONTEXT, &s->n_ctx) ||
			need_pair_size(r, "attention.head_count", MAX_HEADS, &s->n_heads))
		return -1;
	s->n_kv = s->n_heads;
	s->head_dim = s->d_model / s->n_heads;
	if (pair_size(r, "attention.head_count_kv", MAX_HEADS, &s->n_kv) < 0 ||
			(got = pair_size(r, "attention.key_length", MAX_HEAD_DIM, &s->head_dim)) < 0)
		return -1;
	if (!got && s->d_model % s->n_heads)
		return fault(r->err, r->n_err, "a width of %d is no multiple of its %d heads", s->d_model, s->n_heads);
	value_dim = s->head_dim;
	if (pair_size(r, "attention.value_length", MAX_HEAD_DIM, &value_dim) < 0)
		return -1;
	if (value_dim != s->head_dim)
		return fault(r->err, r->n_err, "keys of %d and values of %d dimensions", s->head_dim, value_dim);
	got = pair_real(r, s->family->gguf_eps_key, &eps);
	if (got <= 0)
		return got < 0 ? -1 : fault(r->err, r->n_err, "has no %s.%s", r->arch, s->family->gguf_eps_key);
	s->eps = (float)eps;
	return halve_ff(s, r->err, r->n_err);
}

static int pair_parts(struct shape *s, const struct reader *r)
{
	int experts = 0, window = 0;
	char key[128];
	uint64_t u;

	s->tied = !has_tensor(r->g, "output.weight");
	s->qkv_bias = has_tensor(r->g, "blk.0.attn_q.bias") || has_tensor(r->g, "blk.0.attn_qkv.bias");
	s->o_bias = has_tensor(r->g, "blk.0.attn_output.bias");
	s->ffn_bias = has_tensor(r->g, "blk.0.ffn_up.bias");
	snprintf(key, sizeof key, "%s.expert_count", r->arch);
	if (gguf_uint(r->g, key, &u) > 0)
		experts = u > 0;
	if (experts)
		return fault(r->err, r->n_err, "mixtures of experts are not supported");
	snprintf(key, sizeof key, "%s.attention.sliding_window", r->arch);
	if (gguf_uint(r->g, key, &u) > 0 && u) {
		if (pair_size(r, "attention.sliding_window", MAX_CONTEXT, &window) < 0)
			return -1;
		for (int i = 0; i < s->n_layers; i++)
			s->window[i] = window;
	}
	return 0;
}

static int pair_scaling(struct rotary *rope, const struct reader *r)
{
	struct gguf_str type = { "none", 4 };
	char key[128];

	snprintf(key, sizeof key, "%s.rope.scaling.type", r->arch);
	if (gguf_string(r->g, key, &type) < 0)
		return fault(r->err, r->n_err, "%s is no string", key);
	if (gguf_str_is(type, "none"))
		return 0;
	if (!gguf_str_is(type, "linear"))
		return fault(r->err, r->n_err, "rope scaling %.*s is not supported; none and linear are",
			(int)(type.n < 64 ? type.n : 64), type.s);
	rope->type = ROTARY_LINEAR;
	switch (pair_real(r, "rope.scaling.factor", &rope->factor)) {
	case -1: return -1;
	case 0: return fault(r->err, r->n_err, "has no %s.rope.scaling.factor", r->arch);
	default: return 0;
	}
}

/* The factors of llama3 scaling, one for each pair of dimensions, are a tensor of their own. */
static int pair_factors(struct shape *s, const struct reader *r)
{
	const struct gguf_tensor *t = gguf_tensor(r->g, "rope_freqs.weight");
	float factor;

	if (!t)
		return 0;
	if (t->type != T_F32 || t->n_dims != 1 || t->dims[0] != (uint64_t)s->rotary / 2)
		return fault(r->err, r->n_err, "rope_freqs.weight is no vector of %d F32 values", s->rotary / 2);
	for (int i = 0; i < s->rotary / 2; i++) {
		memcpy(&factor, t->data + 4 * i, 4);
		if (!(factor > 0 && factor < 1e30f))
			return fault(r->err, r->n_err, "rope_freqs.weight has the value %g", (double)factor);
		s->inv_freq[i] /= factor;
	}
	return 0;
}

static int pair_rope(struct shape *s, const struct reader *r)
{
	struct rotary rope = { .type = ROTARY_PLAIN, .theta = 10000 };

	s->rotary = s->family->gguf_rotary ? s->family->gguf_rotary : s->head_dim;
	if (pair_size(r, "rope.dimension_count", MAX_HEAD_DIM, &s->rotary) < 0 ||
			pair_real(r, "rope.freq_base", &rope.theta) < 0 || check(s, r->err, r->n_err) ||
			pair_scaling(&rope, r) || rotary_inv_freq(s->inv_freq, s->rotary, &rope, r->err, r->n_err))
		return -1;
	return pair_factors(s, r);
}

int shape_from_gguf(struct shape *s, const struct gguf *g, char *err, size_t n_err)
{
	struct gguf_str arch = { "nothing", 7 };

	if (gguf_string(g, "general.architecture", &arch) <= 0)
		return fault(err, n_err, "has no general.architecture");
	for (int i = 0; i < FAMILIES; i++)
		if (gguf_str_is(arch, families[i].gguf)) {
			struct reader r = { g, families[i].gguf, err, n_err };

			from_family(s, &families[i]);
			return pair_sizes(s, &r) || pair_parts(s, &r) || pair_rope(s, &r) ? -1 : 0;
		}
	return fault(err, n_err, "models of architecture %.*s are not supported", (int)(arch.n < 64 ? arch.n : 64),
		arch.s);
}

/* -- roles ------------------------------------------------------------------------------------------------------- */

int role_in_layer(enum role r)
{
	return r >= ROLE_NORM1;
}

static int shape_has_role(const struct shape *s, enum role r)
{
	if (r == ROLE_GATE)
		return s->gated;
	if (r == ROLE_NORM2)
		return !s->parallel;
	return r == ROLE_Q_NORM || r == ROLE_K_NORM ? s->qk_norm : 1;
}

void shape_of_role(const struct shape *s, enum role r, uint64_t *rows, uint64_t *cols)
{
	uint64_t d = (uint64_t)s->d_model, ff = (uint64_t)s->d_ff, hd = (uint64_t)s->head_dim;
	uint64_t q = (uint64_t)s->n_heads * hd, kv = (uint64_t)s->n_kv * hd, v = (uint64_t)s->n_vocab;
	const uint64_t all[ROLE_COUNT][2] = {
		[ROLE_EMBED] = { v, d }, [ROLE_FINAL_NORM] = { 1, d }, [ROLE_HEAD] = { v, d }, [ROLE_NORM1] = { 1, d },
		[ROLE_Q] = { q, d }, [ROLE_K] = { kv, d }, [ROLE_V] = { kv, d }, [ROLE_Q_NORM] = { 1, hd },
		[ROLE_K_NORM] = { 1, hd }, [ROLE_O] = { d, q }, [ROLE_NORM2] = { 1, d }, [ROLE_GATE] = { ff, d },
		[ROLE_UP] = { ff, d }, [ROLE_DOWN] = { d, ff },
	};

	*rows = shape_has_role(s, r) ? all[r][0] : 0;
	*cols = shape_has_role(s, r) ? all[r][1] : 0;
}

int shape_has_bias(const struct shape *s, enum role r)
{
	switch (r) {
	case ROLE_Q: case ROLE_K: case ROLE_V: return s->qkv_bias;
	case ROLE_O: return s->o_bias;
	case ROLE_GATE: return s->gated && s->ffn_bias;
	case ROLE_UP: case ROLE_DOWN: return s->ffn_bias;
	case ROLE_NORM1: case ROLE_FINAL_NORM: return s->norm == NORM_LAYER;
	case ROLE_NORM2: return s->norm == NORM_LAYER && !s->parallel;
	case ROLE_HEAD: return s->head_bias;
	default: return 0;
	}
}

int shape_gguf_heads(const struct shape *s, enum role r)
{
	if (!s->family->permuted)
		return 0;
	return r == ROLE_Q ? s->n_heads : r == ROLE_K ? s->n_kv : 0;
}

uint64_t shape_parameters(const struct shape *s, int n_keep)
{
	uint64_t total = 0, rows, cols;

	for (int r = 0; r < ROLE_COUNT; r++) {
		uint64_t times = role_in_layer((enum role)r) ? (uint64_t)n_keep : 1;

		if (r == ROLE_HEAD && s->tied)
			continue;
		shape_of_role(s, (enum role)r, &rows, &cols);
		total += times * rows * cols;
		if (shape_has_bias(s, (enum role)r))
			total += times * (rows == 1 ? cols : rows);
	}
	return total;
}

/* Rows before a role's own in a tensor of q, k and v. */
static long fused_rows(const struct shape *s, enum role r)
{
	if (r == ROLE_K)
		return (long)s->n_heads * s->head_dim;
	return r == ROLE_V ? (long)(s->n_heads + s->n_kv) * s->head_dim : 0;
}

static long full_name(const struct shape *s, const char *const *names, const char *prefix, enum role r, int layer,
	char *name, size_t n)
{
	if (!names[r] || !shape_has_role(s, r))
		return -1;
	if (role_in_layer(r))
		snprintf(name, n, "%s%d.%s", prefix, layer, names[r]);
	else
		snprintf(name, n, "%s", names[r]);
	return strcmp(names[ROLE_Q], names[ROLE_K]) ? 0 : fused_rows(s, r);
}

long arch_hf_name(const struct shape *s, enum role r, int layer, char *name, size_t n)
{
	return full_name(s, s->family->hf, s->family->prefix, r, layer, name, n);
}

int arch_hf_fused(const struct shape *s)
{
	return !strcmp(s->family->hf[ROLE_Q], s->family->hf[ROLE_K]);
}

long arch_gguf_name(const struct shape *s, enum role r, int layer, char *name, size_t n)
{
	return full_name(s, s->family->blk, "blk.", r, layer, name, n);
}

long arch_gguf_fused_name(const struct shape *s, enum role r, int layer, char *name, size_t n)
{
	if (r != ROLE_Q && r != ROLE_K && r != ROLE_V)
		return -1;
	snprintf(name, n, "blk.%d.attn_qkv", layer);
	return fused_rows(s, r);
}

const char *arch_layer_prefix(const struct shape *s)
{
	return s->family->prefix;
}
