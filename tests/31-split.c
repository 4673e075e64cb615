/* Pre-tokenisers: the scanners written by hand against the same patterns through PCRE2, on 200,000
 * random texts; the pieces of other patterns; what patterns are refused. Equal pieces.
 */
#include "file/utf8.h"
#include "token/split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t seed = 1;

static uint32_t random_below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

/* What the patterns tell apart, and characters that Unicode 14 and later agree on. */
static const char *const bits[] = {
	" ",
	" ",
	"  ",
	"\n",
	"\r",
	"\r\n",
	"\t",
	"\xc2\xa0",
	"\xe3\x80\x80",
	"\xc2\x85",
	"\xe2\x80\xa8",
	"\xe1\xa0\x8e",
	"'",
	"'s",
	"'S",
	"'\xc5\xbf",
	"'ll",
	"'LL",
	"'re",
	"'vE",
	"'d",
	"'m",
	"'t",
	"''",
	"a",
	"Zb",
	"\xc3\xa9",
	"\xd7\x90",
	"\xe4\xb8\xad",
	"\xf0\x90\x90\x80",
	"1",
	"23",
	"4567",
	"\xc2\xbd",
	"\xd9\xa3",
	"\xe2\x85\xa7",
	"!",
	"...",
	"$",
	"_",
	"\xe2\x80\x99",
	"\xcc\x81",
	"\xf0\x9f\x8c\xb3",
	"\xe2\x80\x8b",
	"\x01",
	"s",
	"ll",
	"\xef\xbf\xbd",
};

static size_t random_text(char *out)
{
	size_t n = 0, k;

	for (uint32_t i = 1 + random_below(12); i; i--) {
		const char *b = bits[random_below(sizeof bits / sizeof *bits)];

		k = strlen(b);
		memcpy(out + n, b, k);
		n += k;
	}
	return n;
}

static void compare(const char *pattern)
{
	struct split scanner = { 0 }, regex = { 0 };
	struct split_work *w = split_work_new();
	struct fault err;
	char text[128];
	uint32_t a[5], b;
	size_t n, at;
	int k;

	assert_int_equal(split_parse(&scanner, pattern, &err), 0);
	assert_int_not_equal(scanner.kind, SPLIT_REGEX);
	assert_int_equal(split_regex(&regex, pattern, &err), 0);
	for (int i = 0; i < 200000; i++) {
		struct split_iter x = { text }, y = { text };

		n = random_text(text);
		x.n = y.n = n;
		for (k = 0; (at = y.at, split_next(&regex, w, &y, &b, 1) > 0); k++) {
			if (k % 5 == 0) /* by fives, so that batches end in all places */
				assert_true(split_next(&scanner, w, &x, a, 5) > 0);
			if (a[k % 5] != b)
				fail_msg("\"%.*s\": %u bytes at %zu, not %u", (int)n, text,
					a[k % 5], at, b);
		}
		assert_int_equal(x.at, n);
		assert_int_equal(y.at, n);
	}
	split_free(&scanner);
	split_free(&regex);
	split_work_free(w);
}

static void gpt2(void **state)
{
	(void)state;
	compare(split_gpt2);
}
static void llama3(void **state)
{
	(void)state;
	compare(split_llama3);
}
static void qwen(void **state)
{
	(void)state;
	compare(split_qwen);
}

/* The pieces of a text with '|' between them. */
static const char *cut(struct split *s, const char *text)
{
	static char out[256];
	struct split_work *w = split_work_new();
	struct split_iter it = { text, strlen(text) };
	size_t o = 0;
	uint32_t n;

	while (split_next(s, w, &it, &n, 1) > 0) {
		if (o)
			out[o++] = '|';
		memcpy(out + o, text + it.at - n, n);
		o += n;
	}
	out[o] = 0;
	split_work_free(w);
	return out;
}

static const char *cut_kind(enum split_kind kind, const char *text)
{
	struct split s = { kind };

	return cut(&s, text);
}

static void kinds(void **state)
{
	(void)state;
	assert_string_equal(cut_kind(SPLIT_NUMBERS, "a  12\xc2\xbdx"), "a  |1|2|\xc2\xbd|x");
	assert_string_equal(cut_kind(SPLIT_EACH_SPACE, "  a b  c "), " | a| b| | c| ");
	assert_string_equal(cut_kind(SPLIT_GPT2, "I've  1st!"), "I|'ve| | 1|st|!");
}

/* Cut wherever the table lets it, but between two letters of ASCII. */
static void joints(void **state)
{
	uint8_t joined[1 << 13];
	struct split s = { SPLIT_JOINTS, NULL, joined };

	(void)state;
	memset(joined, 0, sizeof joined);
	assert_string_equal(cut(&s, " ab, c!"), " |ab|,| |c|!");
	joined[' ' << 5 | 'a' >> 3] |= 1 << ('a' & 7);
	joined['b' << 5 | ',' >> 3] |= 1 << (',' & 7);
	assert_string_equal(cut(&s, " ab, c! bab"), " ab,| |c|!| |bab");
	memset(joined, 255, sizeof joined);
	assert_string_equal(cut(&s, " ab, c! 1 \xc3\xa9"), " ab, c! 1 \xc3\xa9");
}

static void patterns(void **state)
{
	static const struct {
		const char *pattern, *text, *pieces;
	} good[] = {
		{ "[0-9][0-9][0-9]", "x1234567", "x|123|456|7" },
		{ "\\p{N}+", "a12b3", "a|12|b|3" },
		{ "x*", "axxb", "a|xx|b" },                        /* empty matches cut nothing */
		{ "\\s", "a\xe1\xa0\x8e b", "a\xe1\xa0\x8e| |b" }, /* U+180E is no white space */
		{ "[^\\s]+", "a \xe1\xa0\x8e", "a| |\xe1\xa0\x8e" },
	};
	static const char *const bad[] = {
		"\\w+",
		"\\d",
		"a.b",
		"^a",
		"a$",
		"(?<=a)b",
		"(?i)a",
		"(?i:x)",
		"(?P<n>a)",
		"[[:alpha:]]",
		"[a&&b]",
		"[\\S]",
		"[]a]",
		"a{,3}",
		"a{2}+",
		"a{2}?",
		"\\p{Han}",
		"\\x41",
		"\\",
		"[a",
		"(a",
		"a)",
		"(*SKIP)a",
		"\\b",
		"\\1",
		"a**",
	};
	struct split s = { 0 };
	struct fault err;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(split_parse(&s, good[i].pattern, &err), 0);
		assert_string_equal(cut(&s, good[i].text), good[i].pieces);
		split_free(&s);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (split_parse(&s, bad[i], &err) == 0)
			fail_msg("pattern %s is accepted", bad[i]);
		assert_non_null(strstr(err.text, "pattern"));
	}
}

/* A pattern that backtracks without end is given up. */
static void endless(void **state)
{
	struct split s = { 0 };
	struct split_work *w = split_work_new();
	struct fault err;
	char text[64];
	struct split_iter it = { text, sizeof text };
	uint32_t n;

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text + 62, "bc", 2);
	assert_int_equal(split_parse(&s, "(a+a+)+c", &err), 0);
	assert_int_equal(split_next(&s, w, &it, &n, 1), -1);
	split_free(&s);
	split_work_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gpt2),
		cmocka_unit_test(llama3),
		cmocka_unit_test(qwen),
		cmocka_unit_test(kinds),
		cmocka_unit_test(joints),
		cmocka_unit_test(patterns),
		cmocka_unit_test(endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
