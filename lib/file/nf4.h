/* nf4 - 4-bit weights as bitsandbytes makes them on the CPU: NF4 codes, their block maxima
 * quantised once more
 *
 * coppice-method(7), NF4, and coppice-method(7), DOUBLE QUANTISATION: bit for bit, the 65536-point
 * grid of its second quantisation included. A matrix is one run of values in row-major order, in
 * Hugging Face's order of rows.
 */
#ifndef COPPICE_NF4_H
#define COPPICE_NF4_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { NF4_BLOCK = 64, NF4_NESTED_BLOCK = 256 };

extern const float nf4_code[16];

struct nf4 {
	size_t n;      /* values */
	size_t blocks; /* of 64 values */
	/* [(n + 1) / 2], the even value in the high nibble; all in one allocation */
	uint8_t *packed;
	float *top;    /* [blocks] the largest magnitude of each block, not yet quantised */
	uint8_t *top8; /* [blocks] ... as a code of nf4_nested_code */
	float *nested; /* [blocks of 256 tops] the largest |top - offset| */
	float offset;  /* mean of the tops */
};

/* Quantises w[n], n >= 1, and then the maxima of its blocks, into *q, which nf4_free frees. */
void nf4_quantise(struct nf4 *q, const float *w, size_t n);
void nf4_free(struct nf4 *q);
/* Quantises the maxima alone: from q->top and q->offset to q->top8 and q->nested. */
void nf4_quantise_tops(struct nf4 *q);
/* Writes the values of q to w[q->n]. nested: 1: with the maxima as the second quantisation left
 * them; 0: as they were before it. */
void nf4_dequantise(float *w, const struct nf4 *q, int nested);
/* Returns the bytes of n values after both quantisations: codes, maxima and what scales them. */
uint64_t nf4_bytes(uint64_t n);
/* Replaces w[n] by its values after both quantisations: what a quantised model computes with. */
void nf4_round_trip(float *w, size_t n);

/* Returns the 256 values that the second quantisation chooses from, ascending; static. */
const float *nf4_nested_code(void);

#ifdef __cplusplus
}
#endif
#endif
