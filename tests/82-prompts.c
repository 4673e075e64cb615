/* Prompts byte for byte against golden/smollm2 (mmlu.json, boolq.json: what lm-eval and a second
 * program were given), the header's length, and the counts of coppice-method(7), MMLU: 14042
 * questions in 57 subjects, 963 with outer white space, the categories' sizes; 3270 BoolQ
 * questions, 2033 true */
#include "eval/accuracy.h"
#include "eval/boolq.h"
#include "eval/mmlu.h"
#include "eval/mmlu_categories.h"

#include <openssl/sha.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lacks.h"

/* A file of golden/smollm2, for a test that needs this data of COPPICE_SHARED. */
static json_t *golden(const char *name, const char *data)
{
	json_t *j = json_load_file(golden_path("smollm2/%s", name), 0, NULL);

	assert_non_null(j);
	need_data(data);
	return j;
}

/* The SHA-256 of a prompt, as golden/smollm2 has it: the text is others'. */
static const char *sha256(const char *text, size_t n)
{
	static char hex[2 * SHA256_DIGEST_LENGTH + 1];
	unsigned char sum[SHA256_DIGEST_LENGTH];

	SHA256((const unsigned char *)text, n, sum);
	for (int i = 0; i < SHA256_DIGEST_LENGTH; i++)
		sprintf(hex + 2 * i, "%02x", sum[i]);
	return hex;
}

static char *prompt_of(const struct questions *e, size_t question, size_t *n, size_t *n_header)
{
	char *text;
	FILE *f = open_memstream(&text, n);

	*n_header = e->prompt(e->source, question, e->shots, f);
	fclose(f);
	return text;
}

static size_t find_question(const struct mmlu *m, const char *subject, uint64_t row)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->question[i].subject, subject) == 0 && m->question[i].row == row)
			return i;
	fail_msg("%s %llu: no such question", subject, (unsigned long long)row);
	return 0;
}

static struct mmlu *open_mmlu(enum mmlu_style style, int shots)
{
	char *const files[] = { data_path("data/mmlu"), NULL };
	struct mmlu_choice c = { { files, NULL, "test", NULL, shots }, style, -1, 0, UINT64_MAX };

	return mmlu_open(&c);
}

/* All prompts that the file has in full, of the runs with no layer dropped. */
static void mmlu_prompts(void **state)
{
	json_t *g = golden("mmlu.json", "data/mmlu"), *run, *want;
	size_t i, n, n_header, compared = 0;
	const char *key;

	(void)state;
	json_array_foreach(json_object_get(g, "runs"), i, run)
	{
		int shots = (int)json_integer_value(json_object_get(run, "shots"));
		struct mmlu *m = open_mmlu(MMLU_HENDRYCKS, shots);
		struct questions e = mmlu_questions(m);

		json_object_foreach(json_object_get(run, "prompts_sha256"), key, want)
		{
			const char *slash = strchr(key, '/');
			char *subject = strndup(key, (size_t)(slash - key));
			char *got = prompt_of(&e,
				find_question(m, subject, (uint64_t)atoi(slash + 1)), &n,
				&n_header);

			assert_string_equal(sha256(got, n), json_string_value(want));
			assert_memory_equal(got + n_header - 2, "\n\n", 2);
			compared++;
			free(got);
			free(subject);
		}
		mmlu_close(m);
	}
	assert_int_equal(compared, 3);
	json_decref(g);
}

static void lm_eval_prompt(void **state)
{
	json_t *g = golden("mmlu.json", "data/mmlu"),
	       *run = json_array_get(json_object_get(g, "runs"), 3);
	struct mmlu *m = open_mmlu(MMLU_LM_EVAL, 5);
	struct questions e = mmlu_questions(m);
	size_t n, n_header;
	char *got = prompt_of(&e, find_question(m, "abstract_algebra", 0), &n, &n_header);

	(void)state;
	assert_string_equal(sha256(got, n),
		json_string_value(json_object_get(run, "prompt_sha256")));
	free(got);
	mmlu_close(m);
	json_decref(g);
}

static void counts(void **state)
{
	static const struct {
		const char *name;
		int n;
	} want[] = { { "STEM", 3018 }, { "humanities", 4705 }, { "social sciences", 3077 },
		{ "other", 3242 } };
	json_t *g = golden("mmlu.json", "data/mmlu"), *categories;
	struct mmlu *original = open_mmlu(MMLU_HENDRYCKS, 0),
		    *stripped = open_mmlu(MMLU_LM_EVAL, 0);
	struct questions e = mmlu_questions(original), f = mmlu_questions(stripped);
	struct accuracy all = { 0 };
	size_t n, n_stripped, n_header, differ = 0;

	(void)state;
	assert_int_equal(original->n, 14042);
	assert_int_equal(original->n_subjects, 57);
	for (size_t i = 0; i < original->n; i++) {
		free(prompt_of(&e, i, &n, &n_header));
		free(prompt_of(&f, i, &n_stripped, &n_header));
		differ += n != n_stripped + 1;
		accuracy_add(&all, original->question[i].subject, 0);
	}
	assert_int_equal(differ, 963);
	assert_int_equal(original->docs.n, 1);
	assert_int_equal(original->docs.r[0].first, 0);
	assert_int_equal(original->docs.r[0].last, 14041);
	categories = mmlu_categories(&all);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(json_integer_value(json_object_get(json_object_get(categories,
									    want[i].name),
					 "count")),
			want[i].n);
	json_decref(categories);
	accuracy_clear(&all);
	mmlu_close(original);
	mmlu_close(stripped);
	json_decref(g);
}

