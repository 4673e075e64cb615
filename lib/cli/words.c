/* words - see words.h
 */
#include "cli/words.h"

#include "sys/die.h"
#include "sys/near.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 63 }; /* of a word */

size_t words_next(const char **at)
{
	*at += strspn(*at, " ");
	return strcspn(*at, " ");
}

int words_are_listed(const struct opt *o)
{
	return o->arg && !strcmp(o->arg, "LIST");
}

/* "gate, up or down" */
static void name_all(char *to, size_t size, const char *words)
{
	size_t n, used = 0;

	for (const char *at = words, *next; (n = words_next(&at)); at = next) {
		next = at + n;
		used += (size_t)snprintf(to + used, size - used, "%s%.*s",
			at == words                 ? ""
				: words_next(&next) ? ", "
						    : " or ",
			(int)n, at);
		if (used >= size)
			return;
	}
}

/* The word that was meant, in `to`: 1, or 0 where none is near. */
static int nearest(char to[LONGEST + 1], const char *words, const char *word)
{
	struct near best = { 0 };
	size_t n;

	for (const char *at = words; (n = words_next(&at)); at += n) {
		char one[LONGEST + 1];
		int before = best.distance, any = best.best != NULL;

		snprintf(one, sizeof one, "%.*s", (int)n, at);
		near_try(&best, word, one);
		if (best.best && (!any || best.distance != before))
			memcpy(to, one, sizeof one);
	}
	return best.best != NULL;
}

static _Noreturn void refuse(const struct opt *o, const char *word, const char *typed)
{
	char all[512], meant[LONGEST + 1];
	int is_near = nearest(meant, o->words, word), is_part = words_are_listed(o);

	name_all(all, sizeof all, o->words);
	misuse("%s: %s%s%s is wanted%s%s%s", typed, is_part ? word : "", is_part ? ": " : "", all,
		is_near ? "; did you mean " : "", is_near ? meant : "", is_near ? "?" : "");
}

static int is_one(const char *words, const char *word, size_t n)
{
	size_t k;

	for (const char *at = words; (k = words_next(&at)); at += k)
		if (k == n && !memcmp(at, word, n))
			return 1;
	return 0;
}

void words_check(const struct opt *o, const char *arg, const char *typed)
{
	size_t n;

	if (!o->words)
		return;
	for (;; arg += n + 1) {
		n = words_are_listed(o) ? strcspn(arg, ",") : strlen(arg);
		if (!is_one(o->words, arg, n)) {
			char word[LONGEST + 2]; /* one that is too long stays so */

			snprintf(word, sizeof word, "%.*s", (int)(n > LONGEST ? LONGEST + 1 : n),
				arg);
			refuse(o, word, typed);
		}
		if (!arg[n])
			return;
	}
}

int words_print(const struct opt *o)
{
	int n = 0;

	if (o->words)
		n += printf("%s", o->words);
	for (int i = 0; o->offered && o->offered(i); i++)
		n += printf("%s%s", n ? " " : "", o->offered(i));
	return n > 0;
}
