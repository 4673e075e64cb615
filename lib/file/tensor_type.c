/* tensor_type - see tensor_type.h
 */
#include "file/tensor_type.h"

#include <stddef.h>

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

uint32_t tensor_type_values(enum tensor_type t)
{
	return info(t)->values;
}
