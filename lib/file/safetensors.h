/* safetensors - a safetensors file, mapped: its tensors, checked (coppice-files(5), SAFETENSORS)
 *
 * After st_parse the tensors tile the file's data exactly: no hole, no overlap, nothing behind the
 * last.
 */
#ifndef COPPICE_SAFETENSORS_H
#define COPPICE_SAFETENSORS_H

#include "file/tensor.h"
#include "sys/map.h"
#include "sys/fault.h"

#include <jansson.h>
#include <stdint.h>

enum { ST_DIMS = 8 };

struct st_tensor {
	const char *name;  /* owned by the header */
	const char *dtype; /* as the file says it: "BF16" */
	/* T_F32, T_F16, T_BF16, T_U8, or T_OTHER for what no model of ours uses */
	enum tensor_type type;
	int n_dims; /* 0: one value */
	uint64_t dims[ST_DIMS];
	const unsigned char *data; /* at any alignment */
	uint64_t bytes;
};

struct st {
	struct map map;            /* owned by st_open; empty after a bare st_parse */
	json_t *header;            /* with __metadata__ */
	struct st_tensor *tensors; /* sorted by name */
	size_t n;
};

/* Maps and parses the file at path into *s: 0, or -1 with err, which does not name the file, and
 * nothing to free. st_free frees and unmaps. */
int st_open(struct st *s, const char *path, struct fault *err);
/* The same for bytes[0..n), which must stay until st_free. */
int st_parse(struct st *s, const unsigned char *bytes, size_t n, struct fault *err);
void st_free(struct st *s);
const struct st_tensor *st_find(const struct st *s, const char *name); /* NULL: there is none */

#endif
