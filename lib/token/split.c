/* split - see split.h
 *
 * The scanners follow the alternatives of their patterns in order; what a backtracking matcher
 * would give back of a run of white space is worked out from where the run's last character and
 * last line break stand. Most text is words in ASCII letters: these are passed over sixteen at a
 * time.
 */
#include "token/split.h"

#include "file/utf8.h"
#include "sys/die.h"
#include "sys/fault.h"
#include "sys/memory.h"
#include "sys/simd.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

const char split_gpt2[] =
	"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const char split_llama3[] =
	"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
	" ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
const char split_qwen[] = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
			  " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/* White_Space for PCRE2, whose own \s with UCP also takes U+180E. */
static const char white[] =
	"\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}"
	"\\x{205f}\\x{3000}";

/* Escapes that mean the same here and there, as they stand: \r \n \t, punctuation, \p{..} \P{..}.
 * The length, or 0. */
static size_t plain_escape(const char *p)
{
	if (p[1] && strchr("rnt", p[1]))
		return 2;
	if (p[1] > ' ' && p[1] < 127 && !isalnum((unsigned char)p[1]))
		return 2;
	if ((p[1] != 'p' && p[1] != 'P') || p[2] != '{' || !p[3] || !strchr("LMNPSZ", p[3]))
		return 0;
	return p[4] == '}' ? 5 : islower((unsigned char)p[4]) && p[5] == '}' ? 6 : 0;
}

struct text {
	char *s;
	size_t n;
};

static void put(struct text *t, const char *s, size_t n)
{
	t->s = xrealloc(t->s, t->n + n + 1, 1);
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = 0;
}

static void put_escape(struct text *t, char c, int in_class)
{
	put(t, c == 's' ? "[" : "[^", in_class ? 0 : c == 's' ? 1 : 2);
	put(t, white, sizeof white - 1);
	put(t, "]", !in_class);
}

/* The pattern in PCRE2's words. What the two languages read differently, or might, is refused. */
static int translate(struct text *t, const char *pattern, struct fault *err)
{
	const char *p = pattern,
		   *groups[] = { "(?:", "(?i:'s|'t|'re|'ve|'m|'ll|'d)", "(?!", "(?=" };
	int in_class = 0;
	size_t len, i;

	while (*p) {
		if (*p == '\\' && (p[1] == 's' || (p[1] == 'S' && !in_class))) {
			put_escape(t, p[1], in_class);
			p += 2;
			continue;
		}
		len = 1;
		if (*p == '\\') {
			len = plain_escape(p);
		} else if (in_class) {
			if (*p == ']')
				in_class = 0;
			else if (*p == '[' || (*p == '&' && p[1] == '&'))
				len = 0;
		} else if (*p == '[') {
			in_class = 1;
			len = p[1] == '^' ? 2 : 1;
			if (p[len] == ']')
				len = 0;
		} else if (*p == '(') {
			for (i = 0, len = 0; i < 4 && !len; i++)
				if (!strncmp(p, groups[i], strlen(groups[i])))
					len = strlen(groups[i]);
			if (!len && p[1] != '?' && p[1] != '*')
				len = 1;
		} else if ((*p == '}' && (p[1] == '+' || p[1] == '?')) ||
			(*p == '{' && p[1] == ',')) {
			len = 0;
		} else if (strchr("^$.", *p)) {
			len = 0;
		}
		if (!len)
			return fault(err, "pattern %.200s: \"%.8s\" is not supported", pattern, p);
		put(t, p, len);
		p += len;
	}
	return 0;
}

int split_regex(struct split *p, const char *pattern, struct fault *err)
{
	struct text t = { 0 };
	PCRE2_UCHAR why[120];
	PCRE2_SIZE at;
	int code;

	put(&t, "", 0);
	if (translate(&t, pattern, err)) {
		free(t.s);
		return -1;
	}
	*p = (struct split){ .kind = SPLIT_REGEX };
	p->regex = pcre2_compile((PCRE2_SPTR)t.s, t.n, PCRE2_UTF | PCRE2_UCP, &code, &at, NULL);
	free(t.s);
	if (!p->regex) {
		pcre2_get_error_message(code, why, sizeof why);
		return fault(err, "pattern %.200s: %s", pattern, why);
	}
	pcre2_jit_compile(p->regex, PCRE2_JIT_COMPLETE); /* without it: slower, nothing else */
	return 0;
}

int split_parse(struct split *p, const char *pattern, struct fault *err)
{
	if (!strcmp(pattern, split_gpt2))
		*p = (struct split){ .kind = SPLIT_GPT2 };
	else if (!strcmp(pattern, split_llama3))
		*p = (struct split){ .kind = SPLIT_LLAMA3 };
	else if (!strcmp(pattern, split_qwen))
		*p = (struct split){ .kind = SPLIT_QWEN };
	else
		return split_regex(p, pattern, err);
	return 0;
}

