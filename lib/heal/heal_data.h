/* heal_data - what there is to train on, looked at before the first step
 */
#ifndef COPPICE_HEAL_DATA_H
#define COPPICE_HEAL_DATA_H

#include "heal/heal.h"

/* Dies where a step, or the held-out loss, would predict no token: sequences of one token have
 * none. valid: the name of its tokens. */
void heal_data_check(const struct heal *h, const char *valid);
/* Warns where the sequences are gone over more than once. */
void heal_data_warn(const struct heal *h);

#endif