/* --subjects, --skip and --limit: the same questions under the same numbers. */
static void parts(void **state)
{
	char *const files[] = { data_path("data/mmlu"), NULL };
	struct mmlu_choice c = { { files, NULL, "test", "virology,anatomy", 0 }, MMLU_HENDRYCKS, -1,
		130, 10 };
	json_t *g = golden("mmlu.json", "data/mmlu");
	struct mmlu *m = mmlu_open(&c);

	(void)state;
	assert_int_equal(m->n, 5 + 10);
	assert_string_equal(m->question[0].subject, "anatomy");
	assert_int_equal(m->question[0].row, 130);
	assert_int_equal(m->docs.n, 2);
	assert_int_equal(m->docs.r[0].first, 100 + 130); /* behind abstract_algebra's 100 */
	assert_int_equal(m->docs.r[0].last, 100 + 134);
	assert_string_equal(m->question[5].subject, "virology");
	mmlu_close(m);
	json_decref(g);
}

static void boolq_prompts(void **state)
{
	json_t *g = golden("boolq.json", "data/boolq"), *label;
	char *files[] = { data_path("data/boolq/val.jsonl"), NULL };
	struct boolq *b = boolq_open(files, data_path("data/boolq/train.jsonl"), BOOLQ_LM_EVAL, 0,
		0, UINT64_MAX);
	struct questions e = boolq_questions(b);
	size_t n, n_header, yes = 0, i;
	char *got = prompt_of(&e, 0, &n, &n_header);

	(void)state;
	assert_string_equal(sha256(got, n),
		json_string_value(json_object_get(g, "prompt_sha256_of_first")));
	assert_int_equal(n_header, 0);
	free(got);
	assert_int_equal(b->n, 3270);
	for (i = 0; i < b->n; i++)
		yes += b->question[i].answer == 1;
	assert_int_equal(yes, 2033);
	json_array_foreach(json_object_get(g, "label"), i, label)
		assert_int_equal(b->question[i].answer, json_integer_value(label));
	boolq_close(b);
	json_decref(g);
}

/* Shots: the first rows of the training file, their answers as the style says, a blank line after
 * each. */
static void boolq_shots(void **state)
{
	char folder[] = "/tmp/boolq-XXXXXX", *test, *train, *got;
	static const char *const want[2] = { "p\nQuestion: a?\nAnswer: no\n\np\nQuestion: "
					     "b?\nAnswer: yes\n\np\nQuestion: c?\nAnswer:",
		"p\nQuestion: a?\nAnswer: No\n\np\nQuestion: b?\nAnswer: Yes\n\np\nQuestion: "
		"c?\nAnswer:" };
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_true(asprintf(&test, "%s/test", folder) > 0 &&
		asprintf(&train, "%s/train", folder) > 0);
	f = fopen(test, "w");
	fputs("{\"passage\":\"p\",\"question\":\"x\",\"label\":true}\n\n{\"passage\":\"p\","
	      "\"question\":\"c\",\"label\":true}",
		f);
	fclose(f);
	f = fopen(train, "w");
	fputs("{\"passage\":\"p\",\"question\":\"a\",\"label\":0}\n{\"passage\":\"p\",\"question\":"
	      "\"b\",\"label\":1}\n{\"bad\n",
		f);
	fclose(f);
	for (int style = 0; style < 2; style++) {
		struct boolq *b = boolq_open((char *[]){ test, NULL }, train,
			(enum boolq_style)style, 2, 1, UINT64_MAX);
		struct questions e = boolq_questions(b);
		size_t n, n_header;

		assert_int_equal(b->n, 1);
		assert_int_equal(b->question[0].row, 1);
		got = prompt_of(&e, 0, &n, &n_header);
		assert_string_equal(got, want[style]);
		assert_int_equal(n_header, n - strlen("p\nQuestion: c?\nAnswer:"));
		free(got);
		boolq_close(b);
	}
	unlink(test);
	unlink(train);
	rmdir(folder);
	free(test);
	free(train);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mmlu_prompts),
		cmocka_unit_test(lm_eval_prompt),
		cmocka_unit_test(counts),
		cmocka_unit_test(parts),
		cmocka_unit_test(boolq_prompts),
		cmocka_unit_test(boolq_shots),
	};
	return cmocka_run_group_tests_name("prompts", tests, NULL, NULL);
}
