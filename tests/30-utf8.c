/* UTF-8: what is valid and what a maximal subpart is, by a table; classes of all characters against
 * PCRE2's properties; NFC by known pairs, and in bounded time for hostile marks; protocol buffers.
 * All equal. */
#include "file/proto.h"
#include "file/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

/* -- validity ---------------------------------------------------------------------------------- */

/* Text, the length of its valid beginning, and how it is repaired ('?' for U+FFFD). */
static const struct {
	const char *text;
	size_t valid;
	const char *repaired;
} texts[] = {
	{ "", 0, "" },
	{ "plain ASCII of more than eight bytes", 36, "plain ASCII of more than eight bytes" },
	{ "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8c\xb3", 11, "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8c\xb3" },
	{ "a\x80z", 1, "a?z" }, /* a lone continuation */
	{ "12345678\xffz", 8, "12345678?z" },
	{ "\xc0\xaf", 0, "??" }, /* overlong */
	{ "\xc1\xbf", 0, "??" },
	{ "\xe0\x80\x80", 0, "???" },
	{ "\xe0\x9f\xbf", 0, "???" },
	{ "\xf0\x80\x80\x80", 0, "????" },
	{ "\xf0\x8f\xbf\xbf", 0, "????" },
	{ "\xed\xa0\x80", 0, "???" }, /* surrogates */
	{ "\xed\xbf\xbf", 0, "???" },
	{ "\xed\x9f\xbf", 3, "\xed\x9f\xbf" },
	{ "\xf4\x8f\xbf\xbf", 4, "\xf4\x8f\xbf\xbf" }, /* the last character */
	{ "\xf4\x90\x80\x80", 0, "????" },
	{ "\xf5\x80\x80\x80", 0, "????" },
	{ "\xe2\x82", 0, "?" }, /* cut: one subpart */
	{ "\xe2\x82z", 0, "?z" },
	{ "\xf0\x9f\x8c", 0, "?" },
	{ "\xf0\x9f\x8c\xf0\x9f\x8c\xb3", 0, "?\xf0\x9f\x8c\xb3" },
	/* Unicode's own example */
	{ "a\xf1\x80\x80\xe1\x80\xc2"
	  "b\x80"
	  "c\x80\xbf"
	  "d",
		1, "a???b?c??d" },
};

static void validity(void **state)
{
	char out[256], shown[256];
	uint64_t bad;
	size_t n, o, k;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		n = strlen(texts[i].text);
		assert_int_equal(utf8_valid(texts[i].text, n), texts[i].valid);
		bad = 0;
		n = utf8_repair(out, texts[i].text, n, &bad);
		assert_int_equal(utf8_valid(out, n), n);
		assert_int_equal(bad != 0, texts[i].valid != strlen(texts[i].text));
		for (o = k = 0; k < n; k++)
			if (n - k >= 3 && !memcmp(out + k, "\xef\xbf\xbd", 3)) {
				shown[o++] = '?';
				k += 2;
			} else {
				shown[o++] = out[k];
			}
		shown[o] = 0;
		assert_string_equal(shown, texts[i].repaired);
	}
}

static void there_and_back(void **state)
{
	char s[4];
	size_t n, len;

	(void)state;
	for (uint32_t c = 0; c < 0x110000; c++) {
		n = utf8_put(s, c);
		if (c >= 0xd800 && c < 0xe000) {
			assert_int_equal(utf8_valid(s, n), 0);
			continue;
		}
		assert_int_equal(utf8_valid(s, n), n);
		assert_int_equal(utf8_get(s, &len), c);
		assert_int_equal(len, n);
	}
}

/* -- classes ----------------------------------------------------------------------------------- */

static pcre2_code *compile(const char *pattern)
{
	int code;
	PCRE2_SIZE at;

	return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP,
		&code, &at, NULL);
}

