/* limit - what this machine can do: the yardsticks that every rate is held against
 *
 *   limit product   GFLOP/s of one plain large oneDNN product, in the type that the tools compute
 *                   in
 *   limit copy      GB/s of copying memory, reading and writing counted once
 *
 * Best of several, with -j threads. It speaks to oneDNN itself, without the library's tiles and
 * packing, so that what these cost shows. oneDNN's own threads do the work.
 */
#include "cli/cli.h"
#include "ops.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

enum { M = 2048, N = 2048, K = 2048, TRIES = 24 };
static const size_t copied = (size_t)256 << 20;

static const struct cli cli = {
	.name = "limit",
	.operands = "product|copy",
	.threads = 1,
	.about = "what the machine can do, in GFLOP/s or GB/s",
	.example = "limit -j 2 product",
};

static dnnl_engine_t engine;

static void check(dnnl_status_t s)
{
	if (s != dnnl_success)
		die("oneDNN: status %d", (int)s);
}

/* -- what differs between oneDNN 2 and 3 ------------------------------------------------------- */

/* x [M, K] and y [M, N] row-major, w [K, N] as oneDNN likes it; f32 or bf16 in, f32 out. */
static const dnnl_dims_t x_dims = { M, K }, w_dims = { K, N }, y_dims = { M, N };
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t layout;

static dnnl_primitive_desc_t describe(dnnl_data_type_t t)
{
	dnnl_memory_desc_t x, w, y;
	dnnl_primitive_desc_t pd;

	check(dnnl_memory_desc_create_with_tag(&x, 2, x_dims, t, dnnl_ab));
	check(dnnl_memory_desc_create_with_tag(&w, 2, w_dims, t, dnnl_format_tag_any));
	check(dnnl_memory_desc_create_with_tag(&y, 2, y_dims, dnnl_f32, dnnl_ab));
	check(dnnl_matmul_primitive_desc_create(&pd, engine, x, w, NULL, y, NULL));
	return pd;
}
#else
typedef const dnnl_memory_desc_t *layout;

static dnnl_primitive_desc_t describe(dnnl_data_type_t t)
{
	dnnl_memory_desc_t x, w, y;
	dnnl_primitive_desc_t pd;
	dnnl_matmul_desc_t op;

	check(dnnl_memory_desc_init_by_tag(&x, 2, x_dims, t, dnnl_ab));
	check(dnnl_memory_desc_init_by_tag(&w, 2, w_dims, t, dnnl_format_tag_any));
	check(dnnl_memory_desc_init_by_tag(&y, 2, y_dims, dnnl_f32, dnnl_ab));
	check(dnnl_matmul_desc_init(&op, &x, &w, NULL, &y));
	check(dnnl_primitive_desc_create(&pd, &op, NULL, engine, NULL));
	return pd;
}
#endif

/* ---------------------------------------------------------------------------------------------- */

static dnnl_memory_t filled(layout d)
{
	size_t n = dnnl_memory_desc_get_size(d) / sizeof(uint16_t);
	dnnl_memory_t m;
	uint16_t *p;

	check(dnnl_memory_create(&m, d, engine, DNNL_MEMORY_ALLOCATE));
	check(dnnl_memory_get_data_handle(m, (void **)&p));
	for (size_t i = 0; i < n; i++)
		p[i] = (uint16_t)(0x3c00 + i % 257); /* small and positive, in both types */
	return m;
}

static double product(void)
{
	static const dnnl_query_t query[] = { dnnl_query_src_md, dnnl_query_weights_md,
		dnnl_query_dst_md };
	static const int arg[] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST };
	dnnl_primitive_desc_t pd;
	dnnl_exec_arg_t args[3];
	dnnl_primitive_t prim;
	dnnl_stream_t stream;
	double best = 0;

	check(dnnl_engine_create(&engine, dnnl_cpu, 0));
	check(dnnl_stream_create(&stream, engine, dnnl_stream_default_flags));
	pd = describe(ops_dtype() == DTYPE_BF16 ? dnnl_bf16 : dnnl_f32);
	check(dnnl_primitive_create(&prim, pd));
	for (int i = 0; i < 3; i++)
		args[i] = (dnnl_exec_arg_t){ arg[i],
			filled(dnnl_primitive_desc_query_md(pd, query[i], 0)) };
	for (int i = 0; i < TRIES; i++) {
		double start = omp_get_wtime(), rate;

		check(dnnl_primitive_execute(prim, stream, 3, args));
		check(dnnl_stream_wait(stream));
		rate = 2.0 * M * N * K / (omp_get_wtime() - start);
		best = rate > best ? rate : best;
	}
	return best;
}

static double copy(void)
{
	char *from = xmalloc(copied), *to = xmalloc(copied);
	size_t part = copied / (size_t)common.threads;
	double best = 0;

	for (int i = 0; i < TRIES; i++) {
		double start = omp_get_wtime(), rate;

/* the first round also places the pages */
#pragma omp parallel for
		for (int t = 0; t < common.threads; t++) {
			if (i == 0)
				memset(from + (size_t)t * part, 1, part);
			memcpy(to + (size_t)t * part, from + (size_t)t * part, part);
		}
		rate = (double)(part * (size_t)common.threads) / (omp_get_wtime() - start);
		best = rate > best ? rate : best;
	}
	if (to[part / 2] != 1)
		die("memory: not copied");
	free(from);
	free(to);
	return best;
}

int main(int argc, char *argv[])
{
	char **what = cli_parse(&cli, argc, argv);

	ops_init(common.threads, NULL);
	omp_set_num_threads(common.threads);
	if (what[0] && !strcmp(what[0], "product"))
		printf("%.1f\n", product() * 1e-9);
	else if (what[0] && !strcmp(what[0], "copy"))
		printf("%.1f\n", copy() * 1e-9);
	else
		misuse("product or copy is wanted");
	stdout_close();
	return 0;
}
