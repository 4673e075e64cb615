/* cli - what every tool does alike: options, -h, completions, the start and the end
 */
#ifndef COPPICE_CLI_H
#define COPPICE_CLI_H

#include "cli/opt.h"
#include "cli/settings.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* The options that every tool has, after cli_parse. */
struct common {
	int quiet, verbose;
	int threads;   /* -j, always >= 1 */
	size_t memory; /* --memory in bytes, 0: what is free */
	int64_t seed;  /* -s, only with cli.seed; default 0 */
	/* with cli.model: */
	struct model_settings model; /* -m, --base, --adapter, --quant, --ignore */
	int plan;                    /* --plan, only with MODEL_RUN */
	const char *dtype; /* --dtype: "f32", "bf16", NULL: bf16 where the machine is fast at it */
};
extern struct common common;

/* Parses the options; returns the operands as a NULL-terminated part of argv. -h, --version and a
 * lone --completion=SHELL end the program with status 0; a misuse ends it with status 2. */
char **cli_parse(const struct cli *cli, int argc, char *argv[]);

/* Returns the args of this tool's step in `made`, a new object: the options that shape the result,
 * as the flags of their rows tell, with the values that the variables have now. Dies where a text
 * is not UTF-8. */
json_t *cli_args(void);

#endif
