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

/* config.json's quantization_config: 0 where there is none or it is 4-bit NF4; else -1 with err,
 * naming the method. */
int bnb_check_config(const json_t *config, struct fault *err);
/* 1 if the weight (name with ".weight") is 4-bit and *b is filled; 0 if it has no 4-bit parts; -1
 * with err. */
int bnb_find(struct bnb *b, const struct folder *f, const char *weight, struct fault *err);
/* Length of the weight's name that a tensor is, or is a part of: of "a.weight" in
 * "a.weight.absmax". */
size_t bnb_weight(const char *name);
/* 1 if a tensor's name is a part of some 4-bit weight: ".weight.absmax" and the like. */
int bnb_is_part(const char *name);
/* The blocks' absmax as f32, dequantised where they were quantised; out[ceil(rows cols / 64)]. */
void bnb_absmax(const struct bnb *b, float *out);
uint64_t bnb_blocks(const struct bnb *b);

#endif
