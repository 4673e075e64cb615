/* measure - how fast a model is and how much memory it holds, by running it
 *
 * Each model has a process of its own, so that what is resident at most is that model's alone.
 */
#ifndef COPPICE_MEASURE_H
#define COPPICE_MEASURE_H

#include "forward/forecast.h"
#include "model/model.h"

#include <stdint.h>

struct measured {
	double rate;   /* tokens a second */
	uint64_t peak; /* bytes of the host's memory that were resident at most */
};
/* Runs the model over batches of made-up sequences of length tokens, the output layer of every
 * token included, as ops_init is given threads and dtype: once to load what stays in memory, then
 * three times for a second or more, of which the median is the rate. Called before anything starts
 * a thread, ops_init above all. Dies, or ends with the status of the other process, where that
 * fails. */
struct measured measure_model(const struct model *m, size_t length, int threads, const char *dtype);
/* Adds to a forecast what that would take, ops_init having been called. */
void measure_plan(struct forecast *f, const struct model *m, size_t length);

#endif
