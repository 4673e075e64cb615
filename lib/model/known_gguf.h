/* known_gguf - the rule of known.h on the pairs of a GGUF file
 */
#ifndef COPPICE_KNOWN_GGUF_H
#define COPPICE_KNOWN_GGUF_H

#include "file/gguf.h"
#include "model/known.h"
#include "sys/fault.h"

/* Checks every pair of k's architecture that the reader does not read, and general.type: 0, or -1
 * with err. */
int known_gguf_check(struct known *k, const struct gguf *g, struct fault *err);
/* Takes the pairs that --ignore names out of g's list; the file's bytes stay. */
void known_gguf_strip(struct gguf *g);

#endif
