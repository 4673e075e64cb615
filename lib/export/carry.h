/* carry - the other files of a checkpoint's folder, on their way into a new one
 *
 * Along goes what is known to hold for fewer layers as for all: tokenizers, texts, code, pictures,
 * by the table of known.h. Weights in other forms would load as the model that was pruned, an
 * adapter's files as an adapter of it, and unknown JSON may speak of its layers: whatever is not
 * known stays, and is named in one warning.
 */
#ifndef COPPICE_CARRY_H
#define COPPICE_CARRY_H

#include "model/folder.h"

/* Copies into the folder to, which exists. The base's card makes room for a new one, as
 * README.base.md. Dies. */
void carry_along(const struct folder *from, const char *to);

#endif
