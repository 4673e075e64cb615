/* angle - angular distances between the residual streams at two layers, summed over samples, and
 * the table of them
 */
#include "angle/angle.h"

#include "angle/gram.h"
#include "angle/resample.h"
#include "sys/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static size_t at(int m, int l)
{
	return (size_t)m * (m - 1) / 2 + l;
}

struct angles *angles_new(int width)
{
	struct angles *a = xcalloc(1, sizeof(*a));

	a->width = width;
	a->sum = xcalloc(at(MAX_LAYERS + 1, 0), sizeof(*a->sum));
	a->resampled = xcalloc(at(MAX_LAYERS + 1, 0), sizeof(*a->resampled));
	return a;
}

void angles_free(struct angles *a)
{
	for (size_t k = 0; k < at(a->layers + 1, 0); k++)
		free(a->resampled[k].sum);
	free(a->resampled);
	free(a->sum);
	free(a);
}

struct sums *angles_at(const struct angles *a, int n, int l)
{
	return a->sum + at(l + n, l);
}

/* -- samples ----------------------------------------------------------------------------------- */

struct angle_part {
	struct gram *gram;
	size_t rows;
	int width;
	double *distance; /* of one sample, in the order of struct angles */
	struct angle_sum {
		uint64_t count, sum, sumsq;
	} * sum;                          /* in the order of struct angles */
	uint64_t (*resamples)[RESAMPLES]; /* in the same order */
};

struct angle_part *angle_part_new(size_t rows, int width)
{
	struct angle_part *p = xcalloc(1, sizeof(*p));

	p->gram = gram_new(rows);
	p->rows = rows;
	p->width = width;
	p->distance = xcalloc(at(rows, 0), sizeof(*p->distance));
	p->sum = xcalloc(at(rows, 0), sizeof(*p->sum));
	p->resamples = xcalloc(at(rows, 0), sizeof(*p->resamples));
	return p;
}

void angle_part_free(struct angle_part *p)
{
	gram_free(p->gram);
	free(p->distance);
	free(p->sum);
	free(p->resamples);
	free(p);
}

/* The first l of the pairs l, m that are wanted; the last is m - 1, or with one width the first. */
static size_t first_wanted(const struct angle_part *p, size_t m, size_t *end)
{
	size_t n = (size_t)p->width, l = n ? m - n : 0;

	*end = n ? l + 1 : m;
	return l;
}

int angle_part_distances(struct angle_part *p, const float *x, size_t d, double *distance)
{
	const struct gram *g = p->gram;

	gram_compute(p->gram, x, p->rows, d, (size_t)p->width);
	for (size_t l = 0; l < p->rows; l++) {
		double norm = gram_at(g, l, l);

		if (!(norm > 0) || !isfinite(norm))
			return l;
	}
	for (size_t m = p->width ? p->width : 1, end; m < p->rows; m++)
		for (size_t l = first_wanted(p, m, &end); l < end; l++) {
			double cosine = gram_at(g, l, m) /
				sqrt(gram_at(g, l, l) * gram_at(g, m, m));

			distance[at(m, l)] = acos(fmax(-1, fmin(1, cosine))) / M_PI;
		}
	return -1;
}

void angle_part_add_distances(struct angle_part *p, uint64_t doc, const double *distance)
{
	double draws[RESAMPLES];

	resample_draws(draws, doc);
	for (size_t m = p->width ? p->width : 1, end; m < p->rows; m++)
		for (size_t l = first_wanted(p, m, &end); l < end; l++) {
			size_t pair = at(m, l);
			double d = distance[pair];
			uint64_t units = llround(d * 0x1p40);

			p->sum[pair].count++;
			p->sum[pair].sum += units;
			p->sum[pair].sumsq += llround(d * d * 0x1p40);
			resample_add(p->resamples[pair], draws, units);
		}
}

int angle_part_add(struct angle_part *p, uint64_t doc, const float *x, size_t d)
{
	int bad = angle_part_distances(p, x, d, p->distance);

	if (bad < 0)
		angle_part_add_distances(p, doc, p->distance);
	return bad;
}

size_t angle_part_pairs(size_t rows)
{
	return at(rows, 0);
}

/* Samples whose sums in resamples are lost, because 64 bits do not hold them, count as none. */
static void add_resamples(struct resampled *r, const uint64_t *sums, uint64_t count)
{
	if (!r->sum)
		r->sum = xcalloc(RESAMPLES, sizeof(*r->sum));
	if (resample_merge(r->sum, sums) == 0)
		r->count += count;
}

void angles_add_part(struct angles *a, struct angle_part *p)
{
	int layers = p->rows - 1;

	for (size_t k = 0; k < at(p->rows, 0); k++) {
		a->sum[k].count += p->sum[k].count;
		a->sum[k].sum += (long double)p->sum[k].sum;
		a->sum[k].sumsq += (long double)p->sum[k].sumsq;
		a->sum[k].mean += ldexp((double)p->sum[k].sum, -40);
		if (p->sum[k].count)
			add_resamples(a->resampled + k, p->resamples[k], p->sum[k].count);
	}
	memset(p->sum, 0, at(p->rows, 0) * sizeof(*p->sum));
	memset(p->resamples, 0, at(p->rows, 0) * sizeof(*p->resamples));
	if (layers > a->layers)
		a->layers = layers;
}

