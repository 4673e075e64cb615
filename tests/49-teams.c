/* Products have the same bits whatever OpenMP is set to behind the library's back: no active
 * regions, teams of one, a dynamic size, a caller that is a thread of its own or in a region
 * already. oneDNN asks OpenMP how many threads there are, and with some instruction sets it divides
 * a product among them: the one of 2011 that is chosen here is one. */
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"

enum { ROWS = 300, OUT = 1300, IN = 320 };
static float *plain; /* [ROWS * OUT + ROWS * IN]: what both products are without any setting */

/* x w^T and, the other way, y w, from weights that are packed here and now. */
static float *products(void)
{
	float *x = values(ROWS * IN, 1, 1), *w = values(OUT * IN, 2, 1),
	      *all = floats(ROWS * OUT + ROWS * IN);
	struct mat *mx = mat_new(MAT_OPERAND, ROWS, IN), *y = mat_new(MAT_OPERAND, ROWS, OUT);
	struct mat *mw = weight_new(OUT, IN, WEIGHT_FORWARD | WEIGHT_BACKWARD,
		(struct weight_layout){ 0 });
	struct mat *dx = mat_new(MAT_F32, ROWS, IN);

	mat_put(mx, 0, ROWS, x);
	weight_put(mw, 0, OUT, w);
	weight_seal(mw);
	op_matmul(y, mx, mw, NULL, 0, NULL);
	op_matmul_back(dx, y, mw, 0, NULL, NULL);
	mat_get(y, 0, ROWS, all);
	mat_get(dx, 0, ROWS, all + ROWS * OUT);
	free(x), free(w), mat_free(mx), mat_free(mw), mat_free(y), mat_free(dx);
	return all;
}

static void same(float *got)
{
	assert_memory_equal(got, plain, (ROWS * OUT + ROWS * IN) * sizeof *got);
	free(got);
}

static void test_levels(void **state)
{
	int most = omp_get_max_active_levels();

	(void)state;
	omp_set_max_active_levels(0);
	same(products());
	omp_set_max_active_levels(3);
	same(products());
	omp_set_max_active_levels(most);
}

static void test_numbers(void **state)
{
	int most = omp_get_max_threads();

	(void)state;
	omp_set_dynamic(1);
	for (int n = 1; n < 9; n += n) {
		omp_set_num_threads(n);
		same(products());
		assert_int_equal(omp_get_max_threads(), n);
	}
	omp_set_dynamic(0);
	omp_set_num_threads(most);
}

static void test_region(void **state)
{
	(void)state;
	for (int n = 1; n < 3; n++) {
#pragma omp parallel num_threads(n)
#pragma omp master
		same(products());
	}
}

static void *of_thread(void *to)
{
	*(float **)to = products();
	return NULL;
}

static void test_thread(void **state)
{
	pthread_t t;
	float *got;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, of_thread, &got), 0);
	pthread_join(t, NULL);
	same(got);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{ "no active regions, and three levels of them", test_levels },
		{ "another number of threads, dynamic", test_numbers },
		{ "in a region of one thread, and of two", test_region },
		{ "from a thread that OpenMP doesn't know", test_thread },
	};
	int failed;

	setenv("DNNL_MAX_CPU_ISA", "AVX2", 0);
	ops_init(4, "f32");
	plain = products();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(plain);
	return failed;
}
