/* value - see value.h
 */
#include "cli/value.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int value_int(const char *text, int64_t *to)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	*to = strtoll(text, &end, 10);
	return errno || *end ? -1 : 0;
}

int value_real(const char *text, double *to)
{
	char *end;

	if (isspace((unsigned char)*text))
		return -1;
	*to = strtod(text, &end);
	return end == text || *end || !isfinite(*to) ? -1 : 0;
}

int value_size(const char *text, size_t *to)
{
	const char *units = "KMGT", *u;
	unsigned long long n;
	char *end;
	int shift = 0;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno)
		return -1;
	if (*end && (u = strchr(units, toupper((unsigned char)*end))))
		shift = 10 * (int)(u - units + 1), end++;
	*to = (size_t)n << shift;
	return *end || *to >> shift != n ? -1 : 0;
}

int value_time(const char *text, double *to)
{
	static const struct {
		char letter;
		double seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char *end;
	double v = strtod(text, &end);

	for (size_t i = 0; *end && i < sizeof units / sizeof *units; i++)
		if (*end == units[i].letter && !end[1]) {
			v *= units[i].seconds;
			end++;
		}
	*to = v;
	return end == text || *end || !isfinite(v) || v <= 0 ? -1 : 0;
}

int value_set(const struct opt *o, const char *text)
{
	switch (o->type) {
	case OPT_FLAG: *(int *)o->to = 1; return 0;
	case OPT_INT: return value_int(text, o->to);
	case OPT_REAL: return value_real(text, o->to);
	case OPT_SIZE: return value_size(text, o->to);
	case OPT_TIME: return value_time(text, o->to);
	case OPT_TEXT: *(const char **)o->to = text; return 0;
	case OPT_CALL: return o->call(text);
	}
	return -1;
}

const char *value_wanted(enum opt_type type)
{
	switch (type) {
	case OPT_INT: return "a whole number is wanted";
	case OPT_REAL: return "a number is wanted";
	case OPT_SIZE: return "a size such as 512M is wanted";
	default: return "not understood (try -h)";
	}
}
