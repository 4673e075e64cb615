/* Angular distances: known angles, the golden models, another way of computing, and equal bits for
 * any split of the samples. */
#include "angle/angle.h"
#include "angle/argmin.h"
#include "angle/resample.h"
#include "sys/memory.h"
#include "golden.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { SAMPLES = 37, ROWS = 12, D = 1037 }; /* neither a multiple of a tile nor of a chunk */

static float samples[SAMPLES][ROWS][D];
static const float *sample[SAMPLES];

static void make_samples(void)
{
	uint64_t z = 1;

	for (int i = 0; i < SAMPLES; i++) {
		sample[i] = samples[i][0];
		for (int r = 0; r < ROWS; r++)
			for (int c = 0; c < D; c++) {
				z = z * 6364136223846793005u + 1442695040888963407u;
				samples[i][r][c] = (float)(z >> 40) * 0x1p-23f - 1 +
					(r ? 0.97f * samples[i][r - 1][c] : 0);
			}
	}
}

/* The first document that add_samples adds; the others follow. */
static uint64_t first_doc;

/* -1, or the layer of the sample that is bad, *bad; nothing is added then. */
static int add_samples(struct angles *a, const float *const *x, int n, size_t rows, size_t d,
	int *bad)
{
	struct angle_part *p = angle_part_new(rows, a->width);
	int layer = -1;

	for (*bad = 0; *bad < n; ++*bad) {
		layer = angle_part_add(p, first_doc + (uint64_t)*bad, x[*bad], d);
		if (layer >= 0)
			break;
	}
	if (layer < 0)
		angles_add_part(a, p);
	angle_part_free(p);
	return layer;
}

static void add(struct angles *a, int first, int n)
{
	int bad;

	first_doc = (uint64_t)first;
	assert_int_equal(add_samples(a, sample + first, n, ROWS, D, &bad), -1);
}

static void assert_equal_sums(const struct angles *a, const struct angles *b, int n)
{
	for (int l = 0; l + n < ROWS; l++)
		assert_true(angles_at(a, n, l)->count == angles_at(b, n, l)->count &&
			angles_at(a, n, l)->sum == angles_at(b, n, l)->sum &&
			angles_at(a, n, l)->sumsq == angles_at(b, n, l)->sumsq &&
			!memcmp(angles_pair(a, n, l).resamples, angles_pair(b, n, l).resamples,
				RESAMPLES * sizeof(uint64_t)));
}

static void known_angles(void **state)
{
	float x[5][3] = { { 1, 0, 0 }, { 2, 0, 0 }, { 0, 3, 0 }, { -1e-30f, 0, 0 },
		{ 1e30f, 1e30f, 0 } };
	const float *one = x[0];
	struct angles *a = angles_new(0);
	int bad;

	(void)state;
	assert_int_equal(add_samples(a, &one, 1, 5, 3, &bad), -1);
	assert_int_equal(angles_at(a, 1, 0)->sum, 0);          /* the same direction: exactly 0 */
	assert_int_equal(angles_at(a, 2, 0)->sum, 1ull << 39); /* orthogonal: 1/2 */
	assert_int_equal(angles_at(a, 2, 0)->sumsq, 1ull << 38);
	/* opposite: 1, whatever the lengths */
	assert_int_equal(angles_at(a, 3, 0)->sum, 1ull << 40);
	assert_int_equal(angles_at(a, 4, 0)->sum, 1ull << 38); /* 45 degrees: 1/4 */
	assert_int_equal(a->layers, 4);
	angles_free(a);
}

/* d by plain loops in long double. */
static double plain(const float *x, const float *y, size_t d)
{
	long double xy = 0, xx = 0, yy = 0;

	for (size_t c = 0; c < d; c++) {
		xy += (long double)x[c] * y[c];
		xx += (long double)x[c] * x[c];
		yy += (long double)y[c] * y[c];
	}
	return (double)(acosl(xy / sqrtl(xx * yy)) / 3.14159265358979323846264L);
}

