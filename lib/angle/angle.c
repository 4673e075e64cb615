/* angle - angular distances between the residual streams at two layers, summed over samples
 *
 * The main thread reads and unpacks, which is most of the work; the others take batches of samples,
 * each into sums of its own.
 */
#include "angle/angle.h"

#include "angle/gram.h"
#include "angle/resample.h"
#include "file/json.h"
#include "stream/meta.h"
#include "sys/crew.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/setting.h"
#include "sys/threads.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_BYTES = 256 << 10, BATCH_MAX = 16, BATCHES_A_THREAD = 4 };

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
	p->sum = xcalloc(at(rows, 0), sizeof(*p->sum));
	p->resamples = xcalloc(at(rows, 0), sizeof(*p->resamples));
	return p;
}

void angle_part_free(struct angle_part *p)
{
	gram_free(p->gram);
	free(p->sum);
	free(p->resamples);
	free(p);
}

static void add_distance(struct angle_part *p, size_t pair, const double *draws, double cosine)
{
	double d = acos(fmax(-1, fmin(1, cosine))) / M_PI;
	uint64_t units = llround(d * 0x1p40);

	p->sum[pair].count++;
	p->sum[pair].sum += units;
	p->sum[pair].sumsq += llround(d * d * 0x1p40);
	resample_add(p->resamples[pair], draws, units);
}

