/* meta - what the parts of one measurement must agree on before their records are added
 *
 * Parts of one run made on many machines are merged by the tools that reduce (angdist,
 * argmin-block, the eval tools). A sum over parts means something only if they measured the same
 * model in the same way, and no document twice.
 *
 *   equal in every part   print keep layers adapter_print quant tokenizer length dtype, and what
 *                         else the caller names
 *   docs                  ranges [first, last] of document numbers, both ends in, ascending and
 *                         apart; last null: all that follow. Two parts that share a document are
 *                         refused; ranges that touch become one
 *   kernel                the instruction set of the products: other bits, the same measurement.
 *                         Parts that differ are merged with a warning, and the names joined by "+"
 *   any other key         kept where all parts agree, else left out
 */
#ifndef COPPICE_META_H
#define COPPICE_META_H

#include "sys/fault.h"

#include <jansson.h>
#include <stdint.h>

/* Adds a part's meta to *into (NULL at first: becomes a copy). extra: NULL-terminated further keys
 * that must agree, or NULL. 0, or -1 with a line in err. */
int meta_merge(json_t **into, const json_t *part, const char *const *extra, struct fault *err);
int meta_mixed(const json_t *meta); /* 1: parts of several kernels are in it */

/* The same, but it dies with the file's name, and warns once of mixed kernels. */
void meta_add(json_t **into, const json_t *part, const char *const *extra, const char *file);

/* Ranges of document numbers, as `docs` has them. Zero-initialise. */
struct docs {
	/* ascending, apart; last UINT64_MAX: all that follow */
	struct docs_range {
		uint64_t first, last;
	} * r;
	size_t n, cap;
};
void docs_add(struct docs *d, uint64_t doc); /* may be there already */
/* -1: both have document *shared */
int docs_union(struct docs *d, const struct docs *other, uint64_t *shared);
int docs_from_json(struct docs *d, const json_t *j); /* -1: not of that form */
json_t *docs_to_json(const struct docs *d);
void docs_free(struct docs *d);

#endif
