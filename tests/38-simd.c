/* Vectors: each function's two forms, by the processor's instruction and in C, give the same bits;
 * and C's operators on them mean what the code that uses them takes them to mean. */
#include "formula.h"
#include "sys/simd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { ROUNDS = 20000 };

static bytes16 some_bytes(uint64_t seed)
{
	words2 w = { formula_word(seed, 1), formula_word(seed, 2) };

	return (bytes16)w;
}

/* Any bits, so that infinities, NaNs and numbers next to zero come too. */
static doubles4 some_doubles(uint64_t seed)
{
	static const double odd[] = { 0.0, -0.0, 1.0 / 0.0, -1.0 / 0.0, 0x1p-1074,
		0x1.fffffffffffffp1023, 1.0, -1.0 };
	doubles4 v;

	for (int i = 0; i < 4; i++) {
		uint64_t bits = formula_word(seed, (uint64_t)i + 3);
		double d;

		memcpy(&d, &bits, sizeof d);
		v[i] = bits % 5 ? d : odd[bits / 5 % 8];
	}
	return v;
}

static void tops(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		bytes16 v = some_bytes(seed);

		assert_int_equal(bytes16_tops(v), bytes16_tops_plain(v));
	}
}

static void pick(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		bytes16 table = some_bytes(seed), at = some_bytes(seed + ROUNDS) & 15;
		bytes16 a = bytes16_pick(table, at), b = bytes16_pick_plain(table, at);

		assert_memory_equal(&a, &b, sizeof a);
	}
}

/* NaNs: which of several is given differs; that there is one does not. */
static void fma_of_doubles(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		doubles4 a = some_doubles(seed), b = some_doubles(seed + ROUNDS);
		doubles4 c = some_doubles(seed + 2 * ROUNDS);
		doubles4 x = doubles4_fma(a, b, c), y = doubles4_fma_plain(a, b, c);

		for (int i = 0; i < 4; i++)
			if (x[i] == x[i] || y[i] == y[i])
				assert_memory_equal((char *)&x + 8 * i, (char *)&y + 8 * i, 8);
	}
}

static void loads_and_stores(void **state)
{
	char from[64], to[64];

	(void)state;
	for (int i = 0; i < 64; i++)
		from[i] = (char)i;
	for (int i = 0; i < 16; i++) {
		bytes16_store(to, bytes16_load(from + i));
		assert_memory_equal(to, from + i, 16);
		floats8_store((float *)(void *)to,
			floats8_load((const float *)(const void *)(from + i)));
		assert_memory_equal(to, from + i, 32);
		doubles4_store((double *)(void *)to,
			doubles4_load((const double *)(const void *)(from + i)));
		assert_memory_equal(to, from + i, 32);
	}
}

/* Lane by lane: unsigned bytes, comparisons of all bits, products and sums rounded one by one. */
static void operators(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < ROUNDS; seed++) {
		bytes16 v = some_bytes(seed), above = (bytes16)(v >= 26), less = (v | 32) - 'a';
		float f = (float)seed / 3;
		floats8 x = { f, -f, 0, 1 }, y = x + f * x;

		for (int i = 0; i < 16; i++) {
			assert_int_equal(above[i], v[i] >= 26 ? 255 : 0);
			assert_int_equal(less[i], (uint8_t)((v[i] | 32) - 'a'));
		}
		for (int i = 0; i < 8; i++) {
			volatile float product = f * x[i];

			assert_true(y[i] == x[i] + product);
		}
	}
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(tops),
		cmocka_unit_test(pick),
		cmocka_unit_test(fma_of_doubles),
		cmocka_unit_test(loads_and_stores),
		cmocka_unit_test(operators),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
