/* text_json - one string out of a line of JSON, by a scan of the line
 *
 * C4 is terabytes of such lines, and all but one string of each is thrown away: no tree is built.
 * The whole line is checked against the grammar all the same. Bytes of strings are taken as they
 * stand, UTF-8 or not.
 */
#include "file/json_scan.h"
#include "file/text.h"

#include "sys/setting.h"

#include <string.h>

enum { DEPTH_MAX = 512 };

static int value(struct json_scan *s, int depth);

/* A key and its colon; out NULL: skipped. */
static int key(struct json_scan *s, char *out, size_t *n)
{
	if (!json_scan_next(s, '"'))
		return json_scan_fail(s, "a key is missing");
	if (json_scan_string(s, out, n))
		return -1;
	return json_scan_next(s, ':') ? 0 : json_scan_fail(s, "no colon after a key");
}

/* The members of an object or the elements of an array, after its first bracket. */
static int members(struct json_scan *s, char end, int depth)
{
	size_t n;

	if (json_scan_next(s, end))
		return 0;
	do {
		if (end == '}' && key(s, NULL, &n))
			return -1;
		if (value(s, depth + 1))
			return -1;
	} while (json_scan_next(s, ','));
	return json_scan_next(s, end) ? 0 : json_scan_fail(s, "an object or array without its end");
}

/* Passes over one value. */
static int value(struct json_scan *s, int depth)
{
	size_t n;

	if (depth > DEPTH_MAX)
		return json_scan_fail(s, "nested too deeply");
	if (json_scan_next(s, '"'))
		return json_scan_string(s, NULL, &n);
	if (json_scan_next(s, '{'))
		return members(s, '}', depth);
	if (json_scan_next(s, '['))
		return members(s, ']', depth);
	if (s->at == s->end)
		return json_scan_fail(s, "a value is missing");
	return json_scan_name(s) ? 0 : json_scan_number(s, NULL);
}

/* The value of the wanted key into out: 1, or -1 where it is no string, as *why says. */
static int wanted(struct json_scan *s, char *out, size_t *n, const char **why)
{
	if (!json_scan_next(s, '"'))
		return *why = "the text is no string", -1;
	return json_scan_string(s, out, n) ? -1 : 1;
}

/* Members of the line's object, after its bracket; the wanted one into out. 1: it was found; 0; -1.
 * A key may be written with escapes: it is unescaped behind what is in out already, where room is
 * left, since a line holds both. */
static int find(struct json_scan *s, char *out, size_t *n_out, const char *field, const char **why)
{
	size_t n_field = strlen(field), n;
	int found = 0;

	if (json_scan_next(s, '}'))
		return 0;
	do {
		char *name = found ? out + *n_out : out;

		if (key(s, name, &n))
			return -1;
		if (n != n_field || memcmp(name, field, n)) {
			if (value(s, 1))
				return -1;
			continue;
		}
		if (wanted(s, out, n_out, why) < 0)
			return -1;
		found = 1;
	} while (json_scan_next(s, ','));
	return json_scan_next(s, '}') ? found : json_scan_fail(s, "an object without its end");
}

int text_json_field(char *out, size_t *n_out, const char *line, size_t n, const char *field,
	struct fault *err)
{
	struct json_scan s = { line, line + n };
	const char *why = NULL;
	int found;

	if (!json_scan_next(&s, '{'))
		return fault(err, "no JSON object");
	found = find(&s, out, n_out, field, &why);
	json_scan_blank(&s);
	if (found >= 0 && s.at < s.end)
		json_scan_fail(&s, "something follows the object");
	if (s.why)
		return fault(err, "no JSON: %s", s.why);
	if (why)
		return fault(err, "%s", why);
	return found > 0 ? 0 : fault(err, "no such key (%s)", setting(SETTING_FIELD));
}
