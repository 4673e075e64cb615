/* rate - how fast tokens go through; see rate.h
 */
#include "forward/rate.h"

#include "ops.h"
#include "sys/die.h"

#include <time.h>

double rate_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

void rate_note(double tokens, double flops, double seconds)
{
	double peak = ops_peak();

	if (tokens <= 0 || seconds <= 0)
		return;
	if (peak > 0)
		note("%.0f tokens, %.0f tokens/s, %.1f GFLOP/s of products: %.1f %% of this "
		     "device's %.0f TFLOP/s",
			tokens, tokens / seconds, flops / seconds * 1e-9,
			100 * flops / seconds / peak, peak * 1e-12);
	else
		note("%.0f tokens, %.0f tokens/s, %.1f GFLOP/s of products", tokens,
			tokens / seconds, flops / seconds * 1e-9);
}
