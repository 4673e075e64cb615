/* eval_options - the options that the tools which evaluate models have alike
 */
#ifndef COPPICE_EVAL_OPTIONS_H
#define COPPICE_EVAL_OPTIONS_H

#include "cli/opt.h"

#include <stdint.h>

struct eval_options {
	const char *samples, *json; /* NULL: none */
	int prompts, merge, table;
	int bos; /* after eval_options_check: 1, 0, or -1 for the tokenizer's rule */
};
/* What was given, once the options are parsed. */
extern struct eval_options eval_options;
/* Tables for struct cli: of tools that ask questions, and of those that read sequences. */
extern const struct opt question_opts[], sequence_opts[];

/* Refuses what does not go together, as a misuse, and settles bos. */
void eval_options_check(void);

#endif
