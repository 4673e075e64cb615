/* card - README.md of a written checkpoint: what it was made from, what was dropped, how it scores
 *
 * Begins with the YAML that model hubs read. No dates and no host names: the same model gives the
 * same card.
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

/* New. Dies if scores can't be read. */
char *card_text(const struct card *c);
/* The lines of a card's YAML that its descendants should keep: license..., language. New, may be
 * empty. */
char *card_inherited(const char *text);

#endif
