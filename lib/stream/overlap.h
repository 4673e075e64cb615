/* overlap - whether the documents that healed a model are among those that measure it
 *
 * A loss on what a model was trained on says too little. Documents are the same where their tokens
 * come from the same files, by their hashes, and have the same numbers; qlora-heal's step names
 * both among its inputs. Where that cannot be known, nothing is said.
 */
#ifndef COPPICE_OVERLAP_H
#define COPPICE_OVERLAP_H

#include "stream/meta.h"
#include "stream/sequences.h"

/* Returns the documents of all sequences, to be freed. */
struct docs overlap_docs(const struct sequences *s);
/* Names the files and documents of s, which a model is trained on, among this run's inputs. */
void overlap_trained(const struct sequences *s);
/* Warns in one line where documents of s, the sequences that a loss is taken of, healed a model
 * whose steps are among `made`. */
void overlap_warn(const struct sequences *s, const json_t *made);
/* The same for the held-out sequences of a training. */
void overlap_warn_held_out(const struct sequences *held_out, const struct sequences *train);

#endif
