/* text_json - one string out of a line of JSON, by a scan of the line
 *
 * C4 is terabytes of such lines, and all but one string of each is thrown away: no tree is built.
 * The whole line is checked against the grammar all the same. Bytes of strings are taken as they
 * stand, UTF-8 or not.
 */
#include "file/text.h"

#include "file/utf8.h"

#include <string.h>

enum { DEPTH_MAX = 512 };

struct scan {
	const char *s, *end, *why;
};

static int bad(struct scan *p, const char *why)
{
	if (!p->why)
		p->why = why;
	return -1;
}

static void blank(struct scan *p)
{
	while (p->s < p->end && (*p->s == ' ' || *p->s == '\t' || *p->s == '\r' || *p->s == '\n'))
		p->s++;
}

static int next_is(struct scan *p, char c)
{
	blank(p);
	if (p->s == p->end || *p->s != c)
		return 0;
	p->s++;
	return 1;
}

/* Four hex digits. */
static int hex4(struct scan *p, uint32_t *v)
{
	*v = 0;
	if (p->end - p->s < 4)
		return bad(p, "no JSON: a cut \\u");
	for (int i = 0; i < 4; i++, p->s++) {
		if (*p->s >= '0' && *p->s <= '9')
			*v = *v << 4 | (uint32_t)(*p->s - '0');
		else if ((*p->s | 32) >= 'a' && (*p->s | 32) <= 'f')
			*v = *v << 4 | (uint32_t)((*p->s | 32) - 'a' + 10);
		else
			return bad(p, "no JSON: \\u without four hex digits");
	}
	return 0;
}

/* What \u says, a surrogate pair as one character. At most four bytes to out; how many. */
static int unicode_escape(struct scan *p, char *out)
{
	uint32_t c, low;
	const char *after;

	if (hex4(p, &c))
		return -1;
	if (c >= 0xd800 && c < 0xdc00 && p->end - p->s >= 6 && p->s[0] == '\\' && p->s[1] == 'u') {
		after = p->s;
		p->s += 2;
		if (hex4(p, &low))
			return -1;
		if (low >= 0xdc00 && low < 0xe000)
			return (int)utf8_put(out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
		p->s = after;
	}
	if (c >= 0xd800 && c < 0xe000) {
		*out = (char)0xff;
		return 1;
	}
	return (int)utf8_put(out, c);
}

/* One escape after its backslash. */
static int escape(struct scan *p, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (p->s == p->end)
		return bad(p, "no JSON: a string without its end");
	if (*p->s == 'u') {
		p->s++;
		return unicode_escape(p, out);
	}
	at = memchr(from, *p->s, sizeof from - 1);
	if (!at)
		return bad(p, "no JSON: an unknown escape");
	p->s++;
	*out = to[at - from];
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

/* A string after its opening quote; out NULL: skipped. */
static int string(struct scan *p, char *out, size_t *n_out)
{
	char skipped[4];
	size_t n = 0, k;
	int len;

	for (;;) {
		k = plain(p->s, p->end);
		if (out)
			memcpy(out + n, p->s, k);
		n += k;
		p->s += k;
		if (p->s == p->end)
			return bad(p, "no JSON: a string without its end");
		if (*p->s == '"')
			break;
		if (*p->s != '\\')
			return bad(p, "no JSON: a control character in a string");
		p->s++;
		len = escape(p, out ? out + n : skipped);
		if (len < 0)
			return -1;
		n += (size_t)len;
	}
	p->s++;
	*n_out = n;
	return 0;
}

static int digits(struct scan *p)
{
	const char *from = p->s;

	while (p->s < p->end && *p->s >= '0' && *p->s <= '9')
		p->s++;
	return p->s > from;
}

static int number(struct scan *p)
{
	int zero;

	p->s += *p->s == '-';
	zero = p->s < p->end && *p->s == '0';
	p->s += zero;
	if (!zero && !digits(p))
		return bad(p, "no JSON: neither a value nor a number");
	if (p->s < p->end && *p->s == '.') {
		p->s++;
		if (!digits(p))
			return bad(p, "no JSON: a number that ends in its point");
	}
	if (p->s < p->end && (*p->s | 32) == 'e') {
		p->s++;
		p->s += p->s < p->end && (*p->s == '+' || *p->s == '-');
		if (!digits(p))
			return bad(p, "no JSON: a number without its exponent");
	}
	return 0;
}

static int word(struct scan *p)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t n;

	for (int i = 0; i < 3; i++) {
		n = strlen(words[i]);
		if ((size_t)(p->end - p->s) >= n && !memcmp(p->s, words[i], n)) {
			p->s += n;
			return 0;
		}
	}
	return number(p);
}

static int value(struct scan *p, int depth);

static int key(struct scan *p, char *out, size_t *n)
{
	if (!next_is(p, '"'))
		return bad(p, "no JSON: a key is missing");
	if (string(p, out, n))
		return -1;
	return next_is(p, ':') ? 0 : bad(p, "no JSON: no colon after a key");
}

/* The members of an object or the elements of an array, after its first bracket. */
static int members(struct scan *p, char end, int depth)
{
	size_t n;

	if (next_is(p, end))
		return 0;
	do {
		if (end == '}' && key(p, NULL, &n))
			return -1;
		if (value(p, depth + 1))
			return -1;
	} while (next_is(p, ','));
	return next_is(p, end) ? 0 : bad(p, "no JSON: an object or array without its end");
}

static int value(struct scan *p, int depth)
{
	size_t n;

	if (depth > DEPTH_MAX)
		return bad(p, "JSON nested too deeply");
	if (next_is(p, '"'))
		return string(p, NULL, &n);
	if (next_is(p, '{'))
		return members(p, '}', depth);
	if (next_is(p, '['))
		return members(p, ']', depth);
	if (p->s == p->end)
		return bad(p, "no JSON: a value is missing");
	return word(p);
}

/* Members of the line's object; the wanted one into out. A key may be written with escapes: it is
 * unescaped behind what is in out already, where room is left, since a line holds both. */
static int find(struct scan *p, char *out, size_t *n_out, const char *field)
{
	size_t n_field = strlen(field), n;
	int found = 0;

	if (!next_is(p, '{'))
		return bad(p, "no JSON object");
	if (next_is(p, '}'))
		return 0;
	do {
		char *name = found ? out + *n_out : out;

		if (key(p, name, &n))
			return -1;
		if (n != n_field || memcmp(name, field, n)) {
			if (value(p, 1))
				return -1;
			continue;
		}
		if (!next_is(p, '"'))
			return bad(p, "the text is no string");
		if (string(p, out, n_out))
			return -1;
		found = 1;
	} while (next_is(p, ','));
	return next_is(p, '}') ? found : bad(p, "no JSON: an object without its end");
}

int text_json_field(char *out, size_t *n_out, const char *line, size_t n, const char *field,
	const char **why)
{
	struct scan p = { line, line + n };
	int found = find(&p, out, n_out, field);

	blank(&p);
	if (found >= 0 && p.s < p.end)
		found = bad(&p, "no JSON: something follows the object");
	if (!found)
		bad(&p, "no such key (--field)");
	*why = p.why;
	return found > 0 ? 0 : -1;
}
