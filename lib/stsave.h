/* stsave - a safetensors file written: matrices and arrays by name (specs.md 4.1)
 *
 * Beside its place and renamed, as every output; tensors lie in the order of their names.
 */
#ifndef COPPICE_STSAVE_H
#define COPPICE_STSAVE_H

#include "ops.h"

#include <jansson.h>

struct stsave {
	const char *name;
	const struct mat *mat;	/* written as F32 [rows, cols]; or NULL, and then: */
	const double *f64;	/* [rows, cols], written as F64; or NULL, and then: */
	size_t rows, cols;	/* U64 [1, 1]: XXH3 of all bytes of the file before it; its name is the last */
};
/* Sorts the items. metadata: an object of strings. print, if not NULL: XXH3 of the whole file, 16 hex digits. Dies. */
void stsave(const char *path, struct stsave *item, size_t n, const json_t *metadata, char print[17]);

#endif
