/* clitest - a tool with an option of each type, for the tests of what all tools share
 *
 * Prints what it was given; or does what its first operand says.
 */
#include "cli/cli.h"
#include "sys/budget.h"
#include "sys/die.h"
#include "sys/memory.h"
#include "sys/output.h"
#include "sys/progress.h"
#include "sys/temp.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <omp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int flag, other, rates;
static int64_t width = -1;
static double rate = -1, seconds;
static size_t size;
static const char *output, *parts;
static char called[64];

static int call_option(const char *arg)
{
	snprintf(called, sizeof called, "<%s>", arg);
	return *arg == 'x' ? -1 : 0;
}

static const struct opt opts[] = { { 'a', "all", NULL, OPT_FLAG, &flag, "a flag" },
	{ 'b', "both", NULL, OPT_FLAG, &other, "another flag", .made = MADE_FALSE, .key = "all" },
	{ 'n', "width", "N", OPT_INT, &width, "an integer" },
	{ 0, "rate", "R", OPT_REAL, &rate, "a number", .made = MADE_ALWAYS },
	{ 0, "size", "SIZE", OPT_SIZE, &size, "a size", .key = "bytes" },
	{ 0, "time", "TIME", OPT_TIME, &seconds, "a time" },
	{ 'o', "output", "FILE", OPT_TEXT, &output, "a text" },
	{ 0, "parts", "LIST", OPT_TEXT, &parts, "up, down, out", .words = "up down out" },
	{ 0, "rates", NULL, OPT_FLAG, &rates, "begins as another does", .made = MADE_NOT },
	{ 0, "call", "X", OPT_CALL, NULL, "a call [of 'x': \"y\\\"]", .call = call_option,
		.made = MADE_NOT },
	{ 0 } };

static const struct cli cli = {
	.name = "clitest",
	.operands = "[WORD ...]",
	.about = "what the options say",
	.opts = opts,
	.model = MODEL_RUN,
	.seed = 1,
	.example = "clitest -a",
	.arithmetic = 1,
	.made_first = "dtype seed",
	.made_last = "all",
};

static void print_all(char **words)
{
	printf("all=%d both=%d width=%" PRId64
	       " rate=%g size=%zu time=%g output=%s parts=%s call=%s",
		flag, other, width, rate, size, seconds, output ? output : "", parts ? parts : "",
		called);
	printf(" seed=%" PRId64 " model=%s quant=%s dtype=%s memory=%zu", common.seed,
		common.model.path ? common.model.path : "",
		common.model.quant ? common.model.quant : "", common.dtype ? common.dtype : "",
		common.memory);
	for (; *words; words++)
		printf(" %s", *words);
	putchar('\n');
	stdout_close();
}

/* What the step of `made` would say. */
static void print_args(void)
{
	json_dumpf(cli_args(), stdout, JSON_COMPACT);
	putchar('\n');
	stdout_close();
}

/* Half an output file and a folder with something in it; then what the word says. */
static void act(const char *word)
{
	struct out_file o = out_open(output);
	char *folder = xasprintf("%s.folder", output), *deep = xasprintf("%s/a/b", folder);

	if (mkdir(folder, 0777))
		die("%s: %s", folder, strerror(errno));
	temp_add(folder);
	for (char *p = deep + strlen(folder) + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(deep, 0777);
		*p = '/';
	}
	fclose(fopen(deep, "w"));
	fputs("new\n", o.f);
	fflush(o.f);
	if (strcmp(word, "die") == 0)
		die("%s: broken\nin two: %s", output, "why");
	if (strcmp(word, "wait") == 0) {
		puts("ready");
		fflush(stdout);
		sleep(20);
	}
	out_close(&o);
	temp_done(folder);
	free(folder);
	free(deep);
}

/* More stack than there is. */
static int deep(int n)
{
	volatile char frame[4096];

	frame[n % 4096] = 1;
	return n < INT_MAX ? deep(n + 1) + frame[n % 7] : 0;
}

/* Forty items in four seconds, called as name says; act on the way what comes after it. */
static void work(const char *name, const char *then)
{
	progress_start(name ? name : "counting", "item", 40);
	for (int i = 0; i < 40; i++) {
		usleep(100000);
		progress_add(1);
		if (i != 34 || !then)
			continue;
		if (strcmp(then, "warn") == 0)
			warn("a message");
		if (strcmp(then, "fail") == 0)
			die("failed");
		if (strcmp(then, "kill") == 0)
			raise(SIGTERM);
	}
	progress_end();
}

/* The same in pieces of ten items, each in five steps, the first piece being done already. */
static void pieces(void)
{
	progress_start("", "item", 40);
	progress_skip(10);
	for (int i = 0; i < 3; i++) {
		progress_piece(10);
		for (size_t k = 1; k <= 5; k++)
			progress_step(k, 5);
		progress_add(10);
	}
	progress_end();
}

int main(int argc, char *argv[])
{
	char **words = cli_parse(&cli, argc, argv);

	if (output && *words)
		act(*words);
	else if (*words && strcmp(*words, "made") == 0)
		print_args();
	else if (*words && strcmp(*words, "work") == 0)
		work(words[1], words[1] ? words[2] : NULL);
	else if (*words && strcmp(*words, "pieces") == 0)
		pieces();
	else if (*words && strcmp(*words, "deep") == 0)
		printf("%d\n", deep(0));
	else if (*words && strcmp(*words, "budget") == 0)
		printf("%zu\n", memory_budget());
	else if (*words && strcmp(*words, "threads") == 0)
		printf("%d of %d\n", common.threads, omp_get_max_threads());
	else
		print_all(words);
	return EXIT_DONE;
}
