/* sums - see sums.h
 */
#include "stream/sums.h"

#include <math.h>
#include <stddef.h>

/* Of what is said against what is summed: the roundings of one's own arithmetic pass, another unit
 * does not. */
static const long double ROUNDED = 0x1p-40L, RELATIVE = 1e-6L;

double sums_mean(const struct sums *s)
{
	return ldexp((double)s->sum, -40) / (double)s->count;
}

double sums_sem(const struct sums *s)
{
	double count = (double)s->count, mean = sums_mean(s);
	double spread = ldexp((double)s->sumsq, -40) - count * mean * mean;

	return count > 1 && spread > 0 ? sqrt(spread / (count - 1)) / sqrt(count) : 0;
}

const char *sums_check(const struct sums *s)
{
	long double mean, square, most;

	if (s->count < 1 || s->count > SUMS_MAX_COUNT)
		return "key 'count': not 1 to 2^53";
	if (!isfinite(s->mean))
		return "key 'mean': not finite";
	if (s->sem < 0)
		return "key 'sem': negative";
	if (!isfinite(s->sum))
		return "key 'sum': not finite";
	if (!isfinite(s->sumsq) || s->sumsq < 0)
		return "key 'sumsq': negative or not finite";
	mean = s->sum * 0x1p-40L / (long double)s->count;
	square = s->sumsq * 0x1p-40L / (long double)s->count;
	most = fmaxl(fabsl(s->mean), sqrtl(square));
	if (fabsl(mean - s->mean) > ROUNDED + RELATIVE * most)
		return "key 'mean': is not sum / (2^40 count)";
	if (square < mean * mean * (1 - RELATIVE) - ROUNDED * (1 + 2 * fabsl(mean)))
		return "key 'sumsq': smaller than the sum allows: it is the sum of 2^40 d^2";
	return NULL;
}
