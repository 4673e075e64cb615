/* The types of values of checkpoint files: bf16 and f16 over all their bits, GGUF's blocks against
 * a plain reading of the specification, value by value, and against hashes of what gguf 0.19 made
 * of the same bytes; NF4. All equal bits. */
#include "file/gguf.h"
#include "file/json.h"
#include "file/half.h"
#include "file/tensor.h"
#include "formula.h"

#include <openssl/sha.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>
#include <xxhash.h>
#include <cmocka.h>

#include "lacks.h"

enum { BLOCKS = 64 };

static uint32_t bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, 4);
	return u;
}

/* -- small floats ------------------------------------------------------------------------------ */

static double half_value(unsigned h)
{
	int e = h >> 10 & 31, m = h & 1023;
	double v = e ? ldexp(1024 + m, e - 25) : ldexp(m, -24);

	return h & 0x8000 ? -v : v;
}

static void f16_all(void **state)
{
	(void)state;
	for (unsigned h = 0; h < 65536; h++) {
		float f = f16_to_f32((uint16_t)h);

		if ((h >> 10 & 31) == 31) {
			assert_true(h & 1023 ? isnan(f) : isinf(f));
			if (h & 1023)
				assert_true(isnan(f16_to_f32(f32_to_f16(f))));
			else
				assert_int_equal(f32_to_f16(f), h);
			continue;
		}
		assert_true((double)f == half_value(h));
		assert_int_equal(signbit(f) != 0, h >> 15);
		assert_int_equal(f32_to_f16(f), h);
	}
}

/* Between two neighbours: the nearer one, at the middle the even one; just beside the middle the
 * nearer one. */
static void f16_rounding(void **state)
{
	(void)state;
	for (unsigned h = 0; h < 0x7bff; h++) {
		float middle = (float)((half_value(h) + half_value(h + 1)) / 2);

		assert_int_equal(f32_to_f16(middle), h & 1 ? h + 1 : h);
		assert_int_equal(f32_to_f16(nextafterf(middle, 0)), h);
		assert_int_equal(f32_to_f16(nextafterf(middle, 1e9f)), h + 1);
		assert_int_equal(f32_to_f16(-middle), 0x8000 | (h & 1 ? h + 1 : h));
	}
	assert_int_equal(f32_to_f16(65519.99f), 0x7bff);
	assert_int_equal(f32_to_f16(65520), 0x7c00);
	assert_int_equal(f32_to_f16(1e30f), 0x7c00);
}

static void bf16_all(void **state)
{
	(void)state;
	for (unsigned h = 0; h < 65536; h++) {
		float f = bf16_to_f32((uint16_t)h), middle;
		uint32_t u = h << 16 | 0x8000;

		assert_int_equal(bits(f), h << 16);
		if (isnan(f)) {
			assert_true(isnan(bf16_to_f32(f32_to_bf16(f))));
			continue;
		}
		assert_int_equal(f32_to_bf16(f), h);
		if (isinf(f))
			continue;
		memcpy(&middle, &u, 4);
		assert_int_equal(f32_to_bf16(middle), h & 1 ? h + 1 : h);
		u--;
		memcpy(&middle, &u, 4);
		assert_int_equal(f32_to_bf16(middle), h);
	}
	assert_true(isnan(bf16_to_f32(f32_to_bf16(nanf("1")))));
}

/* -- GGUF's blocks ----------------------------------------------------------------------------- */

static float d_at(const unsigned char *b)
{
	return (float)half_value((unsigned)(b[0] | b[1] << 8));
}

static unsigned bit(const unsigned char *p, int n)
{
	return p[n / 8] >> n % 8 & 1u;
}

/* Value i of a block, each straight from its row of the table in the specification. */
static float plain_32(enum tensor_type t, const unsigned char *b, int i)
{
	int wide = t == T_Q4_1 || t == T_Q5_1, five = t == T_Q5_0 || t == T_Q5_1;
	const unsigned char *qh = b + (wide ? 4 : 2), *qs = qh + (five ? 4 : 0);
	float d = d_at(b), m = wide ? d_at(b + 2) : 0;
	int q;

	if (t == T_Q8_0)
		return d * (float)(signed char)b[2 + i];
	q = qs[i % 16] / (i < 16 ? 1 : 16) % 16;
	if (five)
		q += 16 * (int)bit(qh, i);
	if (wide)
		return d * (float)q + m;
	return d * (float)(q - (five ? 16 : 8));
}

