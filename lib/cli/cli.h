/* cli - what every tool does alike: options, messages, exit statuses, progress, temporary files
 *
 * A tool describes itself in one struct cli; -h, the tests and the shell completions read the same
 * tables, so that they cannot disagree. Everything here is for the main thread; parallel bodies
 * record an error and let the main thread raise it.
 */
#ifndef COPPICE_CLI_H
#define COPPICE_CLI_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_MISUSED = 2, EXIT_INTERRUPTED = 75 };

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

/* The tool's name, for messages and for `made`. */
const char *cli_name(void);

/* One line "tool: MESSAGE" on stderr; registered temporaries are removed; exit with 1, or with 2.
 * Message style: "file: what: why". */
void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void misuse(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* not with -q */
void note(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* only with -v */
/* A line of result for people, as it stands, on stderr; not with -q. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Where little can be relied on any more, in a signal handler, without memory, in any thread: one
 * line "tool: WHAT: WHY" by nothing but write; registered temporaries are removed; exit with 1. */
void die_now(const char *what, const char *why) __attribute__((noreturn));

/* Memory or death, in all libraries of the process too (resources.c): where malloc, calloc, realloc
 * and their like return, there is memory. xmalloc(0) is allowed; xcalloc and xrealloc check the
 * product. Freed with free. */
void *xmalloc(size_t bytes);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *p, size_t count, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* die_now; SIZE_MAX, 0: how many is not known */
void out_of_memory(size_t bytes) __attribute__((noreturn));

/* stdio, and read and write, that go on where a signal breaks a call off or it takes a part:
 * glibc's own streams take that for an error, and lose what was to be written. A writer dies where
 * a write fails ("NAME: write: why"), so that none is ever taken for done; its fclose tells of
 * close. A reader's error is ferror's, and not its end. The descriptor is closed by fclose; fileno
 * does not know it. steady_open: NULL with errno. steady_read: what read gives, of at most n bytes;
 * steady_write: all n: 0, or -1 with errno. */
FILE *steady_writer(int fd, const char *name);
FILE *steady_reader(int fd, const char *name);
FILE *steady_open(const char *path);
/* At the end of a file: dies where it has become shorter than it was when it was opened (size; 0:
 * it is no file, or that is not known), for then this is not its end. */
void steady_end(int fd, off_t size, const char *name);
long steady_read(int fd, void *to, size_t n);
int steady_write(int fd, const void *bytes, size_t n);

/* A file that is written beside its place and renamed into it. out_open creates PATH.part, or
 * clears what a killed run left there, locks it (dies where a live run holds it) and registers it:
 * die, SIGINT, SIGTERM remove it. out_close flushes, syncs, checks and renames: only then PATH is
 * new. More of outputs: output.h. */
struct out_file {
	FILE *f;
	int fd;
	char *path, *temp;
};
struct out_file out_open(const char *path);
void out_close(struct out_file *o);
/* What a tool does last with standard output: flushes it, then publishes what waits (output.h),
 * then closes it; dies if anything was not written. */
void stdout_close(void);
/* Registers any file, or a folder with what is in it, to be removed by die; and takes it back. */
void temp_add(const char *path);
void temp_done(const char *path);
/* Now, at the program's end; safe in a signal handler. 0, or the thread that is at it, which will
 * end the program: another one, or this one where the handler's signal came. */
int temp_remove_all(void);

/* Progress on stderr: a live line with rate and ETA on a terminal, a plain line every half minute
 * elsewhere, nothing before three seconds have passed, nothing with -q. One at a time. total 0:
 * unknown. */
void progress_start(const char *what, const char *unit, double total);
void progress_add(double done);
void progress_end(void);
/* takes the live line off the screen, before something else is printed */
void progress_clear(void);

/* With -v, a closing line: wall time, user time, peak memory. Called by cli at exit. */

/* Threads to use where -j says nothing. */
int cpus(void);
/* Has OpenMP make teams of so many, and no smaller ones when it likes; returns how many it will
 * really give. */
int threads_held(int threads);

/* Bytes of memory to plan for: --memory, or nine tenths of what is available now. */
size_t memory_budget(void);
/* Of that, what is spent or will be whatever is planned: the program, its libraries, its
 * threads. */
size_t memory_own(void);
size_t memory_peak(void); /* the most that this process has held so far */

#ifdef __cplusplus
}
#endif
#endif
