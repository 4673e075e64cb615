/* Philox against Random123's known answers; the order of sequences; the learning rates of
 * golden/train/schedule.json */
#include "heal/shuffle.h"
#include "heal/schedule.h"
#include "philox.h"
#include "golden.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_known_answers(void **state)
{
	static const uint32_t known[3][10] = {
		{ 0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 },
		{ ~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd },
		{ 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
			0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 },
	};

	(void)state;
	for (int i = 0; i < 3; i++) {
		uint32_t out[4];
		philox(out, known[i], known[i] + 4);
		assert_memory_equal(out, known[i] + 6, sizeof out);
	}
}

/* A run of words, begun anywhere and cut anywhere, is the words of its elements one by one. */
static void test_runs(void **state)
{
	const uint64_t seed = 0x123456789abcdef0;
	const uint32_t key[2] = { 0x9abcdef0, 0x12345678 };

	(void)state;
	for (uint64_t from = 0; from < 9; from++)
		for (size_t n = 0; n < 200; n += 13) {
			uint32_t run[200];
			uint64_t e = from + ((uint64_t)0xfffffff0 << 2);
			philox_words(run, e, n, 5, 6, 7, seed);
			for (size_t i = 0; i < n; i++) {
				uint32_t out[4], counter[4] = { (uint32_t)((e + i) >> 2), 5, 6, 7 };
				philox(out, counter, key);
				assert_int_equal(run[i], out[(e + i) & 3]);
			}
		}
}

/* By a program of a few lines that knows coppice-method(7) alone. */
static void test_order_known(void **state)
{
	static const struct {
		uint64_t n, seed, place, at;
	} known[] = {
		{ 1, 0, 5, 0 },
		{ 2, 0, 0, 1 },
		{ 2, 0, 1, 0 },
		{ 4, 7, 3, 0 },
		{ 5, 7, 3, 1 },
		{ 16, 1, 0, 1 },
		{ 17, 1, 33, 4 },
		{ 1000, 42, 999, 788 },
		{ 80000, 3, 79999, 45432 },
		{ 80000, 3, 80000, 70236 },
		{ 1000000000000, 9223372036854775813u, 1000000000000000, 654731143062 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct shuffle o = { 1, known[i].seed };

		assert_int_equal(shuffle_at(&o, known[i].n, known[i].place), known[i].at);
	}
}

static void test_order_stream(void **state)
{
	struct shuffle o = { 0, 3 };

	(void)state;
	for (uint64_t n = 1; n < 10; n++)
		for (uint64_t i = 0; i < 3 * n; i++)
			assert_int_equal(shuffle_at(&o, n, i), i % n);
}

/* Every epoch has each sequence once. */
static void test_order_permutes(void **state)
{
	enum { MOST = 1100 };

	(void)state;
	for (uint64_t n = 1; n < MOST; n += n < 70 ? 1 : 101)
		for (uint64_t epoch = 0; epoch < 5; epoch++) {
			struct shuffle o = { 1, n ^ 5 };
			char seen[MOST] = { 0 };

			for (uint64_t i = 0; i < n; i++) {
				uint64_t x = shuffle_at(&o, n, epoch * n + i);

				assert_true(x < n && !seen[x]);
				seen[x] = 1;
			}
		}
}

/* The permutations of four are about equally frequent, over seeds and over epochs: 24 counts around
 * 500 have a chi-square of 23 degrees of freedom, above 60 once in 40,000 times. */
static void check_even(int by_epoch)
{
	enum { TRIALS = 12000 };
	double chi = 0.0;
	int count[256] = { 0 };

	for (uint64_t t = 0; t < TRIALS; t++) {
		struct shuffle o = { 1, by_epoch ? 1 : t };
		int number = 0;

		for (uint64_t i = 0; i < 4; i++)
			number = 4 * number + (int)shuffle_at(&o, 4, (by_epoch ? 4 * t : 0) + i);
		count[number]++;
	}
	for (int i = 0; i < 256; i++)
		if (count[i] > 0)
			chi += (count[i] - 500.0) * (count[i] - 500.0) / 500.0;
	assert_true(chi < 60.0);
}

static void test_order_is_even(void **state)
{
	(void)state;
	check_even(0);
	check_even(1);
}

/* Neighbours do not stay neighbours, and nothing tends to stay where it was: of 1000 places the
 * correlation with their sequences is within 5 standard errors of 0 for every seed. */
static void test_order_forgets(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct shuffle o = { 1, seed };
		double sum = 0.0;
		int neighbours = 0;

		for (uint64_t i = 0; i < 1000; i++) {
			double x = (double)shuffle_at(&o, 1000, i);

			sum += (x - 499.5) * ((double)i - 499.5);
			neighbours += i > 0 && fabs(x - (double)shuffle_at(&o, 1000, i - 1)) == 1.0;
		}
		assert_true(fabs(sum / (1000.0 * 83333.25)) < 5.0 / sqrt(1000.0));
		assert_true(neighbours < 12); /* 2 are expected */
	}
}

static void check_table(const json_t *t)
{
	double peak = json_number_value(json_object_get(t, "peak"));
	int64_t total = json_integer_value(json_object_get(t, "total"));
	int64_t warmup = json_integer_value(json_object_get(t, "warmup"));
	size_t i;
	json_t *step;

	json_array_foreach(json_object_get(t, "step"), i, step)
	{
		double want = json_number_value(json_array_get(json_object_get(t, "lr"), i));
		double is = schedule_rate(SCHEDULE_COSINE, peak, json_integer_value(step), warmup,
			total);
		assert_true(fabs(is - want) <= 1e-15 * peak + 1e-12 * want);
	}
}

static void test_schedule(void **state)
{
	json_t *g = json_load_file(golden_path("train/schedule.json"), 0, NULL);
	json_t *cosine = json_object_get(g, "cosine");

	(void)state;
	assert_non_null(g);
	check_table(json_object_get(cosine, "short"));
	check_table(json_object_get(cosine, "long"));
	json_decref(g);
}

static void test_constant(void **state)
{
	(void)state;
	assert_true(schedule_rate(SCHEDULE_CONSTANT, 0.5, 0, 0, 10) == 0.5);
	assert_true(schedule_rate(SCHEDULE_CONSTANT, 0.5, 9, 4, 10) == 0.5);
	assert_true(schedule_rate(SCHEDULE_CONSTANT, 0.5, 1, 4, 10) == 0.125);
	assert_int_equal(schedule_find("cosine"), SCHEDULE_COSINE);
	assert_int_equal(schedule_find("constant"), SCHEDULE_CONSTANT);
	assert_int_equal(schedule_find("linear"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "Philox4x32-10: Random123's known answers", test_known_answers },
		{ "a run of words equals single words", test_runs },
		{ "the order of sequences: known places", test_order_known },
		{ "the stream's own order", test_order_stream },
		{ "every epoch has each sequence once", test_order_permutes },
		{ "the orders of four are equally frequent", test_order_is_even },
		{ "nothing stays near where it was", test_order_forgets },
		{ "cosine rates: golden/train/schedule.json within 1e-12", test_schedule },
		{ "constant rates, with and without warm-up", test_constant },
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
