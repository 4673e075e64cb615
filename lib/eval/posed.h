/* posed - a question as it is asked: its prompt and its choices, in texts
 */
#ifndef COPPICE_POSED_H
#define COPPICE_POSED_H

#include <stddef.h>
#include <stdint.h>

/* One question, ready to be asked: the prompt, and what may follow it and a blank. All of it is
 * owned, and freed by posed_free. */
struct posed {
	char *prompt;
	char **choice; /* [n] */
	/* [n]: ends the prompt of each choice, where the prompts differ and what follows is the
	 * same; else NULL */
	char **lead;
	int n;            /* 1 to MAX_CHOICES */
	int answer;       /* the right choice */
	uint64_t content; /* hash of its line's values, where copies are looked for; else 0 */
};
void posed_free(struct posed *p);
/* Sets p's choices to copies of text[n]. */
void posed_choices(struct posed *p, const char *const *text, size_t n);

#endif
