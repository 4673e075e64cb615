/* score_table - a score as the Language Model Evaluation Harness prints its results: in Markdown,
 * with its columns and groups
 *
 * MMLU stands there in lm-eval's four groups, which have anatomy among the sciences; the categories
 * of the score itself are the original's.
 */
#ifndef COPPICE_SCORE_TABLE_H
#define COPPICE_SCORE_TABLE_H

#include "stream/records.h"

#include <stdio.h>

/* Prints the table of one score. meta: of its stream, for the number of examples. Dies with one
 * line where the score lacks a key that its task has. */
void score_table_print(FILE *to, const struct score *s, const json_t *meta);

#endif
