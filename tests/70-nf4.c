/* NF4 and its double quantisation against golden/nf4 (bitsandbytes 0.50 on the CPU), bit for bit */
#include "file/nf4.h"
#include "file/half.h"
#include "file/tensor.h"
#include "formula.h"
#include "golden.h"

#include <jansson.h>
#include <math.h>
#include <openssl/sha.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *golden;

static float *matrix(const char *name, size_t rows, size_t cols, int bf16)
{
	float *w = malloc(rows * cols * sizeof *w);
	char full[64];

	snprintf(full, sizeof full, "nf4/%s", name);
	formula_fill(w, rows * cols, json_string_value(json_object_get(golden, "salt")), full, 2,
		cols, 0);
	for (size_t i = 0; i < rows * cols; i++) {
		if (!strcmp(name, "zero-block") && i / 64 == 5)
			w[i] = 0;
		if (!strcmp(name, "wide-range"))
			w[i] = ldexpf(w[i], (int)(i / cols) / 2 - 16);
		if (bf16)
			w[i] = bf16_to_f32(f32_to_bf16(w[i]));
	}
	return w;
}

static float word(const char *hex)
{
	uint32_t u = (uint32_t)strtoul(hex, NULL, 16);
	float f;
	memcpy(&f, &u, 4);
	return f;
}

/* Hexadecimal words, eight digits and a space each, equal to these floats. */
static void assert_words(const char *hex, const float *f, size_t n)
{
	assert_int_equal(strlen(hex), 9 * n - 1);
	for (size_t i = 0; i < n; i++) {
		float want = word(hex + 9 * i);
		assert_memory_equal(&want, f + i, 4);
	}
}

static void assert_hex(const char *hex, const uint8_t *p, size_t n)
{
	assert_int_equal(strlen(hex), 2 * n);
	for (size_t i = 0; i < n; i++) {
		unsigned byte;
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		assert_int_equal(byte, p[i]);
	}
}

static void assert_sha256(const json_t *part, const float *w, size_t n, int bf16)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	uint16_t *h = malloc(n * sizeof *h);

	for (size_t i = 0; i < n; i++)
		h[i] = f32_to_bf16(w[i]);
	SHA256(bf16 ? (void *)h : (void *)w, n * (bf16 ? 2 : 4), sum);
	free(h);
	assert_hex(json_string_value(json_object_get(json_object_get(part, "dequantised"),
			   "sha256")),
		sum, sizeof sum);
}

static int ulps(float a, float b)
{
	int32_t x, y;
	memcpy(&x, &a, 4);
	memcpy(&y, &b, 4);
	return abs(x - y);
}

static void check(const char *name, const json_t *want, size_t rows, size_t cols, int bf16)
{
	const json_t *single = json_object_get(want, "single"),
		     *twice = json_object_get(want, "double");
	size_t n = rows * cols;
	float *w = matrix(name, rows, cols, bf16), *back = malloc(n * sizeof *back);
	float offset = word(json_string_value(json_object_get(twice, "offset")));
	struct nf4 q;

	nf4_quantise(&q, w, n);
	assert_hex(json_string_value(json_object_get(single, "packed")), q.packed, (n + 1) / 2);
	assert_words(json_string_value(json_object_get(single, "absmax")), q.top, q.blocks);
	nf4_dequantise(back, &q, 0);
	assert_sha256(single, back, n, bf16);

	assert_true(ulps(q.offset, offset) <= 2);
	q.offset = offset;
	nf4_quantise_tops(&q);
	assert_words(json_string_value(json_object_get(twice, "nested_absmax")), q.nested,
		(q.blocks + 255) / 256);
	assert_hex(json_string_value(json_object_get(twice, "absmax")), q.top8, q.blocks);
	nf4_dequantise(back, &q, 1);
	assert_sha256(twice, back, n, bf16);

	nf4_free(&q);
	free(back);
	free(w);
}

static void test_golden(void **state)
{
	const char *name;
	json_t *v;

	(void)state;
	assert_non_null(golden);
	json_object_foreach(golden, name, v)
	{
		const json_t *shape = json_object_get(v, "shape");
		if (!shape)
			continue;
		size_t rows = (size_t)json_integer_value(json_array_get(shape, 0));
		size_t cols = (size_t)json_integer_value(json_array_get(shape, 1));
		check(name, json_object_get(v, "f32"), rows, cols, 0);
		check(name, json_object_get(v, "bf16"), rows, cols, 1);
	}
}

static void test_codes(void **state)
{
	(void)state;
	assert_non_null(golden);
	assert_words(json_string_value(json_object_get(golden, "code")), nf4_code, 16);
	for (size_t i = 0; i < 16; i++)
		assert_words(json_string_value(json_array_get(json_object_get(golden,
								      "nested_code"),
				     i)),
			nf4_nested_code() + 16 * i, 16);
}

/* The whole in one call is what its parts give; nothing that is not a number is looked up out of
 * the tables. */
static void test_round_trip(void **state)
{
	float w[1000], two[1000];
	struct nf4 q;

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		w[i] = two[i] = (float)i * 1e-4f * (i % 3 ? 1 : -1);
	nf4_quantise(&q, w, 1000);
	nf4_dequantise(w, &q, 1);
	nf4_free(&q);
	nf4_round_trip(two, 1000);
	assert_memory_equal(w, two, sizeof w);

	w[3] = NAN;
	w[70] = INFINITY;
	w[130] = -INFINITY;
	nf4_round_trip(w, 1000);
	for (size_t i = 0; i < 64; i++)
		w[i] = 0.0f;
	nf4_round_trip(w, 64);
	for (size_t i = 0; i < 64; i++)
		assert_true(w[i] == 0.0f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "both tables are bitsandbytes', bit for bit", test_codes },
		{ "golden/nf4: bytes, maxima and values, bit for bit; offset within 2 ulp",
			test_golden },
		{ "one call equals its parts; infinities and NaN do no harm", test_round_trip },
	};

	golden = json_load_file(golden_path("nf4/nf4.json"), 0, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
