/* progress - see progress.h
 *
 * A terminal's line is rewritten five times a second. Its width is asked for each time, which is
 * all that a change of it needs.
 */
#include "sys/progress.h"

#include "sys/die.h"
#include "sys/io.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <utf8proc.h>

enum { USUAL_COLUMNS = 80, LONGEST = 512 };

static struct {
	const char *what, *unit; /* what NULL: nothing under way */
	double total, done, skipped;
	double piece, part;  /* units that are worked on together, and the share that is through */
	double began, shown; /* seconds */
	int live, on_screen;
} now;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* -- the line ---------------------------------------------------------------------------------- */

static void format_time(char *s, size_t n, double t)
{
	long x = t < 1e9 ? (long)(t + 0.5) : 1000000000;

	if (x >= 3600)
		snprintf(s, n, "%ld:%02ld:%02ld", x / 3600, x / 60 % 60, x % 60);
	else
		snprintf(s, n, "%ld:%02ld", x / 60, x % 60);
}

/* What is known at time t, longer than most terminals are wide. */
static void format(char line[LONGEST], double t)
{
	double done = now.done + now.piece * now.part,
	       rate = (done - now.skipped) / (t - now.began);
	char eta[32] = "", left[96] = "";

	if (now.total > 0 && rate > 0) {
		format_time(eta, sizeof eta, now.total > done ? (now.total - done) / rate : 0);
		snprintf(left, sizeof left, " of %.0f (%.0f%%), %s left", now.total,
			done < now.total ? 100 * done / now.total : 100.0, eta);
	} else if (now.total > 0) {
		snprintf(left, sizeof left, " of %.0f", now.total);
	} else {
		snprintf(left, sizeof left, " %s", now.unit);
	}
	snprintf(line, LONGEST, "%s: %s%s%.0f%s, %.*f %s/s", program_name(), now.what,
		*now.what ? ": " : "", done, left,
		rate < 10            ? 2
			: rate < 100 ? 1
				     : 0,
		rate, now.unit);
}

/* Cuts the line to so many columns of a terminal. What is no character becomes one that is. */
static void cut(char *line, int columns)
{
	char *p = line;

	while (*p) {
		utf8proc_int32_t c;
		utf8proc_ssize_t n = utf8proc_iterate((utf8proc_uint8_t *)p, -1, &c);
		int width;

		if (n < 1 || c < ' ' || (c >= 0x7f && c < 0xa0)) {
			memset(p, '?', n < 1 ? 1 : (size_t)n);
			n = 1;
			c = '?';
		}
		width = utf8proc_charwidth(c);
		if (width > columns)
			break;
		columns -= width;
		p += n;
	}
	*p = 0;
}

/* One less than there are: some terminals go to the next line once the last column is written. */
static int columns_free(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) || !w.ws_col)
		return USUAL_COLUMNS - 1;
	return w.ws_col - 1;
}

static void clear_line(void)
{
	static const char clear[] = "\r\033[K";

	if (now.on_screen)
		io_write(STDERR_FILENO, clear, sizeof clear - 1);
	now.on_screen = 0;
}

static void show(double t)
{
	char line[LONGEST], whole[LONGEST + 8];
	int n;

	format(line, t);
	cut(line, now.live ? columns_free() : LONGEST);
	n = snprintf(whole, sizeof whole, now.live ? "\r\033[K%s" : "%s\n", line);
	now.on_screen = now.live; /* a signal may come as soon as it is */
	io_write(STDERR_FILENO, whole, (size_t)n);
	now.shown = t;
}

/* -- the work ---------------------------------------------------------------------------------- */

/* 1: standard error is a terminal that can go back in its line. */
static int is_live(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

static void show_if_due(void)
{
	double t = seconds();

	if (t - now.began > 3 && t - now.shown > (now.live ? 0.2 : 30))
		show(t);
}

void progress_start(const char *what, const char *unit, double total)
{
	die_clears(clear_line);
	memset(&now, 0, sizeof now);
	now.what = program_is_quiet() ? NULL : what;
	now.unit = unit;
	now.total = total;
	now.began = now.shown = seconds();
	now.live = is_live();
}

void progress_name(const char *what)
{
	if (now.what)
		now.what = what;
}

void progress_add(double units)
{
	if (!now.what)
		return;
	now.done += units;
	now.piece = now.part = 0;
	show_if_due();
}

void progress_skip(double units)
{
	now.skipped += units;
	progress_add(units);
}

void progress_piece(double units)
{
	now.piece = units;
	now.part = 0;
}

void progress_step(size_t done, size_t all)
{
	if (!now.what)
		return;
	now.part = (double)done / (double)all;
	show_if_due();
}

void progress_end(void)
{
	clear_line();
	now.what = NULL;
}
