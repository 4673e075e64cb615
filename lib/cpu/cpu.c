/* cpu - the state that the files of this backend share, and their memory
 */
#include "cpu/cpu.h"

#include "sys/memory.h"

#include <stdlib.h>

int cpu_threads = 1, cpu_bf16, cpu_round;
double cpu_flops;
const struct kernels *kern;

void *cpu_alloc(size_t bytes)
{
	void *p = aligned_alloc(64, bytes / 64 * 64 + 64);

	if (!p)
		out_of_memory(bytes);
	return p;
}

void *cpu_scratch(int slot, size_t bytes)
{
	static _Thread_local struct {
		void *p;
		size_t bytes;
	} have[SCRATCH_SLOTS];

	if (have[slot].bytes < bytes) {
		free(have[slot].p);
		have[slot].p = cpu_alloc(bytes);
		have[slot].bytes = bytes;
	}
	return have[slot].p;
}
