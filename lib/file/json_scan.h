/* json_scan - the words of JSON: white space, strings, numbers and names, scanned in a text
 *
 * Both readers of JSON lines stand on it: text_json, which picks one string out of a line, and
 * jsonmp, which makes msgpack objects. Each brings its own arrays and objects. RFC 8259 is the
 * grammar; that a text is UTF-8 is left to the caller.
 */
#ifndef COPPICE_JSON_SCAN_H
#define COPPICE_JSON_SCAN_H

#include <stddef.h>

/* A text [at, end) that is scanned from its front, and why the first of its faults is one: a static
 * text, NULL: none yet. */
struct json_scan {
	const char *at, *end, *why;
	int halves; /* halves of surrogate pairs (\ud800) that strings had alone */
};

/* Notes why the text is no JSON, unless a fault is noted already. Always -1. */
int json_scan_fail(struct json_scan *s, const char *why);
/* Passes over white space. It and the next one stand here to be inlined: readers ask several of
 * them of every value. */
static inline void json_scan_blank(struct json_scan *s)
{
	while (s->at < s->end &&
		(*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'))
		s->at++;
}

/* Passes over white space and c: 1; else, over the white space alone: 0. */
static inline int json_scan_next(struct json_scan *s, char c)
{
	json_scan_blank(s);
	if (s->at == s->end || *s->at != c)
		return 0;
	s->at++;
	return 1;
}

/* Passes over a string whose opening quote is passed. Its unescaped bytes go to out, which has room
 * for as many as the text has left (NULL: they are only counted), and their number to *n. Half of a
 * surrogate pair becomes the byte FF, which no UTF-8 has. 0, or -1 with the reason noted. */
int json_scan_string(struct json_scan *s, char *out, size_t *n);
/* Passes over a number that begins right here; *whole: it has neither point nor exponent (whole may
 * be NULL). 0, or -1 with the reason noted. */
int json_scan_number(struct json_scan *s, int *whole);
/* Passes over true, false or null, if it begins right here: its first letter, else 0. */
char json_scan_name(struct json_scan *s);

#endif
