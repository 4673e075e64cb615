/* shortfall - one line of warning where --skip, --limit or --sample asks for more than there is
 */
#ifndef COPPICE_SHORTFALL_H
#define COPPICE_SHORTFALL_H

#include <stdint.h>

/* files: what was read, none: standard input. there: how many of `what` ("documents") were found,
 * or as many as were looked for; skip of them were left out; asked: how many were wanted of the
 * rest, UINT64_MAX: all. */
void shortfall(char *const *files, const char *what, uint64_t there, uint64_t skip, uint64_t asked);

#endif
