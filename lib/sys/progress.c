/* progress - see progress.h
 *
 * A terminal's line is rewritten five times a second.
 */
#include "sys/progress.h"

#include "sys/die.h"
#include "sys/io.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
	const char *what, *unit; /* what NULL: nothing under way */
	double total, done;
	double began, shown; /* seconds */
	int terminal, on_screen;
} now;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void format_time(char *s, size_t n, double t)
{
	long x = (long)(t + 0.5);

	if (x >= 3600)
		snprintf(s, n, "%ld:%02ld:%02ld", x / 3600, x / 60 % 60, x % 60);
	else
		snprintf(s, n, "%ld:%02ld", x / 60, x % 60);
}

static void show(double t)
{
	double rate = now.done / (t - now.began);
	char line[160], eta[24], left[64] = "";

	if (now.total > 0 && now.done > 0) {
		format_time(eta, sizeof eta, (now.total - now.done) / rate);
		snprintf(left, sizeof left, " of %.0f (%.0f%%), %s left", now.total,
			100 * now.done / now.total, eta);
	} else {
		snprintf(left, sizeof left, " %s", now.unit);
	}
	snprintf(line, sizeof line, "%s: %s: %.0f%s, %.*f %s/s", program_name(), now.what, now.done,
		left,
		rate < 10            ? 2
			: rate < 100 ? 1
				     : 0,
		rate, now.unit);
	if (now.terminal)
		fprintf(stderr, "\r\033[K%s", line);
	else
		fprintf(stderr, "%s\n", line);
	now.on_screen = now.terminal;
	now.shown = t;
}

static void clear_line(void)
{
	static const char clear[] = "\r\033[K";

	if (now.on_screen)
		io_write(STDERR_FILENO, clear, sizeof clear - 1);
	now.on_screen = 0;
}

void progress_start(const char *what, const char *unit, double total)
{
	die_clears(clear_line);
	memset(&now, 0, sizeof now);
	now.what = program_is_quiet() ? NULL : what;
	now.unit = unit;
	now.total = total;
	now.began = now.shown = seconds();
	now.terminal = isatty(STDERR_FILENO);
}

void progress_add(double done)
{
	double t;

	if (!now.what)
		return;
	now.done += done;
	t = seconds();
	if (t - now.began > 3 && t - now.shown > (now.terminal ? 0.2 : 30))
		show(t);
}

void progress_end(void)
{
	clear_line();
	now.what = NULL;
}
