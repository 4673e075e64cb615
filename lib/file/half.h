/* half - floats of 16 bits: IEEE's f16 and bfloat16, from and to f32
 *
 * To 16 bits a value is rounded to the nearest, ties to even; a NaN stays one, what is too large
 * becomes an infinity.
 */
#ifndef COPPICE_HALF_H
#define COPPICE_HALF_H

#include <stdint.h>
#include <string.h>

uint16_t f32_to_bf16(float f);
uint16_t f32_to_f16(float f);

/* f32's own bits */
static inline float f32_from_bits(uint32_t u)
{
	float f;

	memcpy(&f, &u, 4);
	return f;
}

static inline uint32_t f32_to_bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, 4);
	return u;
}

static inline float bf16_to_f32(uint16_t h)
{
	return f32_from_bits((uint32_t)h << 16);
}

/* Masks instead of branches, so that loops over it become vectors. */
static inline float f16_to_f32(uint16_t h)
{
	uint32_t rest = (uint32_t)(h & 0x7fff) << 13, rebias = 112u << 23;
	uint32_t is_small = 0u - (rest < 1u << 23), is_special = 0u - (rest >= 31u << 23);
	uint32_t small = f32_to_bits((float)(h & 1023) * 0x1p-24f),
		 normal = rest + rebias + (rebias & is_special);

	return f32_from_bits((uint32_t)(h & 0x8000) << 16 | (small & is_small) |
		(normal & ~is_small));
}

#endif
