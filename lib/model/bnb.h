/* bnb - 4-bit linear layers as bitsandbytes saves them beside their weight (coppice-files(5),
 * FOUR-BIT WEIGHTS)
 */
#ifndef COPPICE_BNB_H
#define COPPICE_BNB_H

#include "file/tensor.h"
#include "model/folder.h"
#include "sys/fault.h"

#include <jansson.h>

/* The parts of one NF4 weight, checked against each other; in the mapped files. */
struct bnb {
	/* nested_*: NULL, absmax is F32 */
	const struct st_tensor *codes, *absmax, *nested_absmax, *nested_map;
	float code[16];
	float offset;        /* added to every absmax that was quantised */
	enum tensor_type to; /* the type that values are rounded to */
	uint64_t rows, cols;
};

/* Checks config.json's quantization_config: 0 where there is none or it is 4-bit NF4; else -1 with
 * err, which names the method. */
int bnb_check_config(const json_t *config, struct fault *err);
/* Finds the parts of a weight, whose name ends in ".weight". 1 with *b where it is 4-bit; 0 where
 * it is not; -1 with err where the parts do not agree. */
int bnb_find(struct bnb *b, const struct folder *f, const char *weight, struct fault *err);
/* Returns the length of the name of the weight that a tensor is or is a part of: 8 of "a.weight"
 * and of "a.weight.absmax". */
size_t bnb_weight(const char *name);
/* Returns 1 where a tensor's name is that of a part of a 4-bit weight, as ".weight.absmax"; else
 * 0. */
int bnb_is_part(const char *name);
/* Writes the absmax of the blocks as f32 to out[bnb_blocks], dequantised where they are
 * quantised. */
void bnb_absmax(const struct bnb *b, float *out);
uint64_t bnb_blocks(const struct bnb *b); /* blocks of 64 values: ceil(rows cols / 64) */

#endif
