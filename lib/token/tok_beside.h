/* tok_beside - what the files beside a tokenizer's own say: whose it is, which tokens were added,
 * what it adds itself
 *
 * tokenizer_config.json, special_tokens_map.json, added_tokens.json, config.json. What changes ids
 * in transformers is obeyed or refused by name; where its versions differ, the tokenizer's own file
 * decides, and the difference is told.
 */
#ifndef COPPICE_TOK_BESIDE_H
#define COPPICE_TOK_BESIDE_H

#include "token/tok_own.h"
#include "sys/fault.h"

/* NULL where there is no such file. tokens: the added and the special ones that they name, each an
 * object as in the added_tokens of a tokenizer.json, those with an id first and by their ids; flags
 * only as far as they are said. */
struct beside {
	json_t *config, *map, *added, *model;
	json_t *tokens;
};
void beside_read(struct beside *b, const char *folder); /* dies where one can't be read */
void beside_free(struct beside *b);

/* The rule for vocab.json and merges.txt: 0, or -1 with err where these files don't say one that is
 * known. bare: the vocabulary is GPT-2's own, which needs nobody to say so. */
int beside_merges_rule(const struct beside *b, int bare, struct merges_rule *rule,
	struct fault *err);
/* BOS and EOS as far as the tokenizer itself does not name them, and what it adds by itself. */
enum tok_file { TOK_JSON, TOK_SPM, TOK_RANKS, TOK_MERGES };
void beside_specials(const struct beside *b, enum tok_file of, struct tok *t);
/* Everything else: 0, or -1 with err. Warns of what is named and not there. */
int beside_check(const struct beside *b, enum tok_file of, const struct tok *t, struct fault *err);
/* What the files disagree in about BOS, as a line; NULL: nothing. New. */
char *beside_doubt(const struct beside *b, enum tok_file of, const struct tok *t);

#endif