static float plain_q2(const unsigned char *b, int i)
{
	int h = i / 128, s = i % 128 / 32, g = i % 32 / 16, l = i % 16;
	int S = b[8 * h + 2 * s + g], q = b[16 + 32 * h + 16 * g + l] >> 2 * s & 3;

	return d_at(b + 80) * (float)(S & 15) * (float)q - d_at(b + 82) * (float)(S >> 4);
}

static float plain_q3(const unsigned char *b, int i)
{
	const unsigned char *s12 = b + 96;
	int h = i / 128, s = i % 128 / 32, p = i % 32, k = 8 * h + 2 * s + p / 16;
	int low = k < 8 ? s12[k] % 16 : s12[k - 8] / 16, high = s12[8 + k % 4] >> 2 * (k / 4) & 3;
	int q = b[32 + 32 * h + p] >> 2 * s & 3;

	if (!(b[p] >> (4 * h + s) & 1))
		q -= 4;
	return d_at(b + 108) * (float)(low + 16 * high - 32) * (float)q;
}

static float plain_q45(int five, const unsigned char *b, int i)
{
	const unsigned char *s = b + 4, *qh = b + 16, *qs = b + (five ? 48 : 16);
	int k = i / 32, l = i % 32, q = qs[32 * (k / 2) + l] / (k % 2 ? 16 : 1) % 16, S, M;

	if (five)
		q += 16 * (qh[l] >> k & 1);
	if (k < 4)
		S = s[k] % 64, M = s[k + 4] % 64;
	else
		S = s[k + 4] % 16 + s[k - 4] / 64 * 16, M = s[k + 4] / 16 + s[k] / 64 * 16;
	return d_at(b) * (float)S * (float)q - d_at(b + 2) * (float)M;
}

static float plain_q6(const unsigned char *b, int i)
{
	int h = i / 128, k = i % 128 / 32, l = i % 32;
	int ql = b[64 * h + 32 * (k % 2) + l], qh = b[128 + 32 * h + l];
	int q = (k < 2 ? ql % 16 : ql / 16) + 16 * (qh >> 2 * k & 3);

	return d_at(b + 208) * (float)(signed char)b[192 + 8 * h + 2 * k + l / 16] *
		(float)(q - 32);
}

static float plain(enum tensor_type t, const unsigned char *b, int i)
{
	switch (t) {
	case T_Q2_K: return plain_q2(b, i);
	case T_Q3_K: return plain_q3(b, i);
	case T_Q4_K: return plain_q45(0, b, i);
	case T_Q5_K: return plain_q45(1, b, i);
	case T_Q6_K: return plain_q6(b, i);
	default: return plain_32(t, b, i);
	}
}

/* hash: XXH3 of the f32 bytes that gguf's own dequantize gave for the same 64 blocks. */
static const struct {
	enum tensor_type type;
	const char *name;
	int values, bytes, d1, d2;
	uint64_t hash;
} kinds[] = {
	{ T_Q4_0, "Q4_0", 32, 18, 0, 0, 0xd99f284e38415dfc },
	{ T_Q4_1, "Q4_1", 32, 20, 0, 2, 0x6665f351527bb8b3 },
	{ T_Q5_0, "Q5_0", 32, 22, 0, 0, 0x7ae339fd224d5c15 },
	{ T_Q5_1, "Q5_1", 32, 24, 0, 2, 0x7ad4ae049c86f8df },
	{ T_Q8_0, "Q8_0", 32, 34, 0, 0, 0xe7cf0824dfe0206e },
	{ T_Q2_K, "Q2_K", 256, 84, 80, 82, 0xf71c6afccbcab251 },
	{ T_Q3_K, "Q3_K", 256, 110, 108, 108, 0xf5dedb68ab1643f4 },
	{ T_Q4_K, "Q4_K", 256, 144, 0, 2, 0x60625e0e4561f6b8 },
	{ T_Q5_K, "Q5_K", 256, 176, 0, 2, 0xdfbf145765a342e3 },
	{ T_Q6_K, "Q6_K", 256, 210, 208, 208, 0xba1ec39357a831d1 },
};

