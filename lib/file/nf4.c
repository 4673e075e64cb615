/* nf4 - 4-bit weights as bitsandbytes makes them on the CPU; see nf4.h
 */
#include "file/nf4.h"

#include "sys/memory.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

/* points on [-1, 1] that bitsandbytes' CPU code rounds to before it looks up the code */
enum { GRID = 65536 };

const float nf4_code[16] = {
	-1.0f,
	-0.6961928009986877f,
	-0.5250730514526367f,
	-0.39491748809814453f,
	-0.28444138169288635f,
	-0.18477343022823334f,
	-0.09105003625154495f,
	0.0f,
	0.07958029955625534f,
	0.16093020141124725f,
	0.24611230194568634f,
	0.33791524171829224f,
	0.44070982933044434f,
	0.5626170039176941f,
	0.7229568362236023f,
	1.0f,
};

static float nested_code[256];
static uint8_t nearest[GRID]; /* code nearest to each point of the grid */
static float bounds[15];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int ascending(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

/* Point i of n evenly spaced ones from 0.1 to 1, counted from the nearer end and fused as
 * torch.linspace does. */
static float spaced(int i, int n)
{
	float step = (1.0f - 0.1f) / (float)(n - 1);
	return i < n / 2 ? fmaf(step, (float)i, 0.1f) : fmaf(-step, (float)(n - 1 - i), 1.0f);
}

static void make_nested_code(void)
{
	static const float power[7] = { 1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f, 1e-1f, 1.0f };
	int k = 0;

	for (int i = 0; i < 7; i++)
		for (int j = 0; j < 1 << i; j++) {
			int n = (1 << i) + 1;
			float mean = (spaced(j, n) + spaced(j + 1, n)) / 2.0f;
			nested_code[k++] = power[i] * mean;
			nested_code[k++] = -(power[i] * mean);
		}
	nested_code[k++] = 0.0f;
	nested_code[k++] = 1.0f;
	qsort(nested_code, 256, sizeof nested_code[0], ascending);
}

static void make_tables(void)
{
	int c = 0;

	for (int i = 0; i < 15; i++)
		bounds[i] = (nf4_code[i] + nf4_code[i + 1]) / 2.0f;
	make_nested_code();
	for (int k = 0; k < GRID; k++) {
		float v = -1.0f + 2.0f * (float)k / (float)(GRID - 1);
		while (c < 255 && fabsf(nested_code[c + 1] - v) < fabsf(nested_code[c] - v))
			c++;
		nearest[k] = (uint8_t)c;
	}
}

const float *nf4_nested_code(void)
{
	pthread_once(&once, make_tables);
	return nested_code;
}

static float largest(const float *w, size_t n)
{
	float top = 0.0f;

#pragma omp simd reduction(max : top)
	for (size_t i = 0; i < n; i++)
		top = fabsf(w[i]) > top ? fabsf(w[i]) : top;
	return top;
}

/* Codes of one block. A short last block is divided, a whole one multiplied by the inverse, as
 * bitsandbytes does. */
static void encode(uint8_t *packed, const float *w, size_t n, float top)
{
	float most = top > 1e-38f ? top : 1e-38f, inverse = 1.0f / most;
	float s[NF4_BLOCK];
	int32_t code[NF4_BLOCK + 1] = { 0 };

	for (size_t i = 0; i < n; i++)
		s[i] = n == NF4_BLOCK ? w[i] * inverse : w[i] / most;
	for (size_t i = n; i < NF4_BLOCK; i++)
		s[i] = 0.0f;
	for (int j = 0; j < 15; j++)
#pragma omp simd
		for (int i = 0; i < NF4_BLOCK; i++)
			code[i] += s[i] > bounds[j];
	code[n] = 7;
	for (size_t i = 0; i < n; i += 2)
		packed[i / 2] = (uint8_t)(code[i] << 4 | code[i + 1]);
}

/* A block of equal tops has nothing left to scale: code 0, as bitsandbytes gives it. */
static uint8_t encode_top(float b, float most)
{
	float y = b * (1.0f / most);

	if (!(most > 0.0f) || !isfinite(y))
		return 0;
	int k = (int)((y + 1.0f) * 0.5f * (float)(GRID - 1) + 0.5f);
	return nearest[k < 0 ? 0 : k > GRID - 1 ? GRID - 1 : k];
}

void nf4_quantise_tops(struct nf4 *q)
{
	pthread_once(&once, make_tables);
	for (size_t i = 0; i < q->blocks; i += NF4_NESTED_BLOCK) {
		size_t n = q->blocks - i < NF4_NESTED_BLOCK ? q->blocks - i : NF4_NESTED_BLOCK;
		float b[NF4_NESTED_BLOCK];
		for (size_t j = 0; j < n; j++)
			b[j] = q->top[i + j] - q->offset;
		float most = q->nested[i / NF4_NESTED_BLOCK] = largest(b, n);
		for (size_t j = 0; j < n; j++)
			q->top8[i + j] = encode_top(b[j], most);
	}
}

static void allocate(struct nf4 *q, size_t n)
{
	q->n = n;
	q->blocks = (n + NF4_BLOCK - 1) / NF4_BLOCK;
	size_t nested = (q->blocks + NF4_NESTED_BLOCK - 1) / NF4_NESTED_BLOCK;
	q->top = xmalloc((q->blocks + nested) * sizeof(float) + q->blocks + (n + 1) / 2);
	q->nested = q->top + q->blocks;
	q->top8 = (uint8_t *)(q->nested + nested);
	q->packed = q->top8 + q->blocks;
}

void nf4_quantise(struct nf4 *q, const float *w, size_t n)
{
	double sum = 0.0;

	pthread_once(&once, make_tables);
	allocate(q, n);
#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < q->blocks; i++) {
		size_t at = i * NF4_BLOCK, m = n - at < NF4_BLOCK ? n - at : NF4_BLOCK;
		q->top[i] = largest(w + at, m);
		encode(q->packed + at / 2, w + at, m, q->top[i]);
	}
	for (size_t i = 0; i < q->blocks; i++)
		sum += q->top[i];
	q->offset = (float)(sum / (double)q->blocks);
	nf4_quantise_tops(q);
}

void nf4_free(struct nf4 *q)
{
	free(q->top);
	*q = (struct nf4){ 0 };
}

void nf4_dequantise(float *w, const struct nf4 *q, int nested)
{
	const float *code = nf4_nested_code();

#pragma omp parallel for schedule(static)
	for (size_t i = 0; i < q->blocks; i++) {
		size_t at = i * NF4_BLOCK, m = q->n - at < NF4_BLOCK ? q->n - at : NF4_BLOCK;
		float top = q->top[i], value[16];
		if (nested)
			top = code[q->top8[i]] * q->nested[i / NF4_NESTED_BLOCK] + q->offset;
		for (int j = 0; j < 16; j++)
			value[j] = nf4_code[j] * top;
		for (size_t j = 0; j < m; j++)
			w[at + j] = value[q->packed[(at + j) / 2] >> (j & 1 ? 0 : 4) & 15];
	}
}

uint64_t nf4_bytes(uint64_t n)
{
	uint64_t blocks = (n + NF4_BLOCK - 1) / NF4_BLOCK,
		 nested = (blocks + NF4_NESTED_BLOCK - 1) / NF4_NESTED_BLOCK;

	return (n + 1) / 2 + blocks + (nested + 1) * sizeof(float);
}

void nf4_round_trip(float *w, size_t n)
{
	struct nf4 q;

	if (n == 0)
		return;
	nf4_quantise(&q, w, n);
	nf4_dequantise(w, &q, 1);
	nf4_free(&q);
}
