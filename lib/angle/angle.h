/* angle - angular distances between the residual streams at two layers, summed over samples
 *
 *   d(l, l+n) = acos(clamp(x(l) . x(l+n) / sqrt(|x(l)|^2 |x(l+n)|^2), -1, 1)) / pi
 *
 * (the paper's eq. 7).
 * x is f32, everything after it f64: near a cosine of 1, f32 would be wrong by 1e-4 in d. Sums are
 * of integers, round(2^40 d) and round(2^40 d^2), so that neither threads nor the splitting of the
 * samples can change a bit, as long as 64 bits hold them. Sums that another stage measured come in
 * the same form (sums.h). Each dot product is summed in one order, whatever else is computed beside
 * it.
 */
#ifndef COPPICE_ANGLE_H
#define COPPICE_ANGLE_H

#include "stream/records.h"
#include "sys/fault.h"

enum { ANGLE_MAX_COUNT = (1 << 24) - 1 }; /* samples whose sums a u64 holds */

struct angles {
	int layers;     /* L, of the largest l + n so far; 0: nothing added */
	int width;      /* only blocks of this n; 0: of every n */
	uint64_t count; /* samples, if all pairs agree; angles_check */
	/* of every l < m = l+n <= MAX_LAYERS: angles_at; mean: the weighted sum of those given */
	struct sums *sum;
};

struct angles *angles_new(int width);
void angles_free(struct angles *a);
struct sums *angles_at(const struct angles *a, int n, int l);

/* The sums of one thread's samples, at most ANGLE_MAX_COUNT of them. */
struct angle_part;
/* for samples of so many rows, L+1; of the width wanted */
struct angle_part *angle_part_new(size_t rows, int width);
void angle_part_free(struct angle_part *p);
/* Adds the distances of a sample [rows, d]. -1, or, with nothing added, its first row whose norm is
 * zero or not finite. */
int angle_part_add(struct angle_part *p, const float *x, size_t d);
void angles_add_part(struct angles *a, struct angle_part *p); /* moves the sums: p is empty then */
/* Adds one pair's sums, which sums_check has passed, of a block within MAX_LAYERS. 0, or -1 and
 * *why: too many samples. */
int angles_add_sums(struct angles *a, const struct angle *sums, const char **why);
/* All pairs of each width that is there, with one count, and sums that are fine enough to tell them
 * apart: 0, or -1 with a line in err. Nothing added: 0, count 0. */
int angles_check(struct angles *a, struct fault *err);
int angles_have(const struct angles *a, int n); /* 1: the pairs of width n are there */
/* One pair with its mean and standard error. */
struct angle angles_pair(const struct angles *a, int n, int l);
/* The l of the smallest sum for a width that is there, the first of equals. */
int angles_best(const struct angles *a, int n);

/* All of the files (none: standard input), angle streams and, with hidden_too, hidden ones: dies on
 * parts that don't belong together (meta.h). *meta and *made become the merged ones, the caller's.
 * meta.docs of a hidden stream is taken from its records. */
struct angles *angles_read(char *const *files, int hidden_too, int width, json_t **meta,
	json_t **provenance);

#endif
