/* What the text of an option may say: numbers, sizes and times, and what is none of them */
#include "cli/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void times(void **state)
{
	static const struct {
		const char *text;
		double seconds;
	} good[] = { { "90", 90 }, { "90s", 90 }, { "5m", 300 }, { "8h", 28800 }, { "1d", 86400 },
		{ "1.5h", 5400 }, { ".5", .5 }, { "0.001s", .001 }, { "1e3m", 60000 } };
	static const char *const bad[] = { "", "s", "0", "0s", "-1s", "1w", "5mm", "5m ", "1h30m",
		"nan", "inf", "infd", "1e308d", "m5" };
	double v;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(value_time(good[i].text, &v), 0);
		assert_true(v == good[i].seconds);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (value_time(bad[i], &v) != -1)
			fail_msg("'%s' was taken for a time", bad[i]);
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		size_t bytes;
	} good[] = { { "0", 0 }, { "17", 17 }, { "1k", 1024 }, { "512M", 512u << 20 },
		{ "3G", (size_t)3 << 30 }, { "16777215T", (size_t)16777215 << 40 } };
	static const char *const bad[] = { "", "M", "-1", " 1", "1.5G", "3X", "3MB", "16777216T",
		"18446744073709551616" };
	size_t v;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(value_size(good[i].text, &v), 0);
		assert_int_equal(v, good[i].bytes);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (value_size(bad[i], &v) != -1)
			fail_msg("'%s' was taken for a size", bad[i]);
}

static void numbers(void **state)
{
	static const char *const no_int[] = { "", "-1", "+1", " 1", "1.0", "0x1",
		"9223372036854775808" },
				 *const no_real[] = { "", " 1", "1 ", "x", "nan", "-inf", "1e999" };
	int64_t n;
	double v;

	(void)state;
	assert_int_equal(value_int("9223372036854775807", &n), 0);
	assert_int_equal(n, INT64_MAX);
	assert_int_equal(value_int("007", &n), 0);
	assert_int_equal(n, 7);
	assert_int_equal(value_real("-2.5e-3", &v), 0);
	assert_true(v == -2.5e-3);
	for (size_t i = 0; i < sizeof no_int / sizeof *no_int; i++)
		assert_int_equal(value_int(no_int[i], &n), -1);
	for (size_t i = 0; i < sizeof no_real / sizeof *no_real; i++)
		assert_int_equal(value_real(no_real[i], &v), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times),
		cmocka_unit_test(sizes),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
