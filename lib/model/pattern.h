/* pattern - regular expressions on modules' names, as an adapter's config holds them for Python
 *
 * PCRE2 reads what Python's re reads, and bounds what an untrusted one may cost.
 */
#ifndef COPPICE_PATTERN_H
#define COPPICE_PATTERN_H

#include "sys/fault.h"

#include <stddef.h>

enum pattern_form {
	PATTERN_WHOLE, /* re.fullmatch(text, name) */
	/* re.match("(.*\.)?(text)$", name): the whole name, or what follows one of its dots */
	PATTERN_END,
	/* re.match("(?:^|.*?\.)text\.(?P<idx>\d+)\.", name): a list of layers before its number */
	PATTERN_LAYERS,
};

struct pattern;
/* New; or NULL with err where the text is no regular expression. */
struct pattern *pattern_new(enum pattern_form form, const char *text, struct fault *err);
void pattern_free(struct pattern *p);
/* 1: the name matches, and *number (may be NULL), of PATTERN_LAYERS, is set; 0: it does not; -1:
 * too much to try. */
int pattern_match(const struct pattern *p, const char *name, int *number);

#endif
