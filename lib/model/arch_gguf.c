/* arch_gguf - the shape that a GGUF file's pairs describe; see arch.h
 *
 * As in arch_config.c, what is read is asked for, and the rest goes by known.h.
 */
#include "file/gguf.h"
#include "model/family.h"
#include "model/known_gguf.h"
#include "model/rotary.h"
#include "sys/fault.h"

#include <stdio.h>
#include <string.h>

struct arch_gguf_reader {
	const struct gguf *g;
	const char *arch;
	struct known known;
	struct fault *err;
};

/* The number of a pair, or of an array with one for each layer that are all the same: as gguf_uint,
 * and -1 with err. */
static int pair_uint(struct arch_gguf_reader *r, const char *full, uint64_t *u)
{
	const struct gguf_pair *p = gguf_pair(r->g, full);
	int integers = p && p->type != GGUF_STRING && p->type != GGUF_F32 && p->type != GGUF_F64 &&
		p->type != GGUF_BOOL;

	if (!p || !p->array)
		return gguf_uint(r->g, full, u) < 0 ? fault(r->err, "%s is no whole number", full)
						    : p != NULL;
	if (!integers || !p->count || gguf_int_at(p, 0) < 0)
		return fault(r->err, "%s is no whole number", full);
	for (uint64_t i = 1; i < p->count; i++)
		if (gguf_int_at(p, i) != gguf_int_at(p, 0))
			return fault(r->err, "%s differs between layers, which is not supported",
				full);
	*u = (uint64_t)gguf_int_at(p, 0);
	return 1;
}

/* <arch>.key from 1 to max: 1, 0 where it is absent, -1. */
static int pair_size(struct arch_gguf_reader *r, const char *key, int max, int *v)
{
	char full[128];
	uint64_t u;
	int got;

	known_read(&r->known, key);
	snprintf(full, sizeof full, "%s.%s", r->arch, key);
	got = pair_uint(r, full, &u);
	if (got > 0 && (u < 1 || u > (uint64_t)max))
		return fault(r->err, "%s is %llu, out of the range 1 to %d", full,
			(unsigned long long)u, max);
	if (got > 0)
		*v = (int)u;
	return got;
}

static int need_pair_size(struct arch_gguf_reader *r, const char *key, int max, int *v)
{
	int got = pair_size(r, key, max, v);

	if (got < 0)
		return -1;
	return got ? 0 : fault(r->err, "has no %s.%s", r->arch, key);
}

static int pair_real(struct arch_gguf_reader *r, const char *key, double *v)
{
	char full[128];
	int got;

	known_read(&r->known, key);
	snprintf(full, sizeof full, "%s.%s", r->arch, key);
	got = gguf_float(r->g, full, v);
	return got < 0 ? fault(r->err, "%s is no real number", full) : got;
}

static int has_tensor(const struct gguf *g, const char *name)
{
	return gguf_tensor(g, name) != NULL;
}

static int pair_vocab(struct shape *s, struct arch_gguf_reader *r)
{
	const struct gguf_pair *tokens = gguf_array(r->g, "tokenizer.ggml.tokens", GGUF_STRING);
	int got = pair_size(r, "vocab_size", MAX_VOCAB, &s->n_vocab);

	if (got)
		return got < 0 ? -1 : 0;
	if (!tokens || tokens->count < 1 || tokens->count > MAX_VOCAB)
		return fault(r->err, "has neither %s.vocab_size nor tokens", r->arch);
	s->n_vocab = (int)tokens->count;
	return 0;
}

static int pair_sizes(struct shape *s, struct arch_gguf_reader *r)
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
		return fault(r->err, "a width of %d is no multiple of its %d heads", s->d_model,
			s->n_heads);
	value_dim = s->head_dim;
	if (pair_size(r, "attention.value_length", MAX_HEAD_DIM, &value_dim) < 0)
		return -1;
	if (value_dim != s->head_dim)
		return fault(r->err, "keys of %d and values of %d dimensions", s->head_dim,
			value_dim);
	got = pair_real(r, s->family->gguf_eps_key, &eps);
	if (got <= 0)
		return got < 0 ? -1
			       : fault(r->err, "has no %s.%s", r->arch, s->family->gguf_eps_key);
	s->eps = (float)eps;
	return family_halve_ff(s, r->err);
}

