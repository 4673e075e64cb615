/* stsave - writes a safetensors file: tensors by name (coppice-files(5), SAFETENSORS)
 *
 * The file is written under another name and then renamed, as every output; its tensors are in the
 * order of their names. Its metadata hold a checksum of the whole file, which other programs
 * ignore.
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
/* Writes item[n], which it sorts by name, to path. metadata is an object of strings, to which it
 * adds coppice.xxh3: 16 hex digits, XXH3 of the whole file with zeros in their place. fingerprint,
 * where not NULL, becomes XXH3 of the file as it is, 16 hex digits and a NUL. Dies where it cannot
 * write. */
void stsave(const char *path, struct stsave *item, size_t n, json_t *metadata,
	char fingerprint[17]);
/* Checks a file's checksum: 1: it is right; 0: the file is damaged; -1: the file has none. */
int stsave_sum_holds(const struct st *s);

#endif
