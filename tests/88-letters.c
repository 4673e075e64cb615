/* The tokens that are scored, for the vocabularies of coppice-method(7), CHOICES: " A" to " D", "
 * no" and " yes" as they follow a prompt; "No" and "Yes" alone, their last tokens. Expected ids:
 * the table there, from the tokenizers library */
#include "eval/choice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lacks.h"

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
};

static void check(const struct tok *t, const uint32_t *want, const uint32_t *alone)
{
	const char *prompt = "Is it so?\nA. yes\nB. no\n\nAnswer:";
	struct tok_out out = { 0 };

	for (int i = 0; i < N_WORDS; i++) {
		struct continuation c = continuation_of(t, prompt, strlen(prompt), words[i]);

		assert_int_equal(c.n, 1);
		assert_int_equal(c.id[0], want[i]);
		free(c.id);
	}
	for (int i = 0; alone[0] && i < N_ALONE; i++) {
		tok_encode(t, &out, i ? "Yes" : "No", i ? 3 : 2);
		assert_int_equal(out.ids[out.n - 1], alone[i]);
	}
	tok_out_free(&out);
}

static void check_file(const char *path, const uint32_t *want, const uint32_t *alone)
{
	struct tok *t = tok_open(path);

	check(t, want, alone);
	tok_close(t);
}

static void table(void **state)
{
	(void)state;
	need_data("data/tokenizers");
	for (size_t i = 0; i < sizeof vocabulary / sizeof *vocabulary; i++)
		check_file(data_path("data/tokenizers/%s", vocabulary[i].file), vocabulary[i].ids,
			vocabulary[i].alone);
}

static void smollm(void **state)
{
	static const uint32_t ids[N_WORDS] = { 330, 389, 340, 422, 787, 9805, 2838, 9230 };

	(void)state;
	need_smollm();
	check_file(smollm_path(), ids, (uint32_t[N_ALONE]){ 0, 0 });
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(table), cmocka_unit_test(smollm) };

	return cmocka_run_group_tests_name("letters", tests, NULL, NULL);
}
