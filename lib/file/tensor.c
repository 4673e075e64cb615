/* tensor - rows of a tensor as f32; see tensor.h
 *
 * Data lies in files at any alignment, so every value is fetched by memcpy.
 */
#include "file/tensor.h"

#include "file/half.h"
#include "file/quant.h"

#include <assert.h>
#include <string.h>

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
	void (*block)(const unsigned char *, float *) = quant_block(type);
	uint64_t values = tensor_type_values(type), bytes = tensor_bytes(type, values);

	assert(values && n % values == 0);
	if (type == T_F32) {
		memcpy(out, p, n * 4);
	} else if (type == T_F16) {
		for (uint64_t i = 0; i < n; i++)
			out[i] = f16_to_f32(u16_at(p + 2 * i));
	} else if (type == T_BF16) {
		for (uint64_t i = 0; i < n; i++)
			out[i] = bf16_to_f32(u16_at(p + 2 * i));
	} else {
		assert(block);
		for (uint64_t i = 0; i < n; i += values, p += bytes)
			block(p, out + i);
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

/* The row of the file in which GGUF's llama order keeps row r of Hugging Face's order
 * (coppice-families(7), ORDER OF ROTARY ROWS). */
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
