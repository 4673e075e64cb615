/* Lists of layers, widths and blocks: parsed, printed, dropped from the base and from what has been
 * pruned before. */
#include "angle/argmin.h"
#include "cli/spelling.h"
#include "model/layers.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct fault err;

static void lists(void **state)
{
	static const char *const bad[] = { "", ",", "1,", ",1", "1-", "-1", "3-2", "1 2", " 1",
		"+1", "0x1", "1--2", "513", "99999999999" };
	int list[64], n;
	char *text;

	(void)state;
	assert_int_equal(layers_parse("3,7,21-24,0", list, 64, &n, &err), 0);
	assert_int_equal(n, 7);
	assert_memory_equal(list, ((int[]){ 3, 7, 21, 22, 23, 24, 0 }), 7 * sizeof(int));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(layers_parse(bad[i], list, 64, &n, &err), -1);
	assert_int_equal(layers_parse("0-63", list, 64, &n, &err), 0);
	assert_int_equal(layers_parse("0-64", list, 64, &n, &err), -1);
	text = layers_text((int[]){ 0, 3, 4, 7, 8, 9 }, 6);
	assert_string_equal(text, "0,3-4,7-9");
	free(text);
	text = layers_text(NULL, 0);
	assert_string_equal(text, "");
	free(text);
}

static struct model_rec whole(int n)
{
	struct model_rec m = { .n_keep = n };

	for (int i = 0; i < n; i++)
		m.keep[i] = i;
	return m;
}

static void assert_keeps(const struct model_rec *m, const char *wanted)
{
	char *text = layers_text(m->keep, m->n_keep);

	assert_string_equal(text, wanted);
	free(text);
}

static void drops(void **state)
{
	struct model_rec m = whole(8);
	int out[MAX_LAYERS];

	(void)state;
	assert_int_equal(layers_drop(&m, 8, (int[]){ 6, 1 }, 2, &err), 0);
	assert_keeps(&m, "0,2-5,7");
	assert_int_equal(layers_dropped(&m, 8, out), 2);
	assert_int_equal(out[0], 1);
	assert_int_equal(out[1], 6);
	/* numbers stay the base's */
	assert_int_equal(layers_drop(&m, 8, (int[]){ 7 }, 1, &err), 0);
	assert_keeps(&m, "0,2-5");
	assert_int_equal(layers_drop(&m, 8, (int[]){ 6 }, 1, &err), -1);
	assert_non_null(strstr(err.text, "6 has been dropped before"));
	assert_int_equal(layers_drop(&m, 8, (int[]){ 2, 2 }, 2, &err), -1);
	assert_non_null(strstr(err.text, "named twice"));
	assert_int_equal(layers_drop(&m, 8, (int[]){ 8 }, 1, &err), -1);
	assert_non_null(strstr(err.text, "no layer 8"));
	assert_int_equal(layers_drop(&m, 8, (int[]){ 0, 2, 3, 4, 5 }, 5, &err), -1);
	assert_non_null(strstr(err.text, "all 5 layers"));
	assert_keeps(&m, "0,2-5");
	assert_int_equal(layers_drop(&m, 8, NULL, 0, &err), 0);
	assert_keeps(&m, "0,2-5");
}

static void drops_blocks(void **state)
{
	struct block b = { .n = 2, .l = 3, .layers = 8 }, empty = { .layers = 8 };
	struct model_rec m = whole(8);

	(void)state;
	assert_int_equal(layers_drop_block(&m, 8, &empty, &err), 0);
	assert_keeps(&m, "0-7");
	assert_int_equal(m.has_block, 1);
	assert_int_equal(layers_drop_block(&m, 8, &b, &err), 0);
	assert_keeps(&m, "0-2,5-7");
	/* measured on the pruned one: its layers 2 and 3 */
	b = (struct block){ .n = 2, .l = 2, .layers = 6 };
	assert_int_equal(layers_drop_block(&m, 8, &b, &err), 0);
	assert_keeps(&m, "0-1,6-7");
	assert_int_equal(m.block.layers, 6);
	b = (struct block){ .n = 1, .l = 6, .layers = 8 }; /* measured on the base */
	assert_int_equal(layers_drop_block(&m, 8, &b, &err), 0);
	assert_keeps(&m, "0-1,7");
	b.l = 2;
	assert_int_equal(layers_drop_block(&m, 8, &b, &err), -1);
	b.layers = 7;
	assert_int_equal(layers_drop_block(&m, 8, &b, &err), -1);
	assert_non_null(strstr(err.text, "of a model of 7 layers, this one has 3"));
	b = (struct block){ .n = 3, .l = 6, .layers = 8 };
	assert_int_equal(layers_drop_block(&m, 8, &b, &err), -1);
	assert_non_null(strstr(err.text, "not within 8"));
	b = (struct block){ .n = 3, .l = 0, .layers = 3 };
	assert_int_equal(layers_drop_block(&m, 8, &b, &err), -1);
	assert_non_null(strstr(err.text, "all 3 layers"));
}

static void widths(void **state)
{
	struct widths w;

	(void)state;
	assert_int_equal(widths_parse(&w, "all", &err), 0);
	assert_int_equal(widths_resolve(&w, 4, &err), 0);
	assert_int_equal(w.count, 3);
	assert_memory_equal(w.n, ((int[]){ 1, 2, 3 }), 3 * sizeof(int));
	assert_int_equal(widths_parse(&w, "2,0,1-2", &err), 0);
	assert_int_equal(widths_resolve(&w, 4, &err), 0);
	assert_memory_equal(w.n, ((int[]){ 2, 0, 1, 2 }), 4 * sizeof(int));
	assert_int_equal(widths_parse(&w, "1-4", &err), 0);
	assert_int_equal(widths_resolve(&w, 4, &err), -1);
	assert_non_null(strstr(err.text, "-n 4: the model has 4 layers, at most 3"));
	assert_int_equal(widths_parse(&w, "every", &err), -1);
}

static void blocks(void **state)
{
	struct angles *a = angles_new(0);
	const char *why;
	struct block b;

	(void)state;
	for (int n = 1; n <= 5; n++)
		for (int l = 0; l + n <= 5; l++) {
			struct angle p = { .n = n,
				.l = l,
				.s.count = 2,
				.s.sum = 1000 - 10 * n + (l - 1) * (l - 1) };

			assert_int_equal(angles_add_sums(a, &p, &why), 0);
		}
	b = argmin_similarity(a, 3);
	assert_int_equal(b.l, 1);
	assert_int_equal(b.n, 3);
	assert_int_equal(b.layers, 5);
	assert_true(b.mean == ldexp(970, -40) / 2);
	b = argmin_similarity(a, 0);
	assert_int_equal(b.n, 0);
	assert_true(isnan(b.mean));
	b = argmin_simple(32, 8); /* the last layer stays */
	assert_int_equal(b.l, 23);
	assert_true(isnan(b.mean) && !strcmp(b.rule, RULE_SIMPLE));
	assert_int_equal(argmin_simple(32, 31).l, 0);
	assert_int_equal(argmin_simple(32, 0).l, 0);
	angles_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(drops),
		cmocka_unit_test(drops_blocks),
		cmocka_unit_test(widths),
		cmocka_unit_test(blocks),
	};

	setting_spellings(spelling);
	return cmocka_run_group_tests_name("layers", tests, NULL, NULL);
}
