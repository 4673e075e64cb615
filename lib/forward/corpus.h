/* corpus - a tokens stream read and verified whole: the sequences that training goes through again
 * and again
 */
#ifndef COPPICE_CORPUS_H
#define COPPICE_CORPUS_H

#include "model/model.h"

struct corpus {
	uint32_t *ids;
	size_t *first; /* [n + 1]: sequence i is ids[first[i]] .. ids[first[i+1] - 1] */
	size_t n;      /* >= 1 */
	size_t longest;
	char hash[17]; /* XXH3 of all lengths and ids */
	json_t *provenance;/* the steps of the streams */
	json_t *meta;  /* of the first one */
};
/* Dies on what is not a complete stream, holds nothing, or doesn't fit the model: ids, length.
 * files as in rec_open. */
void corpus_read(struct corpus *c, char *const *files, const struct models *m);
void corpus_free(struct corpus *c);

#endif
