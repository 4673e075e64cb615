/* Documents out of JSON lines: the scanner against jansson on good lines and on lines spoilt at
 * every byte (accepted by both or by neither, but for what is told below; equal text), and what one
 * escape gives. Equal bytes.
 */
#include "file/text.h"
#include "file/utf8.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *line, *text;
} good[] = {
	/* NULL: refused */
	{ "{\"text\":\"\"}", "" },
	{ "{\"text\":\"plain and longer than eight\"}", "plain and longer than eight" },
	{ " { \"url\" : \"x\" , \"text\" : \"a\" } \r", "a" },
	{ "{\"text\":\"a\",\"n\":[1,-2.5e+3,{\"text\":\"no\"},null,true,false,[]],\"o\":{}}", "a" },
	{ "{\"o\":{\"text\":\"no\"},\"text\":\"yes\"}", "yes" },
	{ "{\"text\":\"first\",\"text\":\"last\"}", "last" },
	{ "{\"te\\u0078t\":\"a\"}", "a" },
	{ "{\"text\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "\"\\/\b\f\n\r\t" },
	{ "{\"text\":\"\\u00e9\\u20AC\\ud83c\\udf33\"}", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8c\xb3" },
	/* halves of pairs */
	{ "{\"text\":\"\\ud83cx\\udf33\\ud83c\\u0041\"}",
		"\xffx\xff\xff"
		"A" },
	{ "{\"text\":\"\\ud83c\\ud83c\\udf33\"}", "\xff\xf0\x9f\x8c\xb3" },
	{ "{\"text\":\"a\xff\xc3\"}", "a\xff\xc3" }, /* bytes as they are */
	{ "{\"text\":\"\x7f\"}", "\x7f" },
	{ "", NULL },
	{ "{}", NULL },
	{ "[]", NULL },
	{ "\"text\"", NULL },
	{ "{\"text\":1}", NULL },
	{ "{\"text\":null}", NULL },
	{ "{\"text\":[\"a\"]}", NULL },
	{ "{\"Text\":\"a\"}", NULL },
	{ "{\"text\":\"a\"", NULL },
	{ "{\"text\":\"a}", NULL },
	{ "{\"text\":\"a\",}", NULL },
	{ "{,\"text\":\"a\"}", NULL },
	{ "{\"text\" \"a\"}", NULL },
	{ "{text:\"a\"}", NULL },
	{ "{'text':'a'}", NULL },
	{ "{\"text\":\"a\"}x", NULL },
	{ "{\"text\":\"a\"}{}", NULL },
	{ "{\"text\":\"a\\\"}", NULL },
	{ "{\"text\":\"\\x\"}", NULL },
	{ "{\"text\":\"\\u12\"}", NULL },
	{ "{\"text\":\"\\u12G4\"}", NULL },
	{ "{\"text\":\"a\tb\"}", NULL },
	{ "{\"text\":\"\x01\"}", NULL },
	{ "{\"text\":\"a\",\"n\":01}", NULL },
	{ "{\"text\":\"a\",\"n\":1.}", NULL },
	{ "{\"text\":\"a\",\"n\":.5}", NULL },
	{ "{\"text\":\"a\",\"n\":+1}", NULL },
	{ "{\"text\":\"a\",\"n\":1e}", NULL },
	{ "{\"text\":\"a\",\"n\":-}", NULL },
	{ "{\"text\":\"a\",\"n\":NaN}", NULL },
	{ "{\"text\":\"a\",\"n\":tru}", NULL },
	{ "{\"text\":\"a\",\"n\":nulll}", NULL },
	{ "{\"text\":\"a\",\"n\":[1 2]}", NULL },
	{ "{\"text\":\"a\",\"n\":[1,]}", NULL },
	{ "{\"text\":\"a\",\"n\":{\"x\"}}", NULL },
	{ "{\"text\":\"a\",\"n\":}", NULL },
	{ "\xef\xbb\xbf{\"text\":\"a\"}", NULL },
};

static void lines(void **state)
{
	struct fault why;
	char out[256];
	size_t n;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int rc = text_json_field(out, &n, good[i].line, strlen(good[i].line), "text", &why);

		if ((rc == 0) != (good[i].text != NULL))
			fail_msg("%s: %s", good[i].line, rc ? why.text : "accepted");
		if (rc) {
			assert_true(*why.text);
			continue;
		}
		assert_int_equal(n, strlen(good[i].text));
		assert_memory_equal(out, good[i].text, n);
	}
	assert_int_equal(text_json_field(out, &n, "{\"text\":\"a\\u0000b\"}", 19, "text", &why), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(out, "a\0b", 3);
}

/* The same line through both. jansson alone refuses halves of pairs, NUL in a key, numbers out of
 * its range and what is no UTF-8. */
static void both(const char *line, size_t n)
{
	char *out = malloc(n + 1);
	const char *text;
	struct fault why;
	json_error_t e;
	json_t *o = json_loadb(line, n, JSON_ALLOW_NUL, &e);
	size_t n_out;
	int rc = text_json_field(out, &n_out, line, n, "text", &why);

	text = json_string_value(json_object_get(o, "text"));
	if (text) {
		if (rc)
			fail_msg("%.*s: %s", (int)n, line, why.text);
		assert_int_equal(n_out, json_string_length(json_object_get(o, "text")));
		assert_memory_equal(out, text, n_out);
	} else if (o && rc == 0) {
		fail_msg("%.*s: has no text", (int)n, line);
	} else if (rc == 0 && json_error_code(&e) != json_error_invalid_utf8 &&
		json_error_code(&e) != json_error_numeric_overflow &&
		json_error_code(&e) != json_error_null_byte_in_key &&
		!strstr(e.text, "invalid Unicode")) {
		fail_msg("%.*s: accepted, but %s", (int)n, line, e.text);
	}
	json_decref(o);
	free(out);
}

static void spoilt(void **state)
{
	static const char line[] =
		"{\"url\":\"http:\\/\\/x\\n\",\"text\":\"Caf\\u00e9 \\ud83c\\udf33 \xe2\x82\xac "
		"and more\",\"n\":[-1.5e-3,0,"
		"{\"a\":null,\"b\":[true,false]}],\"t\":\"2019-04-25T12:57:54Z\"}";
	char text[sizeof line];

	(void)state;
	both(line, sizeof line - 1);
	for (size_t n = 0; n < sizeof line - 1; n++)
		both(line, n);
	for (size_t i = 0; i < sizeof line - 1; i++)
		for (int byte = 0; byte < 256; byte++) {
			memcpy(text, line, sizeof text);
			text[i] = (char)byte;
			both(text, sizeof line - 1);
		}
}

static void deep(void **state)
{
	size_t n = 1 << 20, k;
	char *line = malloc(n), *out = malloc(n);
	struct fault why;

	(void)state;
	memset(line, '[', n);
	memcpy(line, "{\"a\":", 5);
	assert_int_equal(text_json_field(out, &k, line, n, "text", &why), -1);
	assert_non_null(strstr(why.text, "deep"));
	free(line);
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines), cmocka_unit_test(spoilt),
		cmocka_unit_test(deep) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
