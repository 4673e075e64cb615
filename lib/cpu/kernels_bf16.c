/* kernels_bf16 - the inner loops for AVX-512 with bf16: operands are bf16, multiplied in pairs
 */
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,avx512bf16,prefer-vector-width=512")
#define VEC 16
#define PAIRS 1
#define KERNELS kernels_bf16
#include "cpu/kernels.inc"
