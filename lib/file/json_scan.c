/* json_scan - see json_scan.h
 */
#include "file/json_scan.h"

#include "file/utf8.h"

#include <stdint.h>
#include <string.h>

int json_scan_fail(struct json_scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return -1;
}

/* -- strings ----------------------------------------------------------------------------------- */

static int hex4(struct json_scan *s, uint32_t *v)
{
	*v = 0;
	if (s->end - s->at < 4)
		return json_scan_fail(s, "a cut \\u");
	for (int i = 0; i < 4; i++, s->at++) {
		if (*s->at >= '0' && *s->at <= '9')
			*v = *v << 4 | (uint32_t)(*s->at - '0');
		else if ((*s->at | 32) >= 'a' && (*s->at | 32) <= 'f')
			*v = *v << 4 | (uint32_t)((*s->at | 32) - 'a' + 10);
		else
			return json_scan_fail(s, "\\u without four hex digits");
	}
	return 0;
}

/* The second half of a surrogate pair after its first: 1 and *c both; 0: it is none, and the scan
 * stays; -1. */
static int second_half(struct json_scan *s, uint32_t *c)
{
	const char *from = s->at;
	uint32_t low;

	if (s->end - s->at < 6 || s->at[0] != '\\' || s->at[1] != 'u')
		return 0;
	s->at += 2;
	if (hex4(s, &low))
		return -1;
	if (low < 0xdc00 || low >= 0xe000) {
		s->at = from;
		return 0;
	}
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 1;
}

/* What \u says, a surrogate pair as one character: at most four bytes to out; how many, or -1. */
static int unicode_escape(struct json_scan *s, char *out)
{
	uint32_t c;

	if (hex4(s, &c))
		return -1;
	if (c >= 0xd800 && c < 0xdc00 && second_half(s, &c) < 0)
		return -1;
	if (c >= 0xd800 && c < 0xe000) {
		s->halves++;
		*out = (char)0xff;
		return 1;
	}
	return (int)utf8_put(out, c);
}

/* One escape after its backslash: at most four bytes to out; how many, or -1. */
static int escape(struct json_scan *s, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (s->at == s->end)
		return json_scan_fail(s, "a string without its end");
	if (*s->at == 'u') {
		s->at++;
		return unicode_escape(s, out);
	}
	found = memchr(from, *s->at, sizeof from - 1);
	if (!found)
		return json_scan_fail(s, "an unknown escape");
	s->at++;
	*out = to[found - from];
	return 1;
}

/* 1 for bytes that end a run of plain ones in a string. */
static int special(char c)
{
	return (unsigned char)c < 0x20 || c == '"' || c == '\\';
}

/* How many plain bytes there are at s: eight at a time. */
static size_t plain(const char *s, const char *end)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	const char *from = s;
	uint64_t w, quote, slash;

	for (; end - s >= 8; s += 8) {
		memcpy(&w, s, 8);
		quote = w ^ ones * '"';
		slash = w ^ ones * '\\';
		if ((((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) |
			    ((slash - ones) & ~slash)) &
			high)
			break;
	}
	while (s < end && !special(*s))
		s++;
	return (size_t)(s - from);
}

int json_scan_string(struct json_scan *s, char *out, size_t *n)
{
	char skipped[4];
	size_t k;
	int len;

	for (*n = 0;; *n += (size_t)len) {
		k = plain(s->at, s->end);
		if (out)
			memcpy(out + *n, s->at, k);
		*n += k;
		s->at += k;
		if (s->at == s->end)
			return json_scan_fail(s, "a string without its end");
		if (*s->at == '"')
			break;
		if (*s->at != '\\')
			return json_scan_fail(s, "a control character in a string");
		s->at++;
		len = escape(s, out ? out + *n : skipped);
		if (len < 0)
			return -1;
	}
	s->at++;
	return 0;
}

/* -- numbers and names ------------------------------------------------------------------------- */

static size_t digits(struct json_scan *s)
{
	const char *from = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return (size_t)(s->at - from);
}

static int fraction(struct json_scan *s)
{
	if (s->at == s->end || *s->at != '.')
		return 0;
	s->at++;
	return digits(s) ? 1 : json_scan_fail(s, "a number that ends in its point");
}

static int exponent(struct json_scan *s)
{
	if (s->at == s->end || (*s->at | 32) != 'e')
		return 0;
	s->at++;
	s->at += s->at < s->end && (*s->at == '+' || *s->at == '-');
	return digits(s) ? 1 : json_scan_fail(s, "a number without its exponent");
}

int json_scan_number(struct json_scan *s, int *whole)
{
	const char *first;
	size_t n;
	int f, e;

	s->at += s->at < s->end && *s->at == '-';
	first = s->at;
	n = digits(s);
	if (!n || (n > 1 && *first == '0'))
		return json_scan_fail(s, "neither a value nor a number");
	if ((f = fraction(s)) < 0 || (e = exponent(s)) < 0)
		return -1;
	if (whole)
		*whole = !f && !e;
	return 0;
}

char json_scan_name(struct json_scan *s)
{
	static const char *const names[] = { "true", "false", "null" };

	for (int i = 0; i < 3; i++) {
		size_t n = strlen(names[i]);

		if ((size_t)(s->end - s->at) >= n && !memcmp(s->at, names[i], n)) {
			s->at += n;
			return *names[i];
		}
	}
	return 0;
}
