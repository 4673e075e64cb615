/* fuzz - what the fuzz targets share: one parser each, under any bytes
 *
 * A target is LLVMFuzzerTestOneInput, as libFuzzer calls it. It hands the bytes to a parser and,
 * where they are taken, uses all that the parser promises. It may refuse, and must not crash, hang,
 * read outside, or break what `holds` says. die() in it is a failure, too, unless the target says
 * that the parser dies of bad bytes.
 */
#ifndef COPPICE_TESTS_FUZZ_H
#define COPPICE_TESTS_FUZZ_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Where die() goes on, set by a target whose parser may die; NULL: it must not be called. */
extern jmp_buf *fuzz_dies;

/* What must be true whatever the bytes are. */
#define holds(what) \
	do { \
		if (!(what)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what); \
			abort(); \
		} \
	} while (0)

/* Touches every byte, so that what lies outside is seen. */
static inline void fuzz_touch(const void *p, size_t n)
{
	const unsigned char *b = p;
	volatile unsigned char sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = (unsigned char)(sum + b[i]);
}

/* 1: [p, p + n) lies in bytes[0..n_bytes). */
static inline int fuzz_inside(const void *p, uint64_t n, const uint8_t *bytes, size_t n_bytes)
{
	const uint8_t *b = p;

	return b >= bytes && b <= bytes + n_bytes && n <= (uint64_t)(bytes + n_bytes - b);
}

/* The input as two: what stands before the first NUL, and what behind it. */
static inline size_t fuzz_halves(const uint8_t *bytes, size_t n, const uint8_t **second,
	size_t *n_second)
{
	const uint8_t *nul = memchr(bytes, 0, n);
	size_t first = nul ? (size_t)(nul - bytes) : n;

	*second = nul ? nul + 1 : bytes + n;
	*n_second = (size_t)(bytes + n - *second);
	return first;
}

/* The bytes as a file: its path, until the next call. */
const char *fuzz_file(const uint8_t *bytes, size_t n);

#endif
