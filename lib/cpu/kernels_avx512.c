/* kernels_avx512 - the inner loops for AVX-512: f32 operands, sixteen at once
 */
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx512cd,prefer-vector-width=512")
#define VEC 16
#define PAIRS 0
#define KERNELS kernels_avx512
#include "cpu/kernels.inc"
