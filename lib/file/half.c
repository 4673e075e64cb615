/* half - see half.h
 */
#include "file/half.h"

uint16_t f32_to_bf16(float f)
{
	uint32_t u = f32_to_bits(f);

	if ((u & 0x7fffffff) > 0x7f800000)
		return (uint16_t)(u >> 16 | 0x40); /* quiet, so that no NaN becomes an infinity */
	return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

/* u >> shift, to nearest, ties to even; shift 1 .. 31 */
static uint32_t shift_rne(uint32_t u, int shift)
{
	uint32_t half = 1u << (shift - 1), rest = u & (2 * half - 1), q = u >> shift;

	return q + (rest > half || (rest == half && (q & 1)));
}

uint16_t f32_to_f16(float f)
{
	uint32_t u = f32_to_bits(f), sign = u >> 16 & 0x8000, a = u & 0x7fffffff;

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