static int matches(pcre2_code *re, pcre2_match_data *data, const char *s, size_t n)
{
	return pcre2_match(re, (PCRE2_SPTR)s, n, 0, 0, data, NULL) > 0;
}

/* Characters that PCRE2's Unicode 14 does not know are left out, and \s is compared but for
 * U+180E. */
static void classes(void **state)
{
	pcre2_code *letter = compile("\\p{L}"), *number = compile("\\p{N}"),
		   *space = compile("\\s"), *none = compile("\\p{Cn}");
	pcre2_match_data *data = pcre2_match_data_create(4, NULL);
	enum utf8_class want;
	char s[4];
	size_t n;

	(void)state;
	for (uint32_t c = 0; c < 0x110000; c++) {
		if ((c >= 0xd800 && c < 0xe000) || c == 0x180e)
			continue;
		n = utf8_put(s, c);
		if (matches(none, data, s, n))
			continue;
		want = matches(letter, data, s, n)    ? CLASS_LETTER
			: matches(number, data, s, n) ? CLASS_NUMBER
			: matches(space, data, s, n)  ? CLASS_SPACE
						      : CLASS_OTHER;
		if (utf8_class_of(c) != want)
			fail_msg("U+%04X: class %d, not %d", c, utf8_class_of(c), want);
		assert_int_equal(utf8_class_at(s, &n), want);
	}
	assert_int_equal(utf8_class_of(0x180e), CLASS_OTHER);
	pcre2_code_free(letter);
	pcre2_code_free(number);
	pcre2_code_free(space);
	pcre2_code_free(none);
	pcre2_match_data_free(data);
}

static void words(void **state)
{
	static const uint32_t yes[] = { 'a', 'Z', '0', '_', 0xe9, 0x301, 0x5d0, 0x4e2d, 0x2160,
		0x24b6, 0x200d, 0x1f130, 0x203f };
	static const uint32_t no[] = { ' ', '-', '.', 0xa0, 0xbd, 0x2019, 0x2581, 0x1f333, 0x24ea };

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		assert_true(utf8_is_word(yes[i]));
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		assert_false(utf8_is_word(no[i]));
}

static void strips(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { " \t\n", "" }, { "a", "a" },
		{ " a b \r\n", "a b" }, { "\xe3\x80\x80\xc3\xa9\xc2\xa0", "\xc3\xa9" },
		{ "\x1c"
		  "a\x1f",
			"a" },
		{ "\xe2\x80\x8b"
		  "a",
			"\xe2\x80\x8b"
			"a" } };
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		n = strlen(pairs[i][0]);
		assert_memory_equal(utf8_strip(pairs[i][0], &n), pairs[i][1], strlen(pairs[i][1]));
		assert_int_equal(n, strlen(pairs[i][1]));
	}
}

/* -- NFC --------------------------------------------------------------------------------------- */

