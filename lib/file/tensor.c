/* tensor - types of values, their sizes, and rows of a tensor as f32; see tensor.h
 *
 * Data lies in files at any alignment, so every value is fetched by memcpy.
 */
#include "file/tensor.h"
#include "file/quant.h"

#include <assert.h>
#include <string.h>

struct type_info {
	const char *name;
	uint32_t values, bytes; /* of one block */
};

static const struct type_info types[] = {
	[T_F32] = { "F32", 1, 4 },
	[T_F16] = { "F16", 1, 2 },
	[T_BF16] = { "BF16", 1, 2 },
	[T_Q4_0] = { "Q4_0", 32, 18 },
	[T_Q4_1] = { "Q4_1", 32, 20 },
	[T_Q5_0] = { "Q5_0", 32, 22 },
	[T_Q5_1] = { "Q5_1", 32, 24 },
	[T_Q8_0] = { "Q8_0", 32, 34 },
	[T_Q2_K] = { "Q2_K", 256, 84 },
	[T_Q3_K] = { "Q3_K", 256, 110 },
	[T_Q4_K] = { "Q4_K", 256, 144 },
	[T_Q5_K] = { "Q5_K", 256, 176 },
	[T_Q6_K] = { "Q6_K", 256, 210 },
};
static const struct type_info nf4 = { "NF4", 2, 1 }, u8 = { "U8", 1, 1 },
			      other = { "another type", 0, 0 };

static const struct type_info *info(enum tensor_type t)
{
	if (t == T_NF4)
		return &nf4;
	if (t == T_U8)
		return &u8;
	return (size_t)t < sizeof types / sizeof *types && types[t].name ? &types[t] : &other;
}

const char *tensor_type_name(enum tensor_type t)
{
	return info(t)->name;
}

uint64_t tensor_bytes(enum tensor_type t, uint64_t n)
{
	const struct type_info *i = info(t);
	uint64_t bytes;

	if (!i->values || n % i->values ||
		__builtin_mul_overflow(n / i->values, (uint64_t)i->bytes, &bytes))
		return 0;
	return bytes;
}

/* -- small floats ------------------------------------------------------------------------------ */

static float from_bits(uint32_t u)
{
	float f;

	memcpy(&f, &u, 4);
	return f;
}

static uint32_t to_bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, 4);
	return u;
}

float bf16_to_f32(uint16_t h)
{
	return from_bits((uint32_t)h << 16);
}

