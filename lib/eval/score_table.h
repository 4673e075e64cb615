/* score_table - a score as the Language Model Evaluation Harness prints its results: Markdown, its
 * columns and its groups
 *
 * MMLU stands there in lm-eval's four groups, which have anatomy among the sciences; the score's
 * own categories are the original's.
 */
#ifndef COPPICE_SCORE_TABLE_H
#define COPPICE_SCORE_TABLE_H

#include "stream/records.h"

#include <stdio.h>

/* meta: the stream's, for the number of shots. Dies where a score lacks what its task has. */
void score_table_print(FILE *to, const struct score *s, const json_t *meta);

#endif