void split_free(struct split *p)
{
	pcre2_code_free(p->regex);
	free(p->joined);
	p->regex = NULL;
	p->joined = NULL;
}

struct split_work {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

struct split_work *split_work_new(void)
{
	struct split_work *w = xcalloc(1, sizeof *w);

	w->data = pcre2_match_data_create(16, NULL);
	w->context = pcre2_match_context_create(NULL);
	w->stack = pcre2_jit_stack_create(32 << 10, 16 << 20, NULL);
	if (!w->data || !w->context || !w->stack)
		die("out of memory");
	pcre2_jit_stack_assign(w->context, NULL, w->stack);
	pcre2_set_match_limit(w->context, 100000000);
	pcre2_set_heap_limit(w->context, 64 << 10);
	return w;
}

void split_work_free(struct split_work *w)
{
	if (!w)
		return;
	pcre2_match_data_free(w->data);
	pcre2_match_context_free(w->context);
	pcre2_jit_stack_free(w->stack);
	free(w);
}

static inline int is_letter(char c)
{
	return (unsigned char)((c | 32) - 'a') < 26;
}

/* ASCII letters from s[i] on: where they end. */
static inline size_t letters(const char *s, size_t n, size_t i)
{
	unsigned others;
	bytes16 x;

	for (; n - i >= 16; i += 16) {
		x = (bytes16_load(s + i) | 32) - 'a';
		others = bytes16_tops((bytes16)(x >= 26));
		if (others)
			return i + (size_t)__builtin_ctz(others);
	}
	while (i < n && is_letter(s[i]))
		i++;
	return i;
}

/* Letters of any script from s[i] on. */
static inline size_t all_letters(const char *s, size_t n, size_t i)
{
	size_t len;

	for (;;) {
		i = letters(s, n, i);
		if (i == n || !(s[i] & 0x80) || utf8_class_at(s + i, &len) != CLASS_LETTER)
			return i;
		i += len;
	}
}

/* Characters of one class from s[i] on: where they end. */
static inline size_t run(const char *s, size_t n, size_t i, enum utf8_class class)
{
	size_t len;

	while (i < n && utf8_class_at(s + i, &len) == class)
		i += len;
	return i;
}

/* The end of what \s+(?!\S) or else \s+ matches at s, which is white space. */
static size_t spaces(const char *s, size_t n)
{
	size_t i = 0, last = 0, len;

	while (i < n && utf8_class_at(s + i, &len) == CLASS_SPACE) {
		last = i;
		i += len;
	}
	return i == n || last == 0 ? i : last;
}

/* 's 't 'm 'd 're 've 'll at s, which is an apostrophe: the length, or 0. */
static size_t contraction(const char *s, size_t n, int any_case)
{
	char a, b;

	if (n < 2)
		return 0;
	a = any_case && s[1] >= 'A' && s[1] <= 'Z' ? s[1] | 32 : s[1];
	if (a == 's' || a == 't' || a == 'm' || a == 'd')
		return 2;
	if (n < 3)
		return 0;
	b = any_case && s[2] >= 'A' && s[2] <= 'Z' ? s[2] | 32 : s[2];
	if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l'))
		return 3;
	return any_case && !memcmp(s + 1, "\xc5\xbf", 2) ? 3 : 0; /* long s */
}

static inline size_t next_gpt2(const char *s, size_t n)
{
	enum utf8_class class;
	size_t i = *s == ' ', len;

	if (i < n && is_letter(s[i]))
		return all_letters(s, n, i + 1);
	if (*s == '\'' && (len = contraction(s, n, 0)))
		return len;
	if (i == n)
		return n;
	class = utf8_class_at(s + i, &len);
	if (class == CLASS_SPACE)
		return spaces(s, n);
	return run(s, n, i + len, class);
}

static int is_break(char c)
{
	return c == '\r' || c == '\n';
}

/* White space under L: up to its last line break, if it has one, else as in G. */
static size_t spaces_llama3(const char *s, size_t n)
{
	size_t end = run(s, n, 0, CLASS_SPACE), i;

	for (i = end; i > 0; i--)
		if (is_break(s[i - 1]))
			return i;
	return spaces(s, n);
}

static size_t rest_llama3(const char *s, size_t n, int numbers)
{
	enum utf8_class class, next = CLASS_SPACE;
	size_t i, len, len2 = 0;

	if (*s == '\'' && (len = contraction(s, n, 1)))
		return len;
	class = utf8_class_at(s, &len);
	if (class == CLASS_LETTER)
		return all_letters(s, n, len);
	if (class == CLASS_NUMBER) {
		for (i = len; --numbers && i < n && utf8_class_at(s + i, &len) == CLASS_NUMBER;
			i += len)
			;
		return i;
	}
	if (len < n)
		next = utf8_class_at(s + len, &len2);
	if (next == CLASS_LETTER && !is_break(*s))
		return all_letters(s, n, len + len2);
	if (class == CLASS_OTHER || (*s == ' ' && next == CLASS_OTHER)) {
		for (i = run(s, n, len, CLASS_OTHER); i < n && is_break(s[i]); i++)
			;
		return i;
	}
	return spaces_llama3(s, n);
}

static inline size_t next_llama3(const char *s, size_t n, int numbers)
{
	size_t i = *s == ' ';

	return i < n && is_letter(s[i]) ? all_letters(s, n, i + 1) : rest_llama3(s, n, numbers);
}

/* One number, or all up to the next. */
static size_t next_number(const char *s, size_t n)
{
	size_t i = 0, len;

	for (;;) {
		i = letters(s, n, i);
		if (i == n)
			return n;
		if (utf8_class_at(s + i, &len) == CLASS_NUMBER)
			return i ? i : len;
		i += len;
	}
}

static size_t next_each_space(const char *s, size_t n)
{
	const char *hit = n > 1 ? memchr(s + 1, ' ', n - 1) : NULL;

	return hit ? (size_t)(hit - s) : n;
}

/* Two ASCII letters are never parted, though they might be: it would cost more than it saves. */
static inline size_t next_joint(const char *s, size_t n, const uint8_t *joined)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t i = 0, end;

