/* Means and standard errors against values worked out by hand, equal sums whatever the order and
 * the split, scores read back, and BoolQ's lines: read, or refused by name */
#include "eval/accuracy.h"
#include "eval/boolq.h"
#include "eval/loss.h"
#include "eval/mmlu_categories.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Exact but for the last bits of a few f64 operations. */
#define assert_near(got, want) assert_true(fabs((got) - (want)) <= 4e-16 * fabs(want))

static double real_of(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static void add_many(struct accuracy *a, const char *subject, int right, int wrong)
{
	while (right-- > 0)
		accuracy_add(a, subject, 1);
	while (wrong-- > 0)
		accuracy_add(a, subject, 0);
}

/* a: 3 of 4, se^2 = 3/16/3 = 1/16; b: 1 of 2, se^2 = 1/4. Pooled: (3/16 4 + 1/4 2) / (6 - 2) / 6 =
 * 5/96. */
static void subjects(void **state)
{
	struct accuracy a = { 0 };
	struct score s;
	json_t *own, *sub;

	(void)state;
	add_many(&a, "virology", 1, 1);
	add_many(&a, "anatomy", 3, 1);
	own = accuracy_score(&a, &s);
	assert_string_equal(s.metric, "accuracy");
	assert_near(s.value, 4.0 / 6);
	assert_near(s.stderr_, sqrt(5.0 / 96));
	assert_int_equal(s.count, 6);
	assert_true(s.sum == 4 && s.sumsq == 4);
	assert_near(real_of(own, "macro"), 0.625);
	assert_near(real_of(own, "macro_stderr"), sqrt(5.0 / 16) / 2);
	sub = json_object_get(json_object_get(own, "subjects"), "anatomy");
	assert_near(real_of(sub, "value"), 0.75);
	assert_near(real_of(sub, "stderr"), 0.25);
	assert_int_equal(real_of(sub, "count"), 4);
	assert_string_equal(json_object_iter_key(json_object_iter(json_object_get(own,
				    "subjects"))),
		"anatomy");
	json_decref(own);
	accuracy_clear(&a);
}

/* 22 of 60: sqrt(22/60 38/60 / 59). One answer: no error can be told. */
static void plain(void **state)
{
	struct accuracy a = { 0 };
	struct score s;

	(void)state;
	add_many(&a, NULL, 1, 0);
	json_decref(accuracy_score(&a, &s));
	assert_true(isnan(s.stderr_));
	add_many(&a, NULL, 21, 38);
	json_decref(accuracy_score(&a, &s));
	assert_near(s.value, 22.0 / 60);
	assert_near(s.stderr_, sqrt(22.0 * 38 / 3600 / 59));
	accuracy_clear(&a);
}

/* Scores of parts, added in either order, make the score of the whole: same JSON, same bits. */
static void parts(void **state)
{
	struct accuracy whole = { 0 }, half[2] = { 0 };
	struct score s[2], t;
	json_t *own[2], *want, *got;
	struct fault err;

	(void)state;
	for (int i = 0; i < 200; i++) {
		const char *names[] = { "law", "anatomy", "marketing" };
		const char *subject = names[i % 3];

		accuracy_add(&whole, subject, i % 7 < 3);
		accuracy_add(&half[i < 77], subject, i % 7 < 3);
	}
	whole.invalid = 5, half[0].invalid = 2, half[1].invalid = 3;
	want = accuracy_score(&whole, &t);
	for (int i = 0; i < 2; i++)
		own[i] = accuracy_score(&half[i], &s[i]);
	for (int order = 0; order < 2; order++) {
		struct accuracy sum = { 0 };
		struct score u;

		for (int i = 0; i < 2; i++)
			if (accuracy_add_score(&sum, &s[i ^ order], &err) < 0)
				fail_msg("%s", err.text);
		got = accuracy_score(&sum, &u);
		assert_true(json_equal(got, want));
		assert_true(u.value == t.value && u.stderr_ == t.stderr_ && u.count == t.count &&
			u.sum == t.sum);
		json_decref(got);
		accuracy_clear(&sum);
	}
	json_object_del(json_object_get(own[0], "subjects"), "law");
	assert_int_equal(accuracy_add_score(&half[1], &s[0], &err), -1);
	assert_string_equal(err.text, "a score whose subjects don't add up to its count");
	json_object_del(own[0], "correct");
	assert_int_equal(accuracy_add_score(&half[1], &s[0], &err), -1);
	json_decref(want);
	for (int i = 0; i < 2; i++) {
		json_decref(own[i]);
		accuracy_clear(&half[i]);
	}
	accuracy_clear(&whole);
}

/* 2 subjects of one subcategory, one of another category, one unknown. */
static void categories(void **state)
{
	struct accuracy a = { 0 };
	json_t *j, *other, *sub;

	(void)state;
	add_many(&a, "anatomy", 3, 1);
	add_many(&a, "virology", 1, 1);
	add_many(&a, "marketing", 0, 5);
	add_many(&a, "astronomy", 2, 0);
	add_many(&a, "knots", 7, 0);
	j = mmlu_categories(&a);
	assert_int_equal(json_object_size(j), 2);
	other = json_object_get(j, "other");
	assert_int_equal(real_of(other, "count"), 11);
	assert_near(real_of(other, "value"), 4.0 / 11);
	sub = json_object_get(json_object_get(other, "subcategories"), "health");
	assert_near(real_of(sub, "value"), 4.0 / 6);
	assert_near(real_of(sub, "stderr"), sqrt(5.0 / 96));
	assert_int_equal(real_of(json_object_get(j, "STEM"), "count"), 2);
	json_decref(j);
	accuracy_clear(&a);
}

static void add(struct losses *l, const float *logp, size_t n)
{
	losses_add(l, losses_nats(logp, n), n);
}

/* S = 3 over 2 tokens, S = 4 over 1: loss 7/3, residuals -5/3 and 5/3, se = sqrt(2/1 50/9) / 3 =
 * 10/9. */
static void losses(void **state)
{
	struct losses l = { .n_vocab = 100 };
	struct score s;
	json_t *own;

	(void)state;
	add(&l, (float[]){ -1, -2 }, 2);
	assert_true(isnan(losses_stderr(&l)));
	add(&l, NULL, 0);
	add(&l, (float[]){ -4 }, 1);
	l.bytes = 10;
	own = losses_score(&l, &s);
	assert_near(s.value, 7.0 / 3);
	assert_true(fabs(s.stderr_ - 10.0 / 9) < 1e-14);
	assert_int_equal(s.count, 3);
	assert_near(real_of(own, "normalised"), 7.0 / 3 / log(100));
	assert_near(real_of(own, "perplexity"), exp(7.0 / 3));
	assert_near(real_of(own, "bits_per_byte"), 0.7 / M_LN2);
	assert_int_equal(real_of(own, "sequences"), 2);
	json_decref(own);
}

/* 3000 sequences in one go, backwards, and in 7 parts read back from their scores: the same
 * bits. */
static void loss_parts(void **state)
{
	enum { N = 3000, PARTS = 7 };
	static float logp[N][50];
	struct losses whole = { 0 }, back = { 0 }, part[PARTS] = { 0 }, sum = { 0 };
	struct fault err;
	uint64_t x = 1;

	(void)state;
	whole.n_vocab = back.n_vocab = 1000;
	for (int i = 0; i < PARTS; i++)
		part[i].n_vocab = 1000;
	for (int i = 0; i < N; i++)
		for (int k = 0; k < 50; k++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			logp[i][k] = -(float)(x >> 40) / 1e6f;
		}
	for (int i = 0; i < N; i++) {
		add(&whole, logp[i], (size_t)(i % 50));
		add(&back, logp[N - 1 - i], (size_t)((N - 1 - i) % 50));
		add(&part[i * PARTS / N], logp[i], (size_t)(i % 50));
	}
	for (int i = PARTS; i-- > 0;) {
		struct score s;
		json_t *own = losses_score(&part[i], &s);

		assert_int_equal(losses_add_score(&sum, &s, &err), 0);
		json_decref(own);
	}
	assert_memory_equal(&whole, &back, sizeof whole);
	assert_memory_equal(&whole, &sum, sizeof whole);
}

static void boolq_lines(void **state)
{
	struct boolq_item it;
	struct fault err;
	const char *line = "{\"question\": \"is it\", \"passage\": \"Caf\\u00e9 -- x\", \"idx\": "
			   "0, \"label\": true}";
	const char *own = "{\"question\": \"is it\", \"title\": \"T\", \"answer\": false, "
			  "\"passage\": \"p\"}";

	(void)state;
	assert_int_equal(boolq_parse(&it, line, strlen(line), &err), 0);
	assert_string_equal(it.passage, "Caf\xc3\xa9 -- x");
	assert_string_equal(it.question, "is it");
	assert_int_equal(it.answer, 1);
	boolq_item_free(&it);
	assert_int_equal(boolq_parse(&it, own, strlen(own), &err), 0);
	assert_string_equal(it.passage, "T -- p");
	assert_int_equal(it.answer, 0);
	boolq_item_free(&it);
}

static const struct {
	const char *name, *line, *why;
} hostile[] = {
	{ "no JSON", "question,passage", NULL },
	{ "a cut object", "{\"question\": \"q\", \"passage\": \"p\", \"label\": tr", NULL },
	{ "text after the object", "{\"question\":\"q\",\"passage\":\"p\",\"label\":true} x",
		NULL },
	{ "a list", "[1, 2]", "not a JSON object" },
	{ "no passage", "{\"question\":\"q\",\"label\":true}", "no text \"passage\"" },
	{ "a passage that is a number", "{\"question\":\"q\",\"passage\":1,\"label\":true}",
		"no text \"passage\"" },
	{ "no question", "{\"passage\":\"p\",\"label\":true}", "no text \"question\"" },
	{ "no label", "{\"question\":\"q\",\"passage\":\"p\"}",
		"neither \"label\" nor \"answer\" is true or false" },
	{ "a label 2", "{\"question\":\"q\",\"passage\":\"p\",\"label\":2}",
		"neither \"label\" nor \"answer\" is true or false" },
	{ "a label of text", "{\"question\":\"q\",\"passage\":\"p\",\"label\":\"true\"}",
		"neither \"label\" nor \"answer\" is true or false" },
	{ "a title that is a list",
		"{\"question\":\"q\",\"passage\":\"p\",\"title\":[],\"label\":true}",
		"\"title\" is no text" },
	{ "the label twice",
		"{\"question\":\"q\",\"passage\":\"p\",\"label\":true,\"label\":false}", NULL },
	{ "a NUL in the question", "{\"question\":\"q\\u0000\",\"passage\":\"p\",\"label\":true}",
		NULL },
	{ "a lone surrogate", "{\"question\":\"\\ud800\",\"passage\":\"p\",\"label\":true}", NULL },
	{ "a byte that is no UTF-8", "{\"question\":\"\xff\",\"passage\":\"p\",\"label\":true}",
		NULL },
};

static void boolq_refuses(void **state)
{
	char deep[5000];

	(void)state;
	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		struct boolq_item it;
		struct fault err = { "" };

		if (boolq_parse(&it, hostile[i].line, strlen(hostile[i].line), &err) == 0)
			fail_msg("%s: not refused", hostile[i].name);
		assert_true(err.text[0] != '\0' && strchr(err.text, '\n') == NULL);
		if (hostile[i].why)
			assert_string_equal(err.text, hostile[i].why);
	}
	memset(deep, '[', sizeof deep);
	assert_int_equal(boolq_parse(&(struct boolq_item){ 0 }, deep, sizeof deep,
				 &(struct fault){ 0 }),
		-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subjects),
		cmocka_unit_test(plain),
		cmocka_unit_test(parts),
		cmocka_unit_test(categories),
		cmocka_unit_test(losses),
		cmocka_unit_test(loss_parts),
		cmocka_unit_test(boolq_lines),
		cmocka_unit_test(boolq_refuses),
	};
	return cmocka_run_group_tests_name("scores", tests, NULL, NULL);
}