uint16_t f32_to_bf16(float f)
{
	uint32_t u = to_bits(f);

	if ((u & 0x7fffffff) > 0x7f800000)
		return (uint16_t)(u >> 16 | 0x40); /* quiet, so that no NaN becomes an infinity */
	return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

/* Masks instead of branches, so that loops over it become vectors. */
static inline float half(uint16_t h)
{
	uint32_t rest = (uint32_t)(h & 0x7fff) << 13, rebias = 112u << 23;
	uint32_t is_small = 0u - (rest < 1u << 23), is_special = 0u - (rest >= 31u << 23);
	uint32_t small = to_bits((float)(h & 1023) * 0x1p-24f),
		 normal = rest + rebias + (rebias & is_special);

	return from_bits((uint32_t)(h & 0x8000) << 16 | (small & is_small) | (normal & ~is_small));
}

float f16_to_f32(uint16_t h)
{
	return half(h);
}

/* u >> shift, to nearest, ties to even; shift 1 .. 31 */
static uint32_t shift_rne(uint32_t u, int shift)
{
	uint32_t half = 1u << (shift - 1), rest = u & (2 * half - 1), q = u >> shift;

	return q + (rest > half || (rest == half && (q & 1)));
}

uint16_t f32_to_f16(float f)
{
	uint32_t u = to_bits(f), sign = u >> 16 & 0x8000, a = u & 0x7fffffff;

	if (a > 0x7f800000)
		return (uint16_t)(sign | 0x7e00 | (a >> 13 & 0x3ff));
	if (a >= 0x477ff000) /* rounds beyond 65504 */
		return (uint16_t)(sign | 0x7c00);
	if (a >= 0x38800000) /* 2^-14: normal */
		return (uint16_t)(sign | shift_rne(a - (112u << 23), 13));
	if (a < 0x33000000) /* below 2^-25: zero */
		return (uint16_t)sign;
	return (uint16_t)(sign | shift_rne((a & 0x7fffff) | 0x800000, 126 - (int)(a >> 23)));
}

/* -- rows -------------------------------------------------------------------------------------- */

static inline uint16_t u16_at(const unsigned char *p)
{
	uint16_t h;

	memcpy(&h, p, 2);
	return h;
}

/* n values from p of one of the plain or blocked types; n a multiple of the block. */
static void unpack(enum tensor_type type, const unsigned char *p, uint64_t n, float *out)
{
	const struct type_info *t = info(type);
	void (*block)(const unsigned char *, float *) = quant_block(type);

	assert(t->values && n % t->values == 0);
	if (type == T_F32) {
		memcpy(out, p, n * 4);
	} else if (type == T_F16) {
		for (uint64_t i = 0; i < n; i++)
			out[i] = half(u16_at(p + 2 * i));
	} else if (type == T_BF16) {
		for (uint64_t i = 0; i < n; i++)
			out[i] = from_bits((uint32_t)u16_at(p + 2 * i) << 16);
	} else {
		assert(block);
		for (uint64_t i = 0; i < n; i += t->values)
			block(p + i / t->values * t->bytes, out + i);
	}
}

static float round_to(enum tensor_type to, float f)
{
	if (to == T_BF16)
		return bf16_to_f32(f32_to_bf16(f));
	return to == T_F16 ? f16_to_f32(f32_to_f16(f)) : f;
}

/* Values i .. i+n-1 of a row-major NF4 matrix: the even one of a byte is in its high nibble. A
 * block has sixteen different values, which are made once. */
static void unpack_nf4(const struct tensor *t, uint64_t i, uint64_t n, float *out)
{
	const unsigned char *codes = t->data;
	uint64_t end = i + n;
	float value[16];

	while (i < end) {
		uint64_t block = i / 64, stop = (block + 1) * 64 < end ? (block + 1) * 64 : end;

		for (int q = 0; q < 16; q++)
			value[q] = round_to(t->nf4.to, t->nf4.code[q] * t->nf4.absmax[block]);
		for (; i < stop; i++)
			*out++ = value[i & 1 ? codes[i / 2] & 15 : codes[i / 2] >> 4];
	}
}

/* The row of the file in which GGUF's llama order keeps row r of Hugging Face's order (specs.md
 * 5.3). */
static uint64_t llama_row(uint64_t r, uint64_t rows, uint64_t heads)
{
	uint64_t hd = rows / heads, head = r / hd, in_head = r % hd;
	uint64_t s = in_head / (hd / 2), i = in_head % (hd / 2);

	return head * hd + 2 * i + s;
}

/* A vector is one row, whose elements are what the rows of a matrix are: row0 and heads count
 * them. */
static void vector(const struct tensor *t, float *out)
{
	uint64_t bytes = tensor_bytes(t->type, 1);

	if (!t->heads && !t->row0) {
		unpack(t->type, t->data, t->cols, out);
		return;
	}
	assert(bytes);
	for (uint64_t i = 0; i < t->cols; i++) {
		uint64_t from = t->heads ? llama_row(i, t->cols, (uint64_t)t->heads) : i;

		unpack(t->type, (const unsigned char *)t->data + (t->row0 + from) * bytes, 1,
			out + i);
	}
}

void tensor_rows(const struct tensor *t, uint64_t row, uint64_t n, float *out)
{
	uint64_t bytes;

	assert(row <= t->rows && n <= t->rows - row);
	if (t->type == T_NF4) {
		unpack_nf4(t, (t->row0 + row) * t->cols, n * t->cols, out);
		return;
	}
	if (t->n_dims == 1) {
		if (n)
			vector(t, out);
		return;
	}
	bytes = tensor_bytes(t->type, t->cols);
	for (uint64_t r = row; r < row + n; r++, out += t->cols) {
		uint64_t from = t->heads ? llama_row(r, t->rows, (uint64_t)t->heads) : r;

		unpack(t->type, (const unsigned char *)t->data + (t->row0 + from) * bytes, t->cols,
			out);
	}
}

const void *tensor_at(const struct tensor *t, uint64_t row, uint64_t n, uint64_t *bytes)
{
	uint64_t per_row = tensor_bytes(t->type, t->cols);

	*bytes = n * per_row;
	return t->n_dims == 1 || t->heads || !per_row
		? NULL
		: (const unsigned char *)t->data + (t->row0 + row) * per_row;
}