static int pair_parts(struct shape *s, struct arch_gguf_reader *r)
{
	char key[128];
	uint64_t u;
	int window = 0;

	s->tied = !has_tensor(r->g, "output.weight");
	s->qkv_bias = has_tensor(r->g, "blk.0.attn_q.bias") ||
		has_tensor(r->g, "blk.0.attn_qkv.bias");
	s->o_bias = has_tensor(r->g, "blk.0.attn_output.bias");
	s->ffn_bias = has_tensor(r->g, "blk.0.ffn_up.bias");
	snprintf(key, sizeof key, "%s.expert_count", r->arch);
	if (gguf_uint(r->g, key, &u) > 0 && u)
		return fault(r->err, "mixtures of experts are not supported");
	snprintf(key, sizeof key, "%s.attention.sliding_window", r->arch);
	if (gguf_uint(r->g, key, &u) > 0 && u &&
		pair_size(r, "attention.sliding_window", MAX_CONTEXT, &window) < 0)
		return -1;
	for (int i = 0; i < s->n_layers; i++)
		s->window[i] = window;
	return 0;
}

/* As llama.cpp has it: a factor alone scales, by its new or its old name, and 0 is none. */
static int pair_scaling(struct rotary *rope, struct arch_gguf_reader *r)
{
	struct gguf_str type = { "linear", 6 };
	char key[128], all[128];
	int got;

	known_read(&r->known, "rope.scaling.type");
	snprintf(key, sizeof key, "%s.rope.scaling.type", r->arch);
	snprintf(all, sizeof all, "%s.rope.scaling.*", r->arch);
	if (gguf_string(r->g, key, &type) < 0)
		return fault(r->err, "%s is no string", key);
	known_read(&r->known, "rope.scale_linear");
	got = pair_real(r, "rope.scaling.factor", &rope->factor);
	if (got == 0)
		got = pair_real(r, "rope.scale_linear", &rope->factor);
	if (got < 0)
		return -1;
	if (gguf_str_is(type, "none"))
		return 0;
	if (!gguf_str_is(type, "linear"))
		return fault(r->err, "rope scaling %.*s is not supported; none and linear are%s",
			(int)(type.n < 64 ? type.n : 64), type.s, known_way_out(all));
	if (got && rope->factor != 0)
		rope->type = ROTARY_LINEAR;
	return 0;
}

/* The factors of llama3 scaling, one for each pair of dimensions, are a tensor of their own. */
static int pair_factors(struct shape *s, struct arch_gguf_reader *r)
{
	const struct gguf_tensor *t = gguf_tensor(r->g, "rope_freqs.weight");
	float factor;

	if (!t)
		return 0;
	if (t->type != T_F32 || t->n_dims != 1 || t->dims[0] != (uint64_t)s->rotary / 2)
		return fault(r->err, "rope_freqs.weight is no vector of %d F32 values",
			s->rotary / 2);
	for (int i = 0; i < s->rotary / 2; i++) {
		memcpy(&factor, t->data + 4 * i, 4);
		if (!(factor > 0 && factor < 1e30f))
			return fault(r->err, "rope_freqs.weight has the value %g", (double)factor);
		s->inv_freq[i] /= factor;
	}
	return 0;
}

static int pair_rope(struct shape *s, struct arch_gguf_reader *r)
{
	struct rotary rope = { .type = ROTARY_PLAIN, .theta = 10000 };

	s->rotary = s->family->gguf_rotary ? s->family->gguf_rotary : s->head_dim;
	if (pair_size(r, "rope.dimension_count", MAX_HEAD_DIM, &s->rotary) < 0 ||
		pair_real(r, "rope.freq_base", &rope.theta) < 0 || family_check(s, r->err) ||
		pair_scaling(&rope, r) || rotary_inv_freq(s->inv_freq, s->rotary, &rope, r->err))
		return -1;
	return pair_factors(s, r);
}

int shape_from_gguf(struct shape *s, const struct gguf *g, struct fault *err)
{
	struct gguf_str arch = { "nothing", 7 };
	struct arch_gguf_reader r = { g, NULL, { KNOWN_GGUF }, err };
	const struct family *f;

	if (gguf_string(g, "general.architecture", &arch) <= 0)
		return fault(err, "has no general.architecture");
	f = family_begin_gguf(s, arch.s, arch.n);
	if (!f)
		return fault(err, "models of architecture %.*s are not supported",
			(int)(arch.n < 64 ? arch.n : 64), arch.s);
	r.arch = r.known.family = f->gguf;
	return pair_sizes(s, &r) || pair_parts(s, &r) || pair_rope(s, &r) ||
			known_gguf_check(&r.known, g, err)
		? -1
		: 0;
}
