/* arch - the families of models as data, and the shape of one model
 *
 * One row of the table in arch.c is one family: its parts, the names of its tensors in each file
 * format, the keys and defaults of its config (coppice-families(7)). The forward pass reads
 * struct shape and knows no family.
 */
#ifndef COPPICE_ARCH_H
#define COPPICE_ARCH_H

#include "stream/records.h"
#include "sys/fault.h"

#include <jansson.h>
#include <stdint.h>

enum norm { NORM_RMS, NORM_LAYER };
enum act { ACT_SILU, ACT_GELU_NEW };

/* Every weight that a model can have; those of a layer are ROLE_NORM1 .. ROLE_DOWN. */
enum role {
	ROLE_EMBED,
	ROLE_FINAL_NORM,
	ROLE_HEAD,
	ROLE_NORM1,
	ROLE_Q,
	ROLE_K,
	ROLE_V,
	ROLE_Q_NORM,
	ROLE_K_NORM,
	ROLE_O,
	ROLE_NORM2,
	ROLE_GATE,
	ROLE_UP,
	ROLE_DOWN,
	ROLE_COUNT
};

struct family; /* a row of the table; opaque here */

/* One model's shape: all that the forward pass needs to know. Sizes are checked against each other
 * on reading. */
struct shape {
	const struct family *family;
	int n_layers;                /* L */
	int d_model;                 /* d */
	int n_heads, n_kv, head_dim; /* H, K, hd; H % K = 0; H hd may differ from d */
	int d_ff;    /* the real width of the FFN (Qwen-1: half of what its config says) */
	int n_vocab; /* V, of the config */
	int n_ctx;   /* longest sequence */
	enum norm norm;
	float eps;
	enum act act;
	int gated;    /* 1: down(act(gate) * up); 0: down(act(up)) */
	int parallel; /* 1: x + A(N x) + M(N x), one norm */
	int qkv_bias, o_bias, ffn_bias, head_bias, qk_norm;
	int tied;               /* the head is the embedding */
	int rotary;             /* rotated dims r of each head, even */
	float inv_freq[256];    /* [r/2], scaling applied: coppice-method(7), ROTARY EMBEDDING */
	int window[MAX_LAYERS]; /* of layer l: keys seen, itself included; 0: all */
	/* what its config says beyond all that is known, for a warning: names; empty: nothing */
	char unknown[384];
};

/* Read the shape *s of a model from a Hugging Face config.json, or from the pairs of a GGUF file.
 * 0, or -1 with err: what is refused and why. */
int shape_from_config(struct shape *s, const json_t *config, struct fault *err);
struct gguf;
int shape_from_gguf(struct shape *s, const struct gguf *g, struct fault *err);

/* Returns the number of parameters of a model that keeps n_keep of its layers; a tied head counts
 * once. */
uint64_t shape_parameters(const struct shape *s, int n_keep);
/* Fetches the shape [*rows, *cols] that a role's weight must have; a vector is [1, n]. *rows is 0
 * where the family has no such weight. */
void shape_of_role(const struct shape *s, enum role r, uint64_t *rows, uint64_t *cols);
int shape_has_bias(const struct shape *s, enum role r); /* 1 where the role has a bias, else 0 */
int role_in_layer(enum role r);                         /* 1 where it is one of a layer's, else 0 */
/* Returns the number of heads whose rows a GGUF file keeps in llama order (struct tensor's heads);
 * 0 where it keeps the role's rows as Hugging Face's files do. */
int shape_gguf_heads(const struct shape *s, enum role r);
/* Writes the name of a role's tensor in Hugging Face's files, without ".weight", to name[n]:
 * "model.layers.3.mlp.up_proj". Where q, k and v are fused, it is the fused tensor's. layer: -1 for
 * a role outside layers. Returns the number of rows that are before the role's own, 0 unless fused;
 * -1 where the family has no such tensor. */
long arch_hf_name(const struct shape *s, enum role r, int layer, char *name, size_t n);
int arch_hf_fused(const struct shape *s); /* 1 where q, k and v are one matrix there, else 0 */
/* The same in GGUF files. */
long arch_gguf_name(const struct shape *s, enum role r, int layer, char *name, size_t n);
/* The same for "blk.N.attn_qkv", which any GGUF file may have in place of q, k and v. */
long arch_gguf_fused_name(const struct shape *s, enum role r, int layer, char *name, size_t n);
const char *arch_layer_prefix(const struct shape *s); /* "model.layers." or "transformer.h." */

#endif
