/* quant - one block of GGUF's quantised types as f32 (coppice-files(5), GGUF TYPES)
 */
#ifndef COPPICE_QUANT_H
#define COPPICE_QUANT_H

#include "file/tensor_type.h"

/* The function that turns one block of a type into its 32 or 256 values; NULL: not a blocked type
 * of GGUF. */
void (*quant_block(enum tensor_type t))(const unsigned char *block, float *out);

#endif
