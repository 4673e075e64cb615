/* A crew: every item is worked on once, by a thread that may, and comes back in the order it was
 * given, for any number of threads and items; closing waits for nothing that was left. */
#include "sys/crew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

struct item {
	long number, result;
	int thread, times;
};
static long by_thread[8];

static void square(void *ctx, int thread, void *item)
{
	struct item *i = item;
	volatile long work = 0;

	/* some take longer than those after them */
	for (long k = 0; k < i->number * 7919 % 5000; k++)
		work += k;
	i->result = i->number * i->number + *(long *)ctx;
	i->thread = thread;
	i->times++;
	by_thread[thread]++;
}

static void check_next(struct crew *c, long want)
{
	struct item *i = crew_take(c);

	assert_non_null(i);
	assert_int_equal(i->number, want);
	assert_int_equal(i->result, want * want + 5);
	assert_int_equal(i->times, 1);
}

static void order(void **state)
{
	enum { ITEMS = 3000 };
	long five = 5;

	(void)state;
	for (int threads = 1; threads <= 7; threads += 2)
		for (size_t n = 1; n <= 16; n *= 4) {
			struct item ring[16] = { 0 }, *i;
			struct crew *c = crew_new(threads, ring, n, sizeof *ring, square, &five);
			long given = 0, taken = 0, worked = 0;

			while (given < ITEMS) {
				i = crew_free_item(c);
				if (i) {
					*i = (struct item){ .number = given++ };
					crew_give(c);
				} else {
					check_next(c, taken++);
				}
			}
			while (taken < ITEMS)
				check_next(c, taken++);
			assert_null(crew_take(c));
			crew_close(c);
			for (int t = 0; t < 8; t++) {
				assert_true(t < threads || !by_thread[t]);
				worked += by_thread[t];
				by_thread[t] = 0;
			}
			assert_int_equal(worked, ITEMS);
		}
}

static void left_alone(void **state)
{
	struct item ring[4] = { 0 };
	struct crew *c;
	long five = 5;

	(void)state;
	c = crew_new(3, ring, 4, sizeof *ring, square, &five);
	crew_close(c);
	c = crew_new(3, ring, 4, sizeof *ring, square, &five);
	for (int i = 0; i < 4; i++) {
		((struct item *)crew_free_item(c))->number = i;
		crew_give(c);
	}
	assert_null(crew_free_item(c));
	crew_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(order), cmocka_unit_test(left_alone) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
