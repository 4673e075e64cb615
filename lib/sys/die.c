/* die - see die.h
 */
#include "sys/die.h"

#include "sys/io.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *name;
static int quiet, verbose;
static int (*undo)(void);
static void (*clear)(void);

const char *program_name(void)
{
	return name ? name : program_invocation_short_name;
}

void program_set_name(const char *text)
{
	name = text;
}

void program_set_voice(int is_quiet, int is_verbose)
{
	quiet = is_quiet;
	verbose = is_verbose;
}

int program_is_quiet(void)
{
	return quiet;
}

void die_undoes(int (*f)(void))
{
	undo = f;
}

void die_clears(void (*f)(void))
{
	clear = f;
}

void die_clear(void)
{
	if (clear)
		clear();
}

/* One line, whatever bytes a hostile name or text brought in. */
static void say_line(const char *fmt, va_list ap)
{
	char line[4096];
	size_t n;

	snprintf(line, sizeof line, "%s: ", program_name());
	n = strlen(line);
	vsnprintf(line + n, sizeof line - n - 1, fmt, ap);
	for (char *p = line; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = '?';
	die_clear();
	n = strlen(line);
	line[n] = '\n';
	io_write(STDERR_FILENO, line, n + 1);
}

static int first;   /* the thread that ends the program; 0: none yet */
static int leaving; /* it has said why */

/* The first thread that has to end the program ends it; another that comes to it waits for that. */
static void be_the_first(void)
{
	int none = 0, me = gettid();

	if (leaving && first == me) /* what is left to do fails as well */
		_exit(EXIT_FAILED);
	if (!__atomic_compare_exchange_n(&first, &none, me, 0, __ATOMIC_SEQ_CST,
		    __ATOMIC_SEQ_CST) &&
		none != me)
		for (;;)
			pause();
}

static void remove_temporaries(void)
{
	int at_it = undo ? undo() : 0;

	while (at_it && at_it != gettid())
		pause();
}

static _Noreturn void leave(int status)
{
	leaving = 1;
	remove_temporaries();
	fflush(stdout);
	_exit(status);
}

void die_now(const char *what, const char *why)
{
	const char *part[] = { program_name(), what ? ": " : "", what ? what : "", ": ", why,
		"\n" };
	char line[4096];
	size_t n = 0;

	be_the_first();
	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		for (const char *p = part[i]; *p && n < sizeof line - 1; p++)
			line[n++] = iscntrl((unsigned char)*p) && *p != '\n' ? '?' : *p;
	line[n - 1] = '\n';
	die_clear();
	io_write(STDERR_FILENO, line, n);
	remove_temporaries();
	_exit(EXIT_FAILED);
}

void die_by(int sig)
{
	be_the_first();
	leaving = 1;
	die_clear();
	remove_temporaries();
	signal(sig, SIG_DFL);
	raise(sig);
	_exit(128 + sig);
}

void die(const char *fmt, ...)
{
	va_list ap;

	be_the_first();
	va_start(ap, fmt);
	say_line(fmt, ap);
	va_end(ap);
	leave(EXIT_FAILED);
}

void misuse(const char *fmt, ...)
{
	va_list ap;

	be_the_first();
	va_start(ap, fmt);
	say_line(fmt, ap);
	va_end(ap);
	leave(EXIT_MISUSED);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	if (quiet)
		return;
	va_start(ap, fmt);
	say_line(fmt, ap);
	va_end(ap);
}

void note(const char *fmt, ...)
{
	va_list ap;

	if (!verbose)
		return;
	va_start(ap, fmt);
	say_line(fmt, ap);
	va_end(ap);
}

void say(const char *fmt, ...)
{
	va_list ap;

	if (quiet)
		return;
	die_clear();
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
