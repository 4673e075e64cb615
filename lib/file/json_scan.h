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
void json_scan_blank(struct json_scan *s);       /* passes over white space */
int json_scan_next(struct json_scan *s, char c); /* passes over white space and c: 1; else 0 */
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
