/* cli - options, and a tool's start and end
 *
 * A write that fails must leave no temporaries, so SIGPIPE is ignored at first (signals.h), and
 * every close is checked. A standard descriptor that the caller closed is held open in the wrong
 * direction: the next file opened must not take its number, and writing to it must fail.
 */
#include "cli/cli.h"
#include "cli/args.h"
#include "cli/complete.h"
#include "cli/spelling.h"
#include "cli/value.h"
#include "cli/words.h"
#include "sys/budget.h"
#include "sys/die.h"
#include "sys/environment.h"
#include "sys/memory.h"
#include "sys/near.h"
#include "sys/output.h"
#include "sys/signals.h"
#include "sys/steady.h"
#include "sys/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct common common = { .threads = 1 };

static const struct cli *self;
static struct timespec started;
static int help_wanted, version_wanted;
static int64_t threads_wanted;

/* -- options ----------------------------------------------------------------------------------- */

static const struct opt every_opts[] = { { 'q', "quiet", NULL, OPT_FLAG, &common.quiet,
						 "say nothing but errors", .made = MADE_NOT },
	{ 'v', "verbose", NULL, OPT_FLAG, &common.verbose,
		"say more, and at the end what time and memory it took", .made = MADE_NOT },
	{ 'h', "help", NULL, OPT_FLAG, &help_wanted, "print this", .made = MADE_NOT },
	{ 0, "version", NULL, OPT_FLAG, &version_wanted, "print the version", .made = MADE_NOT },
	{ 0 } };

static int ignore_option(const char *arg)
{
	int n = 0;

	for (; common.model.ignore[n]; n++)
		if (strcmp(common.model.ignore[n], arg) == 0)
			return 0;
	if (n == MOST_IGNORED || !*arg)
		return -1;
	common.model.ignore[n] = arg;
	return 0;
}

static const struct opt model_opts[] = {
	{ 'm', "model", "MODEL", OPT_TEXT, &common.model.path,
		"a Hugging Face folder, a GGUF file or a model stream (default: standard input)",
		.made = MADE_NOT },
	{ 0, "base", "PATH", OPT_TEXT, &common.model.base, "where the base model is now",
		.made = MADE_NOT },
	{ 0, "adapter", "PATH", OPT_TEXT, &common.model.adapter, "where the adapter is now",
		.made = MADE_NOT },
	{ 0, "ignore", "KEY", OPT_CALL, NULL,
		"ignore this key, pair or tensor of the model; may be repeated",
		.call = ignore_option, .made = MADE_NOT },
	{ 0 }
};

static const struct opt weights_opts[] = {
	{ 0, "quant", "TYPE", OPT_TEXT, &common.model.quant,
		"nf4 or none (default: as the model record says)", .made = MADE_ARITHMETIC,
		.words = "nf4 none" },
	{ 0 }
};

static const struct opt run_opts[] = {
	{ 0, "dtype", "TYPE", OPT_TEXT, &common.dtype,
		"f32 or bf16: arithmetic of the products (default: bf16 where it is fast)",
		.made = MADE_ARITHMETIC, .words = "f32 bf16" },
	{ 0, "memory", "SIZE", OPT_SIZE, &common.memory,
		"memory to plan for, such as 24G (default: what is free)", .made = MADE_NOT },
	{ 0, "plan", NULL, OPT_FLAG, &common.plan,
		"run nothing: say what memory, time and disk it would take", .made = MADE_NOT },
	{ 0 }
};

static const struct opt seed_opts[] = { { 's', "seed", "N", OPT_INT, &common.seed,
						"seed of random choices (default 0)",
						.made = MADE_ALWAYS },
	{ 0 } };

static const struct opt threads_opts[] = {
	{ 'j', "threads", "N", OPT_INT, &threads_wanted,
		"threads (default: all); the result is the same for any number", .made = MADE_NOT },
	{ 0 }
};

enum { TABLES = 8 };

/* The tables that hold for this tool, its own first; those that may stand in made come before
 * threads_opts. */
static int tables(const struct opt *t[TABLES])
{
	int n = 0;

	if (self->opts)
		t[n++] = self->opts;
	if (self->shared)
		t[n++] = self->shared;
	if (self->model >= MODEL_LAYERS)
		t[n++] = model_opts;
	if (self->model >= MODEL_WEIGHTS)
		t[n++] = weights_opts;
	if (self->model >= MODEL_RUN)
		t[n++] = run_opts;
	if (self->seed)
		t[n++] = seed_opts;
	if (self->threads || self->model >= MODEL_RUN)
		t[n++] = threads_opts;
	t[n++] = every_opts;
	return n;
}

