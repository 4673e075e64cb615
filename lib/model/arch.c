/* arch - the table of families, and what a shape says of its tensors; see arch.h
 *
 * A family is data: adding one whose parts exist is a row here and nothing else. Those who read
 * shapes know keys by the row's names only.
 */
#include "model/family.h"
#include "sys/fault.h"

#include <stdio.h>
#include <string.h>

#define LLAMA_HF \
	.prefix = "model.layers.", \
	.hf = { \
		[ROLE_EMBED] = "model.embed_tokens", \
		[ROLE_FINAL_NORM] = "model.norm", \
		[ROLE_HEAD] = "lm_head", \
		[ROLE_NORM1] = "input_layernorm", \
		[ROLE_Q] = "self_attn.q_proj", \
		[ROLE_K] = "self_attn.k_proj", \
		[ROLE_V] = "self_attn.v_proj", \
		[ROLE_Q_NORM] = "self_attn.q_norm", \
		[ROLE_K_NORM] = "self_attn.k_norm", \
		[ROLE_O] = "self_attn.o_proj", \
		[ROLE_NORM2] = "post_attention_layernorm", \
		[ROLE_GATE] = "mlp.gate_proj", \
		[ROLE_UP] = "mlp.up_proj", \
		[ROLE_DOWN] = "mlp.down_proj", \
	}

/* All but the second norm, and q, k, v. */
#define GGUF_NAMES \
	[ROLE_EMBED] = "token_embd", [ROLE_FINAL_NORM] = "output_norm", [ROLE_HEAD] = "output", \
	[ROLE_NORM1] = "attn_norm", [ROLE_Q_NORM] = "attn_q_norm", [ROLE_K_NORM] = "attn_k_norm", \
	[ROLE_O] = "attn_output", [ROLE_GATE] = "ffn_gate", [ROLE_UP] = "ffn_up", \
	[ROLE_DOWN] = "ffn_down"
#define GGUF_QKV [ROLE_Q] = "attn_q", [ROLE_K] = "attn_k", [ROLE_V] = "attn_v"

#define LLAMA_NAMES LLAMA_HF, .blk = { GGUF_NAMES, GGUF_QKV, [ROLE_NORM2] = "ffn_norm" }

#define RMS_KEYS \
	.eps_key = "rms_norm_eps", .eps = 1e-6, \
	.gguf_eps_key = "attention.layer_norm_rms_epsilon", \
	.context_key = "max_position_embeddings", .head_dim_key = "head_dim", \
	.theta_key = "rope_theta", .act_key = 1, .act = ACT_SILU, .norm = NORM_RMS, .gated = 1

static const struct family families[] = {
	{
		.model_type = "llama", .gguf = "llama", RMS_KEYS, .context = 2048, .permuted = 1,
		.qkv_bias = ASK, .o_bias = ASK, .ffn_bias = ASK, LLAMA_NAMES,
	}, {
		.model_type = "mistral", .gguf = "llama", RMS_KEYS, .context = 131072,
		.permuted = 1,
		.n_kv = 8, .window = WINDOW_ALL, LLAMA_NAMES,
	}, {
		.model_type = "qwen2", .gguf = "qwen2", RMS_KEYS, .context = 32768,
		.n_kv = 32, .qkv_bias = YES, .window = WINDOW_SOME, LLAMA_NAMES,
	}, {
		.model_type = "qwen3", .gguf = "qwen3", RMS_KEYS, .context = 32768,
		.n_kv = 32, .head_dim = 128, .qkv_bias = ASK, .o_bias = ASK, .qk_norm = 1,
		.window = WINDOW_SOME,
		LLAMA_NAMES,
	}, {
		.model_type = "phi", .gguf = "phi2", .norm = NORM_LAYER, .act_key = 1,
		.act = ACT_GELU_NEW,
		.parallel = 1, .qkv_bias = YES, .o_bias = YES, .ffn_bias = YES, .head_bias = 1,
		.eps_key = "layer_norm_eps", .eps = 1e-5,
		.gguf_eps_key = "attention.layer_norm_epsilon",
		.context_key = "max_position_embeddings", .context = 2048,
		.head_dim_key = "head_dim",
		.theta_key = "rope_theta", .partial_key = "partial_rotary_factor", .partial = 0.5,
		.gguf_rotary = 32,
		.must_key = "qk_layernorm", .must = 0,
		.prefix = "model.layers.",
		.hf = {
			[ROLE_EMBED] = "model.embed_tokens",
			[ROLE_FINAL_NORM] = "model.final_layernorm",
			[ROLE_HEAD] = "lm_head", [ROLE_NORM1] = "input_layernorm",
			[ROLE_Q] = "self_attn.q_proj",
			[ROLE_K] = "self_attn.k_proj", [ROLE_V] = "self_attn.v_proj",
			[ROLE_O] = "self_attn.dense",
			[ROLE_UP] = "mlp.fc1", [ROLE_DOWN] = "mlp.fc2",
		},
		.blk = { GGUF_NAMES, GGUF_QKV },
	}, {
		.model_type = "qwen", .gguf = "qwen", .norm = NORM_RMS, .act = ACT_SILU, .gated = 1,
		.qkv_bias = YES, .half_ff = 1,
		.eps_key = "layer_norm_epsilon", .eps = 1e-6,
		.gguf_eps_key = "attention.layer_norm_rms_epsilon",
		.context_key = "seq_length", .context = 8192, .head_dim_key = "kv_channels",
		.head_dim = 128,
		.theta_key = "rotary_emb_base", .partial_key = "rotary_pct", .partial = 1,
		.must_key = "no_bias", .must = 1,
		.prefix = "transformer.h.",
		.hf = {
			[ROLE_EMBED] = "transformer.wte", [ROLE_FINAL_NORM] = "transformer.ln_f",
			[ROLE_HEAD] = "lm_head",
			[ROLE_NORM1] = "ln_1", [ROLE_Q] = "attn.c_attn", [ROLE_K] = "attn.c_attn",
			[ROLE_V] = "attn.c_attn",
			[ROLE_O] = "attn.c_proj", [ROLE_NORM2] = "ln_2", [ROLE_GATE] = "mlp.w2",
			[ROLE_UP] = "mlp.w1",
			[ROLE_DOWN] = "mlp.c_proj",
		},
		.blk = {
			GGUF_NAMES, [ROLE_Q] = "attn_qkv", [ROLE_K] = "attn_qkv",
			[ROLE_V] = "attn_qkv",
			[ROLE_NORM2] = "ffn_norm",
		},
	},
};
enum { FAMILIES = sizeof families / sizeof *families };

