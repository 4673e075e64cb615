/* cutflip - runs a command on every cut and every flipped byte of a file
 *
 *   cutflip [-e EVERY] [-n PATH] STREAM COMMAND [ARG ...]
 *
 * An argument "{}" becomes the damaged file's path; without one the command gets it through a pipe.
 * Each damaged input must end in status 1, one line on stderr, and no end record on stdout; only a
 * flip (never a cut) may also give just what the whole input gives, status and output. -e: only
 * every so many bytes. -n: a file or folder that must not be there after a failure. Says what was
 * tried, status 0; or what went wrong, status 1.
 *
 * The command is loaded once, with serve.so, and forked ahead of its main for each input.
 */
#include "../preload/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

enum { MOST_KB = 2 << 20, LINE_MAX_BYTES = 4096, PIPE_BYTES = 1 << 16, PIPE_END = 202 };

struct bytes {
	char *p;
	size_t n;
};
struct result {
	int status;
	struct bytes out, err;
	long kb;
};

static const char *must_not_exist;
static char **command;
static pid_t server;
static int out_fd, err_fd, in_fd, go_fd, done_fd, in_pipe = 1;

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static struct bytes slurp(int fd)
{
	off_t n = lseek(fd, 0, SEEK_END);
	struct bytes b = { malloc((size_t)n + 1), (size_t)n };

	if (!b.p || pread(fd, b.p, b.n, 0) != n)
		fail("read");
	b.p[b.n] = 0;
	return b;
}

/* serve.so is beside this program. Sanitizers want to be loaded first, but need not. */
static void set_preload(void)
{
	const char *options = getenv("ASAN_OPTIONS");
	char path[4096], text[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof "serve.so");

	if (n < 0)
		fail("/proc/self/exe");
	path[n] = 0;
	strcpy(strrchr(path, '/') + 1, "serve.so");
	setenv("LD_PRELOAD", path, 1);
	snprintf(text, sizeof text, "%s:verify_asan_link_order=0", options ? options : "");
	setenv("ASAN_OPTIONS", text, 1);
}

/* Whether there is an argument "{}", which becomes the path. */
static int set_path(const char *path)
{
	int any = 0;

	for (char **a = command; *a; a++)
		if (strcmp(*a, "{}") == 0) {
			*a = (char *)path;
			any = 1;
		}
	return any;
}

/* With standard input from the damaged file, or where the command has its path, from an empty
 * pipe: the end that PIPE_END is by then. */
static void start_command(void)
{
	int go[2], done[2];
	char path[64], input[64];
	pid_t parent = getpid();

	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)parent, in_fd);
	snprintf(input, sizeof input, "/proc/%d/fd/%d", (int)parent, PIPE_END);
	if (set_path(strdup(path)))
		in_pipe = 0;
	if (pipe2(go, O_CLOEXEC) || pipe2(done, O_CLOEXEC) || (server = fork()) < 0)
		fail("fork");
	if (!server) {
		setenv("SERVE_INPUT", input, 1);
		set_preload();
		dup2(go[0], SERVE_GO);
		dup2(done[1], SERVE_DONE);
		dup2(out_fd, STDOUT_FILENO);
		dup2(err_fd, STDERR_FILENO);
		execvp(command[0], command);
		_exit(127);
	}
	close(go[0]);
	close(done[1]);
	go_fd = go[1];
	done_fd = done[0];
}

/* The damaged input is small, and fits a pipe. */
static struct result run(const char *in, size_t n)
{
	struct served s;
	struct result r;
	int fd[2];

	if (ftruncate(out_fd, 0) || ftruncate(err_fd, 0) || ftruncate(in_fd, 0) ||
		pwrite(in_fd, in, n, 0) != (ssize_t)n)
		fail("write");
	lseek(out_fd, 0, SEEK_SET);
	lseek(err_fd, 0, SEEK_SET);
	if (pipe2(fd, O_CLOEXEC) || dup3(fd[0], PIPE_END, O_CLOEXEC) < 0)
		fail("pipe");
	close(fd[0]);
	if (in_pipe && write(fd[1], in, n) != (ssize_t)n)
		fail("pipe");
	close(fd[1]);
	if (write(go_fd, "", 1) != 1 || read(done_fd, &s, sizeof s) != sizeof s)
		fail(command[0]);
	close(PIPE_END);
	r.status = WIFEXITED(s.status) ? WEXITSTATUS(s.status) : 128 + WTERMSIG(s.status);
	r.kb = s.kb;
	r.out = slurp(out_fd);
	r.err = slurp(err_fd);
	return r;
}

