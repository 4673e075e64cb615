/* utf8 - see utf8.h
 *
 * Most text is ASCII with a few other characters in it: runs of ASCII are skipped eight bytes at a
 * time. Properties come from utf8proc; its own normaliser sorts marks by insertion, which a
 * megabyte of hostile marks makes quadratic, so that the order of marks is made here.
 */
#include "file/utf8.h"

#include "sys/memory.h"

#include <string.h>
#include <utf8proc.h>

#define O CLASS_OTHER
#define L CLASS_LETTER
#define N CLASS_NUMBER
#define S CLASS_SPACE
const uint8_t utf8_ascii_class[128] = { O, O, O, O, O, O, O, O, O, S, S, S, S, S, O, O, O, O, O, O,
	O, O, O, O, O, O, O, O, O, O, O, O, S, O, O, O, O, O, O, O, O, O, O, O, O, O, O, O, N, N, N,
	N, N, N, N, N, N, N, O, O, O, O, O, O, O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	L, L, L, L, L, L, L, L, L, O, O, O, O, O, O, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
	L, L, L, L, L, L, L, L, L, L, O, O, O, O, O };
#undef O
#undef L
#undef N
#undef S

/* Length of the run of ASCII at s. */
static size_t ascii_run(const char *s, size_t n)
{
	size_t i = 0;
	uint64_t w;

	for (; i + 8 <= n; i += 8) {
		memcpy(&w, s + i, 8);
		if (w & 0x8080808080808080u)
			break;
	}
	while (i < n && !(s[i] & 0x80))
		i++;
	return i;
}

size_t utf8_step(const char *s, size_t n, int *ok)
{
	const unsigned char *u = (const unsigned char *)s;
	unsigned lo = 0x80, hi = 0xbf;
	size_t i, need;

	*ok = 0;
	if (u[0] < 0x80)
		return *ok = 1;
	if (u[0] < 0xc2 || u[0] > 0xf4)
		return 1;
	need = u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
	if (u[0] == 0xe0)
		lo = 0xa0;
	else if (u[0] == 0xed)
		hi = 0x9f;
	else if (u[0] == 0xf0)
		lo = 0x90;
	else if (u[0] == 0xf4)
		hi = 0x8f;
	for (i = 1; i < need; i++, lo = 0x80, hi = 0xbf)
		if (i == n || u[i] < lo || u[i] > hi)
			return i;
	*ok = 1;
	return need;
}

size_t utf8_valid(const char *text, size_t n)
{
	size_t i = 0, len;
	int ok;

	for (;;) {
		i += ascii_run(text + i, n - i);
		if (i == n)
			return n;
		len = utf8_step(text + i, n - i, &ok);
		if (!ok)
			return i;
		i += len;
	}
}

size_t utf8_repair(char *out, const char *text, size_t n, uint64_t *bad)
{
	size_t i = 0, o = 0, len;
	int ok;

	while (i < n) {
		len = utf8_valid(text + i, n - i);
		memcpy(out + o, text + i, len);
		i += len;
		o += len;
		if (i == n)
			break;
		len = utf8_step(text + i, n - i, &ok);
		memcpy(out + o, "\xef\xbf\xbd", 3);
		i += len;
		o += 3;
		*bad += len;
	}
	return o;
}

uint32_t utf8_get(const char *s, size_t *len)
{
	const unsigned char *u = (const unsigned char *)s;

	if (u[0] < 0x80) {
		*len = 1;
		return u[0];
	}
	if (u[0] < 0xe0) {
		*len = 2;
		return (uint32_t)(u[0] & 0x1f) << 6 | (u[1] & 0x3f);
	}
	if (u[0] < 0xf0) {
		*len = 3;
		return (uint32_t)(u[0] & 0x0f) << 12 | (uint32_t)(u[1] & 0x3f) << 6 | (u[2] & 0x3f);
	}
	*len = 4;
	return (uint32_t)(u[0] & 7) << 18 | (uint32_t)(u[1] & 0x3f) << 12 |
		(uint32_t)(u[2] & 0x3f) << 6 | (u[3] & 0x3f);
}

size_t utf8_put(char *out, uint32_t c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static int is_white_space(uint32_t c)
{
	return (c >= 9 && c <= 13) || c == 32 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
		(c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
		c == 0x205f || c == 0x3000;
}

enum utf8_class utf8_class_of(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO: return CLASS_LETTER;
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO: return CLASS_NUMBER;
	default: return is_white_space(c) ? CLASS_SPACE : CLASS_OTHER;
	}
}

/* Alphabetic, marks, decimal digits, connectors, joiners. Alphabetic without being a letter, a
 * letter number or a mark are only the letters in circles and squares. */
int utf8_is_word(uint32_t c)
{
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_PC: return 1;
	default:
		return c == 0x200c || c == 0x200d || (c >= 0x24b6 && c <= 0x24e9) ||
			(c >= 0x1f130 && c <= 0x1f149) || (c >= 0x1f150 && c <= 0x1f169) ||
			(c >= 0x1f170 && c <= 0x1f189);
	}
}

