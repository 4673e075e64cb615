/* angle - angular distances between the residual streams at two layers, summed over samples
 *
 *   d(l, l+n) = acos(clamp(x(l) . x(l+n) / sqrt(|x(l)|^2 |x(l+n)|^2), -1, 1)) / pi
 *
 * (the paper's eq. 7), of a sample's last token, or the mean of several of its tokens. x is f32 and
 * everything after it f64: near a cosine of 1, f32 would be wrong by 1e-4 in d. What is summed are
 * integers, round(2^40 d) and round(2^40 d^2), so that neither threads nor the splitting of the
 * samples can change a bit, as long as 64 bits hold the sums. Sums that another stage measured come
 * in the same form (stream/sums.h). Each dot product is summed in one order, whatever else is
 * computed beside it.
 */
#ifndef COPPICE_ANGLE_H
#define COPPICE_ANGLE_H

#include "stream/positions.h"
#include "stream/records.h"
#include "sys/fault.h"

enum { ANGLE_PART_COUNT = 1 << 20 }; /* samples whose sums a u64 holds, drawn 12 times each */

/* The sums of all pairs (n, l). */
struct angles {
	int layers;     /* L, of the largest l + n so far; 0: nothing was added */
	int width;      /* only blocks of this n; 0: of every n */
	uint64_t count; /* samples, if all pairs agree: see angles_check */
	/* of every pair l < l+n <= MAX_LAYERS, found by angles_at; its mean is the sum of the means
	 * that were given, each times its samples */
	struct sums *sum;
	/* in the same order: sums in resamples (angle/resample.h); count: of the samples that came
	 * with some, which are known where it is sum's */
	struct resampled {
		uint64_t count, *sum; /* [RESAMPLES], NULL: none came */
	} * resampled;
};

/* Makes an empty table for blocks of this width, 0: of every width. angles_free frees it. */
struct angles *angles_new(int width);
void angles_free(struct angles *a);
/* Returns the sums of the pair of layers l and l+n, which belong to a. */
struct sums *angles_at(const struct angles *a, int n, int l);

/* The sums of one thread's samples, at most ANGLE_PART_COUNT of them. */
struct angle_part;
/* Makes empty sums for samples of this many rows, L+1, and blocks of this width, 0: of every width.
 * angle_part_free frees them. */
struct angle_part *angle_part_new(size_t rows, int width);
void angle_part_free(struct angle_part *p);
/* Adds the distances within a sample x[rows, d] of this document, one row for each layer boundary.
 * Returns -1; or the first row whose norm is zero or not finite, and then nothing was added. */
int angle_part_add(struct angle_part *p, uint64_t doc, const float *x, size_t d);
/* The two steps of it: the distances within a sample, of every pair that is wanted, to distance
 * [angle_part_pairs(rows)]; and these, or their means over several samples of a document, into the
 * sums. */
int angle_part_distances(struct angle_part *p, const float *x, size_t d, double *distance);
void angle_part_add_distances(struct angle_part *p, uint64_t doc, const double *distance);
size_t angle_part_pairs(size_t rows); /* pairs of this many rows */
/* Moves the sums of p into the table; p is empty afterwards. */
void angles_add_part(struct angles *a, struct angle_part *p);
/* Adds the sums of one pair, which has passed sums_check and lies within MAX_LAYERS. Returns 0, or
 * -1 and *why, a static text, where there are too many samples. */
int angles_add_sums(struct angles *a, const struct angle *sums, const char **why);
/* Checks that every width that has any pair has all of them, with one count, and that the sums are
 * fine enough to tell them apart; sets count. Returns 0, or -1 with err. An empty table passes,
 * with count 0. */
int angles_check(struct angles *a, struct fault *err);
/* Returns 1 where the pairs of width n are there, else 0. */
int angles_have(const struct angles *a, int n);
/* Returns one pair with its mean and standard error; its resamples belong to a. */
struct angle angles_pair(const struct angles *a, int n, int l);
/* Returns the l of the smallest sum of width n, which must be there; the first of equals. */
int angles_best(const struct angles *a, int n);
/* Counts in wins[L-n+1] the resamples in which each l has the smallest sum of width n, the first of
 * equals. Returns how many resamples tell the pairs of that width apart; 0: none do, or they are
 * not known. */
int angles_wins(const struct angles *a, int n, int *wins);

/* What angles_read reads. */
struct angle_request {
	int hidden;                   /* 1: hidden streams, too */
	int width;                    /* only blocks of this n; 0: of every n */
	const struct positions *pick; /* of hidden streams only these tokens; NULL: all there are */
	const char *pick_text;        /* as it was given */
};
/* Reads all of the files, or standard input where there are none: angle streams and hidden ones.
 * Of several tokens of a sequence, the mean of their distances counts as the sequence's. Returns
 * the sums, new. Dies where parts do not belong together (stream/meta.h). *meta and *provenance
 * become the merged ones, new; meta.docs of a hidden stream is computed from its records. */
struct angles *angles_read(char *const *files, const struct angle_request *q, json_t **meta,
	json_t **provenance);

#endif
