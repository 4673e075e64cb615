/* meta - what the parts of one measurement must agree on before their records are added
 *
 * Parts of one run made on many machines are merged by the tools that reduce (angdist,
 * argmin-block, the eval tools). A sum over parts means something only if they measured the same
 * model in the same way, and no document twice.
 *
 *   equal in every part   print keep layers adapter_print quant tokenizer length dtype all_tokens
 *                         positions, and what else the caller names
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

/* Merges the meta of one more part into *into, which is NULL at first and then a copy, the
 * caller's. extra: further keys that must agree, ended by NULL, or NULL for none. 0, or -1 with
 * err. */
int meta_merge(json_t **into, const json_t *part, const char *const *extra, struct fault *err);
int meta_mixed(const json_t *meta); /* 1 where parts of several kernels are in meta, else 0 */

/* The same, but dies with the name of file, and warns once of mixed kernels. */
void meta_add(json_t **into, const json_t *part, const char *const *extra, const char *file);

/* A set of document numbers, as the key `docs` has them. Begins as zeros. */
struct docs {
	/* ascending, apart; last UINT64_MAX: all that follow */
	struct docs_range {
		uint64_t first, last;
	} * r;
	size_t n, cap;
};
void docs_add(struct docs *d, uint64_t doc); /* adds one number, if it is not there */
/* Adds other to d: 0, or -1 where both have a document, *shared being the first; some of other may
 * then be in d. */
int docs_union(struct docs *d, const struct docs *other, uint64_t *shared);
/* Returns how many documents are in both. */
uint64_t docs_common(const struct docs *a, const struct docs *b);
int docs_from_json(struct docs *d, const json_t *j); /* into zeros: 0, or -1: not of that form */
json_t *docs_to_json(const struct docs *d);          /* new */
void docs_free(struct docs *d);

#endif
