/* A pattern, a NUL and a text: pieces tile the text; the scanners cut it as the regular expressions
 * do. */
#include "file/utf8.h"
#include "fuzz.h"
#include "token/split.h"

enum { PIECES = 16, TEXT_MAX = 1 << 10 };

/* Ends of pieces of text[0..n) into end; how many, or -1: it gave up. */
static long cut(const struct split *p, const char *text, size_t n, uint32_t *end)
{
	struct split_work *w = split_work_new();
	struct split_iter it = { text, n };
	uint32_t len[PIECES];
	size_t at = 0;
	long count = 0;
	int k;

	while ((k = split_next(p, w, &it, len, PIECES)) > 0)
		for (int i = 0; i < k; i++) {
			holds(len[i] > 0 && len[i] <= n - at);
			at += len[i];
			end[count++] = (uint32_t)at;
		}
	holds(k < 0 || at == n);
	split_work_free(w);
	return k < 0 ? -1 : count;
}

static void compare(const char *pattern, const char *text, size_t n)
{
	static uint32_t a[TEXT_MAX], b[TEXT_MAX];
	struct fault err;
	struct split scan, regex;
	long n_a, n_b;

	holds(!split_parse(&scan, pattern, &err) && !split_regex(&regex, pattern, &err));
	n_a = cut(&scan, text, n, a);
	n_b = cut(&regex, text, n, b);
	holds(n_b < 0 || (n_a == n_b && !memcmp(a, b, (size_t)n_a * sizeof *a)));
	split_free(&scan);
	split_free(&regex);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static uint32_t ends[TEXT_MAX];
	const uint8_t *text;
	size_t n_text, n_pattern = fuzz_halves(bytes, n, &text, &n_text);
	struct fault err = { "" };
	char *pattern = calloc(1, n_pattern + 1);
	struct split p;

	memcpy(pattern, bytes, n_pattern);
	n_text = utf8_valid((const char *)text, n_text < TEXT_MAX ? n_text : TEXT_MAX);
	if (split_parse(&p, pattern, &err)) {
		holds(*err.text);
	} else {
		cut(&p, (const char *)text, n_text, ends);
		split_free(&p);
	}
	compare(split_gpt2, (const char *)text, n_text);
	compare(split_llama3, (const char *)text, n_text);
	compare(split_qwen, (const char *)text, n_text);
	free(pattern);
	return 0;
}
