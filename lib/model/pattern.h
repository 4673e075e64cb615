/* pattern - regular expressions for modules' names, as an adapter's config holds them for Python
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
/* Compiles text; new, freed by pattern_free. NULL with err where it is no regular expression. */
struct pattern *pattern_new(enum pattern_form form, const char *text, struct fault *err);
void pattern_free(struct pattern *p);
/* Returns 1 where the name matches, and sets *number, which may be NULL, for PATTERN_LAYERS; 0
 * where it does not; -1 where finding out would take too long. */
int pattern_match(const struct pattern *p, const char *name, int *number);

#endif
