/* Philox against Random123's known answers; the learning rates of golden/train/schedule.json */
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
		{ "cosine rates: golden/train/schedule.json within 1e-12", test_schedule },
		{ "constant rates, with and without warm-up", test_constant },
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
