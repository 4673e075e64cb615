/* posed - see posed.h
 */
#include "eval/posed.h"

#include "sys/memory.h"

#include <stdlib.h>

void posed_free(struct posed *p)
{
	for (int i = 0; i < p->n; i++) {
		free(p->choice[i]);
		if (p->lead)
			free(p->lead[i]);
	}
	free(p->choice);
	free(p->lead);
	free(p->prompt);
}

void posed_choices(struct posed *p, const char *const *text, size_t n)
{
	p->choice = xcalloc(n, sizeof *p->choice);
	p->n = (int)n;
	for (size_t i = 0; i < n; i++)
		p->choice[i] = xstrdup(text[i]);
}