static void as_long_double(void **state)
{
	struct angles *a = angles_new(0);
	double worst = 0, worst_sem = 0;

	(void)state;
	add(a, 0, SAMPLES);
	for (int n = 1; n < ROWS; n++)
		for (int l = 0; l + n < ROWS; l++) {
			struct angle p = angles_pair(a, n, l);
			double d[SAMPLES], mean = 0, var = 0;

			for (int i = 0; i < SAMPLES; i++)
				mean += d[i] = plain(samples[i][l], samples[i][l + n], D);
			mean /= SAMPLES;
			for (int i = 0; i < SAMPLES; i++)
				var += (d[i] - mean) * (d[i] - mean) / (SAMPLES - 1);
			worst = fmax(worst, fabs(p.s.mean - mean));
			worst_sem = fmax(worst_sem, fabs(p.s.sem - sqrt(var / SAMPLES)));
			assert_int_equal(p.s.count, SAMPLES);
		}
	print_message("# against long double: mean within %.1e (of 1e-12), sem within %.1e (of "
		      "1e-9)\n",
		worst, worst_sem);
	assert_true(worst < 1e-12);
	assert_true(worst_sem < 1e-9);
	angles_free(a);
}

static void any_split(void **state)
{
	struct angles *one = angles_new(0);

	(void)state;
	add(one, 0, SAMPLES);
	for (int step = 1; step <= 7; step++) {
		struct angles *parts = angles_new(0), *merged = angles_new(0);

		for (int first = SAMPLES; first > 0; first -= step) { /* from the end, in pieces */
			int n = first < step ? first : step;

			add(parts, first - n, n);
		}
		for (int n = 1; n < ROWS; n++)
			for (int l = 0; l + n < ROWS; l++) {
				struct angle p = angles_pair(parts, n, l);
				const char *why;

				assert_int_equal(angles_add_sums(merged, &p, &why), 0);
			}
		for (int n = 1; n < ROWS; n++) {
			assert_equal_sums(one, parts, n);
			assert_equal_sums(one, merged, n);
		}
		angles_free(parts);
		angles_free(merged);
	}
	angles_free(one);
}

/* Of one sample of value d, or of any numbers. */
static struct sums of(double d)
{
	return (struct sums){ 1, d, 0, 0x1p40L * d, 0x1p40L * d * d };
}

/* The word e of a document, by Philox4x32-10 in its plainest form. */
static uint32_t plain_word(uint64_t doc, uint32_t e)
{
	uint32_t c[4] = { e / 4, (uint32_t)doc, (uint32_t)(doc >> 32), 0x7265736d }, k[2] = { 0 };

	for (int r = 0; r < 10; r++) {
		uint64_t p0 = (uint64_t)0xD2511F53 * c[0], p1 = (uint64_t)0xCD9E8D57 * c[2];
		const uint32_t next[4] = { (uint32_t)(p1 >> 32) ^ c[1] ^ k[0], (uint32_t)p1,
			(uint32_t)(p0 >> 32) ^ c[3] ^ k[1], (uint32_t)p0 };

		memcpy(c, next, sizeof(c));
		k[0] += 0x9E3779B9;
		k[1] += 0xBB67AE85;
	}
	return c[e % 4];
}

/* How often a variable of mean 1 is drawn for the uniform number u. */
static int plain_poisson(long double u)
{
	long double p = expl(-1), below = p;
	int j = 0;

	while (j < 12 && u >= below)
		below += p /= ++j;
	return j;
}

