/* paired - two models on the same questions or sequences: the difference between them, with the
 * error of the difference (coppice-method(7), PAIRED COMPARISONS)
 *
 * Two models find the same questions hard, so that a difference on the same ones is known far
 * better than two separate standard errors say.
 */
#ifndef COPPICE_PAIRED_H
#define COPPICE_PAIRED_H

#include <stddef.h>
#include <stdint.h>

/* What one model made of one question or sequence. */
struct outcome_of {
	uint32_t model;   /* which one of its stream */
	uint32_t subject; /* number of the subject's name; of equal names equal */
	uint64_t row;
	double nats;   /* of a sequence: minus its log-probability */
	uint64_t ntok; /* of a sequence: its tokens, one more than are predicted */
	int answer;    /* of a question: the right choice; -1: it is a sequence */
	int right;     /* of a question: 1: the model's choice is the right one */
};

struct paired {
	uint64_t count;                         /* questions; sequences with something to predict */
	double a, b;                            /* accuracies; losses in nats a token */
	double difference, stderr_;             /* of b less a; stderr_ NAN: of one only */
	uint64_t both, only_a, only_b, neither; /* right answers, of questions */
	double p; /* how likely so large a difference is where there is none, from both sides */
};

/* Compare a[n] and b[n], whose elements are of the same question or sequence each. */
struct paired paired_accuracy(const struct outcome_of *a, const struct outcome_of *b, size_t n);
struct paired paired_loss(const struct outcome_of *a, const struct outcome_of *b, size_t n);

/* Returns McNemar's exact p, from both sides: how likely it is that of only_a + only_b coins at
 * least as many fall on the side that more fell on here, twice; at most 1. */
double paired_mcnemar(uint64_t only_a, uint64_t only_b);

#endif
