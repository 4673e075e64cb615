/* json - JSON text from outside, bounded; see json.h
 */
#include "file/json.h"
#include "file/sniff.h"
#include "sys/fault.h"
#include "sys/map.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_NODES = 1 << 16 };

/* An upper bound of the values in a text: every one but the first follows one of these. Bytes in
 * strings count too, an object as four more and an array as two, for what jansson takes for an
 * empty one. */
static size_t count_nodes(const char *text, size_t n)
{
	size_t nodes = 1;

	for (size_t i = 0; i < n; i++)
		nodes += text[i] == ',' ? 1 : text[i] == '[' ? 3 : text[i] == '{' ? 5 : 0;
	return nodes;
}

/* line: 0: the text is one line of many, of which the caller knows the number. */
static int refuse(const char *text, size_t n, int line, const json_error_t *e, struct fault *err)
{
	enum json_error_code code = json_error_code(e);
	const char *what = n ? sniff(text, n) : NULL;

	if (what)
		return fault(err, "is no JSON: it %s", what);
	if (code == json_error_null_character || code == json_error_null_byte_in_key)
		return fault(err,
			"JSON: a string has the character \\u0000, which no text here may have");
	if (line > 0)
		return fault(err, "line %d of JSON: %s", line, e->text);
	return fault(err, "JSON: %s", e->text);
}

/* Behind a text that begins at its quote, or at the end. */
static const char *behind_string(const char *s, const char *end)
{
	for (s++; s < end && *s != '"'; s++)
		s += *s == '\\' && s + 1 < end;
	return s < end ? s + 1 : end;
}

/* Puts the number at s; a whole one that 64 bits do not hold becomes a real. Returns what is
 * behind. */
static const char *put_number(FILE *to, const char *s, const char *end)
{
	size_t n = 0;
	char digits[32];

	while (s + n < end && strchr("-0123456789", s[n]) != NULL && s[n] != '\0')
		n++;
	fwrite(s, 1, n, to);
	snprintf(digits, sizeof digits, "%.*s", (int)(n < 31 ? n : 31), s);
	errno = 0;
	strtoll(digits, NULL, 10);
	if (errno == ERANGE && (s + n == end || strchr(".eE", s[n]) == NULL))
		fputs(".0", to);
	return s + n;
}

/* json_loadb for a text with integers beyond 64 bits: these become reals, the others stay. */
static json_t *load_wide(const char *text, size_t n, size_t flags, json_error_t *e)
{
	const char *s = text, *end = text + n, *next;
	char *wide = NULL;
	size_t n_wide;
	FILE *to = open_memstream(&wide, &n_wide);
	json_t *j = NULL;

	if (to == NULL)
		return NULL;
	for (; s < end; s = next)
		if (*s == '-' || (*s >= '0' && *s <= '9')) {
			next = put_number(to, s, end);
		} else {
			next = *s == '"' ? behind_string(s, end) : s + 1;
			fwrite(s, 1, (size_t)(next - s), to);
		}
	if (fclose(to) == 0)
		j = json_loadb(wide, n_wide, flags, e);
	free(wide);
	return j;
}

static int parse(json_t **j, const char *text, size_t n, size_t max_nodes, int many_lines,
	struct fault *err)
{
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
	json_error_t e;

	/* a byte order mark says nothing in UTF-8 */
	if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		n -= 3;
	}
	if (count_nodes(text, n) > max_nodes)
		return fault(err, "JSON of more than %zu values", max_nodes);
	*j = json_loadb(text, n, flags, &e);
	if (!*j && json_error_code(&e) == json_error_numeric_overflow)
		*j = load_wide(text, n, flags, &e);
	return *j ? 0 : refuse(text, n, many_lines ? e.line : 0, &e, err);
}

int json_parse(json_t **j, const char *text, size_t n, size_t max_nodes, struct fault *err)
{
	return parse(j, text, n, max_nodes, 1, err);
}

int json_parse_line(json_t **j, const char *text, size_t n, struct fault *err)
{
	return parse(j, text, n, LINE_NODES, 0, err);
}

int json_load_path(json_t **j, const char *path, size_t max, char **text, size_t *n_text,
	struct fault *err)
{
	struct map m;
	int bad;

	if (map_file(&m, path, err))
		return -1;
	if (m.n > max) {
		map_close(&m);
		return fault(err, "has %zu bytes, more than the %zu that are allowed", m.n, max);
	}
	bad = json_parse(j, (const char *)m.bytes, m.n, max / 8, err);
	if (!bad && text) {
		*text = malloc(m.n);
		if (*text)
			memcpy(*text, m.bytes, m.n);
		else
			bad = fault(err, "out of memory");
		*n_text = m.n;
	}
	map_close(&m);
	return bad;
}

int json_get_int(const json_t *o, const char *key, int64_t min, int64_t max, int64_t *v,
	struct fault *err)
{
	const json_t *j = json_object_get(o, key);
	int64_t i;

	if (!j || json_is_null(j))
		return 0;
	if (json_is_integer(j))
		i = json_integer_value(j);
	else if (json_is_real(j) && fabs(json_real_value(j)) < 0x1p53 &&
		json_real_value(j) == trunc(json_real_value(j)))
		i = (int64_t)json_real_value(j);
	else
		return fault(err, "%s is no whole number", key);
	if (i < min || i > max)
		return fault(err, "%s is %lld, out of the range %lld to %lld", key, (long long)i,
			(long long)min, (long long)max);
	*v = i;
	return 1;
}

int json_get_real(const json_t *o, const char *key, double *v, struct fault *err)
{
	const json_t *j = json_object_get(o, key);

	if (!j || json_is_null(j))
		return 0;
	if (!json_is_number(j) || !isfinite(json_number_value(j)))
		return fault(err, "%s is no number", key);
	*v = json_number_value(j);
	return 1;
}

int json_get_bool(const json_t *o, const char *key, int *v, struct fault *err)
{
	const json_t *j = json_object_get(o, key);

	if (!j || json_is_null(j))
		return 0;
	if (!json_is_boolean(j))
		return fault(err, "%s is neither true nor false", key);
	*v = json_is_true(j);
	return 1;
}

int json_get_string(const json_t *o, const char *key, const char **v, struct fault *err)
{
	const json_t *j = json_object_get(o, key);

	if (!j || json_is_null(j))
		return 0;
	if (!json_is_string(j))
		return fault(err, "%s is no string", key);
	*v = json_string_value(j);
	return 1;
}

int json_get_count(const json_t *o, const char *key, uint64_t *n)
{
	const json_t *j = json_object_get(o, key);

	if (!json_is_integer(j) || json_integer_value(j) < 0 || json_integer_value(j) > 1LL << 53)
		return -1;
	*n = (uint64_t)json_integer_value(j);
	return 0;
}

int json_is_unset(const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);

	return !j || json_is_null(j) || json_is_false(j) ||
		(json_is_array(j) && !json_array_size(j)) ||
		(json_is_object(j) && !json_object_size(j)) ||
		(json_is_string(j) && !json_string_length(j));
}
