/* chain - how a stream came about, for a person to read: rec-cat -H
 */
#ifndef COPPICE_CHAIN_H
#define COPPICE_CHAIN_H

#include <jansson.h>
#include <stdio.h>

/* Prints the header of the stream in file: a line with the file and its kind, one of each step, the
 * oldest first, and what its meta says. */
void chain_print(FILE *to, const char *file, const json_t *header);

#endif
