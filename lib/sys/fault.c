/* fault - what a parser says is wrong; see fault.h
 */
#include "sys/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fault(struct fault *f, const char *fmt, ...)
{
	char text[FAULT_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	strcpy(f->text, text);
	return -1;
}
