/* quant - one block of GGUF's quantised types as f32 (coppice-files(5), GGUF TYPES)
 */
#ifndef COPPICE_QUANT_H
#define COPPICE_QUANT_H

#include "file/tensor_type.h"

/* Returns the function that writes the 32 or 256 values of one block of type t to out; NULL where t
 * is not one of GGUF's types with blocks. */
void (*quant_block(enum tensor_type t))(const unsigned char *block, float *out);

#endif
