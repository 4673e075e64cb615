/* samples - a stream of samples that grows in FILE.part and, whole, becomes FILE
 *
 * An evaluation that is killed goes on where it was: FILE.part is a journal, each record a frame
 * with a checksum, and a run with the same header (steps, arguments, models, questions) takes over
 * its samples up to the first that is cut or damaged. FILE itself is written beside it, as
 * FILE.part.new, so that its bytes don't show interruptions; it gets its name, and FILE.part goes,
 * when standard output has all scores (output.h).
 */
#ifndef COPPICE_SAMPLES_H
#define COPPICE_SAMPLES_H

#include "stream/records.h"

struct samples;
/* made, args, meta: the header's, as rec_create takes them; kept until samples_close. Dies where
 * path may not be written (place.h), where another run writes it, or where FILE.part is something
 * else. */
struct samples *samples_open(const char *path, const json_t *provenance, const json_t *args,
	const json_t *meta);
/* The next sample that the run before left: 1, or 0 where there is no more; then, and only then,
 * the rest follows. */
int samples_known(struct samples *s, struct sample *x);
/* All samples go through here in order, known ones too. */
void samples_put(struct samples *s, const struct sample *x);
void samples_close(struct samples *s);

/* What a journal holds of whole and undamaged records, as a whole stream: header, records, and an
 * end. Decompressed bytes, new; *n of them; 0: not even a header. *used: bytes of the journal that
 * they were in. For samples and the tests. */
unsigned char *samples_repair(const unsigned char *bytes, size_t n_bytes, size_t *n, size_t *used);

#endif
