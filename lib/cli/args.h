/* args - the options that shape a result, as a step of `made` has them
 */
#ifndef COPPICE_ARGS_H
#define COPPICE_ARGS_H

#include "cli/opt.h"

#include <jansson.h>

/* Keeps what the variables of the n tables hold before any option is parsed. */
void args_begin(const struct opt *const *tables, int n);
/* A new object of what the variables hold now, in the order that the tool asks for. The tables are
 * those of args_begin. */
json_t *args_of(const struct cli *cli, const struct opt *const *tables, int n);

#endif
