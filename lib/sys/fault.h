/* fault - the error text of a parser
 *
 * Parsers of untrusted bytes are pure: they say what is wrong in the caller's buffer and return -1;
 * whoever knows the file's name makes the one line of it. Control characters that come from the
 * file are shown as '?'.
 */
#ifndef COPPICE_FAULT_H
#define COPPICE_FAULT_H

#include <stddef.h>

enum { FAULT_SIZE = 512 }; /* room that is enough for any of them */

/* Writes the text into err[n_err] and returns -1. */
int fault(char *err, size_t n_err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
