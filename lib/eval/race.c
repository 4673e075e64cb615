/* race - see race.h
 */
#include "eval/race.h"

#include "file/json.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- Python's literals ------------------------------------------------------------------------- */

/* The value of so many digits to the base, at most; *n becomes how many there are. */
static unsigned digits(const char *s, const char *end, int base, int most, int *n)
{
	static const char hex[] = "0123456789abcdef";
	unsigned value = 0;

	for (*n = 0; *n < most && s + *n < end; ++*n) {
		char lower = s[*n] >= 'A' && s[*n] <= 'F' ? (char)(s[*n] - 'A' + 'a') : s[*n];
		const char *at = lower ? strchr(hex, lower) : NULL;

		if (at == NULL || at - hex >= base)
			break;
		value = value * (unsigned)base + (unsigned)(at - hex);
	}
	return value;
}

static void put_character(FILE *to, unsigned c)
{
	if (c > 0xffff)
		fprintf(to, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
			0xdc00 + ((c - 0x10000) & 0x3ff));
	else
		fprintf(to, "\\u%04x", c);
}

/* What a backslash at s begins, as JSON has it; returns what is behind, NULL: not understood. */
static const char *put_escape(FILE *to, const char *s, const char *end)
{
	static const char plain[] = "abfnrtv\\'\"", is[] = "\a\b\f\n\r\t\v\\'\"";
	const char *at;
	unsigned c;
	int n, want;

	if (++s == end || *s == '\0')
		return NULL;
	if ((at = strchr(plain, *s)) != NULL) {
		put_character(to, (unsigned char)is[at - plain]);
		return s + 1;
	}
	want = *s == 'x' ? 2 : *s == 'u' ? 4 : *s == 'U' ? 8 : 0;
	c = want ? digits(s + 1, end, 16, want, &n) : digits(s, end, 8, 3, &n);
	if (want ? n < want || c > 0x10ffff : n == 0)
		return NULL;
	put_character(to, c);
	return s + (want ? n + 1 : n);
}

/* A text at s, which is its quote; returns what is behind, NULL: it has no end, or an escape that
 * is not understood. */
static const char *put_text(FILE *to, const char *s, const char *end)
{
	char quote = *s++;

	fputc('"', to);
	while (s && s < end && *s != quote) {
		if (*s == '\\') {
			s = put_escape(to, s, end);
			continue;
		}
		if (*s == '"')
			fputc('\\', to);
		fputc(*s++, to);
	}
	fputc('"', to);
	return s && s < end ? s + 1 : NULL;
}

/* Python's literals are JSON but for their texts. */
int race_literal(json_t **j, const char *text, size_t n, struct fault *err)
{
	const char *s = text, *end = text + n;
	char *json = NULL;
	size_t n_json;
	FILE *to = open_memstream(&json, &n_json);
	int r = 0;

	if (to == NULL)
		die("out of memory");
	while (s && s < end)
		if (*s == '\'' || *s == '"')
			s = put_text(to, s, end);
		else
			fputc(*s++, to);
	if (fclose(to) != 0)
		die("out of memory");
	r = s ? json_parse_line(j, json, n_json, err)
	      : fault(err, "a text in it is never closed, or has an escape that is not known");
	free(json);
	return r;
}

/* -- questions --------------------------------------------------------------------------------- */

struct problem {
	const char *question, *option[4];
	int answer;
};

static int read_problem(struct problem *p, const json_t *o, struct fault *err)
{
	const json_t *options = json_object_get(o, "options");
	const char *answer = json_string_value(json_object_get(o, "answer"));

	p->question = json_string_value(json_object_get(o, "question"));
	if (p->question == NULL)
		return fault(err, "no text \"question\"");
	for (size_t i = 0; i < 4; i++)
		if ((p->option[i] = json_string_value(json_array_get(options, i))) == NULL)
			return fault(err, "\"options\" is no list of 4 texts");
	if (answer == NULL || answer[0] < 'A' || answer[0] > 'D' || answer[1] != '\0')
		return fault(err, "the \"answer\" is none of A B C D");
	p->answer = answer[0] - 'A';
	return 0;
}

/* A problem with its answer: where the question ends in a gap, in the gap. */
static void put_solved(FILE *to, const struct problem *p)
{
	static const char gap[] = "  _  .";
	size_t n = strlen(p->question), n_gap = strlen(gap);

	if (n >= n_gap && strcmp(p->question + n - n_gap, gap) == 0)
		fprintf(to, "%.*s%s\n", (int)(n - n_gap + 1), p->question, p->option[p->answer]);
	else
		fprintf(to, "Question: %s\nAnswer: %s\n", p->question, p->option[p->answer]);
}

static int put_problems(struct posed *p, FILE *to, const json_t *list, struct fault *err)
{
	size_t n = json_array_size(list);
	struct problem one;

	if (n == 0)
		return fault(err, "\"problems\" is no list of them");
	for (size_t i = 0; i < n; i++) {
		struct fault why;

		if (read_problem(&one, json_array_get(list, i), &why) < 0)
			return fault(err, "problem %zu: %s", i, why.text);
		if (i + 1 < n)
			put_solved(to, &one);
	}
	fputs(one.question, to);
	posed_choices(p, one.option, 4);
	p->answer = one.answer;
	return 0;
}

/* The list of problems, new: the line's own question is one alone. NULL with err. */
static json_t *problems_of(const json_t *o, struct fault *err)
{
	const json_t *problems = json_object_get(o, "problems");
	const char *literal = json_string_value(problems);
	struct fault why;
	json_t *list;

	if (problems == NULL)
		return json_pack("[O]", o);
	if (literal == NULL)
		return json_incref((json_t *)(uintptr_t)problems);
	if (race_literal(&list, literal, strlen(literal), &why) == 0)
		return list;
	fault(err, "\"problems\": %s", why.text);
	return NULL;
}

int race_read(struct posed *p, const json_t *o, struct fault *err)
{
	const char *article = json_string_value(json_object_get(o, "article"));
	json_t *problems = article ? problems_of(o, err) : NULL;
	size_t n;
	FILE *to;
	int r;

	if (article == NULL)
		return fault(err, "no text \"article\"");
	if (problems == NULL)
		return -1;
	if ((to = open_memstream(&p->prompt, &n)) == NULL)
		die("out of memory");
	fprintf(to, "Article: %s\n\n", article);
	r = put_problems(p, to, problems, err);
	if (fclose(to) != 0)
		die("out of memory");
	json_decref(problems);
	return r;
}
