/* environment - see environment.h
 *
 * OpenMP's runtime, oneDNN, the C library, OpenSSL and CUDA's libraries each read variables of
 * their own, and some of those break what a tool promises: OMP_THREAD_LIMIT=1 cut products short,
 * DNNL_VERBOSE prints into the stream, GLIBC_TUNABLES choose another exp. Whole families go by
 * their prefix, since the next release brings more of them. All else stays, for a shim, a debugger
 * or a sanitizer has variables that nobody here knows. So do LANG and LC_*: no tool calls
 * setlocale, so that all print and parse as in the C locale.
 *
 * It runs from .preinit_array, ahead of the libraries' constructors: OpenMP's writes its warnings
 * and binds the first thread to a processor, which a program started from there would inherit.
 * Little is initialised so early: it allocates nothing, prints by write(2), and looks into the
 * array that it is given instead of environ.
 */
#include "sys/environment.h"

#include "sys/die.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

/* -- the table: with * behind, all that begin so ----------------------------------------------- */

static const char *const removed[] = {
	/* smaller teams than were asked for, stacks, bounds of threads */
	"OMP_*", "GOMP_*", "KMP_*", "DNNL_*",
	"ONEDNN_*",                        /* words on standard output, other kernels */
	"GLIBC_TUNABLES", "MALLOC_*",      /* other variants of exp and sin, bounds of memory */
	"OPENSSL_*",                       /* providers that have no SHA-256 */
	"CUBLAS*", "NVIDIA_TF32_OVERRIDE", /* words on standard output, products in fewer bits */
	NULL
};

static const char *const kept[] = { "DNNL_MAX_CPU_ISA",
	"ONEDNN_MAX_CPU_ISA",               /* to compute as an older processor does */
	"OMP_NUM_THREADS",                  /* what environment_threads reads */
	"MALLOC_PERTURB_", "MALLOC_CHECK_", /* they show faults, and change nothing that has none */
	NULL };

static int listed(const char *const *list, const char *var)
{
	size_t n = strcspn(var, "=");

	for (; *list; list++) {
		size_t m = strlen(*list);

		if ((*list)[m - 1] == '*' ? !strncmp(*list, var, m - 1)
					  : n == m && !memcmp(*list, var, m))
			return 1;
	}
	return 0;
}

/* The value of this variable, if it is of that name. */
static const char *value_of(const char *var, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(var, name, n) && var[n] == '=' ? var + n + 1 : NULL;
}

/* -- threads ----------------------------------------------------------------------------------- */

/* The first of a list, as OpenMP takes it for the outermost region. 0: nothing is said; -1: that is
 * no number. */
static int first_number(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	end += strspn(end, " \t");
	if (end == s + strspn(s, " \t") && !*end)
		return 0;
	return n < 1 || (*end && *end != ',') ? -1 : n > MOST_THREADS ? MOST_THREADS : (int)n;
}

int environment_threads(int threads)
{
	const char *s = getenv("OMP_NUM_THREADS");
	int n = s ? first_number(s) : 0;

	return n > 0 && n < threads ? n : threads;
}

/* -- where threads run, which changes nothing that they compute -------------------------------- */

/* Words that OpenMP knows, so that it never complains; it makes places of what /sys says of the
 * processors. Lists of processors may name some that are not there: taskset gives those. */
static const struct {
	const char *name, *words, *from;
	int counted;
} places[] = {
	{ "OMP_WAIT_POLICY", "active passive" },
	{ "OMP_PROC_BIND", "true false master primary close spread" },
	{ "OMP_PLACES", "threads cores sockets", "/sys/devices/system/cpu/cpu0/topology", 1 },
};

/* "word", or where it may be counted "word(3)". */
static int is_one_of(const char *words, int counted, const char *value)
{
	size_t n = strcspn(value, "("), m;

	for (; *words; words += m, words += strspn(words, " "))
		if ((m = strcspn(words, " ")) == n && !strncasecmp(words, value, n))
			return !value[n] ||
				(counted && value[n + 1] > '0' && value[n + 1] <= '9' &&
					!strcmp(value + n + 1 + strspn(value + n + 1, "0123456789"),
						")"));
	return 0;
}

static int is_place(const char *var)
{
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		const char *value = value_of(var, places[i].name);

		if (value)
			return is_one_of(places[i].words, places[i].counted, value) &&
				(!places[i].from || !access(places[i].from, F_OK));
	}
	return 0;
}

