/* near - which name a misspelt one was meant to be, for "did you mean"
 */
#ifndef COPPICE_NEAR_H
#define COPPICE_NEAR_H

/* The nearest name so far. Begins as zeros. */
struct near {
	const char *best; /* NULL: none was near enough; else as it was given to near_try */
	int distance;
};
/* Takes name for the best where it is nearer to word than all before it, and at most a third of
 * word's letters, or one, must be put in, left out, changed or swapped with the next. Case counts.
 * Words of more than 63 bytes are near to nothing. */
void near_try(struct near *n, const char *word, const char *name);

#endif
