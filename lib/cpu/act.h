/* act - activations of eight values: what the forward and the backward pass share
 */
#ifndef COPPICE_CPU_ACT_H
#define COPPICE_CPU_ACT_H

#include "cpu.h"

/* tanh(x) = 1 - 2 / (e^2x + 1) */
static inline v8 v8_tanh(v8 x)
{
	return v8_set(1.0f) - v8_set(2.0f) / (v8_exp(x + x) + v8_set(1.0f));
}

/* sqrt(2/pi) (z + 0.044715 z^3): gelu_new(z) = z/2 (1 + tanh of it) */
static inline v8 gelu_inner(v8 z)
{
	return v8_set(0.7978845608f) * (z + v8_set(0.044715f) * z * z * z);
}

static inline v8 act_v8(v8 z, int kind)
{
	if (kind == ACT_KIND_SILU)
		return z * v8_sigmoid(z);
	return v8_set(0.5f) * z * (v8_set(1.0f) + v8_tanh(gelu_inner(z)));
}

#endif
