/* race - RACE's questions about an article (coppice-method(7), CHOICE TASKS)
 *
 * A line has one question and its options, or all problems of its article; of these the last is
 * asked, and those before it are shown with their answers.
 */
#ifndef COPPICE_RACE_H
#define COPPICE_RACE_H

#include "eval/posed.h"
#include "sys/fault.h"

#include <jansson.h>

/* Reads a line as form_read does (form.h). */
int race_read(struct posed *p, const json_t *o, struct fault *err);
/* Reads text[0..n), a list of Python's as its repr() has it, of lists, maps, texts and numbers.
 * Returns 0 with *j, new, or -1 with err. */
int race_literal(json_t **j, const char *text, size_t n, struct fault *err);

#endif
