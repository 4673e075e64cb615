/* init - how this backend computes: threads, kind of arithmetic, kernels
 */
#include "cpu/cpu.h"

#include "sys/die.h"
#include "sys/setting.h"
#include "sys/threads.h"

const char *ops_kernel(void)
{
	return panels_isa();
}

void ops_init(int threads, const char *dtype)
{
	int fast = !strcmp(panels_isa(), "avx512_core_bf16");

	if (dtype && strcmp(dtype, "f32") && strcmp(dtype, "bf16"))
		misuse("%s: %s: f32 or bf16", setting(SETTING_DTYPE), dtype);
	panels_init();
	cpu_threads = threads_hold(threads);
	cpu_bf16 = fast && !(dtype && !strcmp(dtype, "f32"));
	cpu_round = !fast && dtype && !strcmp(dtype, "bf16");
	kern = cpu_bf16                              ? &kernels_bf16
		: strncmp(panels_isa(), "avx512", 6) ? &kernels_avx2
						     : &kernels_avx512;
}

enum dtype ops_dtype(void)
{
	return cpu_bf16 || cpu_round ? DTYPE_BF16 : DTYPE_F32;
}

const char *ops_dtype_name(void)
{
	return ops_dtype() == DTYPE_BF16 ? "bf16" : "f32";
}
