/* quant - one block of GGUF's quantised types as f32; see quant.h
 *
 * The formulas of coppice-files(5), GGUF TYPES, with its letters. All in f32, product by product;
 * built with -ffp-contract=off, as a fused multiply-add would give other bits.
 */
#include "file/quant.h"

#include "file/half.h"

#include <string.h>

static float half_at(const unsigned char *p)
{
	uint16_t h;

	memcpy(&h, p, 2);
	return f16_to_f32(h);
}

static uint32_t word_at(const unsigned char *p)
{
	uint32_t w;

	memcpy(&w, p, 4);
	return w;
}

static void q4_0(const unsigned char *b, float *y)
{
	float d = half_at(b);

	for (int j = 0; j < 16; j++) {
		y[j] = d * (float)((b[2 + j] & 15) - 8);
		y[j + 16] = d * (float)((b[2 + j] >> 4) - 8);
	}
}

static void q4_1(const unsigned char *b, float *y)
{
	float d = half_at(b), m = half_at(b + 2);

	for (int j = 0; j < 16; j++) {
		y[j] = d * (float)(b[4 + j] & 15) + m;
		y[j + 16] = d * (float)(b[4 + j] >> 4) + m;
	}
}

/* Q5_0 and Q5_1 put the low nibbles first, then the high ones; the fifth bit is bit j of qh. */
static void q5_codes(const unsigned char *qs, uint32_t qh, int *q)
{
	for (int j = 0; j < 16; j++) {
		q[j] = (qs[j] & 15) | (int)(qh >> j & 1) << 4;
		q[j + 16] = qs[j] >> 4 | (int)(qh >> (j + 16) & 1) << 4;
	}
}

static void q5_0(const unsigned char *b, float *y)
{
	float d = half_at(b);
	int q[32];

	q5_codes(b + 6, word_at(b + 2), q);
	for (int j = 0; j < 32; j++)
		y[j] = d * (float)(q[j] - 16);
}

static void q5_1(const unsigned char *b, float *y)
{
	float d = half_at(b), m = half_at(b + 2);
	int q[32];

	q5_codes(b + 8, word_at(b + 4), q);
	for (int j = 0; j < 32; j++)
		y[j] = d * (float)q[j] + m;
}

static void q8_0(const unsigned char *b, float *y)
{
	float d = half_at(b);

	for (int j = 0; j < 32; j++)
		y[j] = d * (float)(int8_t)b[2 + j];
}

static void q2_k(const unsigned char *b, float *y)
{
	const unsigned char *sc = b, *qs = b + 16;
	float d = half_at(b + 80), dmin = half_at(b + 82);

	for (int i = 0; i < 16; i++) { /* sixteen values each: i = 8h + 2s + g */
		int h = i / 8, s = i / 2 % 4, g = i % 2;
		float scale = d * (float)(sc[i] & 15), low = dmin * (float)(sc[i] >> 4);

		for (int l = 0; l < 16; l++)
			y[16 * i + l] = scale * (float)(qs[32 * h + 16 * g + l] >> 2 * s & 3) - low;
	}
}

static void q3_k(const unsigned char *b, float *y)
{
	const unsigned char *hmask = b, *qs = b + 32, *sc = b + 96;
	float d = half_at(b + 108);

	for (int i = 0; i < 16; i++) {
		int h = i / 8, s = i / 2 % 4, g = i % 2;
		int scale = (i < 8 ? sc[i] & 15 : sc[i - 8] >> 4) |
			(sc[8 + i % 4] >> 2 * (i / 4) & 3) << 4;
		float ds = d * (float)(scale - 32);

		for (int l = 0; l < 16; l++) {
			int p = 16 * g + l;
			int q = qs[32 * h + p] >> 2 * s & 3;

			y[16 * i + l] = ds * (float)(q - (hmask[p] >> (4 * h + s) & 1 ? 0 : 4));
		}
	}
}

/* Scale and minimum k of eight, 6 bits each, of Q4_K and Q5_K. */
static void k_scale(const unsigned char *s, int k, int *scale, int *min)
{
	if (k < 4) {
		*scale = s[k] & 63;
		*min = s[k + 4] & 63;
	} else {
		*scale = (s[k + 4] & 15) | (s[k - 4] >> 6) << 4;
		*min = s[k + 4] >> 4 | (s[k] >> 6) << 4;
	}
}

/* Q4_K, or Q5_K with the fifth bits in qh. */
static inline void q45_k(const unsigned char *b, const unsigned char *qh, const unsigned char *qs,
	float *y)
{
	float d = half_at(b), dmin = half_at(b + 2);
	int scale, min;

	for (int k = 0; k < 8; k++) {
		const unsigned char *codes = qs + k / 2 * 32;
		int shift = k % 2 * 4;

		k_scale(b + 4, k, &scale, &min);
		float ds = d * (float)scale, low = dmin * (float)min;

		for (int l = 0; l < 32; l++) {
			int q = (codes[l] >> shift & 15) | (qh ? (qh[l] >> k & 1) << 4 : 0);

			y[32 * k + l] = ds * (float)q - low;
		}
	}
}

static void q4_k(const unsigned char *b, float *y)
{
	q45_k(b, NULL, b + 16, y);
}

static void q5_k(const unsigned char *b, float *y)
{
	q45_k(b, b + 16, b + 48, y);
}

static void q6_k(const unsigned char *b, float *y)
{
	float d = half_at(b + 208);

	for (int i = 0; i < 16; i++) { /* sixteen values each: i = 8h + 2k + g */
		int h = i / 8, k = i / 2 % 4, g = i % 2;
		const unsigned char *ql = b + 64 * h + 32 * (k & 1) + 16 * g,
				    *qh = b + 128 + 32 * h + 16 * g;
		int shift = k / 2 * 4;
		float scale = d * (float)(int8_t)b[192 + i];

		for (int l = 0; l < 16; l++) {
			int q = (ql[l] >> shift & 15) | (qh[l] >> 2 * k & 3) << 4;

			y[16 * i + l] = scale * (float)(q - 32);
		}
	}
}

void (*quant_block(enum tensor_type t))(const unsigned char *block, float *out)
{
	switch (t) {
	case T_Q4_0: return q4_0;
	case T_Q4_1: return q4_1;
	case T_Q5_0: return q5_0;
	case T_Q5_1: return q5_1;
	case T_Q8_0: return q8_0;
	case T_Q2_K: return q2_k;
	case T_Q3_K: return q3_k;
	case T_Q4_K: return q4_k;
	case T_Q5_K: return q5_k;
	case T_Q6_K: return q6_k;
	default: return NULL;
	}
}
