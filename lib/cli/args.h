/* args - the options that shape a result, as a step of `made` has them
 */
#ifndef COPPICE_ARGS_H
#define COPPICE_ARGS_H

#include "cli/opt.h"

#include <jansson.h>

/* Saves the values of the variables of the n tables, before any option is parsed. */
void args_begin(const struct opt *const *tables, int n);
/* Returns a new object with the values that the variables have now, for the rows that belong in it,
 * in the order that cli gives. tables and n are those of args_begin. */
json_t *args_of(const struct cli *cli, const struct opt *const *tables, int n);

#endif
