/* chain - how a stream came about, for a person to read: rec-cat -H
 */
#ifndef COPPICE_CHAIN_H
#define COPPICE_CHAIN_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* A stream that was read to its end. All of it stays the caller's. */
struct chain {
	const char *file, *kind;
	uint64_t records;
	const json_t *made, *meta;
};
/* Prints a line with the file, its kind and how much is in it; one of each step, the oldest first,
 * each followed by what it read; and what meta says of all records. Whatever bytes are in them,
 * each is one line. */
void chain_print(FILE *to, const struct chain *c);

#endif
