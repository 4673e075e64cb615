/* kernels_avx2 - the inner loops for every x86-64 that this program runs on: f32 operands, eight at
 * once
 */
#define VEC 8
#define PAIRS 0
#define KERNELS kernels_avx2
#include "cpu/kernels.inc"
