/* samples - a stream of samples that grows in FILE.part and, whole, becomes FILE
 *
 * An evaluation that is killed goes on where it was: FILE.part is a journal, each record a frame
 * with a checksum, and a run with the same header (steps, arguments, models, questions) takes over
 * its samples up to the first that is incomplete or damaged. FILE itself is written beside it, as
 * FILE.part.new, so that its bytes don't show interruptions; it gets its name, and FILE.part goes,
 * when standard output has all scores (output.h).
 */
#ifndef COPPICE_SAMPLES_H
#define COPPICE_SAMPLES_H

#include "stream/records.h"

struct samples;
/* Opens the stream of samples at path. provenance, args, meta: for its header, as rec_create has
 * them; the caller keeps them until samples_close. Dies where path may not be written (place.h),
 * where another run is writing it, or where FILE.part is something else than its journal. */
struct samples *samples_open(const char *path, const json_t *provenance, const json_t *args,
	const json_t *meta);
/* Reads the next sample that an earlier run left, into *x: 1, or 0 where there are no more. All of
 * them must be read, and put, before new ones are put. */
int samples_known(struct samples *s, struct sample *x);
/* Adds the next sample, new or from an earlier run, in the order of the questions. */
void samples_put(struct samples *s, const struct sample *x);
void samples_close(struct samples *s);

/* Returns what the journal bytes[0..n_bytes) holds of whole and undamaged records, as a complete
 * decompressed stream of *n bytes: header, records, and an end record; new. *n is 0 where not even
 * the header is whole. *used becomes the bytes of the journal that were of use. */
unsigned char *samples_repair(const unsigned char *bytes, size_t n_bytes, size_t *n, size_t *used);

#endif
