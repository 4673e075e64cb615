/* Items in a batch: headers that are shared, the rows and ids that are requested, and outcomes put
 * together from log-probabilities that were made up: worked out by hand */
#include "eval/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint32_t one[] = { 40 }, two[] = { 50, 51, 52 };
static const struct continuation choices[] = { { one, 1 }, { two, 3 } };

static const struct item first = { .ids = (const uint32_t[]){ 1, 2, 3, 4 },
	.n = 4,
	.n_header = 2,
	.choice = choices,
	.n_choices = 2 };
static const struct item second = { .ids = (const uint32_t[]){ 1, 2, 9 },
	.n = 3,
	.n_header = 2,
	.choice = choices,
	.n_choices = 2 };
static const struct item bare = {
	.ids = (const uint32_t[]){ 7 }, .n = 1, .choice = choices, .n_choices = 1
};

static void check_segment(const struct requests *r, int i, size_t at, size_t len, int parent)
{
	assert_true(i < r->batch.n);
	assert_int_equal(r->batch.seg[i].first, at);
	assert_int_equal(r->batch.seg[i].len, len);
	assert_int_equal(r->batch.seg[i].parent, parent);
}

/* The header once; a choice of three tokens takes two rows behind its prompt. */
static void headers(void **state)
{
	struct requests r = { 0 };

	(void)state;
	assert_int_equal(item_rows(&first), 4 + 2);
	assert_int_equal(requests_rows(&r, &first), 4 + 2);
	requests_add(&r, 10, &first);
	assert_int_equal(requests_rows(&r, &second), 1 + 2);
	requests_add(&r, 11, &second);
	assert_int_equal(requests_rows(&r, &bare), 1);
	requests_add(&r, 12, &bare);
	assert_int_equal(r.batch.rows, 6 + 3 + 1);
	assert_int_equal(r.batch.n, 6);
	check_segment(&r, 0, 0, 2, -1);
	check_segment(&r, 1, 2, 2, 0);
	check_segment(&r, 2, 4, 2, 1);
	check_segment(&r, 3, 6, 1, 0);
	check_segment(&r, 4, 7, 2, 3);
	check_segment(&r, 5, 9, 1, -1);
	assert_memory_equal(r.batch.ids, ((uint32_t[]){ 1, 2, 3, 4, 50, 51, 9, 50, 51, 7 }), 40);
	requests_clear(&r);
	assert_int_equal(requests_rows(&r, &second), 3 + 2);
	requests_free(&r);
}

/* The last row of a prompt is asked for the first tokens of all choices, then a longer choice's
 * rows for the tokens behind. logp of the rows: -1 -2 | -0.25 | -0.5: the second choice has
 * -2.75. */
static void question(void **state)
{
	static const size_t row[] = { 3, 4, 5 }, from[] = { 0, 2, 3, 4 };
	static const uint32_t id[] = { 40, 50, 51, 52 };
	static const float logp[] = { -1, -2, -0.25f, -0.5f };
	struct requests r = { 0 };
	struct outcome o;

	(void)state;
	requests_add(&r, 0, &first);
	assert_int_equal(r.n_rows, 3);
	assert_int_equal(r.n_ids, 4);
	assert_memory_equal(r.row, row, sizeof row);
	assert_memory_equal(r.first, from, sizeof from);
	assert_memory_equal(r.id, id, sizeof id);
	o = requests_outcome(&r, 0, logp, (uint32_t[]){ 50, 0, 0 });
	assert_true(o.logp[0] == -1 && o.logp[1] == -2.75f && o.nats == 0);
	assert_int_equal(o.choice, 0);
	assert_int_equal(o.top, 1);
	o = requests_outcome(&r, 0, logp, (uint32_t[]){ 60, 50, 40 });
	assert_int_equal(o.top, 0);
	requests_free(&r);
}

/* Every token but the first is asked for, each of the row before it. */
static void sequence(void **state)
{
	const struct item s = { .ids = (const uint32_t[]){ 5, 6, 7 }, .n = 3, .answer = -1 };
	static const size_t row[] = { 0, 1, 3, 4 };
	static const uint32_t id[] = { 6, 7, 6, 7 };
	struct requests r = { 0 };
	struct outcome o;

	(void)state;
	requests_add(&r, 0, &s);
	requests_add(&r, 1, &s);
	assert_int_equal(r.n_rows, 4);
	assert_memory_equal(r.row, row, sizeof row);
	assert_memory_equal(r.id, id, sizeof id);
	o = requests_outcome(&r, 1, (float[]){ -9, -9, -1.5f, -2 }, NULL);
	assert_true(o.nats == 3.5 && o.logp[0] == -3.5f);
	assert_int_equal(o.choice, -1);
	assert_int_equal(o.top, -1);
	requests_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers),
		cmocka_unit_test(question),
		cmocka_unit_test(sequence),
	};
	return cmocka_run_group_tests_name("requests", tests, NULL, NULL);
}
