/* shortfall - see shortfall.h
 */
#include "cli/shortfall.h"

#include "sys/die.h"

void shortfall(char *const *files, const char *what, uint64_t there, uint64_t skip, uint64_t asked)
{
	const char *name = !files || !*files ? "standard input"
		: files[1]                   ? "all files together"
					     : *files;
	uint64_t left = there > skip ? there - skip : 0;

	if (!left && skip)
		warn("%s: %llu %s: none is left after the first %llu", name,
			(unsigned long long)there, what, (unsigned long long)skip);
	else if (asked != UINT64_MAX && left < asked && skip)
		warn("%s: %llu %s, %llu after the first %llu: fewer than the %llu asked for", name,
			(unsigned long long)there, what, (unsigned long long)left,
			(unsigned long long)skip, (unsigned long long)asked);
	else if (asked != UINT64_MAX && left < asked)
		warn("%s: %llu %s, fewer than the %llu asked for", name, (unsigned long long)there,
			what, (unsigned long long)asked);
}