static const struct {
	const char *from, *to;
} normal[] = {
	{ "plain", "plain" }, { "\xc3\xa9", "\xc3\xa9" }, { "e\xcc\x81", "\xc3\xa9" },
	{ "\xe2\x84\xab", "\xc3\x85" },                             /* Angstrom sign */
	{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c" }, /* Hangul from its parts */
	{ "\xed\x95\x98\xe1\x86\xab", "\xed\x95\x9c" },
	{ "q\xcc\x87\xcc\xa3", "q\xcc\xa3\xcc\x87" }, /* marks in order: below, above */
	{ "\xe1\xb8\x8b\xcc\xa3", "\xe1\xb8\x8d\xcc\x87" },
	{ "\xe0\xa4\x95\xe0\xa4\xbc", "\xe0\xa4\x95\xe0\xa4\xbc" }, /* excluded from composition */
	{ "\xe0\xa5\x98", "\xe0\xa4\x95\xe0\xa4\xbc" }, { "\xe2\x80\x99", "\xe2\x80\x99" },
	{ "\xef\xac\x81", "\xef\xac\x81" }, /* a ligature stays */
};

static void nfc(void **state)
{
	size_t n, k;
	char *out;

	(void)state;
	for (size_t i = 0; i < sizeof normal / sizeof *normal; i++) {
		n = strlen(normal[i].from);
		out = utf8_nfc(normal[i].from, n, &k);
		assert_int_equal(k, strlen(normal[i].to));
		assert_memory_equal(out, normal[i].to, k);
		if (utf8_is_nfc(normal[i].from, n))
			assert_string_equal(normal[i].from, normal[i].to);
		free(out);
	}
}

/* A million marks of alternating classes: an insertion sort would need 10^11 steps. */
static void hostile_marks(void **state)
{
	size_t n = 2000000, k;
	char *text = malloc(n), *out;
	clock_t t = clock();

	(void)state;
	for (size_t i = 0; i < n; i += 2)
		memcpy(text + i, i & 2 ? "\xcc\xa3" : "\xcc\x87", 2);
	out = utf8_nfc(text, n, &k);
	assert_int_equal(k, n);
	assert_memory_equal(out, "\xcc\xa3\xcc\xa3", 4);
	assert_memory_equal(out + n - 4, "\xcc\x87\xcc\x87", 4);
	assert_true((double)(clock() - t) / CLOCKS_PER_SEC < 5);
	free(text);
	free(out);
}

/* -- protocol buffers -------------------------------------------------------------------------- */

/* Every field of a message; the number of them, or -1. */
static int count_fields(const char *bytes, size_t n)
{
	struct proto p = { (const unsigned char *)bytes, (const unsigned char *)bytes + n };
	struct proto_field f;
	int rc, count = 0;

	while ((rc = proto_next(&p, &f)) > 0) {
		count++;
		if (f.type == PROTO_BYTES)
			assert_true(f.bytes.at >= (const unsigned char *)bytes &&
				f.bytes.end <= p.at && p.at <= p.end);
	}
	return rc < 0 ? -1 : count;
}

static void protobuf(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		int fields;
	} cases[] = {
		{ "", 0, 0 },
		{ "\x08\x01", 2, 1 },
		{ "\x08\x96\x01\x12\x03"
		  "abc",
			8, 2 },
		{ "\x1d\x00\x00\x80\x3f\x21\x01\x02\x03\x04\x05\x06\x07\x08", 14, 2 },
		{ "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, 1 },  /* -1 */
		{ "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11, -1 }, /* more than 64 bits */
		{ "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12, -1 }, /* eleven bytes */
		{ "\x08", 1, -1 },                                              /* no value */
		{ "\x08\x80", 2, -1 },                                          /* a cut one */
		{ "\x12\x04"
		  "abc",
			5, -1 }, /* a length beyond the end */
		/* a length of 2^64 - 1 */
		{ "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, -1 },
		{ "\x1d\x00\x00\x80", 4, -1 },
		{ "\x21\x00\x00\x00\x00\x00\x00\x00", 8, -1 },
		{ "\x0b", 1, -1 },     /* groups */
		{ "\x0e\x00", 2, -1 }, /* a type that there is not */
		{ "\x02\x00", 2, -1 }, /* field 0 */
		/* a field number beyond 32 bits */
		{ "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x00", 11, -1 },
	};
	struct proto p = { (const unsigned char *)"\x1d\x00\x00\x20\xc0",
		(const unsigned char *)"" };
	struct proto_field f;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(count_fields(cases[i].bytes, cases[i].n), cases[i].fields);
	p.end = p.at + 5;
	assert_int_equal(proto_next(&p, &f), 1);
	assert_int_equal(f.number, 3);
	assert_true(proto_float(&f) == -2.5f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(validity),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(classes),
		cmocka_unit_test(words),
		cmocka_unit_test(strips),
		cmocka_unit_test(nfc),
		cmocka_unit_test(hostile_marks),
		cmocka_unit_test(protobuf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
