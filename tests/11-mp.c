/* The validator of msgpack bytes, and JSON text as msgpack objects: by hand-made bytes, and against
 * msgpack-c on random and damaged ones. */
#include "stream/mp.h"
#include "stream/mpjson.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static long check(const char *bytes, size_t n)
{
	const char *why = NULL;
	long len = mp_check((const unsigned char *)bytes, n, &why);

	if (len < 0)
		assert_non_null(why);
	return len;
}
#define CHECK(s) check(s, sizeof(s) - 1)

static void whole_objects_have_their_length(void **state)
{
	(void)state;
	assert_int_equal(CHECK("\x01"), 1);
	assert_int_equal(CHECK("\xe0"), 1);
	assert_int_equal(CHECK("\xc0rest"), 1);
	assert_int_equal(CHECK("\xcf\1\2\3\4\5\6\7\10"), 9);
	assert_int_equal(CHECK("\xcb\1\2\3\4\5\6\7\10"), 9);
	assert_int_equal(CHECK("\xa3"
			       "abc"),
		4);
	assert_int_equal(CHECK("\xd9\3abc"), 5);
	assert_int_equal(CHECK("\xda\0\3abc"), 6);
	assert_int_equal(CHECK("\xdb\0\0\0\3abc"), 8);
	assert_int_equal(CHECK("\xc4\2\xff\xff"), 4);
	assert_int_equal(CHECK("\x80"), 1);
	assert_int_equal(CHECK("\x90"), 1);
	assert_int_equal(CHECK("\x82\xa1"
			       "a\1\xa1"
			       "b\x92\1\2"),
		9);
	assert_int_equal(CHECK("\xdc\0\2\1\2"), 5);
	assert_int_equal(CHECK("\xdf\0\0\0\1\xa1"
			       "a\x81\xa1"
			       "a\xc0"),
		11);
}

static void cut_objects_need_more(void **state)
{
	static const char whole[] = "\x82\xa1"
				    "a\xdb\0\0\0\3abc\xa1"
				    "b\x92\1\xcd\1\2";

	(void)state;
	assert_int_equal(CHECK(whole), sizeof whole - 1);
	for (size_t n = 0; n < sizeof whole - 1; n++)
		assert_int_equal(check(whole, n), 0);
}

static void hostile_objects_are_refused(void **state)
{
	char deep[64];

	(void)state;
	assert_int_equal(CHECK("\xdd\x0f\xff\xff\xff"), -1); /* 2^28 values announced */
	assert_int_equal(CHECK("\xdf\xff\xff\xff\xff"), -1);
	assert_int_equal(CHECK("\xdb\xff\xff\xff\xff"), -1); /* 4 GiB of string */
	assert_int_equal(CHECK("\xc6\x40\0\0\0"), -1);       /* 1 GiB of bin and its head */
	assert_int_equal(CHECK("\xc6\x3f\xff\xff\xfb"), 0);  /* just below it */
	assert_int_equal(CHECK("\xdd\1\0\0\0"), 0);          /* 2^24 values are the most */
	assert_int_equal(CHECK("\xdd\1\0\0\1"), -1);
	assert_int_equal(CHECK("\xc1"), -1);
	assert_int_equal(CHECK("\xd4\0\0"), -1); /* ext */
	assert_int_equal(CHECK("\xc7\0\0"), -1);
	assert_int_equal(CHECK("\x81\1\1"), -1); /* a key that is no string */
	assert_int_equal(CHECK("\x81\xc4\1a\1"), -1);
	assert_int_equal(CHECK("\x82\xa1"
			       "a\1\xa1"
			       "a\2"),
		-1); /* duplicates */
	assert_int_equal(CHECK("\x81\xa1"
			       "x\x82\xa1"
			       "a\1\xd9\1a\2"),
		-1);
	/* not in the same map */
	assert_int_equal(CHECK("\x82\xa1"
			       "x\x81\xa1"
			       "a\1\xa1"
			       "a\2"),
		10);
	assert_int_equal(CHECK("\xa1\xff"), -1); /* UTF-8 */
	assert_int_equal(CHECK("\xa3\xed\xa0\x80"), -1);
	assert_int_equal(CHECK("\xa2\xc0\x80"), -1);
	memset(deep, 0x91, sizeof deep);
	deep[16] = 0;
	assert_int_equal(check(deep, 17), 17); /* 16 deep */
	deep[16] = (char)0x91;
	assert_int_equal(check(deep, sizeof deep), -1);
}

