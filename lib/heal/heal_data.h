/* heal_data - what there is to train on, looked at before the first step
 */
#ifndef COPPICE_HEAL_DATA_H
#define COPPICE_HEAL_DATA_H

#include "heal/heal.h"

/* Dies where a step, or the held-out loss, would predict no token: sequences of one token have
 * none to predict. valid is the name of the held-out tokens' file, for the message. */
void heal_data_check(const struct heal *h, const char *valid);

#endif
