/* card - the README.md of a written checkpoint: what it derives from, what was dropped, how it
 * scores
 *
 * It begins with the YAML that model hubs read. No dates and no host names: the same model gives
 * the same card.
 */
#ifndef COPPICE_CARD_H
#define COPPICE_CARD_H

#include "model/model.h"

struct card {
	const char *name; /* of the new model: its title */
	const struct model *model;
	const json_t *provenance; /* steps that led to it, or NULL */
	/* path of the base's README.md, for its licence and languages; may not exist */
	const char *base_card;
	const char *scores; /* a file of score records, or NULL */
	int merged;         /* 1: the adapter is in the weights */
};

/* Returns the text of a card, new. Dies where c->scores cannot be read. */
char *card_text(const struct card *c);
/* Returns the lines of a card's YAML that a derived model should keep, new: license and its like,
 * language. May be empty. */
char *card_inherited(const char *text);

#endif
