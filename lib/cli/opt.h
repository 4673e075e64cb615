/* opt - the tables by which a tool describes itself
 *
 * -h, the completions of shells, the steps of `made` and the tests read the same tables, so that
 * they cannot disagree.
 */
#ifndef COPPICE_OPT_H
#define COPPICE_OPT_H

enum opt_type {
	OPT_FLAG, /* int: set to 1; no argument */
	OPT_INT,  /* int64_t: a decimal number >= 0 */
	OPT_REAL, /* double: a finite number */
	OPT_SIZE, /* size_t: bytes, with K M G T for powers of 1024 */
	OPT_TIME, /* double: seconds above 0, also with s m h d for the unit */
	OPT_TEXT, /* const char *: taken as it is */
	OPT_CALL, /* whatever `call` makes of it */
};

/* Whether an option's value is among the args of this tool's step in `made`, which are all that
 * shapes a result. A row without this field has MADE_SET, so that no option is forgotten there. */
enum opt_made {
	MADE_SET,        /* where the value differs from the one before the options were parsed */
	MADE_ALWAYS,     /* whatever its value */
	MADE_FALSE,      /* of OPT_FLAG: as false, where it is set */
	MADE_ARITHMETIC, /* as MADE_SET, in tools with cli.arithmetic */
	MADE_NOT,        /* it shapes no result, or a record says it */
};

/* One option. letter 0: it has only a long name. A table ends with a row whose name is NULL. */
struct opt {
	char letter;
	const char *name; /* without the dashes */
	const char *arg;  /* what its argument is called in -h, NULL for OPT_FLAG */
	enum opt_type type;
	void *to;         /* the variable that holds it, of the type above */
	const char *help; /* one line */
	/* of OPT_CALL: parses the argument, and returns 0, or -1 for a misuse. `to` is then a const
	 * char *, which call sets, or NULL where the option is MADE_NOT. */
	int (*call)(const char *arg);
	enum opt_made made;
	const char *key; /* its key in made; NULL: its name */
	/* The words that its value may be, separated by blanks; NULL: any value. Where arg is LIST,
	 * it may be several, with commas between. */
	const char *words;
	/* Returns some of the words that shells offer for the value, separated by blanks, by number
	 * from 0; NULL after the last. The value may be others, too. */
	const char *(*offered)(int i);
};

/* Which options a tool has for the models that it opens: those of the levels before, too. */
enum opt_model {
	MODEL_NONE,
	MODEL_LAYERS,  /* -m, --base, --adapter, --ignore: what layers it has */
	MODEL_WEIGHTS, /* --quant */
	MODEL_RUN,     /* --dtype, --memory, --plan, -j: it computes with them */
};

struct cli {
	const char *name;
	const char *operands;     /* as in the synopsis: "[TOKENS ...]" */
	const char *about;        /* one line: what goes in and what comes out */
	const struct opt *opts;   /* the tool's own */
	const struct opt *shared; /* those that it has alike with others, behind its own, or NULL */
	enum opt_model model;     /* also the options of tools that open a model */
	int threads;              /* 1: also -j, which tools that run a model have anyway */
	int seed;                 /* 1: also -s */
	const char *example;      /* a command line */
	/* Returns word number i, from 0, of those that the first operand may be; NULL after the
	 * last. Where the function is NULL, all operands are files. */
	const char *(*word)(int i);
	/* Returns 1 where, by the options, nothing is read from standard input though there are no
	 * operands; NULL: it always is, unless `operands` is empty. */
	int (*no_input)(void);
	int arithmetic; /* 1: made has --quant and --dtype, which shape the numbers */
	/* the keys that come first and last in made, separated by blanks; NULL: none. All others
	 * come between them, in the order of the tables. */
	const char *made_first, *made_last;
};

#endif
