/* value - what options take: numbers, sizes and times, out of the text that was typed
 *
 * All return 0 with *to, or -1 where the text is no such value; *to is then undefined.
 */
#ifndef COPPICE_VALUE_H
#define COPPICE_VALUE_H

#include "cli/opt.h"

#include <stddef.h>
#include <stdint.h>

int value_int(const char *text, int64_t *to); /* decimal digits */
int value_real(const char *text, double *to); /* finite */
int value_size(const char *text, size_t *to); /* bytes: 17, 512M; K M G T are powers of 1024 */
int value_time(const char *text, double *to); /* seconds, above 0: 90, 90s, 5m, 2h, 1.5d */

/* Sets the variable of an option by the text that was typed for it; NULL for OPT_FLAG. */
int value_set(const struct opt *o, const char *text);
/* Returns what an option of this type wants, as the message says it. */
const char *value_wanted(enum opt_type type);

#endif
