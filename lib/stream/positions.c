/* positions - see positions.h
 */
#include "stream/positions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One end of a range: 0 with *v, and *text behind it; or -1. */
static int parse_end(const char **text, int64_t *v)
{
	const char *s = *text;
	char *end;

	if (!strncmp(s, "last", 4)) {
		*v = -1;
		*text = s + 4;
		return 0;
	}
	s += *s == '-';
	if (*s < '0' || *s > '9')
		return -1;
	errno = 0;
	*v = strtoll(*text, &end, 10);
	*text = end;
	return errno || *v > INT32_MAX || *v < -(int64_t)INT32_MAX ? -1 : 0;
}

static int parse_range(const char **text, struct positions_range *r)
{
	if (parse_end(text, &r->first))
		return -1;
	r->last = r->first;
	if (**text == '-') {
		++*text;
		if (parse_end(text, &r->last))
			return -1;
	}
	return (r->first < 0) == (r->last < 0) && r->first <= r->last ? 0 : -1;
}

int positions_parse(struct positions *p, const char *text, struct fault *err)
{
	const char *at = text;

	*p = (struct positions){ 0 };
	do {
		struct positions_range r;

		at += p->n > 0;
		if (parse_range(&at, &r) || (*at && *at != ','))
			return fault(err,
				"'%s' is no list of positions, such as 0,100-127,-1: numbers and "
				"ranges from 0, or below 0 from the end",
				text);
		if (p->n == POSITIONS_RANGES)
			return fault(err, "more than %d positions and ranges", POSITIONS_RANGES);
		p->range[p->n++] = r;
		p->most += (size_t)(r.last - r.first + 1);
	} while (*at);
	if (p->most > POSITIONS_MAX)
		return fault(err, "'%s' is more than %d positions", text, POSITIONS_MAX);
	return 0;
}

int positions_have(const struct positions *p, uint64_t position, uint64_t ntok)
{
	for (int i = 0; i < p->n; i++) {
		const struct positions_range *r = &p->range[i];
		int64_t at = (int64_t)position - (r->first < 0 ? (int64_t)ntok : 0);

		if (at >= r->first && at <= r->last)
			return 1;
	}
	return 0;
}

int positions_are_last(const struct positions *p)
{
	return p->n == 1 && p->range[0].first == -1;
}
