/* angle - angular distances between the residual streams at two layers, summed over samples
 *
 * All pairs of a sample are its Gram matrix: rows go to f64 once per chunk of columns that fits the cache, and a tile
 * of 2 x 4 dot products runs through it in registers. Each dot has four partial sums (columns c mod 4), added chunk by
 * chunk: the same order for every pair, tile and thread.
 */
#include "angle.h"
#include "cli.h"
#include "meta.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK = 512,		/* columns in f64 at a time */
	TILE_I = 2, TILE_J = 4,
	BATCH_BYTES = 32 << 20,	/* samples copied for the threads */
};

typedef double v4 __attribute__((vector_size(32)));

static size_t at(int m, int l)
{
	return (size_t)m * (m - 1) / 2 + l;
}

struct angles *angles_new(int width)
{
	struct angles *a = xcalloc(1, sizeof(*a));

	a->width = width;
	a->sum = xcalloc(at(MAX_LAYERS + 1, 0), sizeof(*a->sum));
	return a;
}

void angles_free(struct angles *a)
{
	free(a->sum);
	free(a);
}

struct angle_sum *angles_at(const struct angles *a, int n, int l)
{
	return a->sum + at(l + n, l);
}

/* -- one sample -------------------------------------------------------------------------------------------------- */

struct scratch {		/* one thread's */
	double *x;		/* [padded rows, CHUNK] */
	double *gram;		/* [padded rows, padded rows], upper half */
	struct angle_sum *sum;	/* as struct angles has them */
};

/* gram[i..i+1][j..j+3] += dots of rows over len columns (a multiple of 4). */
static void gram_tile(double *gram, size_t padded, const double *x, size_t i, size_t j, size_t len)
{
	v4 acc[TILE_I][TILE_J] = { 0 };

	for (size_t c = 0; c < len; c += 4) {
#pragma GCC unroll 2
		for (int a = 0; a < TILE_I; a++) {
			v4 xi = *(const v4 *)(x + (i + a) * CHUNK + c);
#pragma GCC unroll 4
			for (int b = 0; b < TILE_J; b++)
				acc[a][b] += xi * *(const v4 *)(x + (j + b) * CHUNK + c);
		}
	}
	for (int a = 0; a < TILE_I; a++)
		for (int b = 0; b < TILE_J; b++) {
			v4 s = acc[a][b];

			gram[(i + a) * padded + j + b] += (s[0] + s[1]) + (s[2] + s[3]);
		}
}

/* 1: the tile at (i, j) has a pair that is asked for, or a norm. */
static int tile_wanted(size_t i, size_t j, int width)
{
	for (size_t a = i; a < i + TILE_I; a++)
		for (size_t b = j; b < j + TILE_J; b++)
			if (b == a || (b > a && (!width || b - a == (size_t)width)))
				return 1;
	return 0;
}

static void gram(struct scratch *s, const float *x, size_t rows, size_t d, int width)
{
	size_t padded = (rows + TILE_J - 1) / TILE_J * TILE_J;

	memset(s->gram, 0, padded * padded * sizeof(*s->gram));
	for (size_t c = 0; c < d; c += CHUNK) {
		size_t n = d - c < CHUNK ? d - c : CHUNK, len = (n + 3) / 4 * 4;

		for (size_t r = 0; r < rows; r++) {
			for (size_t k = 0; k < n; k++)
				s->x[r * CHUNK + k] = x[r * d + c + k];
			for (size_t k = n; k < len; k++)
				s->x[r * CHUNK + k] = 0;
		}
		for (size_t i = 0; i < padded; i += TILE_I)
			for (size_t j = i / TILE_J * TILE_J; j < padded; j += TILE_J)
				if (tile_wanted(i, j, width))
					gram_tile(s->gram, padded, s->x, i, j, len);
	}
}

static void add_distance(struct angle_sum *sum, double cosine)
{
	double d = acos(fmax(-1, fmin(1, cosine))) / M_PI;

	sum->count++;
	sum->sum += llround(ldexp(d, 40));
	sum->sumsq += llround(ldexp(d * d, 40));
}

/* Adds a sample to the thread's sums. -1, or the first layer whose norm is zero or not finite. */
static int add_sample(struct scratch *s, const float *x, size_t rows, size_t d, int width)
{
	size_t padded = (rows + TILE_J - 1) / TILE_J * TILE_J;

	gram(s, x, rows, d, width);
	for (size_t l = 0; l < rows; l++) {
		double norm = s->gram[l * padded + l];

		if (!(norm > 0) || !isfinite(norm))
			return l;
	}
	for (size_t m = width ? width : 1; m < rows; m++) {
		size_t l = width ? m - width : 0, end = width ? l + 1 : m;

		for (; l < end; l++) {
			double norms = sqrt(s->gram[l * padded + l] * s->gram[m * padded + m]);

			add_distance(s->sum + at(m, l), s->gram[l * padded + m] / norms);
		}
	}
	return -1;
}

