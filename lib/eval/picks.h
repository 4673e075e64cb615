/* picks - the metric of choice tasks: how often the right choice is the likeliest, by its
 * log-probability, and by that over the characters of its text (coppice-method(7), CHOICE TASKS)
 */
#ifndef COPPICE_PICKS_H
#define COPPICE_PICKS_H

#include "eval/accuracy.h"

/* The sums of one model. Zero-initialise; accuracy_clear frees what acc holds. */
struct picks {
	struct accuracy acc;          /* by the log-probability; without subjects */
	uint64_t correct_norm;        /* right by log-probability over length */
	uint64_t of[MAX_CHOICES + 1]; /* questions with so many choices */
	int norm;                     /* 1: the score's value is acc_norm; 0: acc */
};

/* Returns the metric; norm as in struct picks. Scores that are added up bring their own. */
struct metric picks_metric(int norm);

#endif
