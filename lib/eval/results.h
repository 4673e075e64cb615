/* results - a score in the form in which the Language Model Evaluation Harness writes its results
 *
 * What lm-eval's own table maker, and what else reads its files, need: results, groups,
 * group_subtasks, configs, versions, n-shot, higher_is_better, n-samples, config and git_hash. The
 * names of tasks and metrics are lm-eval's, where it has the task. There is no date, so that equal
 * scores give equal bytes; `made` has the steps of the score's stream.
 */
#ifndef COPPICE_RESULTS_H
#define COPPICE_RESULTS_H

#include "stream/records.h"

#include <jansson.h>

/* Returns the results of one score, new. meta: of its stream; made: the steps of it, this tool's
 * own included. Dies with one line where the score lacks a key that its task has. */
json_t *results_json(const struct score *s, const json_t *meta, const json_t *made);
/* The version of lm-eval's task of that name, for accuracies. */
int results_version(const char *task);

#endif