static struct scratch scratch_new(size_t rows)
{
	size_t padded = (rows + TILE_J - 1) / TILE_J * TILE_J;
	struct scratch s = { 0 };
	void *x;

	if (posix_memalign(&x, 64, padded * CHUNK * sizeof(double)))
		die("out of memory");
	s.x = memset(x, 0, padded * CHUNK * sizeof(double));
	s.gram = xcalloc(padded * padded, sizeof(double));
	s.sum = xcalloc(at(rows, 0), sizeof(*s.sum));
	return s;
}

int angles_add_samples(struct angles *a, const float *const *x, size_t n_samples, size_t rows, size_t d, int threads,
	size_t *bad, int *layer)
{
	struct scratch *scratch;

	if ((size_t)threads > n_samples)
		threads = n_samples;
	scratch = xcalloc(threads, sizeof(*scratch));
	for (int t = 0; t < threads; t++)
		scratch[t] = scratch_new(rows);
	*bad = n_samples;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
	for (size_t i = 0; i < n_samples; i++) {
		int l = add_sample(scratch + omp_get_thread_num(), x[i], rows, d, a->width);

		if (l >= 0) {
#pragma omp critical
			if (i < *bad) {
				*bad = i;
				*layer = l;
			}
		}
	}
	for (int t = 0; t < threads; t++) {
		for (size_t k = 0; k < at(rows, 0) && *bad == n_samples; k++) {
			a->sum[k].count += scratch[t].sum[k].count;
			a->sum[k].sum += scratch[t].sum[k].sum;
			a->sum[k].sumsq += scratch[t].sum[k].sumsq;
		}
		free(scratch[t].x);
		free(scratch[t].gram);
		free(scratch[t].sum);
	}
	free(scratch);
	if (*bad < n_samples)
		return -1;
	if ((int)rows - 1 > a->layers)
		a->layers = rows - 1;
	return 0;
}

/* -- the table --------------------------------------------------------------------------------------------------- */

int angles_add_sums(struct angles *a, const struct angle *sums, const char **why)
{
	struct angle_sum *s;

	if (sums->n < 1 || sums->l < 0 || sums->n > MAX_LAYERS - sums->l) {
		*why = "no pair of layers";
		return -1;
	}
	if (sums->count < 1 || sums->count > ANGLE_MAX_COUNT) {
		*why = "count must be 1 to 16777215";
		return -1;
	}
	if (sums->sum > sums->count << 40 || sums->sumsq > sums->count << 40) {
		*why = "sum or sumsq is larger than the count allows";
		return -1;
	}
	if (a->layers < sums->l + sums->n)
		a->layers = sums->l + sums->n;
	if (a->width && sums->n != a->width)
		return 0;
	s = angles_at(a, sums->n, sums->l);
	if (s->count + sums->count > ANGLE_MAX_COUNT) {
		*why = "more than 16777215 samples in all";
		return -1;
	}
	s->count += sums->count;
	s->sum += sums->sum;
	s->sumsq += sums->sumsq;
	return 0;
}

int angles_have(const struct angles *a, int n)
{
	return n >= 1 && n <= a->layers && angles_at(a, n, 0)->count;
}

int angles_check(struct angles *a, char *err, size_t n_err)
{
	a->count = 0;
	for (int n = 1; n <= a->layers; n++)
		for (int l = 0; l + n <= a->layers; l++) {
			uint64_t count = angles_at(a, n, l)->count;

			if (!!count != angles_have(a, n)) {
				snprintf(err, n_err, "of the pairs with n = %d, l = %d is missing", n, count ? 0 : l);
				return -1;
			}
			if (count && a->count && count != a->count) {
				snprintf(err, n_err, "the pair n = %d, l = %d has %llu samples, others have %llu", n, l,
					(unsigned long long)count, (unsigned long long)a->count);
				return -1;
			}
			if (count)
				a->count = count;
		}
	return 0;
}

struct angle angles_pair(const struct angles *a, int n, int l)
{
	const struct angle_sum *s = angles_at(a, n, l);
	struct angle p = { .n = n, .l = l, .count = s->count, .sum = s->sum, .sumsq = s->sumsq };
	double count = s->count, spread;