/* The draws of a document are Poisson's, and its sums in the resamples its distance times them. */
static void resamples_as_plain(void **state)
{
	enum { DOCS = 10000 };
	const uint64_t far = 0x123456789abcull; /* beyond 32 bits */
	const float opposite[] = { 1, 0, -1, 0 }, *x = opposite;
	struct angles *a = angles_new(0);
	uint64_t want[RESAMPLES] = { 0 };
	double draws[RESAMPLES];
	long n[13] = { 0 };
	int bad;

	(void)state;
	for (first_doc = far; first_doc < far + DOCS; first_doc++) {
		resample_draws(draws, first_doc);
		for (int k = 0; k < RESAMPLES; k++) {
			int j = plain_poisson(plain_word(first_doc, (uint32_t)k) * 0x1p-32L);

			assert_true(draws[k] == j);
			n[j]++;
			want[k] += (uint64_t)j << 40;
		}
		assert_int_equal(add_samples(a, &x, 1, 2, 2, &bad), -1);
	}
	assert_memory_equal(angles_pair(a, 1, 0).resamples, want, sizeof(want));
	for (int j = 0; j < 8; j++) { /* within four standard errors */
		double mean = DOCS * RESAMPLES * exp(-1) / tgamma(j + 1);

		assert_true(fabs((double)n[j] - mean) < 4 * sqrt(mean));
	}
	angles_free(a);
}

/* Three pairs of width 1, of which that at l = 1 has the least distance. */
static void add_three(struct angles *a, uint64_t r[3][RESAMPLES], int known)
{
	for (int l = 0; l < 3; l++) {
		struct angle p = { 1, l, of(l == 1 ? 0.25 : 0.5), known || l ? r[l] : NULL };
		const char *why;

		assert_int_equal(angles_add_sums(a, &p, &why), 0);
	}
}

static void wins(void **state)
{
	uint64_t r[3][RESAMPLES] = { 0 };
	struct angles *a = angles_new(0), *unknown = angles_new(0);
	struct block best, first;
	int got[3];

	(void)state;
	/* l = 2 has 40 of the first 80; l = 0 the rest, where l = 1 is equal; the last 20: void */
	for (int k = 0; k < 80; k++) {
		r[0][k] = r[1][k] = UINT64_MAX - 5;
		r[2][k] = UINT64_MAX - (k % 2 ? 6 : 4);
	}
	add_three(unknown, r, 0);
	assert_int_equal(angles_wins(unknown, 1, got), 0);
	assert_false(argmin_similarity(unknown, 1).resampled);
	add_three(a, r, 1);
	assert_int_equal(angles_wins(a, 1, got), 80);
	assert_true(got[0] == 40 && got[1] == 0 && got[2] == 40);
	first = argmin_every(a, 1, 0);
	assert_true(first.resampled && first.sure == 0.5 && first.second == 2);
	best = argmin_similarity(a, 1); /* in no resample; the first of two that have 40 */
	assert_true(best.resampled && best.l == 1 && best.sure == 0 && best.second == 0);
	add_three(a, r, 1); /* 64 bits don't hold these, which costs nothing else */
	assert_null(angles_pair(a, 1, 0).resamples);
	assert_int_equal(angles_at(a, 1, 0)->count, 2);
	assert_false(argmin_similarity(a, 1).resampled);
	angles_free(unknown);
	angles_free(a);
}

static void one_width(void **state)
{
	struct angles *all = angles_new(0);

	(void)state;
	add(all, 0, SAMPLES);
	for (int n = 1; n < ROWS; n++) {
		struct angles *a = angles_new(n);
		struct fault err;

		add(a, 0, SAMPLES);
		assert_equal_sums(all, a, n);
		for (int m = 1; m < ROWS; m++)
			assert_int_equal(angles_have(a, m), m == n);
		assert_int_equal(angles_check(a, &err), 0);
		assert_int_equal(a->count, SAMPLES);
		angles_free(a);
	}
	angles_free(all);
}

