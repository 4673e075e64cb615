/* paired - see paired.h
 *
 * Sums go in the order of the arrays, the spread in a second pass: differences may be small beside
 * what they are differences of.
 */
#include "eval/paired.h"

#include <math.h>

double paired_mcnemar(uint64_t only_a, uint64_t only_b)
{
	uint64_t less = only_a < only_b ? only_a : only_b, n = only_a + only_b;
	double first = lgamma((double)n + 1) - (double)n * M_LN2, sum = 0;

	for (uint64_t i = 0; i <= less; i++)
		sum += exp(first - lgamma((double)i + 1) - lgamma((double)(n - i) + 1));
	return fmin(1, 2 * sum);
}

struct paired paired_accuracy(const struct outcome_of *a, const struct outcome_of *b, size_t n)
{
	struct paired p = { .count = n };
	double count = (double)n, apart, spread;

	for (size_t i = 0; i < n; i++) {
		p.both += (uint64_t)(a[i].right && b[i].right);
		p.only_a += (uint64_t)(a[i].right && !b[i].right);
		p.only_b += (uint64_t)(!a[i].right && b[i].right);
	}
	p.neither = n - p.both - p.only_a - p.only_b;
	apart = (double)(p.only_a + p.only_b); /* each has a difference of 1 or -1 */
	p.a = (double)(p.both + p.only_a) / count;
	p.b = (double)(p.both + p.only_b) / count;
	p.difference = ((double)p.only_b - (double)p.only_a) / count;
	spread = apart - count * p.difference * p.difference;
	p.stderr_ = n > 1 ? sqrt(fmax(spread, 0) / (count - 1) / count) : NAN;
	p.p = paired_mcnemar(p.only_a, p.only_b);
	return p;
}

struct paired paired_loss(const struct outcome_of *a, const struct outcome_of *b, size_t n)
{
	struct paired p = { 0 };
	double tokens = 0, sum_a = 0, sum_b = 0, sum = 0, spread = 0, count;

	for (size_t i = 0; i < n; i++) {
		if (a[i].ntok < 2)
			continue;
		p.count++;
		tokens += (double)(a[i].ntok - 1);
		sum_a += a[i].nats;
		sum_b += b[i].nats;
		sum += b[i].nats - a[i].nats;
	}
	p.a = sum_a / tokens;
	p.b = sum_b / tokens;
	p.difference = sum / tokens;
	for (size_t i = 0; i < n; i++)
		if (a[i].ntok > 1) {
			double left = b[i].nats - a[i].nats -
				p.difference * (double)(a[i].ntok - 1);

			spread += left * left;
		}
	count = (double)p.count;
	p.stderr_ = p.count > 1 ? sqrt(count / (count - 1) * spread) / tokens : NAN;
	p.p = p.stderr_ > 0         ? erfc(fabs(p.difference) / p.stderr_ * M_SQRT1_2)
		: p.difference == 0 ? 1
				    : NAN;
	return p;
}
