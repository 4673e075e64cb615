/* pairing - two sample streams of the same questions or sequences, and the pairs of their models
 * (coppice-method(7), PAIRED COMPARISONS)
 */
#ifndef COPPICE_PAIRING_H
#define COPPICE_PAIRING_H

#include "eval/paired.h"

/* Which model of A one of B is compared with. */
enum pair_by {
	PAIR_POSITION, /* the one at the same position */
	PAIR_WIDTH,    /* the one with as many layers */
	PAIR_KEEP,     /* the one with the same layers */
};
/* Returns the one of that name: position, n, keep; -1: there is none. */
int pair_by_find(const char *name);

/* Two models, A's and B's, on the same questions or sequences. */
struct pair {
	size_t model[2];  /* their numbers in their streams */
	size_t layers[2]; /* that they have */
	int is_loss;      /* 1: of sequences */
	struct paired is;
};

struct pairing;
/* Reads both streams, named as rec_open takes them, to their ends. Returns their models, new, freed
 * by pairing_close. Dies with one line where the task or the questions differ, a sample is there
 * twice, or by their position there are models left. */
struct pairing *pairing_open(char *a, char *b, enum pair_by by);
void pairing_close(struct pairing *p);
/* The task of both, and the file of A, side 0, or of B; the pairing's. */
const char *pairing_task(const struct pairing *p);
const char *pairing_file(const struct pairing *p, int side);
/* Sets *pair to the next pair, in the order of B's models: 1, or 0 where there are no more. Dies
 * where two models of A fit one of B, or where the two were not asked the same. */
int pairing_next(struct pairing *p, struct pair *pair);

#endif
