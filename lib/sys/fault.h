/* fault - what a parser says is wrong
 *
 * Parsers of untrusted bytes are pure: they write one line into the caller's struct fault and
 * return -1, and whoever knows the file's name makes the message of it. Control characters that
 * come from the file are shown as '?'.
 */
#ifndef COPPICE_FAULT_H
#define COPPICE_FAULT_H

enum { FAULT_SIZE = 512 }; /* longer texts are truncated */

struct fault {
	char text[FAULT_SIZE];
};

/* Writes the formatted text to *f, and returns -1. The arguments may point into *f. */
int fault(struct fault *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