/* -- what is there and what is to be ----------------------------------------------------------- */

static const char marker[] = "COPPICE_ANEW", num_threads[] = "OMP_NUM_THREADS",
		  passive[] = "OMP_WAIT_POLICY=passive";

struct new_environment {
	const char *tool;
	char **to; /* what the new process will have */
	size_t n;
	const char *must; /* a variable that has to go, or NULL */
	int better;       /* 1: another environment would be better, though none is needed */
	int threads;      /* the least number that was said; 0: none */
	int waits;        /* OMP_WAIT_POLICY is said */
	int again;        /* this process is the one that was started anew */
	char threads_is[32], marker_is[32];
};

static _Noreturn void refuse(const struct new_environment *d, const char *what, const char *why)
{
	char line[512];
	int n = snprintf(line, sizeof line, "%.64s: %.256s: %s", d->tool, what, why);
	ssize_t written;

	for (int i = 0; i < n; i++)
		line[i] = (unsigned char)line[i] < ' ' ? '?' : line[i];
	line[n] = '\n';
	written = write(STDERR_FILENO, line, (size_t)n + 1);
	(void)written;
	_exit(EXIT_MISUSED);
}

static void take_threads(struct new_environment *d, const char *var, const char *value)
{
	int n = first_number(value);

	if (n < 0)
		refuse(d, var, "a number of threads is wanted");
	if (n && (!d->threads || n < d->threads))
		d->threads = n;
}

static void add_variable(struct new_environment *d, char *var)
{
	const char *value;

	if ((value = value_of(var, marker))) {
		d->again = atol(value) == getpid();
	} else if ((value = value_of(var, num_threads))) {
		take_threads(d, var, value);
		d->better |= !*value || value[strspn(value, "0123456789")];
	} else if (is_place(var)) {
		d->to[d->n++] = var;
		d->waits |= value_of(var, "OMP_WAIT_POLICY") != NULL;
	} else if (listed(removed, var) && !listed(kept, var)) {
		if ((value = value_of(var, "OMP_THREAD_LIMIT")))
			take_threads(d, var, value);
		d->must = var;
	} else {
		d->to[d->n++] = var;
	}
}

/* What a tool makes, it may read and write itself. */
static void open_umask(void)
{
	umask(umask(0) & ~(mode_t)S_IRWXU);
}

/* Does not return where it goes well. By the program's own name, for ps(1); run by ld.so, it is not
 * the process's. */
static void start_anew(struct new_environment *d, char *argv[])
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

	if (n < 0 || !getauxval(AT_BASE))
		return;
	path[n] = 0;
	snprintf(d->marker_is, sizeof d->marker_is, "%s=%ld", marker, (long)getpid());
	d->to[d->n++] = d->marker_is;
	if (!d->waits)
		d->to[d->n++] = (char *)(uintptr_t)passive;
	d->to[d->n] = NULL;
	execve(path, argv, d->to);
	execve("/proc/self/exe", argv, d->to); /* its file is another by now */
}

/* The array itself is what everyone else will see. */
static void forget_marker(char *envp[])
{
	char **to = envp;

	for (char **from = envp; *from; from++)
		if (!value_of(*from, marker))
			*to++ = *from;
	*to = NULL;
}

static void door(int argc, char *argv[], char *envp[])
{
	const char *name = argc ? strrchr(argv[0], '/') : NULL;
	struct new_environment d = { name ? name + 1 : argc ? argv[0] : "coppice" };
	size_t n = 0;

	while (envp[n])
		n++;
	char *to[n + 4]; /* on the stack, of which the kernel gave envp a quarter at most */

	d.to = to;
	for (size_t i = 0; i < n; i++)
		add_variable(&d, envp[i]);
	if (d.threads) {
		snprintf(d.threads_is, sizeof d.threads_is, "%s=%d", num_threads, d.threads);
		d.to[d.n++] = d.threads_is;
	}
	d.better |= !d.waits;
	open_umask();
	if (!d.again && (d.must || d.better))
		start_anew(&d, argv);
	if (d.must)
		refuse(&d, d.must,
			"would be read by a library, and can't be taken away here: unset it");
	forget_marker(envp);
}

__attribute__((section(".preinit_array"), used)) static void (*at_start)(int, char **,
	char **) = door;
