/* signals - see signals.h
 *
 * The handlers run on a stack of their own in the main thread, the only one whose stack is as small
 * as ulimit -s makes it: those of all others have a size that is set here. They call nothing but
 * what may be called there.
 */
#include "sys/signals.h"

#include "sys/die.h"
#include "sys/map.h"
#include "sys/temp.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	/* of a thread: Linux's usual one, of which oneDNN takes most when it makes code */
	STACK = 8 << 20,
	/* of the handlers, large enough for the widest registers that are saved */
	OWN_STACK = 64 << 10,
	SLACK = 1 << 20, /* so far beyond the end of a stack its overflow may show */
};

/* What asks a program to go. */
static const int asks[] = {
	SIGHUP,
	SIGINT,
	SIGQUIT,
	SIGTERM,
	SIGALRM,
	SIGVTALRM,
	SIGUSR1,
	SIGUSR2,
	SIGPOLL,
	SIGPWR,
};

static uintptr_t stack_top, stack_size; /* of the main thread */

/* Ends by that signal, so that who waits for us sees it, and there can be a core. One that comes
 * while temporaries are being removed is too late. */
static void on_end(int sig)
{
	if (temp_remove_all())
		return;
	die_clear();
	for (int again = 0; again < 2; again++) { /* signals_ignore may come in between */
		signal(sig, SIG_DFL);
		raise(sig);
	}
	_exit(128 + sig);
}

static void on_bus(int sig, siginfo_t *at, void *context)
{
	int shorter;
	const char *path = map_whose(at->si_addr, &shorter);

	(void)context;
	if (path)
		die_now(path, shorter ? "has become shorter while it was read" : "cannot be read");
	on_end(sig);
}

static void on_segv(int sig, siginfo_t *at, void *context)
{
	uintptr_t p = (uintptr_t)at->si_addr;

	(void)context;
	if (p < stack_top && p + stack_size + SLACK > stack_top)
		die_now(NULL, "out of stack: allow for more of it (ulimit -s)");
	on_end(sig);
}

static void on_xcpu(int sig)
{
	(void)sig;
	die_now(NULL, "out of processor time (ulimit -t)");
}

static void on_throw(void)
{
	die_now(NULL, "a library failed, most likely for want of memory or threads");
}

/* A call that a handler returns to goes on (SA_RESTART). */
static void catch (int sig, void (*simple)(int), void (*full)(int, siginfo_t *, void *))
{
	struct sigaction a = { .sa_flags = SA_NODEFER | SA_ONSTACK | SA_RESTART |
			(full ? SA_SIGINFO : 0) },
			 was;

	if (full)
		a.sa_sigaction = full;
	else
		a.sa_handler = simple;
	if (!sigaction(sig, NULL, &was) && was.sa_handler == SIG_DFL)
		sigaction(sig, &a, NULL);
}

/* The rest of what the tools have to live on, whatever ulimit -s says. */
static void provide_stacks(void)
{
	static char own[OWN_STACK];
	struct rlimit r;
	pthread_attr_t attr;

	sigaltstack(&(stack_t){ .ss_sp = own, .ss_size = sizeof own }, NULL);
	stack_top = (uintptr_t)__builtin_frame_address(0);
	if (!getrlimit(RLIMIT_STACK, &r) && r.rlim_cur < STACK) {
		r.rlim_cur = r.rlim_max < STACK ? r.rlim_max : STACK;
		setrlimit(RLIMIT_STACK, &r);
	}
	stack_size = r.rlim_cur < INTPTR_MAX ? r.rlim_cur : 0;
	if (!pthread_attr_init(&attr) && !pthread_attr_setstacksize(&attr, STACK))
		pthread_setattr_default_np(&attr);
}

static int pipe_kills; /* SIGPIPE had its default action */

void signals_pipe(void)
{
	if (pipe_kills)
		die_by(SIGPIPE);
}

void signals_ignore(void)
{
	for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
		signal(asks[i], SIG_IGN);
}

void signals_catch(void)
{
	static const int fails[] = { SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSYS, SIGSTKFLT };
	/* where libstdc++ is loaded */
	void *set_terminate = dlsym(RTLD_DEFAULT, "_ZSt13set_terminatePFvvE");
	void (*(*set)(void (*)(void)))(void);

	provide_stacks();
	pipe_kills = signal(SIGPIPE, SIG_IGN) == SIG_DFL;
	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < sizeof asks / sizeof *asks; i++)
		catch (asks[i], on_end, NULL);
	for (size_t i = 0; i < sizeof fails / sizeof *fails; i++)
		catch (fails[i], on_end, NULL);
	catch (SIGXCPU, on_xcpu, NULL);
	catch (SIGBUS, NULL, on_bus);
	catch (SIGSEGV, NULL, on_segv);
	if (set_terminate) {
		memcpy(&set, &set_terminate, sizeof set);
		set(on_throw);
	}
}
