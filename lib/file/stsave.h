/* stsave - a safetensors file written: tensors by name (coppice-files(5), SAFETENSORS)
 *
 * Beside its place and renamed, as every output; tensors lie in the order of their names. Its
 * metadata say a sum of the whole file, which other programs read over.
 */
#ifndef COPPICE_STSAVE_H
#define COPPICE_STSAVE_H

#include "file/safetensors.h"

/* One tensor [rows, cols]: F64 from memory, or F32 from whatever can give its rows. */
struct stsave {
	const char *name;
	size_t rows, cols;
	const double *f64; /* [rows, cols]; or NULL, and then: */
	/* fills to[n, cols] with n rows of the source, from this row on */
	void (*get)(const void *source, size_t row, size_t n, float *to);
	const void *source;
};
/* Sorts the items. metadata: an object of strings; coppice.xxh3 is added: 16 hex digits, XXH3 of
 * the whole file with zeros in their place. fingerprint, if not NULL: XXH3 of the file as it is, 16
 * hex digits. Dies. */
void stsave(const char *path, struct stsave *item, size_t n, json_t *metadata,
	char fingerprint[17]);
/* 1: the file is as it was written; 0: it is not; -1: it says no sum. */
int stsave_sum_holds(const struct st *s);

#endif
