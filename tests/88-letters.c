/* The tokens that are scored, for the vocabularies of specs.md 10.1 and 10.2: " A" to " D", " no"
 * and " yes" as they follow a prompt; "No" and "Yes" alone, their last tokens. Expected ids: the
 * table there, from the tokenizers library */
#include "eval/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const words[] = { " A", " B", " C", " D", " no", " yes", " No", " Yes" };
enum { N_WORDS = 8, N_ALONE = 2 };

static const struct {
	const char *file;
	uint32_t ids[N_WORDS], alone[N_ALONE];
} vocabulary[] = {
	{ "llama2/tokenizer.json", { 319, 350, 315, 360, 694, 4874, 1939, 3869 }, { 1939, 3869 } },
	{ "llama2/tokenizer.model", { 319, 350, 315, 360, 694, 4874, 1939, 3869 }, { 1939, 3869 } },
	{ "mistral-v1/tokenizer.json", { 330, 365, 334, 384, 708, 5081, 1770, 5592 },
		{ 1770, 5592 } },
	{ "mistral-v1/tokenizer.model", { 330, 365, 334, 384, 708, 5081, 1770, 5592 },
		{ 1770, 5592 } },
	{ "llama3/tokenizer.json", { 362, 426, 356, 423, 912, 10035, 2360, 7566 }, { 2822, 9642 } },
	{ "qwen/qwen.tiktoken", { 362, 425, 356, 422, 902, 9834, 2308, 7414 }, { 2753, 9454 } },
	{ "qwen3/tokenizer.json", { 362, 425, 356, 422, 902, 9834, 2308, 7414 }, { 2753, 9454 } },
	{ "gpt2/tokenizer.json", { 317, 347, 327, 360, 645, 3763, 1400, 3363 }, { 2949, 5297 } },
	{ "phi2-codegen/tokenizer.json", { 317, 347, 327, 360, 645, 3763, 1400, 3363 },
		{ 2949, 5297 } },
	{ "SmolLM2", { 330, 389, 340, 422, 787, 9805, 2838, 9230 }, { 0, 0 } },
};

static void check(const struct tok *t, const uint32_t *want, const uint32_t *alone)
{
	const char *prompt = "Is it so?\nA. yes\nB. no\n\nAnswer:";
	struct tok_out out = { 0 };

	for (int i = 0; i < N_WORDS; i++) {
		size_t n;
		uint32_t *ids = continuation_ids(t, prompt, strlen(prompt), words[i], &n);

		assert_int_equal(n, 1);
		assert_int_equal(ids[0], want[i]);
		free(ids);
	}
	for (int i = 0; alone[0] && i < N_ALONE; i++) {
		tok_encode(t, &out, i ? "Yes" : "No", i ? 3 : 2);
		assert_int_equal(out.ids[out.n - 1], alone[i]);
	}
	tok_out_free(&out);
}

static void table(void **state)
{
	const char *shared = getenv("COPPICE_SHARED"), *smollm = getenv("COPPICE_SMOLLM");
	int checked = 0;

	(void)state;
	for (size_t i = 0; i < sizeof vocabulary / sizeof *vocabulary; i++) {
		char path[1000];
		struct tok *t;

		if (strcmp(vocabulary[i].file, "SmolLM2") == 0)
			snprintf(path, sizeof path, "%s", smollm ? smollm : "");
		else
			snprintf(path, sizeof path, "%s/data/tokenizers/%s",
				shared ? shared : "../shared", vocabulary[i].file);
		if (access(path, R_OK) != 0) {
			print_message("# not there: %s\n", vocabulary[i].file);
			continue;
		}
		t = tok_open(path);
		check(t, vocabulary[i].ids, vocabulary[i].alone);
		tok_close(t);
		checked++;
	}
	if (checked == 0)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(table) };

	return cmocka_run_group_tests_name("letters", tests, NULL, NULL);
}
