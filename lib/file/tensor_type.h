/* tensor_type - the types that a checkpoint's values are stored in: their names and sizes
 */
#ifndef COPPICE_TENSOR_TYPE_H
#define COPPICE_TENSOR_TYPE_H

#include <stdint.h>

enum tensor_type { /* GGUF's numbers where GGUF has the type */
	T_F32 = 0,
	T_F16 = 1,
	T_Q4_0 = 2,
	T_Q4_1 = 3,
	T_Q5_0 = 6,
	T_Q5_1 = 7,
	T_Q8_0 = 8,
	T_Q2_K = 10,
	T_Q3_K = 11,
	T_Q4_K = 12,
	T_Q5_K = 13,
	T_Q6_K = 14,
	T_BF16 = 30,
	T_NF4 = 1000, /* bitsandbytes: two codes a byte, scales in struct nf4_scales (tensor.h) */
	T_U8 = 1001,  /* and what is only carried along: */
	T_OTHER = 1002,
};

const char *tensor_type_name(enum tensor_type t); /* as files spell it: "F32", "Q4_K" */
/* Returns how many values a block of the type has, 1 where a type has no blocks; 0: a type without
 * a size. */
uint32_t tensor_type_values(enum tensor_type t);
/* Returns the bytes of n values of the type, n being a multiple of its block; 0 where it is none,
 * or the type has no size. */
uint64_t tensor_bytes(enum tensor_type t, uint64_t n);

#endif