/* Blocks of bytes from the formula; the f16 scales are made finite. */
static unsigned char *random_blocks(size_t k)
{
	size_t n = (size_t)BLOCKS * (size_t)kinds[k].bytes;
	unsigned char *b = malloc(n);
	char name[32];
	uint64_t seed;

	snprintf(name, sizeof name, "quant/%s", kinds[k].name);
	seed = formula_seed("", name);
	for (size_t i = 0; i < n; i++)
		b[i] = (unsigned char)(formula_word(seed, i + 1) >> 40);
	for (int i = 0; i < BLOCKS; i++) {
		b[i * kinds[k].bytes + kinds[k].d1 + 1] &= 0xbf;
		b[i * kinds[k].bytes + kinds[k].d2 + 1] &= 0xbf;
	}
	return b;
}

static void blocks_as_specified(void **state)
{
	(void)state;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		size_t values = (size_t)kinds[k].values, n = BLOCKS * values;
		unsigned char *b = random_blocks(k);
		float *out = malloc(n * sizeof *out);
		struct tensor t = { .type = kinds[k].type,
			.n_dims = 2,
			.rows = BLOCKS / 4,
			.cols = 4 * values,
			.data = b };

		assert_string_equal(tensor_type_name(t.type), kinds[k].name);
		assert_int_equal(tensor_bytes(t.type, n), BLOCKS * kinds[k].bytes);
		assert_int_equal(tensor_bytes(t.type, n + 1), 0);
		tensor_rows(&t, 0, t.rows, out);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(bits(out[i]),
				bits(plain(t.type, b + i / values * (size_t)kinds[k].bytes,
					(int)(i % values))));
		assert_int_equal(XXH3_64bits(out, n * 4), kinds[k].hash);
		free(out);
		free(b);
	}
}

/* Views: rows from the middle, rows of a fused tensor, rows in llama order; data at an odd
 * address. */
static void rows_of_views(void **state)
{
	enum { ROWS = 12, COLS = 3 };
	unsigned char bytes[1 + ROWS * COLS * 4];
	float values[ROWS * COLS], out[COLS * ROWS];
	struct tensor t = {
		.type = T_F32, .n_dims = 2, .rows = ROWS, .cols = COLS, .data = bytes + 1
	};

	(void)state;
	for (int i = 0; i < ROWS * COLS; i++)
		values[i] = (float)i;
	memcpy(bytes + 1, values, sizeof values);
	tensor_rows(&t, 5, 2, out);
	assert_memory_equal(out, values + 5 * COLS, 2 * COLS * 4);

	t.rows = 4, t.row0 = 6;
	tensor_rows(&t, 1, 3, out);
	assert_memory_equal(out, values + 7 * COLS, 3 * COLS * 4);

	/* two heads of 4 rows: the file has, of each head, rows 0 2 1 3 of Hugging Face's order */
	t.rows = 8, t.row0 = 4, t.heads = 2;
	tensor_rows(&t, 0, 8, out);
	for (int r = 0; r < 8; r++) {
		static const int file_row[] = { 0, 2, 1, 3, 4, 6, 5, 7 };

		assert_memory_equal(out + r * COLS, values + (4 + file_row[r]) * COLS, COLS * 4);
	}

	t = (struct tensor){ .type = T_F32,
		.n_dims = 1,
		.rows = 1,
		.cols = 8,
		.data = bytes + 1,
		.row0 = 2,
		.heads = 2 };
	tensor_rows(&t, 0, 1, out);
	assert_true(out[0] == 2 && out[1] == 4 && out[2] == 3 && out[3] == 5 && out[4] == 6 &&
		out[5] == 8);
	tensor_rows(&t, 0, 0, out);
}

