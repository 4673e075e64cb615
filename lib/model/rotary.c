/* rotary - frequencies as torch computes them; see rotary.h
 *
 * All in f32 and in torch's order of operations: a number divided by a tensor is there the tensor's
 * reciprocal times the number. torch's vectorised power differs from powf's correct rounding by an
 * ulp in 4 of 1000 values.
 */
#include "model/rotary.h"
#include "sys/fault.h"

#include <math.h>

static float llama3(float f, const struct rotary *r)
{
	float wave = 1.0f / f * (float)(2 * M_PI);
	float old = (float)r->old_context, low_freq = (float)r->low_freq,
	      range = (float)(r->high_freq - r->low_freq);
	float slow, t;

	if (wave < (float)(r->old_context / r->high_freq))
		return f;
	if (wave > (float)(r->old_context / r->low_freq))
		return f / (float)r->factor;
	t = (1.0f / wave * old - low_freq) / range;
	slow = (1.0f - t) * f / (float)r->factor;
	return slow + t * f;
}

static int check(const struct rotary *r, struct fault *err)
{
	if (!(r->theta > 0 && r->theta < 1e30))
		return fault(err, "a rope base of %g", r->theta);
	if (r->type == ROTARY_PLAIN)
		return 0;
	if (!(r->factor > 0 && r->factor < 1e6))
		return fault(err, "a rope factor of %g", r->factor);
	if (r->type == ROTARY_LLAMA3 &&
		!(r->low_freq > 0 && r->high_freq > r->low_freq && r->high_freq < 1e6 &&
			r->old_context >= 1 && r->old_context < 1e9))
		return fault(err,
			"llama3 rope scaling with low_freq_factor %g, high_freq_factor %g, length "
			"%g",
			r->low_freq, r->high_freq, r->old_context);
	return 0;
}

int rotary_inv_freq(float *inv_freq, int rotary, const struct rotary *r, struct fault *err)
{
	if (check(r, err))
		return -1;
	for (int i = 0; i < rotary / 2; i++) {
		float f = 1.0f / powf((float)r->theta, (float)(2 * i) / (float)rotary);

		if (r->type == ROTARY_LINEAR)
			f /= (float)r->factor;
		inv_freq[i] = r->type == ROTARY_LLAMA3 ? llama3(f, r) : f;
	}
	return 0;
}
