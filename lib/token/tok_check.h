/* tok_check - whether token ids are those of a model's own tokenizer
 */
#ifndef COPPICE_TOK_CHECK_H
#define COPPICE_TOK_CHECK_H

#include "model/model.h"

/* Compares the meta of a tokens stream (tokenizer: {hash, size, ...}) with every model. An id space
 * larger than a model's embedding ends the program; another tokenizer than the base's own is
 * warned of. */
void tok_check_models(const struct models *m, const json_t *meta);

#endif
