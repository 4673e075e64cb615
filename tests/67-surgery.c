/* What checkpoints are written with: merged rows of awkward shapes, bit for bit as plain loops have
 * them, and what the types round to; bytes copied between places that lie alike in their pages and
 * others, by one thread and several. */
#include "export/merge_rows.h"
#include "file/half.h"
#include "sys/copy.h"
#include "sys/memory.h"
#include "sys/temp.h"
#include "sys/threads.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static uint64_t seed = 3;

static uint32_t random_bits(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 32);
}

static float *random_values(size_t n)
{
	float *v = xcalloc(n, sizeof *v);

	for (size_t i = 0; i < n; i++)
		v[i] = (float)(int32_t)random_bits() * 0x1p-31f;
	return v;
}

static void rows(void **state)
{
	static const struct {
		size_t n, rank, cols;
	} shapes[] = {
		{ 1, 1, 1 },
		{ 3, 2, 15 },
		{ 4, 64, 16 },
		{ 5, 7, 17 },
		{ 32, 64, 96 },
		{ 33, 3, 83 },
	};

	(void)state;
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
		size_t n = shapes[s].n, rank = shapes[s].rank, cols = shapes[s].cols;
		float *w = random_values(n * cols), *b = random_values(n * rank),
		      *a = random_values(rank * cols);
		float *want = xcalloc(n * cols, sizeof *want),
		      *panels = merge_rows_panels(a, (int)rank, cols);

		for (size_t i = 0; i < n; i++)
			for (size_t c = 0; c < cols; c++) {
				float sum = 0;

				for (size_t k = 0; k < rank; k++)
					sum += b[i * rank + k] * a[k * cols + c];
				want[i * cols + c] = w[i * cols + c] + 0.75f * sum;
			}
		merge_rows_add(w, b, panels, 0.75f, n, (int)rank, cols);
		assert_memory_equal(w, want, n * cols * sizeof *w);
		free(w);
		free(b);
		free(a);
		free(want);
		free(panels);
	}
}

static void types(void **state)
{
	enum { N = 100003 };
	static uint16_t half[N];
	static float w[N], same[N];
	uint32_t u;

	(void)state;
	for (size_t i = 0; i < N; i++)
		do {
			u = random_bits();
			memcpy(w + i, &u, 4);
		} while (!isfinite(w[i]));
	assert_int_equal(merge_rows_pack(half, w, N, T_BF16), -1);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(half[i], f32_to_bf16(w[i]));
	assert_int_equal(merge_rows_pack(same, w, N, T_F32), -1);
	assert_memory_equal(same, w, sizeof w);
	for (size_t i = 0; i < N; i++)
		w[i] = fmodf(w[i], 65504);
	assert_int_equal(merge_rows_pack(half, w, N, T_F16), -1);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(half[i], f32_to_f16(w[i]));
	w[70] = -65505;
	assert_int_equal(merge_rows_pack(half, w, N, T_F16), 70);
	w[60] = NAN;
	assert_int_equal(merge_rows_pack(half, w, N, T_BF16), 60);
	w[50] = INFINITY;
	assert_int_equal(merge_rows_pack(same, w, N, T_F32), 50);
}

static unsigned char *read_all(const char *path, size_t n)
{
	unsigned char *bytes = xmalloc(n + 1);
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	assert_int_equal(fread(bytes, 1, n + 1, f), n);
	fclose(f);
	return bytes;
}

/* A head, a range and a tail; the range ends within a block. */
static void check_copy(const char *from, const char *to, const unsigned char *bytes, size_t head,
	size_t offset, size_t n)
{
	char *before = xcalloc(head, 1);
	struct out_file out = out_open(to);
	int in = copy_open(from);
	unsigned char *got;

	assert_int_equal(fwrite(before, 1, head, out.f), head);
	copy_range(&out, in, from, offset, n);
	assert_int_equal(fwrite("tail", 1, 4, out.f), 4);
	copy_flush(&out, 4);
	out_close(&out);
	close(in);
	got = read_all(to, head + n + 4);
	assert_memory_equal(got, before, head);
	assert_memory_equal(got + head, bytes + offset, n);
	assert_memory_equal(got + head + n, "tail", 4);
	free(got);
	free(before);
}

static void copies(void **state)
{
	enum { N = (13 << 20) + 77 };
	char folder[] = "/tmp/coppice-copy-XXXXXX", *from, *to;
	unsigned char *bytes = xmalloc(N);
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	temp_add(folder);
	from = xasprintf("%s/from", folder);
	to = xasprintf("%s/to", folder);
	for (size_t i = 0; i < N; i++)
		bytes[i] = (unsigned char)(random_bits() >> 24);
	f = fopen(from, "wb");
	assert_int_equal(fwrite(bytes, 1, N, f), N);
	fclose(f);
	for (int threads = 1; threads <= 7; threads += 3) {
		threads_hold(threads);
		check_copy(from, to, bytes, 8, 4096, N - 4096);
		check_copy(from, to, bytes, 104, 8, 9 << 20);
		check_copy(from, to, bytes, 4096 + 8, 8, 5 << 20);
		check_copy(from, to, bytes, 1, 77, 1);
	}
	temp_remove_all();
	free(bytes);
	free(from);
	free(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rows), cmocka_unit_test(types),
		cmocka_unit_test(copies) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
