/* hellaswag - see hellaswag.h
 */
#include "eval/hellaswag.h"

#include "file/utf8.h"
#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

/* Replaces each of what, from the left, by something that is no longer. */
static void replace(char *s, const char *what, const char *by)
{
	size_t n = strlen(what), n_by = strlen(by);
	char *to = s;

	while (*s) {
		if (strncmp(s, what, n) != 0) {
			*to++ = *s++;
			continue;
		}
		memcpy(to, by, n_by);
		to += n_by;
		s += n;
	}
	*to = '\0';
}

/* Takes away [...], up to the first bracket that closes on the same line. */
static void drop_brackets(char *s)
{
	char *to = s;

	while (*s) {
		const char *end = *s == '[' ? s + strcspn(s, "]\n") : s;

		if (*end == ']' && end > s)
			s += end + 1 - s;
		else
			*to++ = *s++;
	}
	*to = '\0';
}

char *hellaswag_clean(const char *text)
{
	size_t n = strlen(text);
	const char *from = utf8_strip(text, &n);
	char *s = xasprintf("%.*s", (int)n, from);

	replace(s, " [title]", ". ");
	drop_brackets(s);
	replace(s, "  ", " ");
	return s;
}

char *hellaswag_query(const char *label, const char *ctx_a, const char *ctx_b)
{
	char *b = utf8_capitalize(ctx_b);
	char *all = xasprintf("%s: %s %s", label, ctx_a, b), *clean = hellaswag_clean(all);

	free(b);
	free(all);
	return clean;
}
