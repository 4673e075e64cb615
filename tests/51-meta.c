/* What parts of one measurement must agree on: every rule, and ranges of documents. */
#include "stream/meta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Merges texts one after the other; the result as text, or the error with "!" in front. */
static const char *merged(const char *const *parts, const char *const *extra)
{
	static char text[FAULT_SIZE + 1];
	json_t *into = NULL;
	struct fault err;
	int bad = 0;

	for (; *parts && !bad; parts++) {
		json_t *part = json_loads(*parts, 0, NULL);

		assert_non_null(part);
		bad = meta_merge(&into, part, extra, &err);
		json_decref(part);
	}
	if (bad) {
		snprintf(text, sizeof(text), "!%s", err.text);
	} else {
		char *s = json_dumps(into, JSON_COMPACT | JSON_SORT_KEYS);

		snprintf(text, sizeof(text), "%s", s);
		free(s);
	}
	json_decref(into);
	return text;
}
#define MERGED(...) merged((const char *const[]){ __VA_ARGS__, NULL }, NULL)

static void equal_parts(void **state)
{
	(void)state;
	assert_string_equal(MERGED("{\"print\":\"a\"}"), "{\"print\":\"a\"}");
	assert_string_equal(MERGED("{\"print\":\"a\",\"keep\":[0,2]}",
				    "{\"keep\":[0,2],\"print\":\"a\"}"),
		"{\"keep\":[0,2],\"print\":\"a\"}");
	assert_string_equal(MERGED("{\"quant\":null}", "{}"), "{\"quant\":null}");
}

static void unequal_parts(void **state)
{
	static const char *const keys[] = {
		"print",
		"keep",
		"layers",
		"adapter_print",
		"quant",
		"tokenizer",
		"length",
		"dtype",
	};
	static const char *const extra[] = { "style", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		char a[64], b[64], why[64];

		snprintf(a, sizeof(a), "{\"%s\":1}", keys[i]);
		snprintf(b, sizeof(b), "{\"%s\":[1]}", keys[i]);
		snprintf(why, sizeof(why), "!meta.%s is [1] here, but 1", keys[i]);
		assert_non_null(strstr(MERGED(a, b), why));
		snprintf(why, sizeof(why), "!meta.%s is absent here", keys[i]);
		assert_non_null(strstr(MERGED(a, "{}"), why));
	}
	assert_string_equal(MERGED("{\"style\":1,\"other\":2}", "{\"style\":1,\"other\":3}"),
		"{\"style\":1}");
	assert_string_equal(MERGED("{\"style\":1}", "{\"style\":2}"), "{}");
	assert_string_equal(MERGED("{\"style\":1}", "{}", "{\"style\":1}"), "{}");
	assert_non_null(strstr(merged((const char *const[]){ "{\"style\":1}", "{\"style\":2}",
					      NULL },
				       extra),
		"!meta.style"));
}

static void kernels(void **state)
{
	json_t *j = NULL;
	struct fault err;

	(void)state;
	assert_string_equal(MERGED("{\"kernel\":\"b\"}", "{\"kernel\":\"b\"}"),
		"{\"kernel\":\"b\"}");
	assert_string_equal(MERGED("{\"kernel\":\"b\"}", "{\"kernel\":\"a\"}",
				    "{\"kernel\":\"c+b\"}"),
		"{\"kernel\":\"a+b+c\"}");
	for (int i = 0; i < 2; i++) {
		json_t *part = json_pack("{ss}", "kernel", i ? "x" : "y");

		assert_int_equal(meta_merge(&j, part, NULL, &err), 0);
		assert_int_equal(meta_mixed(j), i);
		json_decref(part);
	}
	json_decref(j);
}

static void documents(void **state)
{
	(void)state;
	assert_string_equal(MERGED("{\"docs\":[[0,9]]}", "{\"docs\":[[20,29]]}",
				    "{\"docs\":[[10,19]]}"),
		"{\"docs\":[[0,29]]}");
	assert_string_equal(MERGED("{\"docs\":[[5,5],[7,7]]}", "{\"docs\":[[6,6],[8,8]]}"),
		"{\"docs\":[[5,8]]}");
	assert_string_equal(MERGED("{\"docs\":[[5,9]]}", "{\"docs\":[[12,null]]}"),
		"{\"docs\":[[5,9],[12,null]]}");
	assert_string_equal(MERGED("{\"docs\":[[5,9]]}", "{\"docs\":[[10,null]]}"),
		"{\"docs\":[[5,null]]}");
	assert_string_equal(MERGED("{\"docs\":[[0,9]]}", "{\"docs\":[[9,12]]}"),
		"!document 9 is in this part and in one before");
	assert_string_equal(MERGED("{\"docs\":[[7,null]]}", "{\"docs\":[[0,3],[100,100]]}"),
		"!document 100 is in this part and in one before");
	assert_string_equal(MERGED("{\"docs\":[[0,9]]}", "{\"docs\":[[0,9]]}"),
		"!document 0 is in this part and in one before");
	for (int i = 0; i < 6; i++)
		assert_non_null(strstr(MERGED((const char *[]){ "{\"docs\":3}", "{\"docs\":[3]}",
					       "{\"docs\":[[2,1]]}", "{\"docs\":[[-1,1]]}",
					       "{\"docs\":[[1,2,3]]}",
					       "{\"docs\":[[1,2],[2,3]]}" }[i]),
			"!meta.docs is no list"));
}

static void documents_one_by_one(void **state)
{
	struct docs d = { 0 };
	json_t *j;
	char *s;

	(void)state;
	for (int i = 0; i < 100; i++)
		/* evens below 90, odds above, in disorder, twice */
		docs_add(&d, i * 37 % 100 / 2 * 2 + (i * 37 % 100 >= 90));
	docs_add(&d, 1);
	j = docs_to_json(&d);
	s = json_dumps(j, JSON_COMPACT);
	assert_true(!strncmp(s, "[[0,2],[4,4],[6,6],", 19));
	assert_int_equal(d.n, 49);
	free(s);
	json_decref(j);
	docs_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_parts),
		cmocka_unit_test(unequal_parts),
		cmocka_unit_test(kernels),
		cmocka_unit_test(documents),
		cmocka_unit_test(documents_one_by_one),
	};

	return cmocka_run_group_tests_name("meta", tests, NULL, NULL);
}
