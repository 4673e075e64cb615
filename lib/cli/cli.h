/* cli - what every tool does alike: options, -h, completions, the start and the end
 *
 * A tool describes itself in one struct cli; -h, the tests and the shell completions read the same
 * tables, so that they cannot disagree.
 */
#ifndef COPPICE_CLI_H
#define COPPICE_CLI_H

#include <stddef.h>
#include <stdint.h>

enum opt_type {
	OPT_FLAG, /* int: set to 1; no argument */
	OPT_INT,  /* int64_t: a decimal number >= 0 */
	OPT_REAL, /* double: a finite number */
	OPT_SIZE, /* size_t: bytes, with K M G T for powers of 1024 */
	OPT_TEXT, /* const char *: taken as it is */
	OPT_CALL, /* int (*)(const char *): parses it; 0, or -1 for a misuse */
};

/* One option. letter 0: only a long name. A table ends with a row whose name is NULL. */
struct opt {
	char letter;
	const char *name; /* without the dashes */
	const char *arg;  /* what its argument is called in -h, NULL for OPT_FLAG */
	enum opt_type type;
	void *to;
	const char *help; /* one line */
};

struct cli {
	const char *name;
	const char *operands;   /* as in the synopsis: "[TOKENS ...]" */
	const char *about;      /* one line: what goes in and what comes out */
	const struct opt *opts; /* the tool's own */
	int model;              /* 1: also the options of tools that open a model (struct common) */
	int seed;               /* 1: also -s */
	const char *example;    /* a command line */
};

/* The options that every tool has, after cli_parse. */
struct common {
	int quiet, verbose;
	int threads;   /* -j, always >= 1 */
	size_t memory; /* --memory in bytes, 0: what is free */
	int64_t seed;  /* -s, only with cli.seed; default 0 */
	/* only with cli.model: */
	/* -m: a folder, a GGUF file or a file with a model stream; NULL: standard input */
	const char *model;
	const char *base;    /* --base: overrides the record's base */
	const char *adapter; /* --adapter: overrides the record's adapter */
	const char *quant;   /* --quant: NULL as the record says, "nf4" or "none" */
	const char *dtype; /* --dtype: "f32", "bf16", NULL: bf16 where the machine is fast at it */
};
extern struct common common;

/* Parses the options; returns the operands as a NULL-terminated part of argv. -h, --version and a
 * lone --completion=SHELL end the program with status 0; a misuse ends it with status 2. */
char **cli_parse(const struct cli *cli, int argc, char *argv[]);

/* What the options are parsed with, for OPT_CALL: 0, or -1 where the text is not such a number. */
int parse_int(const char *s, int64_t *to);
int parse_real(const char *s, double *to);
int parse_size(const char *s, size_t *to);

#endif