static uint64_t rng = 1;

static unsigned random_byte(void)
{
	rng = rng * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(rng >> 56);
}

/* The same tree, to the byte: as msgpack-c packs both. */
static void assert_same(const msgpack_object *a, const msgpack_object *b)
{
	msgpack_sbuffer s[2];
	msgpack_packer pk;

	for (int i = 0; i < 2; i++) {
		msgpack_sbuffer_init(&s[i]);
		msgpack_packer_init(&pk, &s[i], msgpack_sbuffer_write);
		msgpack_pack_object(&pk, i ? *b : *a);
	}
	assert_int_equal(s[0].size, s[1].size);
	assert_memory_equal(s[0].data, s[1].data, s[0].size);
	msgpack_sbuffer_destroy(&s[0]);
	msgpack_sbuffer_destroy(&s[1]);
}

/* What mp_check accepts, msgpack-c parses with the same length and to the same tree; an object in
 * pieces is the same as in one go. */
static void compare(const unsigned char *bytes, size_t n, int *accepted)
{
	const char *why = NULL;
	long len = mp_check(bytes, n, &why), piecewise = 0;
	struct mp_parser p = { 0 };

	for (size_t k = 0; k <= n && !piecewise; k++)
		piecewise = mp_parse(&p, bytes, k, &why);
	assert_int_equal(piecewise, len);
	if (len > 0) {
		msgpack_unpacked u;
		size_t off = 0;

		msgpack_unpacked_init(&u);
		assert_int_equal(msgpack_unpack_next(&u, (const char *)bytes, (size_t)len, &off),
			MSGPACK_UNPACK_SUCCESS);
		assert_int_equal(off, len);
		assert_same(&p.object, &u.data);
		msgpack_unpacked_destroy(&u);
		++*accepted;
	}
	mp_parser_free(&p);
}

static void agrees_with_msgpack(void **state)
{
	static const unsigned char heads[] = { 0x82, 0x92, 0xa1, 'a', 0xd9, 1, 0xc4, 2, 0xdc, 0,
		0xde, 0xca, 0xcb, 0xcd, 0xd0, 0xd1, 0xd2, 0xd3, 0xc0 };
	static const unsigned char map[] = "\x83\xa1"
					   "a\x93\1\xcb\0\0\0\0\0\0\0\0\xc4\2xy\xa1"
					   "b\xd9\4abcd\xa1"
					   "c\x81\xa1"
					   "d\xc3";
	unsigned char b[64];
	int accepted = 0;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		for (size_t k = 0; k < sizeof b; k++)
			b[k] = random_byte() % 4 ? heads[random_byte() % sizeof heads]
						 : (unsigned char)random_byte();
		compare(b, 1 + random_byte() % sizeof b, &accepted);
	}
	for (size_t at = 0; at < sizeof map - 1; at++)
		for (unsigned v = 0; v < 256; v++) {
			memcpy(b, map, sizeof map - 1);
			b[at] = (unsigned char)v;
			compare(b, sizeof map - 1, &accepted);
		}
	assert_in_range(accepted, 1000, 100000);
}