/* -- what both sources share ------------------------------------------------------------------- */

static void from_family(struct shape *s, const struct family *f)
{
	*s = (struct shape){
		.family = f,
		.norm = f->norm,
		.act = f->act,
		.gated = f->gated,
		.parallel = f->parallel,
		.head_bias = f->head_bias,
		.qk_norm = f->qk_norm,
	};
}

int family_check(const struct shape *s, struct fault *err)
{
	if (s->n_heads % s->n_kv)
		return fault(err, "%d attention heads do not share %d key/value heads evenly",
			s->n_heads, s->n_kv);
	if (s->head_dim < 2 || s->head_dim % 2)
		return fault(err, "a head size of %d, which is odd", s->head_dim);
	if (s->rotary < 2 || s->rotary % 2 || s->rotary > s->head_dim)
		return fault(err, "%d rotary dimensions of %d", s->rotary, s->head_dim);
	if (s->rotary / 2 > (int)(sizeof s->inv_freq / sizeof *s->inv_freq))
		return fault(err, "%d rotary dimensions are more than supported", s->rotary);
	if (!(s->eps > 0))
		return fault(err, "the norms' epsilon is not above 0");
	if (s->family->half_ff && s->n_heads * s->head_dim != s->d_model)
		return fault(err, "%d heads of %d are not the model's width %d", s->n_heads,
			s->head_dim, s->d_model);
	return 0;
}

int family_halve_ff(struct shape *s, struct fault *err)
{
	if (!s->family->half_ff)
		return 0;
	if (s->d_ff % 2)
		return fault(err, "an FFN width of %d, which is odd", s->d_ff);
	s->d_ff /= 2;
	return 0;
}

const struct family *family_begin(struct shape *s, const char *model_type)
{
	for (int i = 0; i < FAMILIES; i++)
		if (strcmp(families[i].model_type, model_type) == 0) {
			from_family(s, &families[i]);
			return s->family;
		}
	return NULL;
}

const struct family *family_begin_gguf(struct shape *s, const char *architecture, size_t n)
{
	for (int i = 0; i < FAMILIES; i++)
		if (strlen(families[i].gguf) == n &&
			memcmp(families[i].gguf, architecture, n) == 0) {
			from_family(s, &families[i]);
			return s->family;
		}
	return NULL;
}

/* -- roles ------------------------------------------------------------------------------------- */

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
	uint64_t q = (uint64_t)s->n_heads * hd, kv = (uint64_t)s->n_kv * hd,
		 v = (uint64_t)s->n_vocab;
	const uint64_t all[ROLE_COUNT][2] = {
		[ROLE_EMBED] = { v, d },
		[ROLE_FINAL_NORM] = { 1, d },
		[ROLE_HEAD] = { v, d },
		[ROLE_NORM1] = { 1, d },
		[ROLE_Q] = { q, d },
		[ROLE_K] = { kv, d },
		[ROLE_V] = { kv, d },
		[ROLE_Q_NORM] = { 1, hd },
		[ROLE_K_NORM] = { 1, hd },
		[ROLE_O] = { d, q },
		[ROLE_NORM2] = { 1, d },
		[ROLE_GATE] = { ff, d },
		[ROLE_UP] = { ff, d },
		[ROLE_DOWN] = { d, ff },
	};

	*rows = shape_has_role(s, r) ? all[r][0] : 0;
	*cols = shape_has_role(s, r) ? all[r][1] : 0;
}

int shape_has_bias(const struct shape *s, enum role r)
{
	switch (r) {
	case ROLE_Q:
	case ROLE_K:
	case ROLE_V: return s->qkv_bias;
	case ROLE_O: return s->o_bias;
	case ROLE_GATE: return s->gated && s->ffn_bias;
	case ROLE_UP:
	case ROLE_DOWN: return s->ffn_bias;
	case ROLE_NORM1:
	case ROLE_FINAL_NORM: return s->norm == NORM_LAYER;
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

static long full_name(const struct shape *s, const char *const *names, const char *prefix,
	enum role r, int layer, char *name, size_t n)
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
