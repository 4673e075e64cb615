/* renumber - see renumber.h
 */
#include "export/renumber.h"

#include "sys/memory.h"

#include <stdlib.h>
#include <string.h>

int renumber(const char *name, const char *prefix, const int *keep, int n_keep, char **renamed)
{
	size_t n = strlen(prefix),
	       digits = strspn(name + (strncmp(name, prefix, n) ? strlen(name) : n), "0123456789");

	if (!digits || digits > 6 || name[n + digits] != '.') {
		*renamed = xstrdup(name);
		return 1;
	}
	for (int i = 0; i < n_keep; i++)
		if (keep[i] == atoi(name + n)) {
			*renamed = xasprintf("%s%d%s", prefix, i, name + n + digits);
			return 1;
		}
	return 0;
}
