/* plan - what the CUDA backend says for planning: matrices lie on the device, and nothing else does
 *
 * Not so in the emulation, where the host's memory holds all.
 */
#include "cuda/cuda.h"

#include "sys/budget.h"

enum {
	/* of a batch: products fill the device; weights cross the bus for each */
	ROWS = 8192,
	STREAMED_ROWS = 32768,
	BATCH_MIB = 4096,
	OTHER = 256 << 20, /* libraries' code, cuBLASLt's workspace, small things */
	SPARE = 32, /* one part of so many stays free: what a growing scratch leaves behind */
};

const char *ops_absent(void)
{
	return device_absent();
}

size_t ops_memory_bytes(void)
{
	size_t left;

	if (memory_limit() || !device_apart())
		return memory_budget();
	left = device_free_bytes();
	return left - left / SPARE;
}

/* A tile of rows, which the kernels of a product make: operands, their sum, and its neighbour; and
 * one of logits. */
size_t ops_overhead(size_t cols)
{
	size_t tile = PRODUCT_ROWS * (cols * 10 + OUTPUT_CHUNK * 4);

	if (!device_apart())
		return memory_own() + tile;
	return OTHER + tile + (memory_limit() ? device_used_bytes() : 0);
}

/* The sum that a rotation takes; with dropout also an adapter's part, and the operand that was
 * dropped. */
size_t ops_overhead_row(size_t cols, int back)
{
	return cols * (back ? 10 : 4);
}

size_t ops_host_bytes(size_t bytes)
{
	return device_apart() ? 0 : bytes;
}

size_t ops_batch_rows(int streamed)
{
	return streamed ? STREAMED_ROWS : ROWS;
}

size_t ops_batch_bytes(void)
{
	return (size_t)BATCH_MIB << 20;
}

double ops_peak(void)
{
	return device_peak(cuda_bf16);
}

size_t op_attention_bytes(size_t head_dim, size_t longest)
{
	(void)head_dim;
	(void)longest;
	return 0;
}
