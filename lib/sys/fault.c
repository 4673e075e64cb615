/* fault - the error text of a parser; see fault.h
 */
#include "sys/fault.h"

#include <stdarg.h>
#include <stdio.h>

int fault(char *err, size_t n_err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, n_err, fmt, ap);
	va_end(ap);
	for (char *c = err; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	return -1;
}
