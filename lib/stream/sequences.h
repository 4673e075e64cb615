/* sequences - the sequences of a tokens stream, held in memory
 *
 * What goes through the same sequences more than once reads them into memory first: training, which
 * begins again when the stream ends, and the evaluation of a loss, which takes them through model
 * after model. Nothing here knows a model; sequences_check holds the ids and the lengths against
 * the bounds of one.
 */
#ifndef COPPICE_SEQUENCES_H
#define COPPICE_SEQUENCES_H

#include "stream/records.h"

/* Zero-initialised, it has no sequence. All arrays are its own. */
struct sequences {
	uint32_t *ids;      /* the ids of all sequences, one after the other */
	size_t *first;      /* [n + 1]: sequence i is ids[first[i]] to ids[first[i + 1] - 1] */
	uint64_t *doc;      /* [n]: the number of the document that each sequence comes from */
	size_t n;           /* sequences */
	size_t longest;     /* tokens of the longest one */
	json_t *provenance; /* the steps of the streams that were read, each one once */
	size_t capacity;    /* ids that there is memory for */
};

/* Reads all streams of the files (named as rec_open takes them) to their end, which proves that
 * they are whole, and keeps the sequences from number skip on, at most limit of them; UINT64_MAX
 * keeps all. At the first record of each stream, `part` is called with ctx and the reader, to look
 * at its meta; NULL: nobody looks. The result is new and has at least one sequence. Dies with one
 * line on what is no whole tokens stream and where no sequence is left; warns where there are fewer
 * than skip and limit ask for. */
struct sequences *sequences_load(char *const *files, uint64_t skip, uint64_t limit,
	void (*part)(void *ctx, const struct rec_in *in), void *ctx);
/* Returns how many tokens the sequences of the files have, from number skip on, at most limit of
 * them: for progress. To be called before standard input is read. 0 where a file is not one that
 * can be read twice, such as a pipe. Dies as sequences_load does. */
double sequences_tokens(char *const *files, uint64_t skip, uint64_t limit);
void sequences_free(struct sequences *s);

/* Appends a copy of one sequence. */
void sequences_add(struct sequences *s, const struct tokens *t);
/* Sequence i, counted round: behind the last one comes the first again. Its ids stay those of s,
 * and hold until the next sequences_add. */
struct tokens sequences_at(const struct sequences *s, size_t i);
/* Dies with one line, which begins with `name`, at the first sequence that has more tokens than a
 * model's context, or a token outside of its vocabulary. */
void sequences_check(const struct sequences *s, const char *name, size_t context,
	uint64_t vocabulary);

#endif
