/* template - questions of any keys, read by templates (eval-choice(1), Templates)
 */
#ifndef COPPICE_TEMPLATE_H
#define COPPICE_TEMPLATE_H

#include "eval/posed.h"
#include "sys/fault.h"

#include <jansson.h>

/* All of it stays the caller's. labels may be NULL. */
struct templates {
	const char *question, *choices, *answer, *labels;
};
/* Reads the object o into *p, which posed_free frees in any case. Returns 0, or -1 with err. */
int templates_read(const struct templates *t, struct posed *p, const json_t *o, struct fault *err);

#endif
