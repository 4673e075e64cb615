/* family - a row of the table of families, for those who read shapes by it (arch.c, arch_config.c,
 * arch_gguf.c)
 *
 * A family is data. Keys are those of its config, names those of its tensors.
 */
#ifndef COPPICE_FAMILY_H
#define COPPICE_FAMILY_H

#include "model/arch.h"
#include "sys/fault.h"

enum flag { NO, YES, ASK }; /* ASK: the config's key decides, default false */
enum window { WINDOW_NONE, WINDOW_ALL, WINDOW_SOME };

struct family {
	const char *model_type; /* config.json's */
	const char *gguf;       /* GGUF's general.architecture */
	enum norm norm;
	int act_key;  /* 1: hidden_act is read */
	enum act act; /* where it is absent */
	int gated, parallel;
	enum flag qkv_bias, o_bias; /* ASK: attention_bias */
	enum flag ffn_bias;         /* ASK: mlp_bias */
	int head_bias, qk_norm;
	int half_ff;  /* the FFN is half as wide as the config says */
	int permuted; /* GGUF keeps q and k rows in llama order */
	enum window window;
	const char *eps_key;
	double eps; /* key, and the value where it is absent */
	const char *gguf_eps_key;
	const char *context_key;
	int context;
	const char *head_dim_key;
	int head_dim; /* 0: d/H */
	int n_kv;     /* num_key_value_heads where the key is absent; 0: H */
	const char *theta_key;
	const char *partial_key;
	double partial;  /* NULL: all of a head's dims are rotated */
	int gguf_rotary; /* GGUF without rope.dimension_count; 0: hd */
	const char *must_key;
	int must;           /* a key that must have this value, if it is there */
	const char *prefix; /* of a layer's tensors, Hugging Face */
	/* names without prefix, number and ".weight"; three times the same: fused */
	const char *hf[ROLE_COUNT];
	const char *blk[ROLE_COUNT]; /* the same in GGUF */
};

/* Bounds far above any model, so that no product of two of them overflows. */
enum {
	MAX_WIDTH = 1 << 20,
	MAX_FF = 1 << 22,
	MAX_VOCAB = 1 << 24,
	MAX_HEADS = 1 << 14,
	MAX_HEAD_DIM = 1 << 12,
	MAX_CONTEXT = 1 << 28
};

/* Return the family of a model_type, or of a GGUF architecture[0..n), and set its parts in *s; NULL
 * where there is none of that name. */
const struct family *family_begin(struct shape *s, const char *model_type);
const struct family *family_begin_gguf(struct shape *s, const char *architecture, size_t n);
/* Checks the sizes in s against each other, whichever source they come from. 0, or -1 with err. */
int family_check(const struct shape *s, struct fault *err);
/* Halves d_ff where the FFN of the family is half as wide as its config says. 0, or -1 with err. */
int family_halve_ff(struct shape *s, struct fault *err);

#endif
