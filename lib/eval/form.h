/* form - the forms in which data sets pose questions with choices, told by their keys, and their
 * prompts (coppice-method(7), CHOICE TASKS)
 *
 * The prompts are those of the Language Model Evaluation Harness for the task of that name.
 */
#ifndef COPPICE_FORM_H
#define COPPICE_FORM_H

#include "eval/posed.h"
#include "sys/fault.h"

#include <jansson.h>

/* Returns the number of the form of that name; -1: there is none. */
int form_find(const char *name);
/* Returns the name of form number i, NULL behind the last. */
const char *form_name(int i);
/* Returns the form whose keys the object o has; -1: there is none. */
int form_guess(const json_t *o);
/* Writes to err which keys the forms are told by. Always -1. */
int form_unknown(struct fault *err);
/* Reads a line of that form into *p, which posed_free frees in any case. Returns 0, or -1 with
 * err. */
int form_read(int form, struct posed *p, const json_t *o, struct fault *err);

#endif
