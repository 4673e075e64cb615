/* shortfall - see shortfall.h
 */
#include "cli/shortfall.h"

#include "sys/die.h"

void shortfall(char *const *files, const char *what, uint64_t found, uint64_t skip, uint64_t wanted)
{
	const char *name = !files || !*files ? "standard input"
		: files[1]                   ? "all files together"
					     : *files;
	uint64_t left = found > skip ? found - skip : 0;

	if (!left && skip)
		warn("%s: %llu %s: none is left after the first %llu", name,
			(unsigned long long)found, what, (unsigned long long)skip);
	else if (wanted != UINT64_MAX && left < wanted && skip)
		warn("%s: %llu %s, %llu after the first %llu: fewer than the %llu asked for", name,
			(unsigned long long)found, what, (unsigned long long)left,
			(unsigned long long)skip, (unsigned long long)wanted);
	else if (wanted != UINT64_MAX && left < wanted)
		warn("%s: %llu %s, fewer than the %llu asked for", name, (unsigned long long)found,
			what, (unsigned long long)wanted);
}
