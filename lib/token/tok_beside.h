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

/* The files as JSON, each NULL where there is no such file: tokenizer_config.json,
 * special_tokens_map.json, added_tokens.json, config.json. tokens: an array of the added and
 * special tokens that they name, each an object as in the added_tokens of a tokenizer.json; those
 * with an id come first, by their ids, and flags are there only as far as the files say them. */
struct beside {
	json_t *config, *map, *added, *model;
	json_t *tokens;
};
void beside_read(struct beside *b, const char *folder); /* dies where a file cannot be read */
void beside_free(struct beside *b);

/* Finds the rule by which vocab.json and merges.txt are read: 0 with *rule, or -1 with err where
 * the files name none that is known. bare: the vocabulary is GPT-2's own, for which no file need
 * say it. */
int beside_merges_rule(const struct beside *b, int bare, struct merges_rule *rule,
	struct fault *err);
/* Sets BOS and EOS of t as far as the tokenizer itself, a file of kind `of`, does not name them,
 * and whether it adds BOS. */
enum tok_file { TOK_JSON, TOK_SPM, TOK_RANKS, TOK_MERGES };
void beside_specials(const struct beside *b, enum tok_file of, struct tok *t);
/* Checks everything else that the files say: 0, or -1 with err. Warns of tokens that they name and
 * the vocabulary does not have. */
int beside_check(const struct beside *b, enum tok_file of, const struct tok *t, struct fault *err);
/* Returns a line on what the files disagree about BOS, new; NULL where they agree. */
char *beside_doubt(const struct beside *b, enum tok_file of, const struct tok *t);

#endif
