/* carry - copies the other files of a checkpoint's folder into a new one
 *
 * A file is copied where it is known to hold for fewer layers as well: tokenizers, texts, code,
 * pictures, by the table of known.h. Weights in other forms would load as the model that was
 * pruned, an adapter's files as an adapter of it, and unknown JSON may speak of its layers:
 * whatever is not known stays, and is named in one warning.
 */
#ifndef COPPICE_CARRY_H
#define COPPICE_CARRY_H

#include "model/folder.h"

/* Copies the files of from into the folder `to`, which exists. The base's card becomes
 * README.base.md, since a new README.md is written. Dies where it cannot copy. */
void carry_along(const struct folder *from, const char *to);

#endif