int angle_part_add(struct angle_part *p, uint64_t doc, const float *x, size_t d)
{
	const struct gram *g = p->gram;
	double draws[RESAMPLES];
	size_t n = p->width;

	gram_compute(p->gram, x, p->rows, d, n);
	for (size_t l = 0; l < p->rows; l++) {
		double norm = gram_at(g, l, l);

		if (!(norm > 0) || !isfinite(norm))
			return l;
	}
	resample_draws(draws, doc);
	for (size_t m = n ? n : 1; m < p->rows; m++) {
		size_t l = n ? m - n : 0, end = n ? l + 1 : m;

		for (; l < end; l++)
			add_distance(p, at(m, l), draws,
				gram_at(g, l, m) / sqrt(gram_at(g, l, l) * gram_at(g, m, m)));
	}
	return -1;
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

/* -- streams ----------------------------------------------------------------------------------- */

struct sample_batch { /* of samples, for one thread */
	float *x;     /* [cap, rows, d] */
	uint64_t doc[BATCH_MAX];
	size_t n;
	int bad_layer; /* of sample n_good, -1: none */
	size_t n_good;
};

struct angle_input { /* what has been read of all files */
	struct angles *angles;
	json_t *meta, *provenance;
	/* of all parts before the current one; of angle streams as their meta says */
	struct docs docs;
	struct docs part_docs; /* of the current part, if it is hidden */
	size_t rows, d;        /* of every sample; rows 0: none has come */
	uint64_t doc;          /* of the sample last read */
	uint64_t n_new;        /* samples that are not in angles yet */
	struct crew *crew;
	struct angle_part **part; /* [threads_held()] */
	/* [n_batches], the crew's items; the one that is filled, NULL: none */
	struct sample_batch *batch, *filling;
	size_t n_batches, cap; /* cap: samples of a batch */
};

static void add_batch(void *ctx, int thread, void *item)
{
	const struct angle_input *r = ctx;
	struct sample_batch *b = item;

	b->bad_layer = -1;
	for (b->n_good = 0; b->n_good < b->n && b->bad_layer < 0; b->n_good += b->bad_layer < 0)
		b->bad_layer = angle_part_add(r->part[thread], b->doc[b->n_good],
			b->x + b->n_good * r->rows * r->d, r->d);
}

/* The first sample decides the shape of all. */
static void check_shape(const struct angle_input *r, const struct hidden *h, struct rec_in *in)
{
	if (h->layer >= 0)
		rec_bad(in,
			xasprintf("all tokens of one layer, but the last token of every layer is "
				  "needed: no %s",
				setting(SETTING_ALL_TOKENS)));
	if (h->rows < 2 || h->rows > MAX_LAYERS + 1 || h->d < 1)
		rec_bad(in, "x must have 2 to 513 rows, at least one column");
	if ((r->angles->layers && h->rows != (size_t)r->angles->layers + 1) ||
		(r->rows && h->d != r->d) || (r->rows && h->rows != r->rows))
		rec_bad(in, "x has another shape than in the records before");
	if ((size_t)r->angles->width >= h->rows)
		die("%s: %s %d: the model has only %zu layers", rec_file(in),
			setting(SETTING_WIDTH), r->angles->width, h->rows - 1);
}

static void start_crew(struct angle_input *r, const struct hidden *h)
{
	size_t sample = h->rows * h->d * sizeof(float);

	r->rows = h->rows;
	r->d = h->d;
	r->cap = sample > BATCH_BYTES              ? 1
		: BATCH_BYTES / sample > BATCH_MAX ? BATCH_MAX
						   : BATCH_BYTES / sample;
	r->n_batches = threads_held() > 1 ? BATCHES_A_THREAD * (size_t)threads_held() : 1;
	r->batch = xcalloc(r->n_batches, sizeof(*r->batch));
	for (size_t i = 0; i < r->n_batches; i++)
		r->batch[i].x = xmalloc(r->cap * sample);
	r->part = xcalloc(threads_held(), sizeof(*r->part));
	for (int i = 0; i < threads_held(); i++)
		r->part[i] = angle_part_new(h->rows, r->angles->width);
	r->crew = crew_new(threads_held(), r->batch, r->n_batches, sizeof(*r->batch), add_batch, r);
}

static void stop_crew(struct angle_input *r)
{
	if (!r->crew)
		return;
	crew_close(r->crew);
	for (size_t i = 0; i < r->n_batches; i++)
		free(r->batch[i].x);
	for (int i = 0; i < threads_held(); i++)
		angle_part_free(r->part[i]);
	free(r->batch);
	free(r->part);
}

/* Takes a batch back: 1, or 0: none is under way. */
static int take_batch(struct angle_input *r, const struct rec_in *in)
{
	struct sample_batch *b = crew_take(r->crew);

	if (b && b->bad_layer >= 0)
		die("%s: document %llu, layer %d: x is zero or not finite", rec_file(in),
			(unsigned long long)b->doc[b->n_good], b->bad_layer);
	return b != NULL;
}

static struct sample_batch *batch_to_fill(struct angle_input *r, const struct rec_in *in)
{
	while (!r->filling) {
		r->filling = crew_free_item(r->crew);
		if (r->filling)
			r->filling->n = 0;
		else
			take_batch(r, in);
	}
	return r->filling;
}

static void give_batch(struct angle_input *r)
{
	if (r->filling)
		crew_give(r->crew);
	r->filling = NULL;
}

/* All samples so far into the table. */
static void add_samples(struct angle_input *r, const struct rec_in *in)
{
	if (!r->crew)
		return;
	give_batch(r);
	while (take_batch(r, in))
		;
	for (int i = 0; i < threads_held(); i++)
		angles_add_part(r->angles, r->part[i]);
	r->n_new = 0;
}

static int next_hidden(struct angle_input *r, struct rec_in *in)
{
	struct sample_batch *b;
	struct hidden h;
	const void *x;

	if (!hidden_peek(in, &h, &x))
		return 0;
	check_shape(r, &h, in);
	if (!r->crew)
		start_crew(r, &h);
	if (r->n_new == ANGLE_PART_COUNT)
		add_samples(r, in);
	r->n_new++;
	b = batch_to_fill(r, in);
	memcpy(b->x + b->n * r->rows * r->d, x, r->rows * r->d * sizeof(float));
	b->doc[b->n++] = h.doc;
	r->doc = h.doc;
	if (b->n == r->cap)
		give_batch(r);
	return 1;
}

static int next_angle(struct angle_input *r, struct rec_in *in)
{
	struct angle p;
	const char *why;

	if (!angle_read(in, &p))
		return 0;
	if (angles_add_sums(r->angles, &p, &why))
		rec_bad(in, why);
	return 1;
}

/* The documents of a part that has been read, or that its header names, join those before. */
static void close_part(struct angle_input *r, const struct rec_in *in)
{
	uint64_t shared;

	if (docs_union(&r->docs, &r->part_docs, &shared))
		die("%s: document %llu is in this part and in one before", rec_file(in),
			(unsigned long long)shared);
	docs_free(&r->part_docs);
}

static void begin_part(struct angle_input *r, const struct rec_in *in)
{
	json_t *meta = json_copy((json_t *)rec_meta(in));
	const json_t *docs = json_object_get(meta, "docs");

	close_part(r, in);
	if (rec_kind(in) == KIND_ANGLE && docs && docs_from_json(&r->part_docs, docs))
		die("%s: meta.docs is no list of apart ranges [first, last]", rec_file(in));
	json_object_del(meta, "docs");
	meta_add(&r->meta, meta, NULL, rec_file(in));
	json_decref(meta);
}

static void read_file(struct angle_input *r, struct rec_in *in)
{
	int part = rec_part(in), hidden = rec_kind(in) == KIND_HIDDEN;

	begin_part(r, in);
	while (hidden ? next_hidden(r, in) : next_angle(r, in)) {
		if (rec_part(in) != part)
			begin_part(r, in);
		part = rec_part(in);
		if (hidden)
			docs_add(&r->part_docs, r->doc);
	}
	add_samples(r, in);
	close_part(r, in);
	r->provenance = provenance_merge(r->provenance, rec_all_provenance(in));
}

struct angles *angles_read(char *const *files, int hidden_too, int width, json_t **meta,
	json_t **provenance)
{
	static const enum kind kinds[] = { KIND_ANGLE, KIND_HIDDEN };
	char *const standard_input[] = { "-", NULL };
	struct angle_input r = { .angles = angles_new(width) };
	struct fault err;

	for (char *const *f = *files ? files : standard_input; *f; f++) {
		char *const one[] = { *f, NULL };
		struct rec_in *in = rec_open_any(one, kinds, hidden_too ? 2 : 1);

		read_file(&r, in);
		rec_close(in);
	}
	if (angles_check(r.angles, &err))
		die("%s", err.text);
	if (r.docs.n)
		json_put(r.meta, "docs", docs_to_json(&r.docs));
	stop_crew(&r);
	docs_free(&r.docs);
	*meta = r.meta;
	*provenance = r.provenance;
	return r.angles;
}
