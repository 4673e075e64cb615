/* stsave - a safetensors file written: matrices and arrays by name (coppice-files(5), SAFETENSORS)
 *
 * Beside its place and renamed, as every output; tensors lie in the order of their names. Its
 * metadata say a sum of the whole file, which other programs read over.
 */
#ifndef COPPICE_STSAVE_H
#define COPPICE_STSAVE_H

#include "file/safetensors.h"
#include "ops.h"

struct stsave {
	const char *name;
	const struct mat *mat; /* written as F32 [rows, cols]; or NULL, and then: */
	const double *f64;     /* [rows, cols], written as F64 */
	size_t rows, cols;
};
/* Sorts the items. metadata: an object of strings; coppice.xxh3 is added: 16 hex digits, XXH3 of
 * the whole file with zeros in their place. fingerprint, if not NULL: XXH3 of the file as it is, 16 hex
 * digits. Dies. */
void stsave(const char *path, struct stsave *item, size_t n, json_t *metadata,
	char fingerprint[17]);
/* 1: the file is as it was written; 0: it is not; -1: it says no sum. */
int stsave_sum_holds(const struct st *s);

#endif