static void golden(void **state)
{
	static const char *const names[] = { "llama-mha", "llama-gqa", "llama3", "mistral", "qwen1",
		"phi2", "qwen2", "qwen3" };
	double worst = 0;

	(void)state;
	for (int k = 0; k < 8; k++) {
		json_t *j = json_load_file(golden_path("tiny/%s/expected.json", names[k]), 0, NULL);
		json_t *f64 = json_object_get(j, "f64");
		const json_t *x = json_object_get(f64, "x");
		size_t n_samples = json_array_size(x), rows = json_array_size(json_array_get(x, 0));
		size_t d = json_array_size(json_array_get(json_array_get(x, 0), 0));
		struct angles *a = angles_new(0);
		int bad;

		assert_non_null(j);
		for (size_t i = 0; i < n_samples; i++) {
			float *v = xcalloc(rows * d, sizeof(*v));
			const float *one = v;

			for (size_t e = 0; e < rows * d; e++)
				v[e] = json_real_value(json_array_get(
					json_array_get(json_array_get(x, i), e / d), e % d));
			assert_int_equal(add_samples(a, &one, 1, rows, d, &bad), -1);
			free(v);
		}
		for (int n = 1; n <= a->layers; n++) {
			char *key = xasprintf("%d", n);
			const json_t *wanted = json_object_get(json_object_get(f64, "distance"),
				key);

			assert_int_equal(json_array_size(wanted), a->layers - n + 1);
			for (int l = 0; l + n <= a->layers; l++)
				worst = fmax(worst,
					fabs(angles_pair(a, n, l).s.mean -
						json_real_value(json_array_get(wanted, l))));
			assert_int_equal(angles_best(a, n),
				json_integer_value(json_object_get(json_object_get(f64, "best"),
					key)));
			free(key);
		}
		angles_free(a);
		json_decref(j);
	}
	print_message("# golden/tiny, 8 models, x rounded to f32: distances within %.1e (of 1e-8), "
		      "l*(n) equal\n",
		worst);
	assert_true(worst < 1e-8);
}

static void bad_samples_are_named(void **state)
{
	static float x[3][ROWS][D];
	const float *list[] = { x[0][0], x[1][0], x[2][0] };
	struct angles *a = angles_new(0);
	int bad;

	(void)state;
	memcpy(x, samples, sizeof(x));
	memset(x[2][3], 0, sizeof(x[2][3]));
	assert_int_equal(add_samples(a, list, 3, ROWS, D, &bad), 3);
	assert_int_equal(bad, 2);
	assert_int_equal(angles_at(a, 1, 0)->count, 0);
	x[1][7][D - 1] = NAN;
	assert_int_equal(add_samples(a, list, 3, ROWS, D, &bad), 7);
	assert_int_equal(bad, 1);
	x[1][7][D - 1] = -INFINITY;
	assert_int_equal(add_samples(a, list, 2, ROWS, D, &bad), 7);
	assert_int_equal(bad, 1);
	angles_free(a);
}

static void impossible_sums(void **state)
{
	const struct {
		struct sums s;
		const char *why;
	} bad[] = {
		{ { 0, 1, 0, 1, 1 }, "count" },
		{ { SUMS_MAX_COUNT + 1, 0, 0, 0, 0 }, "count" },
		{ { 1, NAN, 0, 0, 0 }, "mean" },
		{ { 1, 0, -1, 0, 0 }, "sem" },
		{ { 1, 0, 0, INFINITY, 0 }, "'sum'" },
		{ { 1, 0, 0, 0, -1 }, "sumsq" },
		{ { 1, 0, 0, 0, NAN }, "sumsq" },
		{ { 2, 0.5, 0, 0x1p39L, 0x1p38L }, "mean" }, /* the sum of one of two */
		{ { 1, 0.5, 0, 0.5L, 0.25L }, "mean" },      /* not in units of 2^-40 */
		{ { 2, 0.5, 0, 0x1p40L, 0x1p38L }, "sumsq" },
		{ { 1, -3, 0, -0x1.8p41L, 0 }, "sumsq" },
	};
	const struct {
		struct sums s;
	} good[] = {
		{ of(0) }, { of(1) }, { of(-0.25) }, { of(-3) }, { of(1e6) }, { of(1e-13) },
		{ of(-1e100) }, { of(1e140) },
		/* 2^40 d and 2^40 d^2, rounded: as integers */
		{ { 3, 0.1, NAN, 329853488333, 32985348834 } },
		{ { 1, 1e-13, 0, 0, 0 } }, /* rounded away; angles_check sees it */
	};
	struct angle full = { 1, 0, { SUMS_MAX_COUNT, 1, 0, 0x1p93L, 0x1p93L } },
		     one = { 1, 0, of(1) };
	struct angles *a = angles_new(0);
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_non_null(sums_check(&bad[i].s));
		assert_non_null(strstr(sums_check(&bad[i].s), bad[i].why));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_null(sums_check(&good[i].s));
	assert_int_equal(angles_add_sums(a, &full, &why), 0);
	assert_true(angles_pair(a, 1, 0).s.mean == 1);
	assert_int_equal(angles_add_sums(a, &one, &why), -1);
	assert_non_null(strstr(why, "2^53"));
	angles_free(a);
}