static const struct opt *find_letter(char letter)
{
	const struct opt *t[TABLES];
	int n = tables(t);

	for (int i = 0; i < n; i++)
		for (const struct opt *o = t[i]; o->name; o++)
			if (o->letter == letter)
				return o;
	return NULL;
}

/* -- a long option's name, which may be cut short or misspelt --------------------------------- */

struct guess {
	const struct opt *exact, *begins; /* the row, and a row whose name begins so */
	int n;                            /* of those */
	char names[256];                  /* theirs: "--skip, --samples" */
	struct near near;
};

static void guess_by(struct guess *g, const struct opt *o, const char *name)
{
	size_t n = strlen(name), used = strlen(g->names);

	near_try(&g->near, name, o->name);
	if (strncmp(o->name, name, n) != 0)
		return;
	if (!o->name[n])
		g->exact = o;
	g->begins = o;
	snprintf(g->names + used, sizeof g->names - used, "%s--%s", g->n++ ? ", " : "", o->name);
}

/* The row that a name means: all of it, or what no other name begins with. */
static const struct opt *find_name(const char *name)
{
	const struct opt *t[TABLES];
	struct guess g = { 0 };
	int n = tables(t);

	for (int i = 0; i < n; i++)
		for (const struct opt *o = t[i]; o->name; o++)
			guess_by(&g, o, name);
	if (g.exact)
		return g.exact;
	if (g.n > 1 && *name)
		misuse("--%s: may be %s", name, g.names);
	if (!g.n && g.near.best)
		misuse("--%s: no such option; did you mean --%s?", name, g.near.best);
	if (g.n != 1)
		misuse("--%s: no such option (try -h)", name);
	return g.begins;
}

/* -- words of the command line ----------------------------------------------------------------- */

/* before: the option as it was typed, with what stands before its value. */
static void take_value(const struct opt *o, const char *before, const char *arg)
{
	char *typed = xasprintf("%s%s", before, arg);

	words_check(o, arg, typed);
	if (value_set(o, arg))
		misuse("%s: %s", typed, value_wanted(o->type));
	free(typed);
}

/* --name, --name=ARG, --name ARG. Returns how many more words it took. */
static int long_option(const char *word, const char *next)
{
	char *name = xstrdup(word + 2), *eq = strchr(name, '='), before[128];
	const struct opt *o;
	const char *arg;

	if (eq)
		*eq = 0;
	o = find_name(name);
	free(name);
	eq = strchr(word, '=');
	if (o->type == OPT_FLAG) {
		if (eq)
			misuse("--%s: takes no argument", o->name);
		value_set(o, NULL);
		return 0;
	}
	arg = eq ? eq + 1 : next;
	if (!arg)
		misuse("--%s: needs an argument: %s", o->name, o->arg);
	snprintf(before, sizeof before, "--%s=", o->name);
	take_value(o, before, arg);
	return !eq;
}

/* -a, -ab, -nARG, -n ARG. */
static int short_options(const char *word, const char *next)
{
	for (const char *p = word + 1; *p; p++) {
		const struct opt *o = find_letter(*p);
		char before[] = { '-', *p, ' ', 0 };
		const char *arg;

		if (!o)
			misuse("-%c: no such option (try -h)", *p);
		if (o->type == OPT_FLAG) {
			value_set(o, NULL);
			continue;
		}
		arg = p[1] ? p + 1 : next;
		if (!arg)
			misuse("-%c: needs an argument: %s", *p, o->arg);
		take_value(o, before, arg);
		return !p[1];
	}
	return 0;
}

/* Options may stand before and after operands; the operands are moved together, in order. */
static char **parse(int argc, char *argv[])
{
	int n = 0, i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		if (argv[i][0] != '-' || !argv[i][1])
			argv[n++] = argv[i];
		else if (argv[i][1] == '-')
			i += long_option(argv[i], argv[i + 1]);
		else
			i += short_options(argv[i], argv[i + 1]);
	}
	while (i < argc)
		argv[n++] = argv[i++];
	argv[n] = NULL;
	return argv;
}

