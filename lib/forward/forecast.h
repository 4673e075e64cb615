/* forecast - what a run will take of memory, time and disk, for --plan
 *
 * What there is to do is counted, batch by batch, as the run itself would make the batches; how
 * long it takes is what probe.h finds on this machine. Nothing is run and no weight is read.
 */
#ifndef COPPICE_FORECAST_H
#define COPPICE_FORECAST_H

#include "forward/pass.h"

struct forecast {
	double began;   /* rate_now() when planning began: reading inputs takes the run as long */
	double seconds; /* of all that was counted so far */
	size_t memory;  /* bytes at most */
	double disk;    /* bytes to be written; NAN: not known */
	const char *disk_what; /* static; NULL: nothing of a size */
	/* of the pass that is counted now */
	struct pass_work work;
	double outputs; /* rows through the output layer */
};

void forecast_begin(struct forecast *f);
/* Counts a batch, of which the output layer takes so many rows for each model. */
void forecast_batch(struct forecast *f, struct pass *p, const struct batch *b, size_t outputs);
/* Ends a pass through models of which m is the first: probes, and adds its time. */
void forecast_pass(struct forecast *f, const struct model *m);
/* Prints the lines on standard output, and closes that. threads: how many there are. */
void forecast_print(const struct forecast *f, int threads);

#endif
