/* fields - some keys of records as lines of TSV: rec-cat -t
 *
 * A name with dots such as model.block.n leads into a record within a record, a number into a list.
 * Whether there is such a key at all is told by the tables of the kinds read (kinds.h), and by the
 * records: a task's own keys, and those of others' streams, are in no table.
 */
#ifndef COPPICE_FIELDS_H
#define COPPICE_FIELDS_H

#include "stream/kinds.h"

#include <msgpack.h>
#include <stdio.h>

struct fields;

/* Makes the fields of a list with commas, which is copied; NULL where a name is empty, or there are
 * more than 64. */
struct fields *fields_new(const char *list);
/* Says that records of kind k are among those that are read. */
void fields_kind(struct fields *f, enum kind k);
/* Prints a line of the names. */
void fields_titles(FILE *to, const struct fields *f);
/* Prints the values in the record o, separated by tabs, and a line end; nothing where a key is
 * absent or nil. */
void fields_print(FILE *to, struct fields *f, const msgpack_object *o);
/* Returns 1 where each name is in the table of a kind, or was in a record that was printed. */
int fields_known(const struct fields *f);
/* The first name that is not. Returns a new text: "nme: no record has it; ..." */
char *fields_unknown(const struct fields *f);

#endif