/* Handmade NF4: high nibble first, a block's scale, rounding to bf16 and f16; an odd view that
 * begins within a byte. */
static void nf4_values(void **state)
{
	float code[16], absmax[2] = { 2, 3.14159f }, out[70];
	unsigned char codes[35];
	struct tensor t = { .type = T_NF4,
		.n_dims = 2,
		.rows = 7,
		.cols = 10,
		.data = codes,
		.nf4 = { absmax, code, T_F32 } };

	(void)state;
	for (int i = 0; i < 16; i++)
		code[i] = (float)i / 7 - 1;
	for (int i = 0; i < 35; i++)
		codes[i] = (unsigned char)(i * 37);
	tensor_rows(&t, 0, 7, out);
	for (int i = 0; i < 70; i++) {
		int q = i % 2 ? codes[i / 2] % 16 : codes[i / 2] / 16;

		assert_int_equal(bits(out[i]), bits(code[q] * absmax[i / 64]));
	}
	t.rows = 3, t.row0 = 1, t.cols = 5, t.nf4.to = T_BF16;
	tensor_rows(&t, 0, 3, out);
	for (int i = 0; i < 15; i++) {
		int e = i + 5, q = e % 2 ? codes[e / 2] % 16 : codes[e / 2] / 16;

		assert_int_equal(bits(out[i]), bits(formula_bf16(code[q] * absmax[0])));
	}
	t.nf4.to = T_F16;
	tensor_rows(&t, 2, 1, out);
	assert_int_equal(bits(out[0]),
		bits(f16_to_f32(f32_to_f16(code[codes[7] % 16] * absmax[0]))));
}

/* -- a real model ------------------------------------------------------------------------------ */

static void hex(char *to, const unsigned char *h, int n)
{
	for (int i = 0; i < n; i++)
		sprintf(to + 2 * i, "%02x", h[i]);
}

static void check_golden(const struct gguf *g, const char *name, const json_t *want)
{
	const struct gguf_tensor *f = gguf_tensor(g, name);
	struct tensor t;
	double sum = 0;
	unsigned char h[SHA256_DIGEST_LENGTH];
	char text[2 * sizeof h + 1];
	float *out;

	assert_non_null(f);
	t = (struct tensor){ .type = f->type,
		.n_dims = f->n_dims,
		.rows = f->dims[1],
		.cols = f->dims[0],
		.data = f->data };
	assert_string_equal(tensor_type_name(f->type),
		json_string_value(json_object_get(want, "type")));
	out = malloc(t.rows * t.cols * sizeof *out);
	tensor_rows(&t, 0, t.rows, out);
	for (uint64_t i = 0; i < t.rows * t.cols; i++)
		sum += (double)out[i];
	assert_true(fabs(sum - json_number_value(json_object_get(want, "sum"))) < 1e-6);
	SHA256((unsigned char *)out, t.rows * t.cols * sizeof *out, h);
	hex(text, h, sizeof h);
	assert_string_equal(text, json_string_value(json_object_get(want, "sha256_f32")));
	free(out);
}

/* Sums to 1e-6 and SHA-256 of six tensors, in the file's own order, as golden/smollm2/model.json
 * has them. */
static void smollm_tensors(void **state)
{
	const char *name;
	struct fault err;
	json_t *golden, *want;
	struct gguf *g;

	(void)state;
	need_smollm();
	assert_int_equal(json_load_path(&golden, golden_path("smollm2/model.json"), 1 << 20, NULL,
				 NULL, &err),
		0);
	g = gguf_open(smollm_path());
	json_object_foreach(json_object_get(golden, "dequantised_in_file_order"), name, want)
		check_golden(g, name, want);
	gguf_close(g);
	json_decref(golden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(f16_all),
		cmocka_unit_test(f16_rounding),
		cmocka_unit_test(bf16_all),
		cmocka_unit_test(blocks_as_specified),
		cmocka_unit_test(rows_of_views),
		cmocka_unit_test(nf4_values),
		cmocka_unit_test(smollm_tensors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