/* What JSON text becomes when it is parsed and printed again; "!" where it is refused. */
static const char *again(const char *text, size_t n)
{
	static char out[256];
	msgpack_zone *zone = msgpack_zone_new(8192);
	/* exactly, so that a sanitizer sees what is read beyond it */
	char *copy = malloc(n ? n : 1);
	msgpack_object o;
	const char *why;
	FILE *f;

	memcpy(copy, text, n);
	memset(out, 0, sizeof out);
	if (mpjson_parse(copy, n, zone, &o, &why)) {
		assert_non_null(why);
		strcpy(out, "!");
	} else {
		f = fmemopen(out, sizeof out - 1, "w");
		mpjson_print(f, &o, 1);
		fclose(f);
	}
	free(copy);
	msgpack_zone_free(zone);
	return out;
}
#define AGAIN(s) again(s, sizeof(s) - 1)

static void json_comes_back(void **state)
{
	(void)state;
	assert_string_equal(AGAIN(" { \"a\" : [ 1 , -2.50, null,true , false ] } "),
		"{\"a\":[1,-2.5,null,true,false]}");
	assert_string_equal(AGAIN("18446744073709551615"), "18446744073709551615");
	assert_string_equal(AGAIN("-9223372036854775808"), "-9223372036854775808");
	assert_string_equal(AGAIN("9223372036854775808"), "9223372036854775808");
	assert_string_equal(AGAIN("1e2"), "100.0");
	assert_string_equal(AGAIN("-0"), "-0.0");
	assert_string_equal(AGAIN("0.1"), "0.1");
	assert_string_equal(AGAIN("1e23"), "1e+23");
	assert_string_equal(AGAIN("2.2250738585072011e-308"), "2.225073858507201e-308");
	assert_string_equal(AGAIN("\"\\u0000\\u001f\\\"\\\\\\/\\n\\u00e9\\ud83d\\ude00\""),
		"\"\\u0000\\u001f\\\"\\\\/\\n\xc3\xa9\xf0\x9f\x98\x80\"");
	assert_string_equal(AGAIN("[]"), "[]");
	assert_string_equal(AGAIN("{}"), "{}");
}

static void bad_json_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"[",
		"\"",
		"[1",
		"[1,",
		"[,1]",
		"[1,]",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{a:1}",
		"{1:1}",
		"01",
		"-",
		"+1",
		".5",
		"1.",
		"1e",
		"1e+",
		"0x1",
		"1 2",
		"nul",
		"nulll",
		"True",
		"NaN",
		"Infinity",
		"'a'",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u12g4\"",
		"\"\\ud800\"",
		"\"\\ud800\\u0041\"",
		"\"\\udc00\"",
		"\"\n\"",
		"\"\xff\"",
		"\"\\",
		"\"\\\"",
		"1e999",
		"{\"a\":1,\"a\":2}",
	};
	char deep[200];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_string_equal(again(bad[i], strlen(bad[i])), "!");
	memset(deep, '[', sizeof deep);
	assert_string_equal(again(deep, sizeof deep), "!");
	assert_string_equal(again("1\0", 2), "!");
}

static void damaged_json_does_no_harm(void **state)
{
	static const char text[] =
		"{\"a\":[1,-2.5e3,\"x\\u00e9\\n\"],\"b\":{\"c\":null,\"d\":true}}";
	char b[sizeof text];

	(void)state;
	for (size_t n = 0; n < sizeof text - 1; n++)
		assert_string_equal(again(text, n), "!");
	for (size_t at = 0; at < sizeof text - 1; at++)
		for (unsigned v = 0; v < 256; v++) {
			memcpy(b, text, sizeof text);
			b[at] = (char)v;
			again(b, sizeof text - 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_objects_have_their_length),
		cmocka_unit_test(cut_objects_need_more),
		cmocka_unit_test(hostile_objects_are_refused),
		cmocka_unit_test(agrees_with_msgpack),
		cmocka_unit_test(json_comes_back),
		cmocka_unit_test(bad_json_is_refused),
		cmocka_unit_test(damaged_json_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
