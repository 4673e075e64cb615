/* states - the states of sequences at every layer boundary, as records of the kind hidden
 */
#ifndef COPPICE_STATES_H
#define COPPICE_STATES_H

#include "model/model.h"
#include "stream/positions.h"
#include "stream/records.h"

/* What is written. All that is pointed at is the caller's. */
struct states {
	struct models *models; /* of the first one */
	/* the tokens whose states are kept, a record for each with all boundaries; NULL: all, a
	 * record for each sequence and boundary */
	const struct positions *positions;
	int64_t skip, limit; /* sequences left out at the front, and at most behind them */
	double total;        /* tokens that there will be, for progress; 0: not known */
	int threads;         /* for a forecast */
};

/* Writes the states of the sequences of in, a tokens stream that was opened from files. out NULL:
 * nothing is run, and what it would take is printed (forecast.h). Dies where a sequence does not
 * suit the model; warns where there are fewer than asked for. */
void states_write(const struct states *s, char *const *files, struct rec_in *in,
	struct rec_out *out);

#endif