	do {
		end = letters(s, n, i);
		i = end > i ? end : i + 1;
	} while (i < n && joined[(size_t)u[i - 1] << 5 | u[i] >> 3] >> (u[i] & 7) & 1);
	return i;
}

/* Finds the next match that is not empty; 1, 0: none, -1. */
static int find_match(const struct split *p, struct split_work *w, struct split_iter *it)
{
	size_t from = it->at, len;
	const PCRE2_SIZE *o;
	int rc;

	for (;;) {
		rc = pcre2_match(p->regex, (PCRE2_SPTR)it->s, it->n, from, PCRE2_NO_UTF_CHECK,
			w->data, w->context);
		if (rc == PCRE2_ERROR_NOMATCH)
			return 0;
		if (rc < 0)
			return -1;
		o = pcre2_get_ovector_pointer(w->data);
		it->match_start = o[0];
		it->match_end = o[1];
		if (o[1] > o[0])
			return 1;
		if (o[1] == it->n)
			return 0;
		utf8_get(it->s + o[1], &len);
		from = o[1] + len;
	}
}

static int next_match(const struct split *p, struct split_work *w, struct split_iter *it,
	uint32_t *len)
{
	int rc;

	if (it->match_start < it->at || it->match_end == 0) {
		rc = find_match(p, w, it);
		if (rc < 0)
			return -1;
		if (rc == 0)
			it->match_start = it->match_end = it->n;
	}
	*len = (uint32_t)((it->match_start > it->at ? it->match_start : it->match_end) - it->at);
	it->at += *len;
	return 1;
}

/* One piece of the kinds that have a scanner. */
static inline size_t scan(const struct split *p, enum split_kind kind, const char *s, size_t n)
{
	switch (kind) {
	case SPLIT_GPT2: return next_gpt2(s, n);
	case SPLIT_LLAMA3: return next_llama3(s, n, 3);
	case SPLIT_QWEN: return next_llama3(s, n, 1);
	case SPLIT_NUMBERS: return next_number(s, n);
	case SPLIT_JOINTS: return next_joint(s, n, p->joined);
	case SPLIT_EACH_SPACE: return next_each_space(s, n);
	default: return n;
	}
}

/* Made anew for each kind, so that its scanner stands in the loop. */
static inline __attribute__((always_inline)) int scan_many(const struct split *p,
	enum split_kind kind, struct split_iter *it, uint32_t *len, int most)
{
	const char *s = it->s + it->at, *end = it->s + it->n;
	size_t n;
	int k;

	for (k = 0; k < most && s < end; k++, s += n)
		len[k] = (uint32_t)(n = scan(p, kind, s, (size_t)(end - s)));
	it->at = (size_t)(s - it->s);
	return k;
}

int split_next(const struct split *p, struct split_work *w, struct split_iter *it, uint32_t *len,
	int most)
{
	switch (p->kind) {
	case SPLIT_GPT2: return scan_many(p, SPLIT_GPT2, it, len, most);
	case SPLIT_LLAMA3: return scan_many(p, SPLIT_LLAMA3, it, len, most);
	case SPLIT_QWEN: return scan_many(p, SPLIT_QWEN, it, len, most);
	case SPLIT_JOINTS: return scan_many(p, SPLIT_JOINTS, it, len, most);
	case SPLIT_REGEX: return it->at < it->n ? next_match(p, w, it, len) : 0;
	default: return scan_many(p, p->kind, it, len, most);
	}
}
