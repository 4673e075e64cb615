/* heal_data - what there is to train on, looked at before the first step
 */
#ifndef COPPICE_HEAL_DATA_H
#define COPPICE_HEAL_DATA_H

#include "heal/shuffle.h"
#include "stream/sequences.h"

#include <stdint.h>

/* Dies where one of the steps, each of batch sequences in this order, would have no token to
 * predict, as with sequences of one token. name is that of the sequences' file, for the message. */
void heal_data_check(const struct sequences *s, const char *name, const struct shuffle *order,
	int64_t steps, int64_t batch);
/* The same for held-out sequences, which are measured together. */
void heal_data_check_valid(const struct sequences *s, const char *name);
/* Warns where the steps go through the sequences more than once. */
void heal_data_warn(const struct sequences *s, const char *name, int64_t steps, int64_t batch);

#endif