json_t *cli_args(void)
{
	const struct opt *t[TABLES];
	int n = tables(t);

	return args_of(self, t, n);
}

static void print_usage(FILE *to)
{
	fprintf(to, "usage: %s [OPTION ...]%s%s\n\n%s\n", self->name, *self->operands ? " " : "",
		self->operands, self->about);
}

static void print_example(FILE *to)
{
	if (self->example)
		fprintf(to, "\nexample: %s\n", self->example);
}

/* Of the tool's own, of models, of all tools: -h has a blank line between. */
static int group(const struct opt *t)
{
	return t == self->opts || t == self->shared                     ? 0
		: t == model_opts || t == weights_opts || t == run_opts ? 1
									: 2;
}

static void help(void)
{
	const struct opt *t[TABLES];
	int n = tables(t), width = 0;
	char left[128];

	for (int pass = 0; pass < 2; pass++) {
		if (pass)
			print_usage(stdout);
		for (int i = 0; i < n; i++) {
			if (pass && (!i || group(t[i]) != group(t[i - 1])))
				putchar('\n');
			for (const struct opt *o = t[i]; o->name; o++) {
				int w = snprintf(left, sizeof left, "  %c%c%c --%s%s%s",
					o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
					o->letter ? ',' : ' ', o->name, o->arg ? "=" : "",
					o->arg ? o->arg : "");

				if (pass)
					printf("%-*s  %s\n", width, left, o->help);
				else if (w > width)
					width = w;
			}
		}
	}
	print_example(stdout);
}

/* A tool that was called without anything would wait for what is typed. The word of rec-make is no
 * file. */
static void need_input(char *const *operands)
{
	const char *file = *operands && self->word ? operands[1] : *operands;

	if (file || !*self->operands || !isatty(STDIN_FILENO) ||
		(self->no_input && self->no_input()))
		return;
	print_usage(stderr);
	print_example(stderr);
	fputc('\n', stderr);
	misuse("standard input is a terminal: name a file, or let a pipe bring it (-h: all "
	       "options)");
}

/* -- start and end ----------------------------------------------------------------------------- */

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void closing_line(void)
{
	struct timespec now;
	struct rusage u;

	if (!common.verbose)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	getrusage(RUSAGE_SELF, &u);
	note("%.2f s, %.2f s user, %.2f s system, %.1f MiB at most",
		(double)(now.tv_sec - started.tv_sec) +
			(double)(now.tv_nsec - started.tv_nsec) / 1e9,
		seconds(u.ru_utime), seconds(u.ru_stime), (double)memory_peak() / (1 << 20));
}

static void hold_descriptors(void)
{
	static const int wrong_way[] = { O_WRONLY, O_RDONLY, O_WRONLY };

	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", wrong_way[fd]) != fd)
			_exit(EXIT_FAILED);
}

/* --completion=SHELL as the only argument: the script for the shell, from the same tables. */
static _Noreturn void completion(const char *arg)
{
	const char *shell = arg + strlen("--completion=");
	const struct opt *t[TABLES];
	int n = tables(t);

	if (complete_print(shell, self, t, n))
		misuse("--completion=%s: bash, zsh or fish is wanted", shell);
	stdout_close();
	exit(EXIT_DONE);
}

char **cli_parse(const struct cli *cli, int argc, char *argv[])
{
	const struct opt *t[TABLES];
	char **operands;

	self = cli;
	program_set_name(cli->name);
	setting_spellings(spelling);
	clock_gettime(CLOCK_MONOTONIC, &started);
	hold_descriptors();
	signals_catch();
	steady_stdout();
	if (argc == 2 && strncmp(argv[1], "--completion=", strlen("--completion=")) == 0)
		completion(argv[1]);
	args_begin(t, tables(t));
	operands = parse(argc, argv);
	if (help_wanted)
		help();
	else if (version_wanted)
		printf("%s (coppice) %s\n", self->name, program_version());
	if (help_wanted || version_wanted) {
		stdout_close();
		exit(EXIT_DONE);
	}
	if (threads_wanted < 0 || threads_wanted > MOST_THREADS)
		misuse("-j %lld: too many", (long long)threads_wanted);
	common.threads = threads_hold(threads_wanted ? (int)threads_wanted : threads_useful());
	memory_set_limit(common.memory);
	program_set_voice(common.quiet, common.verbose);
	atexit(closing_line);
	need_input(operands);
	return operands;
}