/* Values that whole numbers of 2^-40 can't tell apart, and the same as floats. */
static void coarse_sums(void **state)
{
	const double d[3] = { 3e-13, 1e-13, 2e-13 };
	const char *why;
	struct fault err;

	(void)state;
	for (int whole = 0; whole < 2; whole++) {
		struct angles *a = angles_new(0);

		for (int l = 0; l < 3; l++) {
			struct angle p = { 1, l, of(d[l]) };

			if (whole)
				p.s.sum = p.s.sumsq = 0;
			assert_int_equal(angles_add_sums(a, &p, &why), 0);
		}
		assert_int_equal(angles_check(a, &err), -whole);
		assert_true(whole ? strstr(err.text, "n = 1: whole numbers") != NULL
				  : angles_best(a, 1) == 1);
		angles_free(a);
	}
}

static void incomplete_tables(void **state)
{
	struct angle p = { .n = 2, .s.count = 5 };
	struct angles *a = angles_new(0);
	const char *why;
	struct fault err;

	(void)state;
	assert_int_equal(angles_check(a, &err), 0);
	assert_int_equal(a->count, 0);
	for (p.l = 0; p.l < 4; p.l += 3)
		angles_add_sums(a, &p, &why);
	assert_int_equal(angles_check(a, &err), -1);
	assert_non_null(strstr(err.text, "n = 2, l = 1 is missing"));
	for (p.l = 1; p.l < 3; p.l++)
		angles_add_sums(a, &p, &why);
	assert_int_equal(angles_check(a, &err), 0);
	assert_int_equal(a->count, 5);
	p.l = 2;
	angles_add_sums(a, &p, &why);
	assert_int_equal(angles_check(a, &err), -1);
	assert_non_null(strstr(err.text, "l = 2 has 10 samples, others have 5"));
	angles_free(a);
}

static void smallest_and_first(void **state)
{
	struct angle p = { .n = 1, .s.count = 1 };
	struct angles *a = angles_new(0);
	const char *why;

	(void)state;
	for (p.l = 0; p.l < 6; p.l++) {
		p.s.sum = (long double[]){ 9, 4, -3, 7, -3, -3 }[p.l];
		angles_add_sums(a, &p, &why);
	}
	assert_int_equal(angles_best(a, 1), 2);
	assert_true(angles_pair(a, 1, 2).s.sem == 0); /* of one sample */
	angles_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_angles),
		cmocka_unit_test(as_long_double),
		cmocka_unit_test(any_split),
		cmocka_unit_test(resamples_as_plain),
		cmocka_unit_test(wins),
		cmocka_unit_test(one_width),
		cmocka_unit_test(golden),
		cmocka_unit_test(bad_samples_are_named),
		cmocka_unit_test(impossible_sums),
		cmocka_unit_test(coarse_sums),
		cmocka_unit_test(incomplete_tables),
		cmocka_unit_test(smallest_and_first),
	};

	make_samples();
	return cmocka_run_group_tests_name("angle", tests, NULL, NULL);
}