/* An end record, as it is or in zstd. */
static int has_end(const struct bytes *out)
{
	static const char end[] = "\x81\xa3"
				  "end\x82\xa7records";
	enum { MOST = 1 << 24 };
	ZSTD_inBuffer in = { out->p, out->n, 0 };
	ZSTD_outBuffer plain = { malloc(MOST), MOST, 0 };
	ZSTD_DCtx *z = ZSTD_createDCtx();
	int found;

	while (in.pos < in.size && plain.pos < MOST) {
		size_t r = ZSTD_decompressStream(z, &plain, &in);

		if (ZSTD_isError(r))
			break;
	}
	found = memmem(plain.dst, plain.pos, end, sizeof end - 1) ||
		memmem(out->p, out->n, end, sizeof end - 1);
	ZSTD_freeDCtx(z);
	free(plain.dst);
	return found;
}

static int one_line(const struct bytes *err)
{
	return err->n > 1 && err->n < LINE_MAX_BYTES &&
		memchr(err->p, '\n', err->n) == err->p + err->n - 1;
}

/* A file or a folder, for a command may write either. */
static void remove_output(void)
{
	pid_t pid = must_not_exist ? fork() : -1;

	if (!pid) {
		execlp("rm", "rm", "-rf", "--", must_not_exist, NULL);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* NULL, or what is wrong; *harmless: the command did what it does with the whole input. */
static const char *judge(const struct result *r, const struct result *whole, int may_be_harmless,
	int *harmless)
{
	*harmless = may_be_harmless && r->status == whole->status && r->out.n == whole->out.n &&
		memcmp(r->out.p, whole->out.p, r->out.n) == 0;
	if (r->kb > MOST_KB && r->kb > 2 * whole->kb)
		return "took much memory";
	if (*harmless) {
		remove_output();
		return NULL;
	}
	if (r->status != 1)
		return r->status ? "the status is not 1" : "it succeeded";
	if (!one_line(&r->err))
		return "stderr is not one line";
	if (has_end(&r->out))
		return "an end record was written";
	return must_not_exist && access(must_not_exist, F_OK) == 0 ? "the output file is there"
								   : NULL;
}

static void try(const char *how, size_t at, const char *in, size_t n, const struct result *whole,
	int *refused, int *harmless)
{
	struct result r = run(in, n);
	int same;
	const char *why = judge(&r, whole, strcmp(how, "cut"), &same);

	if (why) {
		printf("%s at byte %zu: %s (status %d, stderr: %s)\n", how, at, why, r.status,
			r.err.p);
		exit(1);
	}
	++*(same ? harmless : refused);
	free(r.out.p);
	free(r.err.p);
}

int main(int argc, char *argv[])
{
	int c, every = 1, refused = 0, harmless = 0, cut = 0;
	struct bytes in;
	struct result whole;

	while ((c = getopt(argc, argv, "+e:n:")) > 0) {
		if (c == 'e')
			every = atoi(optarg);
		else if (c == 'n')
			must_not_exist = optarg;
		else
			return 2;
	}
	if (argc - optind < 2 || every < 1 || (c = open(argv[optind], O_RDONLY)) < 0)
		return 2;
	command = argv + optind + 1;
	signal(SIGPIPE, SIG_IGN);
	in = slurp(c);
	out_fd = memfd_create("out", MFD_CLOEXEC);
	err_fd = memfd_create("err", MFD_CLOEXEC);
	in_fd = memfd_create("in", MFD_CLOEXEC);
	if (in.n > PIPE_BYTES)
		return fprintf(stderr, "%s is too large\n", argv[optind]), 2;
	start_command();
	whole = run(in.p, in.n);
	if (whole.status) {
		printf("the whole input fails: %s\n", whole.err.p);
		return 1;
	}
	remove_output();
	for (size_t n = 0; n < in.n; n += (size_t)every)
		try("cut", n, in.p, n, &whole, &cut, &harmless);
	for (size_t at = 0; at < in.n; at += (size_t)every) {
		char was = in.p[at];

		in.p[at] = (char)(was ^ 1 << at % 8);
		try("flip", at, in.p, in.n, &whole, &refused, &harmless);
		in.p[at] = was;
	}
	close(go_fd);
	waitpid(server, NULL, 0);
	printf("%d cuts and %d flips refused, %d flips changed nothing\n", cut, refused, harmless);
	free(in.p);
	free(whole.out.p);
	free(whole.err.p);
	return 0;
}