	p.mean = ldexp(s->sum, -40) / count;
	spread = ldexp(s->sumsq, -40) - count * p.mean * p.mean;
	p.sem = count > 1 && spread > 0 ? sqrt(spread / (count - 1)) / sqrt(count) : 0;
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

/* -- streams ----------------------------------------------------------------------------------------------------- */

struct reading {		/* what has been read of all files */
	struct angles *angles;
	json_t *meta, *made;
	struct docs docs;	/* of all parts before the current one; of angle streams as their meta says */
	struct docs part_docs;	/* of the current part, if it is hidden */
	float **x;		/* [cap] samples copied until there is work for all threads, each [rows, d] */
	uint64_t *doc;
	size_t n, cap, rows, d;
};

static void add_batch(struct reading *r, const struct rec_in *in)
{
	struct angles *a = r->angles;
	size_t bad;
	int layer;

	if (!r->n)
		return;
	if (angles_at(a, a->width ? a->width : 1, 0)->count + r->n > ANGLE_MAX_COUNT)
		die("%s: more than %d samples in all", rec_file(in), ANGLE_MAX_COUNT);
	if (angles_add_samples(a, (const float *const *)r->x, r->n, r->rows, r->d, common.threads, &bad, &layer))
		die("%s: document %llu, layer %d: x is zero or not finite", rec_file(in),
			(unsigned long long)r->doc[bad], layer);
	r->n = 0;
}

/* The first sample decides the shape of all. */
static void check_shape(const struct reading *r, const struct hidden *h, struct rec_in *in)
{
	if (h->layer >= 0)
		rec_bad(in, "all tokens of one layer, but the last token of every layer is needed: no --all-tokens");
	if (h->rows < 2 || h->rows > MAX_LAYERS + 1 || h->d < 1)
		rec_bad(in, "x must have 2 to 513 rows, at least one column");
	if ((r->angles->layers && h->rows != (size_t)r->angles->layers + 1) || (r->cap && h->d != r->d)
			|| (r->cap && h->rows != r->rows))
		rec_bad(in, "x has another shape than in the records before");
	if ((size_t)r->angles->width >= h->rows)
		die("%s: -n %d: the model has only %zu layers", rec_file(in), r->angles->width, h->rows - 1);
}

static void make_room(struct reading *r, const struct hidden *h)
{
	size_t fit = BATCH_BYTES / (h->rows * h->d * sizeof(float));

	r->rows = h->rows;
	r->d = h->d;
	r->cap = fit > 64 ? 64 : fit;
	if (r->cap < (size_t)common.threads)
		r->cap = common.threads;
	r->doc = xcalloc(r->cap, sizeof(*r->doc));
	r->x = xcalloc(r->cap, sizeof(*r->x));
	for (size_t i = 0; i < r->cap; i++)
		r->x[i] = xcalloc(h->rows * h->d, sizeof(float));
}

static int next_hidden(struct reading *r, struct rec_in *in)
{
	struct hidden h;

	if (!hidden_read(in, &h))
		return 0;
	check_shape(r, &h, in);
	if (!r->cap)
		make_room(r, &h);
	memcpy(r->x[r->n], h.x, h.rows * h.d * sizeof(float));
	r->doc[r->n++] = h.doc;
	return 1;
}

static int next_angle(struct reading *r, struct rec_in *in)
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
static void close_part(struct reading *r, const struct rec_in *in)
{
	uint64_t shared;

	if (docs_union(&r->docs, &r->part_docs, &shared))
		die("%s: document %llu is in this part and in one before", rec_file(in), (unsigned long long)shared);
	docs_free(&r->part_docs);
}

static void begin_part(struct reading *r, const struct rec_in *in)
{
	json_t *meta = json_copy((json_t *)rec_meta(in));
	const json_t *docs = json_object_get(meta, "docs");

	close_part(r, in);
	if (rec_kind(in) == KIND_ANGLE && docs && docs_from_json(&r->part_docs, docs))
		die("%s: meta.docs is no list of apart ranges [first, last]", rec_file(in));
	json_object_del(meta, "docs");
	meta_add(&r->meta, meta, NULL, rec_file(in));
	json_decref(meta);
	r->made = made_merge(r->made, rec_made(in));
}

static void read_file(struct reading *r, struct rec_in *in)
{
	int part = rec_part(in), hidden = rec_kind(in) == KIND_HIDDEN;

	begin_part(r, in);
	while (hidden ? next_hidden(r, in) : next_angle(r, in)) {
		if (rec_part(in) != part)
			begin_part(r, in);
		part = rec_part(in);
		if (hidden)
			docs_add(&r->part_docs, r->doc[r->n - 1]);
		if (hidden && r->n == r->cap)
			add_batch(r, in);
	}
	add_batch(r, in);
	close_part(r, in);
}

struct angles *angles_read(char *const *files, int hidden_too, int width, json_t **meta, json_t **made)
{
	static const enum kind kinds[] = { KIND_ANGLE, KIND_HIDDEN };
	char *const standard_input[] = { "-", NULL };
	struct reading r = { .angles = angles_new(width) };
	char err[128];

	for (char *const *f = *files ? files : standard_input; *f; f++) {
		char *const one[] = { *f, NULL };
		struct rec_in *in = rec_open_any(one, kinds, hidden_too ? 2 : 1);

		read_file(&r, in);
		rec_close(in);
	}
	if (angles_check(r.angles, err, sizeof(err)))
		die("%s", err);
	if (r.docs.n)
		json_object_set_new(r.meta, "docs", docs_to_json(&r.docs));
	for (size_t i = 0; i < r.cap; i++)
		free(r.x[i]);
	free(r.x);
	free(r.doc);
	docs_free(&r.docs);
	*meta = r.meta;
	*made = r.made;
	return r.angles;
}
