/* samples - a stream of samples that grows in FILE.part and, whole, becomes FILE
 *
 * An evaluation that is killed goes on where it was: FILE.part is flushed record by record, and a run with the same
 * header (steps, arguments, models, questions) takes over what it has of whole records. FILE itself is written anew
 * at the end, so that its bytes don't show interruptions.
 */
#ifndef COPPICE_SAMPLES_H
#define COPPICE_SAMPLES_H

#include "records.h"

struct samples;
/* made, args, meta: the header's, as rec_create takes them; kept until samples_close. */
struct samples *samples_open(const char *path, const json_t *made, const json_t *args, const json_t *meta);
/* The next sample that the run before left: 1, or 0 where there is no more; then, and only then, the rest follows. */
int samples_known(struct samples *s, struct sample *x);
/* All samples go through here in order, known ones too. */
void samples_put(struct samples *s, const struct sample *x);
void samples_close(struct samples *s);

/* What remains of a stream whose writer was killed, as a whole stream: its whole records, and an end. Decompressed
 * bytes, new; *n of them; 0: not even a header. For samples and the tests. */
unsigned char *samples_repair(const unsigned char *bytes, size_t n_bytes, size_t *n);

#endif
