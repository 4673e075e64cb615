/* positions - which tokens of a sequence are meant: 0,100-127,-1 or last
 *
 * A number counts from 0, a negative one from the end, so that -1, which is also called last, is
 * the last token. Of a sequence that is too short for one, it means none.
 */
#ifndef COPPICE_POSITIONS_H
#define COPPICE_POSITIONS_H

#include "sys/fault.h"

#include <stddef.h>
#include <stdint.h>

enum { POSITIONS_RANGES = 64, POSITIONS_MAX = 1 << 20 };

/* Begins as zeros, which is no position at all. */
struct positions {
	struct positions_range {
		int64_t first, last; /* both ends in, of one sign */
	} range[POSITIONS_RANGES];
	int n;
	size_t most; /* positions at most, of a sequence of any length */
};
/* Parses text into *p. Returns 0, or -1 with err. */
int positions_parse(struct positions *p, const char *text, struct fault *err);
/* Returns 1 where the token at this position of a sequence of ntok tokens is meant, else 0. */
int positions_have(const struct positions *p, uint64_t position, uint64_t ntok);
/* Returns 1 where the last token alone is meant, else 0. */
int positions_are_last(const struct positions *p);

#endif