/* -- the table --------------------------------------------------------------------------------- */

int angles_add_sums(struct angles *a, const struct angle *p, const char **why)
{
	struct sums *s;

	assert(p->n >= 1 && p->l >= 0 && p->n <= MAX_LAYERS - p->l);
	if (a->layers < p->l + p->n)
		a->layers = p->l + p->n;
	if (a->width && p->n != a->width)
		return 0;
	s = angles_at(a, p->n, p->l);
	if (s->count + p->s.count > SUMS_MAX_COUNT) {
		*why = "more than 2^53 samples in all";
		return -1;
	}
	s->count += p->s.count;
	s->sum += p->s.sum;
	s->sumsq += p->s.sumsq;
	s->mean += (double)p->s.count * p->s.mean;
	if (p->resamples)
		add_resamples(a->resampled + at(p->l + p->n, p->l), p->resamples, p->s.count);
	return 0;
}

int angles_have(const struct angles *a, int n)
{
	return n >= 1 && n <= a->layers && angles_at(a, n, 0)->count;
}

/* 1: all pairs of width n are there, or none, with as many samples as the others. */
static int counts_agree(struct angles *a, int n, struct fault *err)
{
	for (int l = 0; l + n <= a->layers; l++) {
		uint64_t count = angles_at(a, n, l)->count;

		if (!!count != angles_have(a, n)) {
			fault(err, "of the pairs with n = %d, l = %d is missing", n, count ? 0 : l);
			return 0;
		}
		if (count && a->count && count != a->count) {
			fault(err, "the pair n = %d, l = %d has %llu samples, others have %llu", n,
				l, (unsigned long long)count, (unsigned long long)a->count);
			return 0;
		}
		if (count)
			a->count = count;
	}
	return 1;
}

/* 0: whole numbers of 2^-40 do not tell the width's values apart, which the means that came with
 * them do. */
static int sums_are_fine(const struct angles *a, int n, struct fault *err)
{
	double most = 0, lost = 0;

	for (int l = 0; l + n <= a->layers; l++) {
		const struct sums *s = angles_at(a, n, l);
		double given = s->mean / (double)s->count;

		most = fmax(most,
			fmax(fabs(given),
				(double)sqrtl(s->sumsq * 0x1p-40L / (long double)s->count)));
		lost = fmax(lost, fabs(given - sums_mean(s)));
	}
	if (lost <= 1e-4 * most)
		return 1;
	fault(err,
		"n = %d: whole numbers of 2^-40 are too coarse for values of %.2g: sum and sumsq "
		"must be floats",
		n, most);
	return 0;
}

int angles_check(struct angles *a, struct fault *err)
{
	a->count = 0;
	for (int n = 1; n <= a->layers; n++)
		if (!counts_agree(a, n, err) || (angles_have(a, n) && !sums_are_fine(a, n, err)))
			return -1;
	return 0;
}

struct angle angles_pair(const struct angles *a, int n, int l)
{
	const struct resampled *r = a->resampled + at(l + n, l);
	struct angle p = { .n = n, .l = l, .s = *angles_at(a, n, l) };

	p.resamples = r->count == p.s.count ? r->sum : NULL;
	p.s.mean = sums_mean(&p.s);
	p.s.sem = sums_sem(&p.s);
	return p;
}

int angles_best(const struct angles *a, int n)
{
	int best = 0;

	for (int l = 1; l + n <= a->layers; l++)
		if (angles_at(a, n, l)->sum < angles_at(a, n, best)->sum)
			best = l;
	return best;
}

/* The l whose sum is the smallest in resample k; -1: all are equal, as where nothing is drawn. */
static int best_resampled(const struct angles *a, int n, int k)
{
	const struct resampled *r = a->resampled;
	int best = 0, differ = 0;

	for (int l = 1; l + n <= a->layers; l++) {
		uint64_t sum = r[at(l + n, l)].sum[k], least = r[at(best + n, best)].sum[k];

		differ |= sum != least;
		if (sum < least)
			best = l;
	}
	return differ ? best : -1;
}

int angles_wins(const struct angles *a, int n, int *wins)
{
	int told = 0;

	memset(wins, 0, (size_t)(a->layers - n + 1) * sizeof(*wins));
	for (int l = 0; l + n <= a->layers; l++)
		if (!angles_pair(a, n, l).resamples)
			return 0;
	for (int k = 0; k < RESAMPLES; k++) {
		int best = best_resampled(a, n, k);

		told += best >= 0;
		if (best >= 0)
			wins[best]++;
	}
	return told;
}
