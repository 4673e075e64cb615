/* stsave - writes a safetensors file: matrices and arrays by name (coppice-files(5), SAFETENSORS)
 *
 * The file is written under another name and then renamed, as every output; its tensors are in the
 * order of their names. Its metadata hold a checksum of the whole file, which other programs
 * ignore.
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
/* Writes item[n], which it sorts by name, to path. metadata: an object of strings, to which it adds
 * coppice.xxh3: 16 hex digits, XXH3 of the whole file with zeros in their place. fingerprint, where
 * not NULL, becomes XXH3 of the file as it is, 16 hex digits and a NUL. Dies where it cannot
 * write. */
void stsave(const char *path, struct stsave *item, size_t n, json_t *metadata,
	char fingerprint[17]);
/* Checks a file's checksum: 1: it is right; 0: the file is damaged; -1: the file has none. */
int stsave_sum_holds(const struct st *s);

#endif
