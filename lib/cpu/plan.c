/* plan - what the CPU backend says for planning: matrices lie in the host's memory, with all else
 */
#include "cpu/cpu.h"

#include "sys/budget.h"

/* enough to be fast; weights read anew each time */
enum { ROWS = 2048, STREAMED_ROWS = 16384, BATCH_BYTES = 256 << 20 };

const char *ops_absent(void)
{
	return NULL;
}

size_t ops_memory_bytes(void)
{
	return memory_budget();
}

size_t ops_overhead(size_t cols)
{
	(void)cols;
	return memory_own();
}

size_t ops_overhead_row(size_t cols, int back)
{
	(void)cols;
	(void)back;
	return 0;
}

size_t ops_host_bytes(size_t bytes)
{
	return bytes;
}

size_t ops_batch_rows(int streamed)
{
	return streamed ? STREAMED_ROWS : ROWS;
}

size_t ops_batch_bytes(void)
{
	return BATCH_BYTES;
}

double ops_peak(void)
{
	return 0;
}

/* Keys and values of one sequence, packed. */
size_t op_attention_bytes(size_t head_dim, size_t longest)
{
	return longest * head_dim * 8;
}