static int is_stripped(uint32_t c)
{
	return is_white_space(c) || (c >= 0x1c && c <= 0x1f);
}

void utf8_strip_end(const char *s, size_t *n)
{
	const char *end = s + *n, *last;
	size_t len;

	while (end > s) {
		for (last = end - 1; last > s && ((unsigned char)*last & 0xc0) == 0x80; last--)
			;
		if (!is_stripped(utf8_get(last, &len)))
			break;
		end = last;
	}
	*n = (size_t)(end - s);
}

const char *utf8_strip_front(const char *s, size_t *n)
{
	const char *end = s + *n;
	size_t len;

	while (s < end && is_stripped(utf8_get(s, &len)))
		s += len;
	*n = (size_t)(end - s);
	return s;
}

const char *utf8_strip(const char *s, size_t *n)
{
	s = utf8_strip_front(s, n);
	utf8_strip_end(s, n);
	return s;
}

size_t utf8_length(const char *s, size_t n)
{
	size_t length = 0;

	for (size_t i = 0; i < n; i++)
		length += ((unsigned char)s[i] & 0xc0) != 0x80;
	return length;
}

/* A character that canonical decomposition leaves alone and that never joins the one before it. */
static int is_inert(uint32_t c)
{
	const utf8proc_property_t *p = utf8proc_get_property((utf8proc_int32_t)c);

	if (p->combining_class || (p->decomp_seqindex != UINT16_MAX && !p->decomp_type))
		return 0;
	if (p->comb_index != UINT16_MAX && p->comb_index & 0x8000)
		return 0;
	return !(c >= 0x1100 && c <= 0x11ff) && !(c >= 0xac00 && c <= 0xd7a3);
}

int utf8_is_nfc(const char *text, size_t n)
{
	size_t i = 0, len;
	uint32_t c;

	for (;;) {
		i += ascii_run(text + i, n - i);
		if (i == n)
			return 1;
		c = utf8_get(text + i, &len);
		if (c >= 0x300 && !is_inert(c)) /* what is below is NFC and joins nothing */
			return 0;
		i += len;
	}
}

static int mark_class(uint32_t c)
{
	return utf8proc_get_property((utf8proc_int32_t)c)->combining_class;
}

/* Sorts n marks by combining class, stably: a counting sort through spare. */
static void sort_marks(utf8proc_int32_t *c, utf8proc_int32_t *spare, size_t n)
{
	size_t count[257] = { 0 }, i;

	for (i = 0; i < n; i++)
		count[mark_class((uint32_t)c[i]) + 1]++;
	for (i = 0; i < 256; i++)
		count[i + 1] += count[i];
	for (i = 0; i < n; i++)
		spare[count[mark_class((uint32_t)c[i])]++] = c[i];
	memcpy(c, spare, n * sizeof *c);
}

static void order_marks(utf8proc_int32_t *c, utf8proc_int32_t *spare, size_t n)
{
	size_t i = 0, first;

	while (i < n) {
		if (!mark_class((uint32_t)c[i])) {
			i++;
			continue;
		}
		for (first = i; i < n && mark_class((uint32_t)c[i]); i++)
			;
		if (i - first > 1)
			sort_marks(c + first, spare, i - first);
	}
}

char *utf8_nfc(const char *text, size_t n, size_t *n_out)
{
	enum { MOST = 4 }; /* characters that one may decompose into */
	size_t cap = n + MOST, len, k = 0, i, o = 0;
	utf8proc_int32_t *c = xcalloc(cap, 2 * sizeof *c);
	utf8proc_ssize_t got;
	int last = 0;
	char *out;

	for (i = 0; i < n; i += len) {
		if (k + MOST > cap) {
			cap *= 2;
			c = xrealloc(c, cap, 2 * sizeof *c);
		}
		got = utf8proc_decompose_char((utf8proc_int32_t)utf8_get(text + i, &len), c + k,
			MOST, UTF8PROC_DECOMPOSE, &last);
		k += (size_t)got;
	}
	order_marks(c, c + cap, k);
	got = utf8proc_normalize_utf32(c, (utf8proc_ssize_t)k, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	out = xmalloc(UTF8_MAX * (size_t)got + 1);
	for (i = 0; i < (size_t)got; i++)
		o += utf8_put(out + o, (uint32_t)c[i]);
	free(c);
	*n_out = o;
	return out;
}
