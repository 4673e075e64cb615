/* forecast - what a run will take; see forecast.h
 */
#include "forward/forecast.h"

#include "forward/probe.h"
#include "forward/rate.h"
#include "ops.h"
#include "sys/output.h"

#include <stdio.h>

static const double start_seconds = 0.1; /* a process that starts and ends */

void forecast_begin(struct forecast *f)
{
	*f = (struct forecast){ .began = rate_now(), .seconds = start_seconds };
}

void forecast_batch(struct forecast *f, struct pass *p, const struct batch *b, size_t outputs)
{
	pass_count(p, b, &f->work);
	f->outputs += (double)outputs;
}

void forecast_pass(struct forecast *f, const struct model *m)
{
	const struct pass_work *w = &f->work;
	double length = w->segments > 0 ? w->lengths / w->segments : 1;
	struct probed p;

	f->seconds += rate_now() - f->began;
	p = probe_run(m->shape, m->rec->keep[0], m->nf4, (size_t)length);
	f->seconds += w->rows * p.row + w->attention * p.attention + f->outputs * p.output +
		w->loads * p.load;
	f->memory = w->memory > f->memory ? w->memory : f->memory;
	f->work = (struct pass_work){ 0 };
	f->outputs = 0;
	f->began = rate_now();
}

/* -- words ------------------------------------------------------------------------------------- */

static void print_bytes(double n)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double v = n;
	int u = 0;

	while (v >= 1024 && u < 4)
		v /= 1024, u++;
	printf("%.*f %s", v < 10 && u ? 1 : 0, v, units[u]);
	if (u)
		printf(" (%.0f bytes)", n);
}

static void print_time(double s)
{
	if (s < 1)
		fputs("under a second", stdout);
	else if (s < 100)
		printf("about %.0f s", s);
	else if (s < 6000)
		printf("about %.0f minutes (%.0f s)", s / 60, s);
	else if (s < 48 * 3600)
		printf("about %.1f hours (%.0f s)", s / 3600, s);
	else
		printf("about %.1f days (%.0f s)", s / 86400, s);
}

void forecast_print(const struct forecast *f, int threads)
{
	fputs("memory: ", stdout);
	print_bytes((double)f->memory);
	fputs(", of ", stdout);
	print_bytes((double)ops_memory_bytes());
	fputs(" to plan for\ntime: ", stdout);
	print_time(f->seconds);
	printf(" on %d thread%s of this machine, as it is loaded now\ndisk: ", threads,
		threads == 1 ? "" : "s");
	if (f->disk_what) {
		fputs("at most ", stdout);
		print_bytes(f->disk);
		printf(", %s\n", f->disk_what);
	} else {
		puts("nothing of a size");
	}
	stdout_close();
}
