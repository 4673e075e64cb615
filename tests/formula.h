/* formula - the weights and ids of the golden values, made from a tensor's name
 * (tests/golden/README.md)
 *
 * Tests rebuild whole models with this; it shares no code with the library.
 */
#ifndef COPPICE_TESTS_FORMULA_H
#define COPPICE_TESTS_FORMULA_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint64_t formula_seed(const char *salt, const char *name)
{
	uint64_t h = 0xcbf29ce484222325;

	for (int part = 0; part < 2; part++)
		for (const char *c = part ? name : salt; *c; c++)
			h = (h ^ (unsigned char)*c) * 0x100000001b3;
	return h;
}

/* word(i), i from 1 */
static inline uint64_t formula_word(uint64_t seed, uint64_t i)
{
	uint64_t z = seed + i * 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static inline int formula_ends(const char *name, const char *end)
{
	size_t n = strlen(name), e = strlen(end);

	return n >= e && strcmp(name + n - e, end) == 0;
}

static inline double formula_gain(const char *name)
{
	static const char *const outs[] = { ".o_proj.", ".down_proj.", ".c_proj.", ".dense.",
		".fc2." };
	static const double gains[] = { 1, 0.5, 0.2, 0.1, 0.15, 0.6, 0.9 };
	const char *digit = name + strcspn(name, "0123456789");

	for (size_t i = 0; i < sizeof outs / sizeof *outs; i++)
		if (strstr(name, outs[i]))
			return 2 * gains[atoi(digit) % 7];
	return 2;
}

/* base and scale of a tensor; in: its last dimension, n_dims: 1 or 2 */
static inline void formula_scale(const char *name, int n_dims, uint64_t in, float *base,
	float *scale)
{
	*base = 0;
	if (strstr(name, "lora_") || formula_ends(name, ".bias"))
		*scale = 0.1f;
	else if (n_dims == 1)
		*base = 1, *scale = 0.2f;
	else if (strstr(name, "embed_tokens") || strstr(name, "wte") || strstr(name, "lm_head"))
		*scale = 0.5f;
	else
		*scale = (float)(formula_gain(name) / sqrt((double)in));
}

static inline float formula_bf16(float f)
{
	uint32_t u;

	memcpy(&u, &f, 4);
	u = (u + 0x7fff + (u >> 16 & 1)) & 0xffff0000;
	memcpy(&f, &u, 4);
	return f;
}

/* n weights (row-major) of a tensor, rounded to bfloat16 or not. */
static inline void formula_fill(float *w, uint64_t n, const char *salt, const char *name,
	int n_dims, uint64_t in, int bf16)
{
	uint64_t seed = formula_seed(salt, name);
	float base, scale;

	formula_scale(name, n_dims, in, &base, &scale);
	for (uint64_t i = 1; i <= n; i++) {
		float x = (float)(2 * ((double)(formula_word(seed, i) >> 40) * 0x1p-24) - 1);
		volatile float scaled = scale * x;
		float f = scaled + base;

		w[i - 1] = bf16 ? formula_bf16(f) : f;
	}
}

/* n token ids below vocab; name "tokens/NAME/k" */
static inline void formula_ids(uint32_t *ids, uint64_t n, const char *salt, const char *name,
	uint32_t vocab)
{
	uint64_t seed = formula_seed(salt, name);

	for (uint64_t i = 1; i <= n; i++)
		ids[i - 1] = (uint32_t)((formula_word(seed, i) >> 40) * vocab >> 24);
}

#endif
