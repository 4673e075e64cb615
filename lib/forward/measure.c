/* measure - how fast a model is and how much memory it holds; see measure.h
 */
#include "forward/measure.h"

#include "forward/batch.h"
#include "forward/pass.h"
#include "forward/rate.h"
#include "ops.h"
#include "sys/die.h"
#include "sys/memory.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 3, SECONDS = 1 }; /* of each */

struct run {
	struct pass *pass;
	struct batch batch;
	size_t *row, *first; /* every row, and one log-probability of each */
	float *logp;
};

static void read_output(void *ctx, int m, const struct mat *x)
{
	const struct run *r = ctx;

	(void)m;
	pass_output(r->pass, &(struct logp_result){ r->logp, NULL, NULL }, x, r->row, r->batch.rows,
		&(struct logp_request){ r->batch.ids, r->first });
}

static void batch_fill(struct batch *b, size_t length, size_t rows, uint32_t vocabulary)
{
	uint32_t *ids = xmalloc(length * sizeof *ids);
	uint64_t x = 1;

	do {
		for (size_t i = 0; i < length; i++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			ids[i] = (uint32_t)((x >> 32) % vocabulary);
		}
		batch_add(b, ids, length, -1);
	} while (b->rows + length <= rows);
	free(ids);
}

static void run_new(struct run *r, const struct model *m, size_t length)
{
	*r = (struct run){
		.pass = pass_open(m, 1,
			(struct pass_options){ .rows = ops_batch_rows(0),
				.output = 1,
				.row = sizeof *r->row + sizeof *r->first + sizeof *r->logp })
	};
	batch_fill(&r->batch, length, pass_rows(r->pass), (uint32_t)m->shape->n_vocab);
	r->row = xmalloc(r->batch.rows * sizeof *r->row);
	r->first = xmalloc((r->batch.rows + 1) * sizeof *r->first);
	r->logp = xmalloc(r->batch.rows * sizeof *r->logp);
	for (size_t i = 0; i <= r->batch.rows; i++)
		r->first[i] = i;
	memcpy(r->row, r->first, r->batch.rows * sizeof *r->row);
}

static void run_free(struct run *r)
{
	pass_close(r->pass);
	batch_free(&r->batch);
	free(r->row);
	free(r->first);
	free(r->logp);
}

/* Tokens a second, in a second or more. */
static double rate_of(struct run *r)
{
	double began = rate_now(), took, tokens = 0;

	do {
		pass_run(r->pass, &r->batch, &(struct pass_hooks){ .done = read_output, .ctx = r });
		tokens += (double)r->batch.rows;
		took = rate_now() - began;
	} while (took < SECONDS);
	return tokens / took;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_rate(const struct model *m, size_t length)
{
	double rate[RUNS];
	struct run r;

	run_new(&r, m, length);
	pass_run(r.pass, &r.batch, &(struct pass_hooks){ .done = read_output, .ctx = &r });
	for (int i = 0; i < RUNS; i++)
		rate[i] = rate_of(&r);
	qsort(rate, RUNS, sizeof *rate, ascending);
	run_free(&r);
	return rate[RUNS / 2];
}

static _Noreturn void be_measured(int to, const struct model *m, size_t length, int threads,
	const char *dtype)
{
	double rate;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	ops_init(threads, dtype);
	rate = median_rate(m, length);
	_exit(write(to, &rate, sizeof rate) == sizeof rate ? EXIT_DONE : EXIT_FAILED);
}

struct measured measure_model(const struct model *m, size_t length, int threads, const char *dtype)
{
	struct measured r = { 0 };
	struct rusage used;
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe(fd) || (pid = fork()) < 0)
		die("%s: a process to measure it in: %s", base_path(m->base), strerror(errno));
	if (!pid)
		be_measured(fd[1], m, length, threads, dtype);
	close(fd[1]);
	n = read(fd[0], &r.rate, sizeof r.rate);
	close(fd[0]);
	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			die("%s: waiting for its process: %s", base_path(m->base), strerror(errno));
	if (WIFSIGNALED(status))
		die("%s: signal %d ended the process that measured it", base_path(m->base),
			WTERMSIG(status));
	if (WEXITSTATUS(status) || n != sizeof r.rate)
		exit(EXIT_FAILED); /* it has said why */
	r.peak = (uint64_t)used.ru_maxrss * 1024;
	return r;
}

void measure_plan(struct forecast *f, const struct model *m, size_t length)
{
	double before = f->seconds, once;
	struct run r;

	run_new(&r, m, length);
	forecast_batch(f, r.pass, &r.batch, r.batch.rows);
	forecast_pass(f, m);
	once = f->seconds - before;
	f->seconds += RUNS * (once > SECONDS ? once : SECONDS);
	run_free(&r);
}
