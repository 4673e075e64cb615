/* eval_options - see eval_options.h
 */
#include "cli/eval_options.h"

#include "sys/die.h"

#include <stddef.h>

struct eval_options eval_options;

static int with_bos, no_bos;

const struct opt question_opts[] = { { 0, "bos", NULL, OPT_FLAG, &with_bos,
					     "put a BOS token in front of each prompt" },
	{ 0, "no-bos", NULL, OPT_FLAG, &no_bos, "no BOS token (default: the tokenizer's rule)",
		.made = MADE_FALSE, .key = "bos" },
	{ 0, "samples", "FILE", OPT_TEXT, &eval_options.samples,
		"also write every answer to FILE; continues an interrupted run", .made = MADE_NOT },
	{ 0, "prompts", NULL, OPT_FLAG, &eval_options.prompts, "with --samples: the prompts too",
		.made = MADE_NOT },
	{ 0, "merge", NULL, OPT_FLAG, &eval_options.merge,
		"operands are score streams, parts of one run: add them up", .made = MADE_NOT },
	{ 0, "table", NULL, OPT_FLAG, &eval_options.table,
		"print lm-eval's table instead of a score stream", .made = MADE_NOT },
	{ 0, "json", "FILE", OPT_TEXT, &eval_options.json,
		"also write the results to FILE, in the form of lm-eval's", .made = MADE_NOT },
	{ 0 } };

const struct opt sequence_opts[] = {
	{ 0, "samples", "FILE", OPT_TEXT, &eval_options.samples,
		"also write every loss to FILE; continues an interrupted run", .made = MADE_NOT },
	{ 0, "merge", NULL, OPT_FLAG, &eval_options.merge,
		"operands are score streams, parts of one run: add them up", .made = MADE_NOT },
	{ 0, "table", NULL, OPT_FLAG, &eval_options.table,
		"print a table as lm-eval does instead of a score stream", .made = MADE_NOT },
	{ 0, "json", "FILE", OPT_TEXT, &eval_options.json,
		"also write the results to FILE, in the form of lm-eval's", .made = MADE_NOT },
	{ 0 }
};

void eval_options_check(void)
{
	if (eval_options.prompts && eval_options.samples == NULL)
		misuse("--prompts goes with --samples");
	if (with_bos && no_bos)
		misuse("--bos and --no-bos: not both");
	eval_options.bos = with_bos ? 1 : no_bos ? 0 : -1;
}
