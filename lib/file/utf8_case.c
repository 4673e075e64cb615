/* utf8_case - a text as Python's str.capitalize() has it
 *
 * utf8proc maps one character to one; Unicode's SpecialCasing, which Python follows, has characters
 * that become several, and a sigma that looks at its neighbours.
 */
#include "file/utf8.h"

#include "sys/memory.h"

#include <string.h>
#include <utf8proc.h>

/* Characters whose title case is several. */
static const struct {
	uint32_t from;
	const char *to;
} titles[] = {
	{ 0xdf, "\x53\x73" },
	{ 0x149, "\xca\xbc\x4e" },
	{ 0x1f0, "\x4a\xcc\x8c" },
	{ 0x390, "\xce\x99\xcc\x88\xcc\x81" },
	{ 0x3b0, "\xce\xa5\xcc\x88\xcc\x81" },
	{ 0x587, "\xd4\xb5\xd6\x82" },
	{ 0x1e96, "\x48\xcc\xb1" },
	{ 0x1e97, "\x54\xcc\x88" },
	{ 0x1e98, "\x57\xcc\x8a" },
	{ 0x1e99, "\x59\xcc\x8a" },
	{ 0x1e9a, "\x41\xca\xbe" },
	{ 0x1f50, "\xce\xa5\xcc\x93" },
	{ 0x1f52, "\xce\xa5\xcc\x93\xcc\x80" },
	{ 0x1f54, "\xce\xa5\xcc\x93\xcc\x81" },
	{ 0x1f56, "\xce\xa5\xcc\x93\xcd\x82" },
	{ 0x1fb2, "\xe1\xbe\xba\xcd\x85" },
	{ 0x1fb4, "\xce\x86\xcd\x85" },
	{ 0x1fb6, "\xce\x91\xcd\x82" },
	{ 0x1fb7, "\xce\x91\xcd\x82\xcd\x85" },
	{ 0x1fc2, "\xe1\xbf\x8a\xcd\x85" },
	{ 0x1fc4, "\xce\x89\xcd\x85" },
	{ 0x1fc6, "\xce\x97\xcd\x82" },
	{ 0x1fc7, "\xce\x97\xcd\x82\xcd\x85" },
	{ 0x1fd2, "\xce\x99\xcc\x88\xcc\x80" },
	{ 0x1fd3, "\xce\x99\xcc\x88\xcc\x81" },
	{ 0x1fd6, "\xce\x99\xcd\x82" },
	{ 0x1fd7, "\xce\x99\xcc\x88\xcd\x82" },
	{ 0x1fe2, "\xce\xa5\xcc\x88\xcc\x80" },
	{ 0x1fe3, "\xce\xa5\xcc\x88\xcc\x81" },
	{ 0x1fe4, "\xce\xa1\xcc\x93" },
	{ 0x1fe6, "\xce\xa5\xcd\x82" },
	{ 0x1fe7, "\xce\xa5\xcc\x88\xcd\x82" },
	{ 0x1ff2, "\xe1\xbf\xba\xcd\x85" },
	{ 0x1ff4, "\xce\x8f\xcd\x85" },
	{ 0x1ff6, "\xce\xa9\xcd\x82" },
	{ 0x1ff7, "\xce\xa9\xcd\x82\xcd\x85" },
	{ 0xfb00, "\x46\x66" },
	{ 0xfb01, "\x46\x69" },
	{ 0xfb02, "\x46\x6c" },
	{ 0xfb03, "\x46\x66\x69" },
	{ 0xfb04, "\x46\x66\x6c" },
	{ 0xfb05, "\x53\x74" },
	{ 0xfb06, "\x53\x74" },
	{ 0xfb13, "\xd5\x84\xd5\xb6" },
	{ 0xfb14, "\xd5\x84\xd5\xa5" },
	{ 0xfb15, "\xd5\x84\xd5\xab" },
	{ 0xfb16, "\xd5\x8e\xd5\xb6" },
	{ 0xfb17, "\xd5\x84\xd5\xad" },
};

enum { SIGMA = 0x3a3, FINAL_SIGMA = 0x3c2, DOTTED_I = 0x130 };

static size_t put_title(char *out, uint32_t c)
{
	for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
		if (titles[i].from == c) {
			memcpy(out, titles[i].to, strlen(titles[i].to));
			return strlen(titles[i].to);
		}
	return utf8_put(out, (uint32_t)utf8proc_totitle((utf8proc_int32_t)c));
}

static int is_cased(uint32_t c)
{
	utf8proc_int32_t p = (utf8proc_int32_t)c;

	return utf8proc_category(p) == UTF8PROC_CATEGORY_LT || utf8proc_tolower(p) != p ||
		utf8proc_toupper(p) != p || utf8proc_category(p) == UTF8PROC_CATEGORY_LL ||
		utf8proc_category(p) == UTF8PROC_CATEGORY_LU;
}

/* What stands in a word without being a letter of two cases. */
static int is_case_ignorable(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_CF:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_SK: return 1;
	default:
		return c == '\'' || c == '.' || c == ':' || c == 0xb7 || c == 0x387 || c == 0x55f ||
			c == 0x5f4 || c == 0x2018 || c == 0x2019 || c == 0x2024 || c == 0x2027 ||
			c == 0xfe13 || c == 0xfe52 || c == 0xfe55 || c == 0xff07 || c == 0xff0e ||
			c == 0xff1a;
	}
}

/* A sigma with a letter before it in its word, and none behind. last: the character before it that
 * is not ignored, 0: none. */
static int is_final(uint32_t last, const char *behind)
{
	while (*behind) {
		size_t len;
		uint32_t c = utf8_get(behind, &len);

		if (!is_case_ignorable(c))
			return is_cased(last) && !is_cased(c);
		behind += len;
	}
	return is_cased(last);
}

char *utf8_capitalize(const char *s)
{
	char *new = xmalloc(3 * strlen(s) + UTF8_MAX), *out = new;
	uint32_t last = 0;
	size_t len;

	for (const char *at = s; *at; at += len) {
		uint32_t c = utf8_get(at, &len);

		if (at == s)
			out += put_title(out, c);
		else if (c == SIGMA)
			out += utf8_put(out, is_final(last, at + len) ? FINAL_SIGMA : SIGMA + 32);
		else
			out += utf8_put(out, (uint32_t)utf8proc_tolower((utf8proc_int32_t)c));
		if (c == DOTTED_I && at != s)
			out += utf8_put(out, 0x307);
		last = is_case_ignorable(c) ? last : c;
	}
	*out = '\0';
	return new;
}
